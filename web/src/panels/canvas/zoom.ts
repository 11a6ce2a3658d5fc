/** The buttons of panels that can be zoomed: in, out, everything. */
import { h } from '../dom';
import './zoom.css';

export function zoomButtons(act: { onZoom: (by: number) => void; onFit: () => void; fitLabel: string }): HTMLElement {
  const button = (label: string, sign: string, run: () => void): HTMLElement => h('button', { text: sign, title: label, attrs: { type: 'button', 'aria-label': label }, on: { click: run } });
  return h('div', { class: 'zoom-buttons', attrs: { role: 'group', 'aria-label': 'View' } },
    button('Zoom in', '+', () => act.onZoom(1.4)), button('Zoom out', '−', () => act.onZoom(1 / 1.4)), button(act.fitLabel, '⤢', act.onFit));
}

/** How much a turn of the wheel zooms. */
export const wheelZoom = (e: WheelEvent): number => Math.exp(-Math.max(-200, Math.min(200, e.deltaY)) / 300);
