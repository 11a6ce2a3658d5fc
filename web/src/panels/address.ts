/** Addresses that panels lead to: only ones a browser may follow, and within the portal without loading the page anew. */
import { isPage, safeUrl, type ShownLink } from '../model/links';
import { h } from './dom';

/** Opens an address of the portal as the page's own links do: the shell stays. */
function openPage(url: string): void {
  const safe = safeUrl(url);
  if (safe === undefined) return;
  if (isPage(safe)) history.pushState(null, '', safe);
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

/** A link as it is to be opened: pages of the portal keep the shell, a new tab knows nothing of this one. */
export function linkAnchor(link: ShownLink, words: string, className = ''): HTMLAnchorElement {
  if (!link.blank && isPage(link.url)) return pageLink(link.url, words, className);
  return h('a', { class: className, text: words, attrs: { href: safeUrl(link.url), ...(link.blank ? { target: '_blank', rel: 'noopener noreferrer' } : {}) } });
}

/** Links of a value as chips, for a pinned tooltip or a card. */
export const linkChips = (links: readonly ShownLink[]): HTMLElement[] => links.map((l) => linkAnchor(l, l.title, 'chip'));
