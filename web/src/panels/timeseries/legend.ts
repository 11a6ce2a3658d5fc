/** The legend below or beside a chart: names with colours, calculations as a list or an aligned table, click to isolate. */
import { showValue } from '../../model/fieldconfig/display';
import { formatValue, joinValue } from '../../model/units/format';
import { reduceField, reducer } from '../../model/reduce';
import { h } from '../dom';
import type { ChartSeries } from './model';
import type { DrawOptions, LegendOptions } from './options';

/** What a legend needs of a series; other charts than the time series have it too. */
export type LegendSeries = Pick<ChartSeries, 'field' | 'title' | 'color' | 'dash'> & { draw: Pick<DrawOptions, 'hideLegend'> };

export interface LegendInput {
  series: readonly LegendSeries[];
  options: LegendOptions;
  hidden: ReadonlySet<string>;
  /** `add` is true when the person held Ctrl or Cmd: toggle this one instead of isolating it. */
  onToggle: (title: string, add: boolean) => void;
  onHover: (title: string | null) => void;
  sort: { by: string; desc: boolean };
  onSort: (by: string) => void;
}

/** The calculation's result as text in the field's unit (counts and shares keep their own). */
export function calcText(s: LegendSeries, calc: string): string {
  const value = reduceField(s.field, calc);
  if (value === null) return '–';
  if (typeof value !== 'number') return String(value);
  if (reducer(calc)?.keepsUnit === false) return joinValue(formatValue(value, calc === 'diffperc' ? 'percent' : 'none'));
  return s.field.display ? showValue(s.field.display(value)) : String(value);
}

const swatch = (s: LegendSeries): HTMLElement => h('span', { class: s.dash ? 'legend-swatch dashed' : 'legend-swatch', style: { '--swatch': s.color } });

function nameButton(s: LegendSeries, input: LegendInput): HTMLElement {
  const off = input.hidden.has(s.title);
  return h('button', {
    class: 'legend-name', title: s.title,
    attrs: { type: 'button', 'aria-pressed': String(!off) },
    on: {
      click: (e) => input.onToggle(s.title, e.ctrlKey || e.metaKey || e.shiftKey),
      pointerenter: () => input.onHover(s.title), pointerleave: () => input.onHover(null),
    },
  }, swatch(s), h('span', { class: 'legend-text', text: s.title }));
}

const limited = (series: LegendSeries[], limit: number | undefined): LegendSeries[] => (limit === undefined ? series : series.slice(0, Math.floor(limit)));

function sorted(input: LegendInput): LegendSeries[] {
  const shown = input.series.filter((s) => !s.draw.hideLegend);
  const { by, desc } = input.sort;
  if (by === '') return limited(shown, input.options.limit);
  const calc = input.options.calcs.find((c) => c === by || reducer(c)?.label === by);
  const order = (a: LegendSeries, b: LegendSeries): number => {
    if (calc === undefined) return a.title.localeCompare(b.title, undefined, { numeric: true });
    return Number(reduceField(a.field, calc) ?? -Infinity) - Number(reduceField(b.field, calc) ?? -Infinity);
  };
  return limited([...shown].sort((a, b) => (desc ? -order(a, b) : order(a, b))), input.options.limit);
}

function table(input: LegendInput): HTMLElement {
  const { calcs } = input.options;
  const header = (label: string, by: string, numeric: boolean): HTMLElement => {
    const active = input.sort.by === by || input.sort.by === label;
    return h('th', { class: numeric ? 'num' : '', attrs: { scope: 'col', 'aria-sort': active ? (input.sort.desc ? 'descending' : 'ascending') : 'none' } },
      h('button', { attrs: { type: 'button' }, text: label + (active ? (input.sort.desc ? ' ↓' : ' ↑') : ''), on: { click: () => input.onSort(by) } }));
  };
  return h('table', { class: 'legend-table' },
    h('thead', {}, h('tr', {}, header('Name', 'Name', false), ...calcs.map((c) => header(reducer(c)?.label ?? c, c, true)))),
    h('tbody', {}, ...sorted(input).map((s) => h('tr', { class: input.hidden.has(s.title) ? 'off' : '' },
      h('th', { attrs: { scope: 'row' } }, nameButton(s, input)),
      ...calcs.map((c) => h('td', { class: 'num', text: calcText(s, c) }))))));
}

function list(input: LegendInput): HTMLElement {
  return h('ul', { class: 'legend-list' }, ...sorted(input).map((s) => h('li', { class: input.hidden.has(s.title) ? 'off' : '' },
    nameButton(s, input),
    ...input.options.calcs.map((c) => h('span', { class: 'legend-calc' }, h('span', { class: 'legend-calc-name', text: reducer(c)?.label ?? c }), ' ', calcText(s, c))))));
}

/** A legend that says the same as before stays: with every refresh the page would be laid out anew for nothing. */
export function renderLegend(host: HTMLElement, input: LegendInput): void {
  const made = input.options.mode === 'table' ? table(input) : list(input);
  if (host.firstChild?.isEqualNode(made)) return;
  // Asking for the position costs a layout: only where there is one.
  const scroll = host.firstChild ? host.scrollTop : 0;
  host.replaceChildren(made);
  if (scroll > 0) host.scrollTop = scroll;
}
