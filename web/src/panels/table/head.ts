/** The head of a table: names that sort, a funnel that filters, an edge that is pulled to another width. */
import { h, svg } from '../dom';
import type { Filter, ShownColumn, Sort } from './model';
import { custom } from './model';
import { flag } from '../../model/json';

interface HeadInput {
  columns: readonly ShownColumn[];
  widths: readonly number[];
  sorts: readonly Sort[];
  filters: ReadonlyMap<string, Filter>;
  /** Room for the buttons that open nested rows. */
  lead: boolean;
  onSort: (title: string, add: boolean) => void;
  onFilter: (column: ShownColumn, button: HTMLElement) => void;
  onWidth: (title: string, width: number, done: boolean) => void;
}

/** Pixels one press of an arrow key widens a column by. */
const keyStep = 16;
const leastWidth = 40;

const funnel = (): SVGElement => svg('svg', { attrs: { viewBox: '0 0 16 16', width: 12, height: 12, 'aria-hidden': 'true' } },
  svg('path', { attrs: { d: 'M2 3h12l-4.5 5.5V13l-3-1.5v-3z', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5, 'stroke-linejoin': 'round' } }));

function handle(column: ShownColumn, width: number, input: HeadInput): HTMLElement {
  const edge = h('span', { class: 'column-edge', attrs: { role: 'separator', tabindex: 0, 'aria-orientation': 'vertical', 'aria-label': `Width of ${column.title}`, 'aria-valuenow': Math.round(width), 'aria-valuemin': leastWidth, 'aria-valuemax': 2000 } });
  edge.addEventListener('pointerdown', (e) => {
    e.preventDefault();
    edge.setPointerCapture(e.pointerId);
    const from = e.clientX;
    let now = width;
    const move = (m: PointerEvent): void => {
      now = Math.max(leastWidth, width + m.clientX - from);
      input.onWidth(column.title, now, false);
    };
    edge.addEventListener('pointermove', move);
    edge.addEventListener('lostpointercapture', () => {
      edge.removeEventListener('pointermove', move);
      input.onWidth(column.title, now, true);
    }, { once: true });
  });
  edge.addEventListener('keydown', (e) => {
    const by = e.key === 'ArrowRight' ? keyStep : e.key === 'ArrowLeft' ? -keyStep : 0;
    if (by === 0) return;
    e.preventDefault();
    e.stopPropagation();
    input.onWidth(column.title, Math.max(leastWidth, width + by), true);
  });
  return edge;
}

function headCell(column: ShownColumn, index: number, input: HeadInput): HTMLElement {
  const at = input.sorts.findIndex((s) => s.title === column.title);
  const sort = input.sorts[at];
  const mark = sort ? (sort.desc ? ' ↓' : ' ↑') + (input.sorts.length > 1 ? String(at + 1) : '') : '';
  const filtered = input.filters.has(column.title);
  const wrap = flag(custom(column.field)['wrapHeaderText']);
  const cell = h('th', { class: `${column.align === 'right' ? 'num' : column.align === 'center' ? 'mid' : ''}${wrap ? ' wrap' : ''}`, attrs: { scope: 'col', 'aria-sort': sort ? (sort.desc ? 'descending' : 'ascending') : 'none' } },
    h('div', { class: 'column-head' },
      h('button', {
        class: 'column-name', title: column.field.config?.description ?? column.title, attrs: { type: 'button', 'data-sort': column.title }, text: column.title + mark,
        on: { click: (e) => input.onSort(column.title, e.shiftKey || e.ctrlKey || e.metaKey) },
      }),
      column.filterable && h('button', {
        class: filtered ? 'column-filter on' : 'column-filter', attrs: { type: 'button', 'aria-label': `Filter ${column.title}`, 'aria-pressed': String(filtered), 'data-filter': column.title },
        on: { click: (e) => input.onFilter(column, e.currentTarget as HTMLElement) },
      }, funnel())));
  cell.append(handle(column, input.widths[index] ?? 100, input));
  return cell;
}

export function tableHead(input: HeadInput): HTMLElement {
  return h('thead', {}, h('tr', { attrs: { 'aria-rowindex': 1 } },
    input.lead && h('th', { class: 'row-lead', attrs: { scope: 'col' } }, h('span', { class: 'visually-hidden', text: 'Open' })),
    ...input.columns.map((c, i) => headCell(c, i, input))));
}
