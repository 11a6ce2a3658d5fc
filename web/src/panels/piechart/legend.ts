/** The key of a pie: names with their colours, values and shares, as a list or an aligned table; click to see one alone. */
import { h } from '../dom';
import type { PieOptions, Slice } from './slices';

interface PieLegendInput {
  slices: readonly Slice[];
  options: PieOptions['legend'];
  onToggle: (title: string, add: boolean) => void;
  onHover: (title: string | null) => void;
}

const cellText = (s: Slice, what: 'value' | 'percent'): string => (what === 'value' ? s.valueText : s.percentText);
const labels = { value: 'Value', percent: 'Share' };

function name(s: Slice, input: PieLegendInput): HTMLElement {
  return h('button', {
    class: 'legend-name', title: s.title, attrs: { type: 'button', 'aria-pressed': String(!s.hidden) },
    on: { click: (e) => input.onToggle(s.title, e.ctrlKey || e.metaKey || e.shiftKey), pointerenter: () => input.onHover(s.title), pointerleave: () => input.onHover(null) },
  }, h('span', { class: 'legend-swatch', style: { '--swatch': s.color } }), h('span', { class: 'legend-text', text: s.title }));
}

export function renderPieLegend(host: HTMLElement, input: PieLegendInput): void {
  const shown = input.slices.filter((s) => !s.hideLegend);
  const { values } = input.options;
  const off = (s: Slice): string => (s.hidden ? 'off' : '');
  const scroll = host.firstChild ? host.scrollTop : 0;
  host.replaceChildren(input.options.table
    ? h('table', { class: 'legend-table tall-swatches' },
      h('thead', {}, h('tr', {}, h('th', { text: 'Name', attrs: { scope: 'col' } }), ...values.map((v) => h('th', { class: 'num', text: labels[v], attrs: { scope: 'col' } })))),
      h('tbody', {}, ...shown.map((s) => h('tr', { class: off(s) }, h('th', { attrs: { scope: 'row' } }, name(s, input)), ...values.map((v) => h('td', { class: 'num', text: cellText(s, v) }))))))
    : h('ul', { class: 'legend-list tall-swatches' }, ...shown.map((s) => h('li', { class: off(s) }, name(s, input), ...values.map((v) => h('span', { class: 'legend-calc', text: cellText(s, v) }))))));
  if (scroll > 0) host.scrollTop = scroll;
}
