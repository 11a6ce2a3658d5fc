/** The table panel: sortable columns with units, coloured cells, small gauges; a footer with totals; a picker when there are several frames. */
import { inkOn, readable, withAlpha } from '../../model/color/names';
import type { Cell, Frame } from '../../model/frame';
import { showValue } from '../../model/fieldconfig/display';
import { flag, list, number, object, text } from '../../model/json';
import { linksAt } from '../../model/links';
import { reduceField } from '../../model/reduce';
import { cellText, frameTable, framesTable, type Column } from '../../model/table';
import { pageLink } from '../address';
import { h } from '../dom';
import type { PanelInput, PanelModule, PanelView } from '../types';

/** Links of one cell at most. */
const cellLinksMax = 6;
/** Rows put into the page at once; more come when the end is scrolled into sight. */
const pageRows = 200;

interface Sort {
  title: string;
  desc: boolean;
}

export function compareCells(a: Cell, b: Cell): number {
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === 'number' && typeof b === 'number') return (Number.isNaN(a) ? -Infinity : a) - (Number.isNaN(b) ? -Infinity : b);
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

const cellType = (column: Column): string => {
  const custom = column.field.config?.custom ?? {};
  return text(custom['cellOptions.type'] ?? custom['displayMode'] ?? custom['cellOptions'], 'auto');
};
const hiddenColumn = (column: Column): boolean => flag(column.field.config?.custom['hidden']) || object(column.field.config?.custom['hideFrom'])['viz'] === true;

function gaugeCell(column: Column, value: Cell): HTMLElement {
  const shown = column.field.display?.(value);
  const share = Math.min(1, Math.max(0, shown?.percent ?? 0));
  const color = shown?.color ?? '#888888';
  return h('div', { class: 'cell-gauge' },
    h('div', { class: 'cell-gauge-track' }, h('div', { class: 'cell-gauge-fill', style: { width: `${share * 100}%`, backgroundColor: color } })),
    h('span', { text: shown ? showValue(shown) : '' }));
}

/** The cell's words as a link where it has one; more links follow as small marks. */
function cellContent(column: Column, row: number, columns: readonly Column[], words: string, input: PanelInput): Node[] {
  const own = column.field.config?.links ?? [];
  const links = own.length === 0 ? [] : linksAt(own, { field: column.field, row, fields: columns.map((c) => c.field) }, input.interpolate);
  if (links.length === 0) return [document.createTextNode(words)];
  return links.slice(0, cellLinksMax).map((link, i) => {
    const text = i === 0 ? words || link.title : ' ↗';
    if (link.blank || !/^[/?]/.test(link.url)) return h('a', { text, title: link.title, attrs: { href: link.url, ...(i > 0 ? { 'aria-label': link.title } : {}), ...(link.blank ? { target: '_blank', rel: 'noopener noreferrer' } : {}) } });
    const within = pageLink(link.url, text);
    within.title = link.title;
    if (i > 0) within.setAttribute('aria-label', link.title);
    return within;
  });
}

function bodyCell(column: Column, value: Cell, row: number, columns: readonly Column[], input: PanelInput): HTMLElement {
  const kind = cellType(column);
  const align = text(column.field.config?.custom['align'], 'auto');
  const right = align === 'right' || (align === 'auto' && column.numeric);
  const cell = h('td', { class: `${right ? 'num' : ''}${align === 'center' ? ' mid' : ''}` });
  if ((kind === 'gauge' || kind.endsWith('-gauge') || kind === 'lcd' || kind === 'basic') && column.numeric) {
    cell.append(gaugeCell(column, value));
    return cell;
  }
  const shown = column.field.display?.(value);
  const words = cellText(column, value, input.zone);
  cell.append(...cellContent(column, row, columns, words, input));
  const color = shown?.color;
  if (color !== undefined && (kind === 'color-background' || kind === 'color-background-solid')) {
    const solid = kind === 'color-background-solid' || object(column.field.config?.custom['cellOptions'])['mode'] === 'basic';
    cell.style.backgroundColor = solid ? color : withAlpha(color, 0.85);
    cell.style.color = inkOn(color);
  } else if (color !== undefined && kind === 'color-text') cell.style.color = readable(color, input.theme, false);
  return cell;
}

class TableView implements PanelView {
  private readonly root = h('div', { class: 'table-panel' });
  private sort: Sort | undefined | null;
  private frameIndex = 0;
  private input: PanelInput | undefined;
  private shown = pageRows;

  constructor(host: HTMLElement) {
    host.append(this.root);
  }

  update(input: PanelInput): void {
    this.input = input;
    const frames = input.frames.filter((f) => f.fields.length > 0);
    this.frameIndex = Math.min(this.frameIndex, Math.max(0, frames.length - 1));
    const frame = frames[this.frameIndex];
    if (!frame) {
      this.root.replaceChildren();
      return;
    }
    const scroll = this.root.querySelector('.table-scroll')?.scrollTop ?? 0;
    const { columns, rows } = frameTable(frame);
    const visible = columns.map((column, index) => ({ column, index })).filter(({ column }) => !hiddenColumn(column));
    const preset = object(list(input.options['sortBy'])[0]);
    const sort = this.sort === undefined ? (typeof preset['displayName'] === 'string' ? { title: preset['displayName'], desc: flag(preset['desc']) } : null) : this.sort;
    const sortColumn = sort ? visible.find(({ column }) => column.title === sort.title) : undefined;
    const numbered = rows.map((cells, row) => ({ cells, row }));
    const ordered = sortColumn ? numbered.sort((a, b) => compareCells(a.cells[sortColumn.index] ?? null, b.cells[sortColumn.index] ?? null) * (sort?.desc ? -1 : 1)) : numbered;
    const showHeader = flag(input.options['showHeader'], true);
    const table = h('table', { class: `data-table ${text(input.options['cellHeight'], 'sm')}` });
    if (showHeader) table.append(h('thead', {}, h('tr', {}, ...visible.map(({ column }) => this.header(column, sort)))));
    table.append(h('tbody', {}, ...ordered.slice(0, this.shown).map(({ cells, row }) => h('tr', {}, ...visible.map(({ column, index }) => bodyCell(column, cells[index] ?? null, row, columns, input))))));
    const footer = object(input.options['footer']);
    if (flag(footer['show'])) {
      const calc = text(list(footer['reducer'])[0], 'sum');
      table.append(h('tfoot', {}, h('tr', {}, ...visible.map(({ column }, i) => {
        const value = column.numeric ? reduceField(column.field, calc) : null;
        return h('td', { class: column.numeric ? 'num' : '', text: value === null ? (i === 0 ? (calc === 'sum' ? 'Total' : calc) : '') : cellText(column, value, input.zone) });
      }))));
    }
    const scroller = h('div', { class: 'table-scroll', attrs: { tabindex: 0, role: 'region', 'aria-label': 'Table' }, on: { scroll: () => this.more(scroller, ordered.length) } }, table);
    this.root.replaceChildren(scroller, ...(frames.length > 1 ? [this.picker(frames)] : []));
    scroller.scrollTop = scroll;
  }

  destroy(): void {
    this.root.remove();
  }

  private more(scroller: HTMLElement, total: number): void {
    if (this.shown < total && scroller.scrollTop + scroller.clientHeight > scroller.scrollHeight - 200 && this.input) {
      this.shown += pageRows;
      this.update(this.input);
    }
  }

  private header(column: Column, sort: Sort | null): HTMLElement {
    const active = sort?.title === column.title;
    const width = number(column.field.config?.custom['width']);
    return h('th', {
      class: column.numeric ? 'num' : '', attrs: { scope: 'col', 'aria-sort': active ? (sort.desc ? 'descending' : 'ascending') : 'none' },
      style: width === undefined ? {} : { width: `${width}px`, minWidth: `${width}px` },
    }, h('button', {
      attrs: { type: 'button' }, text: column.title + (active ? (sort.desc ? ' ↓' : ' ↑') : ''),
      on: {
        click: () => {
          this.sort = active ? (sort.desc ? { title: column.title, desc: false } : null) : { title: column.title, desc: true };
          if (this.input) this.update(this.input);
        },
      },
    }));
  }

  private picker(frames: readonly Frame[]): HTMLElement {
    const select = h('select', { class: 'select small', attrs: { 'aria-label': 'Which result to show' } },
      ...frames.map((f, i) => h('option', { text: f.name ?? f.fields.find((x) => x.type === 'number')?.title ?? `Result ${f.refId}`, attrs: { value: i, selected: i === this.frameIndex } })));
    select.addEventListener('change', () => {
      this.frameIndex = Number(select.value);
      this.shown = pageRows;
      if (this.input) this.update(this.input);
    });
    return h('div', { class: 'table-picker' }, select);
  }
}

const table: PanelModule = {
  mount: (host) => new TableView(host),
  describe: (frames) => {
    const first = framesTable(frames);
    return `Table with ${first.rows.length} rows and the columns ${first.columns.map((c) => c.title).join(', ')}.`;
  },
  toTable: (frames) => framesTable(frames),
};
export default table;
