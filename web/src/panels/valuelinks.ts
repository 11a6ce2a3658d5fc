/** Links of a single value (stat, gauge, bar gauge): the tile leads to the one there is, or opens a list of several. */
import { linksAt, type ShownLink } from '../model/links';
import { linkAnchor } from './address';
import { h } from './dom';
import type { PanelInput } from './types';
import type { ShownValue } from './values';

const linksMax = 12;

/** A list of links below the pressed tile; closes on Escape, on a press elsewhere and when one is followed. */
function openLinks(button: HTMLElement, links: readonly ShownLink[]): void {
  const outside = (e: PointerEvent): void => {
    if (e.target instanceof Node && !menu.contains(e.target)) close();
  };
  const menu = h('nav', {
    class: 'menu popover value-menu', attrs: { 'aria-label': 'Links of the value' },
    on: {
      click: () => close(),
      keydown: (e) => {
        if (e.key !== 'Escape') return;
        e.stopPropagation();
        close();
        button.focus();
      },
    },
  }, ...links.map((l) => linkAnchor(l, l.title, 'menu-item')));
  function close(): void {
    document.removeEventListener('pointerdown', outside, true);
    menu.remove();
  }
  document.body.append(menu);
  const at = button.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${at.bottom + menu.offsetHeight > innerHeight - 8 ? Math.max(8, at.top - menu.offsetHeight) : at.bottom}px`;
  document.addEventListener('pointerdown', outside, true);
  menu.querySelector('a')?.focus();
}

/** The tile with its links, if the value has any. */
export function withLinks<E extends HTMLElement>(tile: E, v: ShownValue, input: PanelInput): E {
  const own = v.field.config?.links ?? [];
  if (own.length === 0) return tile;
  const links = linksAt(own, v.place, input.interpolate).slice(0, linksMax);
  const [first] = links;
  if (!first) return tile;
  tile.classList.add('linked');
  if (links.length === 1) {
    const link = linkAnchor(first, '', 'value-link');
    link.title = first.title;
    link.setAttribute('aria-label', `${v.title}: ${first.title}`);
    tile.append(link);
  } else {
    const button = h('button', { class: 'value-link', title: `${links.length} links`, attrs: { type: 'button', 'aria-haspopup': 'true', 'aria-label': `Links of ${v.title}` }, on: { click: () => openLinks(button, links) } });
    tile.append(button);
  }
  return tile;
}
