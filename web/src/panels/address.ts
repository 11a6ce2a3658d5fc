/** Addresses that panels lead to: only ones a browser may follow, and within the portal without loading the page anew. */
import type { ShownLink } from '../model/links';
import { h } from './dom';

/** The address if it leads to this portal, to the web or to a mail program; undefined for anything else. */
export function safeUrl(url: string): string | undefined {
  const trimmed = url.trim();
  if (/^(https?:|mailto:)/i.test(trimmed)) return trimmed;
  return /^(\/(?![/\\])|[?#])/.test(trimmed) ? trimmed : undefined;
}

/** Opens an address of the portal as the page's own links do: the shell stays. */
export function openPage(url: string): void {
  const safe = safeUrl(url);
  if (safe === undefined) return;
  if (/^(\/(?!api\/|logout|login)|\?)/.test(safe)) history.pushState(null, '', safe);
  else location.assign(safe);
}

/** A link of the portal; with a modifier key it is the browser's. */
export function pageLink(url: string, words: string, className = ''): HTMLAnchorElement {
  return h('a', {
    class: className, text: words, attrs: { href: safeUrl(url) },
    on: {
      click: (e) => {
        if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
        e.preventDefault();
        openPage(url);
      },
    },
  });
}

/** Links of a value as chips, for a pinned tooltip or a card; those of the portal keep the shell. */
export const linkChips = (links: readonly ShownLink[]): HTMLElement[] => links.map((l) => (l.blank
  ? h('a', { class: 'chip', text: l.title, attrs: { href: l.url, target: '_blank', rel: 'noopener noreferrer' } })
  : pageLink(l.url, l.title, 'chip')));
