/** The table on the page: a head, the rows in sight, a foot with calculations, and below it pages or a choice of frames. */
import type { Frame } from '../../model/frame';
import { flag, number, text } from '../../model/json';
import { cellText } from '../../model/table';
import { fontFamily, h, textWidth } from '../dom';
import type { PanelInput, PanelView } from '../types';
import { bodyCell, paint, rowColor } from './cells';
import { openFilter } from './filter';
import { tableHead } from './head';
import { columnWidths, footerCells, footerCount, isPaged, orderedRows, pressSort, savedSort, shownColumns, type Filter, type ShownColumn, type Sort } from './model';
import { RowWindow } from './rows';

const rowHeights: Record<string, number> = { sm: 29, md: 35, lg: 43 };
/** Rows looked at to find how wide a column should be, and the widest it gets by itself. */
const sampleRows = 60;
const naturalMax = 420;
/** Figures of equal width are wider than the canvas measures them; a one is measured as a nought for the same reason. */
const figureWidth = 1.08;
const leadWidth = 34;
/** Rows of a nested table that are drawn. */
const nestedMax = 200;
const naturalByKind: Record<string, number> = { gauge: 170, sparkline: 180, image: 120, markdown: 280, 'json-view': 260, pill: 180 };

export class TableView implements PanelView {
  private readonly root = h('div', { class: 'table-panel' });
  private readonly table = h('table', { class: 'data-table' });
  private readonly columnsBox = h('colgroup');
  private head: HTMLElement = h('thead');
  private readonly body = h('tbody');
  private readonly foot = h('tfoot');
  private readonly above = h('tbody', { attrs: { 'aria-hidden': 'true' } });
  private readonly below = h('tbody', { attrs: { 'aria-hidden': 'true' } });
  private readonly scroller: HTMLElement;
  private readonly bar = h('div', { class: 'table-bar' });
  private input: PanelInput | undefined;
  private frame: Frame | undefined;
  private columns: ShownColumn[] = [];
  private widths: number[] = [];
  private order: number[] = [];
  /** Position of the first row of the page among all rows; 0 without pages. */
  private pageStart = 0;
  private page: number[] = [];
  private rowWindow = new RowWindow(0, 29, true);
  private readonly drawn = new Map<number, HTMLElement[]>();
  private readonly open = new Set<number>();
  private readonly closed = new Set<number>();
  private sorts: Sort[] | undefined;
  private readonly filters = new Map<string, Filter>();
  private readonly ownWidths = new Map<string, number>();
  private frameIndex: number | undefined;
  private headSignature = '';
  private queued = false;

  constructor(host: HTMLElement) {
    this.table.append(this.columnsBox, this.head, this.above, this.body, this.below, this.foot);
    this.scroller = h('div', { class: 'table-scroll', attrs: { tabindex: 0, role: 'region', 'aria-label': 'Table' }, on: { scroll: () => this.queueRows() } }, this.table);
    this.root.append(this.scroller, this.bar);
    host.append(this.root);
    // Widths measured before the font was there are too small.
    if (document.fonts.status !== 'loaded') void document.fonts.ready.then(() => this.root.isConnected && this.arrange());
  }

  update(input: PanelInput): void {
    this.input = input;
    const frames = input.frames.filter((f) => f.fields.length > 0);
    this.frameIndex = Math.min(this.frameIndex ?? Math.max(0, Math.trunc(number(input.options['frameIndex']) ?? 0)), Math.max(0, frames.length - 1));
    const frame = frames[this.frameIndex];
    this.frame = frame;
    this.root.hidden = !frame;
    if (!frame) return;
    this.columns = shownColumns(frame);
    this.table.className = `data-table measured ${text(input.options['cellHeight'], 'sm')}${flag(input.options['showHeader'], true) ? '' : ' headless'}`;
    this.drawBar(frames);
    this.arrange();
  }

  destroy(): void {
    this.root.remove();
  }

  private get zone(): string {
    return this.input?.zone ?? 'browser';
  }

  private get lead(): boolean {
    return this.frame?.fields.some((f) => f.type === 'nested') ?? false;
  }

  /** Rows in order, widths, head, foot; then the rows in sight. */
  private arrange(): void {
    const { input, frame } = this;
    if (!input || !frame) return;
    const sorts = this.sorts ?? savedSort(input.options);
    this.order = orderedRows(frame, this.columns, sorts, this.filters, this.zone);
    const wide = this.scroller.clientWidth;
    this.layOut();
    this.drawHead(sorts);
    this.drawFoot();
    this.turn();
    // Rows that do not fit bring a scrollbar, and it takes its room from the columns.
    if (this.scroller.clientWidth === wide) return;
    this.layOut();
    this.drawHead(sorts);
  }

  private layOut(): void {
    const room = this.scroller.clientWidth - (this.lead ? leadWidth : 0);
    const font = `13px ${fontFamily}`;
    const sample = this.order.slice(0, sampleRows);
    this.widths = columnWidths(this.columns.map((c) => {
      const headWidth = textWidth(c.title, `500 13px ${fontFamily}`) + 40 + (c.filterable ? 22 : 0);
      const own = naturalByKind[c.kind];
      const natural = own ?? sample.reduce((w, r) => Math.max(w, textWidth(cellText(c, c.field.values[r] ?? null, this.zone).slice(0, 200).replace(/\d/g, '0'), font) * figureWidth + 28), 0);
      return { fixed: this.ownWidths.get(c.title) ?? c.width, natural: Math.max(headWidth, Math.min(naturalMax, natural)), least: c.minWidth };
    }), room);
    this.applyWidths();
  }

  private applyWidths(): void {
    this.columnsBox.replaceChildren(...(this.lead ? [h('col', { style: { width: `${leadWidth}px` } })] : []), ...this.widths.map((w) => h('col', { style: { width: `${w}px` } })));
    this.table.style.width = `${this.widths.reduce((a, b) => a + b, 0) + (this.lead ? leadWidth : 0)}px`;
  }

  private drawHead(sorts: readonly Sort[]): void {
    const { input } = this;
    if (!input) return;
    const signature = JSON.stringify([this.columns.map((c) => [c.title, c.align, c.filterable]), this.widths, sorts, [...this.filters.keys()], this.lead, input.options['showHeader']]);
    if (signature === this.headSignature) return;
    this.headSignature = signature;
    const focused = document.activeElement instanceof HTMLElement && this.head.contains(document.activeElement) ? document.activeElement : undefined;
    const back = focused && ['data-sort', 'data-filter', 'aria-label'].map((a) => [a, focused.getAttribute(a)] as const).find(([, v]) => v !== null);
    const head = flag(input.options['showHeader'], true) ? tableHead({
      columns: this.columns, widths: this.widths, sorts, filters: this.filters, lead: this.lead,
      onSort: (title, add) => {
        this.sorts = pressSort(this.sorts ?? savedSort(input.options), title, add);
        this.scroller.scrollTop = 0;
        this.pageStart = 0;
        this.arrange();
      },
      onFilter: (column, button) => this.filter(column, button),
      onWidth: (title, width, done) => {
        this.ownWidths.set(title, width);
        const at = this.columns.findIndex((c) => c.title === title);
        if (done || at < 0) this.arrange();
        else {
          this.widths[at] = width;
          this.applyWidths();
        }
      },
    }) : h('thead');
    this.head.replaceWith(head);
    this.head = head;
    if (back) head.querySelector<HTMLElement>(`[${back[0]}="${CSS.escape(back[1] ?? '')}"]`)?.focus();
  }

  private filter(column: ShownColumn, button: HTMLElement): void {
    const values = new Map(column.field.values.map((v) => [cellText(column, v ?? null, this.zone), v ?? null]));
    openFilter(button, {
      title: column.title, values, before: this.filters.get(column.title),
      onApply: (filter) => {
        if (filter) this.filters.set(column.title, filter);
        else this.filters.delete(column.title);
        this.scroller.scrollTop = 0;
        this.pageStart = 0;
        this.arrange();
      },
    });
  }

  private drawFoot(): void {
    const { input } = this;
    if (!input) return;
    if (footerCount(input.options)) {
      this.foot.replaceChildren(h('tr', {}, h('td', { text: `${this.order.length.toLocaleString('en-US')} rows`, attrs: { colspan: this.columns.length + (this.lead ? 1 : 0) } })));
      return;
    }
    const cells = this.columns.map((c) => footerCells(c, this.order, input.options, this.zone));
    if (cells.every((c) => c.length === 0)) {
      this.foot.replaceChildren();
      return;
    }
    const named = cells.some((c) => c.length > 1) || new Set(cells.flatMap((c) => c.map((x) => x.label))).size > 1;
    const firstEmpty = cells.findIndex((c) => c.length === 0);
    const common = cells.find((c) => c.length > 0)?.[0]?.label ?? '';
    this.foot.replaceChildren(h('tr', {}, this.lead && h('td'), ...cells.map((list, i) => h('td', { class: list.length > 0 && this.columns[i]?.numeric ? 'num' : '' },
      ...(list.length === 0 && i === firstEmpty && !named ? [common] : list.map((c) => h('div', {}, named && h('span', { class: 'foot-label', text: `${c.label} ` }), c.value)))))));
  }

  /** The rows of the page, and the window on them. */
  private turn(): void {
    const { input, frame } = this;
    if (!input || !frame) return;
    const estimate = rowHeights[text(input.options['cellHeight'], 'sm')] ?? 29;
    const varied = this.lead || this.columns.some((c) => c.wrap || c.kind === 'image');
    this.page = this.order;
    if (isPaged(input.options)) {
      // The pager takes room itself, so it must be there before the rest is measured.
      if (!this.bar.querySelector('.table-pager')) this.drawPager(1);
      const size = Math.max(1, Math.floor((this.scroller.clientHeight - this.head.offsetHeight - this.foot.offsetHeight) / estimate));
      this.pageStart = Math.min(Math.floor(this.pageStart / size) * size, Math.max(0, Math.floor((this.order.length - 1) / size) * size));
      this.page = this.order.slice(this.pageStart, this.pageStart + size);
      this.drawPager(size);
    }
    this.rowWindow = new RowWindow(this.page.length, estimate, !varied);
    this.table.setAttribute('aria-rowcount', String(this.order.length + 1));
    this.drawn.clear();
    this.body.replaceChildren();
    if (this.page.length === 0) {
      this.space(this.above, 0);
      this.space(this.below, 0);
      const why = frame.length > 0 ? 'No row passes the filters.' : 'There are no rows.';
      this.body.append(h('tr', {}, h('td', { class: 'quiet', text: why, attrs: { colspan: Math.max(1, this.columns.length) } })));
      return;
    }
    this.drawRows();
  }

  private queueRows(): void {
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => {
      this.queued = false;
      this.drawRows();
    });
  }

  private space(part: HTMLElement, height: number): void {
    part.replaceChildren(...(height > 0 ? [h('tr', { class: 'table-space' }, h('td', { style: { height: `${height}px` }, attrs: { colspan: Math.max(1, this.columns.length + (this.lead ? 1 : 0)) } }))] : []));
  }

  private drawRows(): void {
    if (this.page.length === 0) return;
    const { first, last } = this.rowWindow.range(this.scroller.scrollTop, this.scroller.clientHeight);
    for (const [at, rows] of this.drawn) {
      if (at >= first && at < last) continue;
      for (const row of rows) row.remove();
      this.drawn.delete(at);
    }
    let before: Element | null = this.body.firstElementChild;
    for (let at = first; at < last; at += 1) {
      const there = this.drawn.get(at);
      if (there) {
        before = there.at(-1)?.nextElementSibling ?? null;
        continue;
      }
      const rows = this.makeRow(at);
      this.drawn.set(at, rows);
      for (const row of rows) this.body.insertBefore(row, before);
    }
    let moved = false;
    if (this.lead || this.columns.some((c) => c.wrap || c.kind === 'image')) {
      for (const [at, rows] of this.drawn) moved = this.rowWindow.measured(at, rows.reduce((sum, r) => sum + r.offsetHeight, 0)) || moved;
    }
    this.space(this.above, this.rowWindow.top(first));
    this.space(this.below, this.rowWindow.total - this.rowWindow.top(last));
    if (moved) this.queueRows();
  }

  private isOpen(row: number): boolean {
    return this.frame?.expanded === true ? !this.closed.has(row) : this.open.has(row);
  }

  private makeRow(at: number): HTMLElement[] {
    const { input, frame } = this;
    const row = this.page[at];
    if (!input || !frame || row === undefined) return [];
    const { columns } = this;
    const line = h('tr', { attrs: { 'aria-rowindex': this.pageStart + at + 2 } });
    if (this.lead) line.append(this.opener(at, row));
    line.append(...columns.map((column) => bodyCell({ column, columns, row, input })));
    const color = rowColor(columns, row);
    if (color) for (const cell of line.children) paint(cell as HTMLElement, color.color, color.mode, input.theme);
    if (!this.lead || !this.isOpen(row)) return [line];
    const inner = frame.fields.flatMap((f) => (f.type === 'nested' ? (f.inner?.[row] ?? []) : []));
    return [line, h('tr', { class: 'nested-row' }, h('td', { attrs: { colspan: columns.length + 1 } }, ...inner.map((f) => nestedTable(f, input))))];
  }

  private opener(at: number, row: number): HTMLElement {
    const on = this.isOpen(row);
    return h('td', { class: 'row-lead' }, h('button', {
      class: 'row-opener', text: on ? '▾' : '▸', attrs: { type: 'button', 'aria-expanded': String(on), 'aria-label': on ? 'Close the row' : 'Open the row' },
      on: {
        click: () => {
          const set = this.frame?.expanded === true ? this.closed : this.open;
          if (!set.delete(row)) set.add(row);
          for (const element of this.drawn.get(at) ?? []) element.remove();
          this.drawn.delete(at);
          this.drawRows();
          this.drawn.get(at)?.[0]?.querySelector<HTMLElement>('.row-opener')?.focus();
        },
      },
    }));
  }

  private drawPager(size: number): void {
    const total = this.order.length;
    const go = (by: number): void => {
      this.pageStart = Math.max(0, this.pageStart + by * size);
      this.scroller.scrollTop = 0;
      this.turn();
    };
    this.bar.querySelector('.table-pager')?.remove();
    const first = total === 0 ? 0 : this.pageStart + 1;
    const last = Math.min(total, this.pageStart + size);
    this.bar.append(h('div', { class: 'table-pager' },
      h('button', { class: 'button small', text: '‹', attrs: { type: 'button', 'aria-label': 'Previous page', disabled: this.pageStart === 0 }, on: { click: () => go(-1) } }),
      h('span', { class: 'quiet num', text: `${first.toLocaleString('en-US')}–${last.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`, attrs: { role: 'status' } }),
      h('button', { class: 'button small', text: '›', attrs: { type: 'button', 'aria-label': 'Next page', disabled: last >= total }, on: { click: () => go(1) } })));
    this.bar.hidden = false;
  }

  /** What stands below the table: which frame is shown, and its pages. */
  private drawBar(frames: readonly Frame[]): void {
    const select = frames.length > 1 ? h('select', { class: 'select small', attrs: { 'aria-label': 'Which result to show' } },
      ...frames.map((f, i) => h('option', { text: f.name ?? f.fields.find((x) => x.type === 'number')?.title ?? `Result ${f.refId}`, attrs: { value: i, selected: i === this.frameIndex } }))) : undefined;
    select?.addEventListener('change', () => {
      this.frameIndex = Number(select.value);
      this.pageStart = 0;
      this.filters.clear();
      this.open.clear();
      this.closed.clear();
      this.scroller.scrollTop = 0;
      if (this.input) this.update(this.input);
    });
    this.bar.replaceChildren(...(select ? [select] : []));
    this.bar.hidden = !select;
  }
}

/** The table inside an opened row. */
function nestedTable(frame: Frame, input: PanelInput): HTMLElement {
  const columns = shownColumns(frame);
  const rows = Array.from({ length: Math.min(frame.length, nestedMax) }, (_, row) => h('tr', {}, ...columns.map((column) => bodyCell({ column, columns, row, input }))));
  return h('div', { class: 'nested-table' },
    h('table', { class: 'data-table sm' },
      frame.headless !== true && h('thead', {}, h('tr', {}, ...columns.map((c) => h('th', { class: c.align === 'right' ? 'num' : '', text: c.title, attrs: { scope: 'col' } })))),
      h('tbody', {}, ...rows)),
    frame.length > nestedMax && h('p', { class: 'quiet', text: `and ${frame.length - nestedMax} more rows` }));
}
