/** The one tooltip all panels share: a small card that follows the pointer and stays inside the window; a click may pin it. */
import { h } from './dom';

export interface TooltipRow {
  color: string;
  name: string;
  value: string;
  strong?: boolean;
}
interface TooltipLimits {
  maxWidth?: number | undefined;
  maxHeight?: number | undefined;
}

let card: HTMLElement | undefined;
let owner: object | undefined;
/** Where the card stands while it is pinned; the pointer does not move it then. */
let pinned: { at: { x: number; y: number }; release: () => void } | undefined;

function place(element: HTMLElement, at: { x: number; y: number }): void {
  const { width, height } = element.getBoundingClientRect();
  const gap = 16;
  const x = at.x + gap + width > innerWidth - 8 ? Math.max(8, at.x - gap - width) : at.x + gap;
  const y = Math.max(8, Math.min(at.y + gap, innerHeight - height - 8));
  element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}

/** Shows any content as the tooltip. */
export function showCard(by: object, at: { x: number; y: number }, content: readonly Node[], limits: TooltipLimits = {}): void {
  if (pinned) return;
  owner = by;
  card ??= document.body.appendChild(h('div', { class: 'chart-tooltip', attrs: { role: 'presentation' } }));
  card.replaceChildren(...content);
  card.hidden = false;
  card.style.maxWidth = limits.maxWidth === undefined ? '' : `min(${limits.maxWidth}px, calc(100vw - 16px))`;
  card.style.maxHeight = limits.maxHeight === undefined ? '' : `${limits.maxHeight}px`;
  place(card, at);
}

const content = (heading: string, rows: readonly TooltipRow[], more: number): Node[] => [
  h('div', { class: 'tooltip-heading', text: heading }),
  ...rows.map((r) => h('div', { class: r.strong ? 'tooltip-row strong' : 'tooltip-row' },
    h('span', { class: 'legend-swatch', style: { '--swatch': r.color } }),
    h('span', { class: 'tooltip-name', text: r.name }),
    h('span', { class: 'tooltip-value', text: r.value }))),
  ...(more > 0 ? [h('div', { class: 'tooltip-more', text: `and ${more} more` })] : []),
];

/** `below` is a picture or a remark under the rows. */
export function showTooltip(by: object, at: { x: number; y: number }, heading: string, rows: readonly TooltipRow[], more: number, below?: HTMLElement, limits: TooltipLimits = {}): void {
  showCard(by, at, [...content(heading, rows, more), ...(below ? [below] : [])], limits);
}

/** Cards of charts that show the values of a moment which the pointer marks in another chart, by who shows them. */
const beside = new Map<object, HTMLElement>();

function showBeside(by: object, at: { x: number; y: number }, heading: string, rows: readonly TooltipRow[], more: number): void {
  let own = beside.get(by);
  if (!own) {
    own = document.body.appendChild(h('div', { class: 'chart-tooltip beside', attrs: { role: 'presentation' } }));
    beside.set(by, own);
  }
  own.replaceChildren(...content(heading, rows, more));
  place(own, at);
}

/** What a chart says about one moment. */
export interface MomentValues {
  heading: string;
  rows: readonly TooltipRow[];
  /** Values that are left out already. */
  more?: number;
}
/** Rows of a card beside another chart's pointer: many charts show one at once. */
const besideMax = 8;

/**
 * Shows what a chart says about the moment that another chart's pointer marks, `x` pixels from the left of its element; takes
 * the card away where there is nothing to say or nobody sees the chart.
 */
export function followMoment(by: object, element: Element, x: number, values: () => MomentValues | undefined): void {
  const box = element.getBoundingClientRect();
  const inSight = x >= 0 && x <= box.width && box.bottom >= 0 && box.top <= innerHeight;
  const said = inSight ? values() : undefined;
  if (!said || said.rows.length === 0) {
    hideBeside(by);
    return;
  }
  showBeside(by, { x: box.left + x, y: box.top }, said.heading, said.rows.slice(0, besideMax).map((r) => ({ ...r, strong: false })), Math.max(0, said.rows.length - besideMax) + (said.more ?? 0));
}

export function hideBeside(by: object): void {
  beside.get(by)?.remove();
  beside.delete(by);
}

/** Keeps the card where it stands, with something to do below it, until Escape, a press elsewhere or its own button. */
export function pinTooltip(by: object, actions: readonly Node[]): void {
  const element = card;
  if (!element || owner !== by || element.hidden || pinned) return;
  const before = document.activeElement;
  const release = (): void => {
    if (!pinned) return;
    pinned = undefined;
    document.removeEventListener('pointerdown', outside, true);
    document.removeEventListener('keydown', key, true);
    element.classList.remove('pinned');
    element.setAttribute('role', 'presentation');
    element.hidden = true;
    owner = undefined;
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  };
  const outside = (e: Event): void => {
    if (e.target instanceof Node && !element.contains(e.target)) release();
  };
  const key = (e: KeyboardEvent): void => {
    if (e.key !== 'Escape') return;
    e.preventDefault();
    e.stopPropagation();
    release();
  };
  const box = element.getBoundingClientRect();
  pinned = { at: { x: box.left, y: box.top }, release };
  document.addEventListener('pointerdown', outside, true);
  document.addEventListener('keydown', key, true);
  element.classList.add('pinned');
  element.setAttribute('role', 'dialog');
  element.setAttribute('aria-label', 'Values');
  const close = h('button', { class: 'chip', text: 'Close', attrs: { type: 'button' }, on: { click: release } });
  element.append(h('div', { class: 'tooltip-actions' }, ...actions, close));
  const { bottom } = element.getBoundingClientRect();
  if (bottom > innerHeight - 8) element.style.transform = `translate(${Math.round(box.left)}px, ${Math.round(Math.max(8, box.top - (bottom - innerHeight + 8)))}px)`;
  (element.querySelector<HTMLElement>('.tooltip-actions a, .tooltip-actions button') ?? close).focus({ preventScroll: true });
}

export const isPinned = (): boolean => pinned !== undefined;
export const unpinTooltip = (): void => pinned?.release();

/** Hides the tooltip if it is this caller's and not pinned. */
export function hideTooltip(by: object): void {
  if (card && owner === by && !pinned) {
    card.hidden = true;
    owner = undefined;
  }
}
