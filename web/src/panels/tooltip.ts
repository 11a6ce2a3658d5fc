/** The one tooltip all panels share: a small card that follows the pointer and stays inside the window. */
import { h } from './dom';

export interface TooltipRow {
  color: string;
  name: string;
  value: string;
  strong?: boolean;
}

let card: HTMLElement | undefined;
let owner: object | undefined;

/** `below` is a picture or a remark under the rows. */
export function showTooltip(by: object, at: { x: number; y: number }, heading: string, rows: readonly TooltipRow[], more: number, below?: HTMLElement): void {
  owner = by;
  card ??= document.body.appendChild(h('div', { class: 'chart-tooltip', attrs: { role: 'presentation' } }));
  card.replaceChildren(
    h('div', { class: 'tooltip-heading', text: heading }),
    ...rows.map((r) => h('div', { class: r.strong ? 'tooltip-row strong' : 'tooltip-row' },
      h('span', { class: 'legend-swatch', style: { '--swatch': r.color } }),
      h('span', { class: 'tooltip-name', text: r.name }),
      h('span', { class: 'tooltip-value', text: r.value }))),
  );
  if (more > 0) card.append(h('div', { class: 'tooltip-more', text: `and ${more} more` }));
  if (below) card.append(below);
  card.hidden = false;
  const { width, height } = card.getBoundingClientRect();
  const gap = 16;
  const x = at.x + gap + width > innerWidth - 8 ? Math.max(8, at.x - gap - width) : at.x + gap;
  const y = Math.max(8, Math.min(at.y + gap, innerHeight - height - 8));
  card.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}

/** Hides the tooltip if it is this caller's. */
export function hideTooltip(by: object): void {
  if (card && owner === by) {
    card.hidden = true;
    owner = undefined;
  }
}
