/** The heatmap panel: how values are spread, moment by moment, as cells of colour. */
import { columnAt, noHeat, type Heat } from '../../model/buckets/heat';
import { inkOn, parseColor } from '../../model/color/names';
import type { Cell, Field, Frame } from '../../model/frame';
import type { Table } from '../../model/table';
import { formatSpan, formatTimeZoned } from '../../model/time/format';
import { sameRange, type TimeRange } from '../../model/time/range';
import { formatValue, joinValue } from '../../model/units/format';
import { axisFont, paintAxisLabel, paintLine, paintTimeAxis, timeAxisRoom, type Box } from '../canvas/axes';
import { readInk } from '../canvas/ink';
import { TimeStage, type Place } from '../canvas/stage';
import { canvasFont, measure, paintText, widest } from '../canvas/text';
import { h } from '../dom';
import { pinActions } from '../pinned';
import { hideTooltip, showTooltip, type MomentValues, type TooltipRow } from '../tooltip';
import type { PanelContext, PanelInput, PanelModule, PanelView } from '../types';
import { heatColors, isExemplars, readHeat, shows, type HeatColors } from './cells';
import { exemplarPoints, paintExemplars, type ExemplarPoint } from './exemplars';
import { columnHistogram } from './histogram';
import { layoutRows, rowText, type RowLayoutResult } from './layout';
import { heatmapOptions, type HeatmapOptions } from './options';
import './heatmap.css';

const cellFont = canvasFont(11);
const tooltipRowsMax = 24;

class HeatmapView implements PanelView {
  private readonly root = h('div', { class: 'chart' });
  private readonly main = h('div', { class: 'chart-plot' });
  private readonly key = h('div', { class: 'heat-key' });
  private readonly needle = h('div', { class: 'heat-needle' });
  private readonly stage: TimeStage;
  private input: PanelInput | undefined;
  private heat: Heat = noHeat;
  private o: HeatmapOptions = heatmapOptions({}, undefined);
  private colors: HeatColors = { min: 0, max: 1, of: () => undefined, scale: [] };
  private rows: RowLayoutResult = { places: [], ticks: [], at: () => undefined };
  private exemplars: ExemplarPoint[] = [];
  private marked: { row: number; column: number } | undefined;

  constructor(host: HTMLElement, ctx: PanelContext) {
    this.root.append(this.main, this.key);
    host.append(this.root);
    this.stage = new TimeStage(this.main, ctx, this, { onPointer: (at) => this.point(at), paintMark: (c) => this.paintMark(c), onRescale: () => this.paint(), onClick: (at) => this.input && pinActions(this, ctx, this.input, undefined, this.stage.x.value(at.x)), valuesAt: (t) => this.valuesAt(t) });
  }

  update(input: PanelInput): void {
    this.input = input;
    ({ heat: this.heat, o: this.o } = readHeat(input.frames, input.options, input.range));
    this.colors = heatColors(this.heat, this.o, input.theme);
    this.exemplars = exemplarPoints(input.frames, input.exemplars ?? []);
    this.marked = undefined;
    this.drawKey();
    this.paint();
  }

  rescale(range: TimeRange): void {
    if (!this.input || sameRange(this.input.range, range)) return;
    this.input = { ...this.input, range };
    this.paint();
  }

  destroy(): void {
    hideTooltip(this);
    this.stage.destroy();
    this.root.remove();
  }

  walk(points: number, series: number): string | undefined {
    const { heat, o, input } = this;
    if (!input || heat.rows.length === 0 || heat.starts.length === 0) return undefined;
    const last = heat.starts.length - 1;
    const before = this.marked ?? { row: 0, column: points < 0 ? last + 1 : points > 0 ? -1 : last };
    const at = { column: Math.min(last, Math.max(0, before.column + points)), row: (before.row + series + heat.rows.length) % heat.rows.length };
    this.marked = at;
    const start = heat.starts[at.column] ?? 0;
    this.stage.show(start + heat.width / 2);
    this.showNeedle();
    const row = heat.rows[at.row];
    const count = heat.counts[at.row]?.[at.column] ?? null;
    return `${row ? rowText(row, o, input.zone) : ''}: ${count === null ? 'no value' : this.countText(count)} at ${formatTimeZoned(start, input.zone)}`;
  }

  private countText(count: number): string {
    return joinValue(formatValue(count, this.o.cellUnit ?? (this.o.calculate ? 'none' : 'short'), this.o.cellDecimals));
  }

  private drawKey(): void {
    const { colors, o } = this;
    this.key.hidden = !o.legend || this.heat.rows.length === 0;
    if (this.key.hidden) return;
    const stops = colors.scale.filter((_, i, all) => i % Math.ceil(all.length / 24) === 0 || i === all.length - 1);
    this.key.replaceChildren(
      h('span', { text: this.countText(colors.min) }),
      h('div', { class: 'heat-scale', style: { background: `linear-gradient(90deg, ${stops.join(', ')})` } }, this.needle),
      h('span', { text: this.countText(colors.max) }));
    this.showNeedle();
  }

  /** Where the cell under the pointer stands on the scale of colours. */
  private showNeedle(): void {
    const count = this.marked ? this.heat.counts[this.marked.row]?.[this.marked.column] : null;
    const { min, max } = this.colors;
    this.needle.hidden = typeof count !== 'number' || max <= min;
    if (typeof count === 'number') this.needle.style.left = `${Math.min(100, Math.max(0, ((count - min) / (max - min || 1)) * 100))}%`;
  }

  private paint(): void {
    const { input, stage, heat, o } = this;
    if (!input) return;
    const ink = readInk(input.theme);
    stage.surface.resize(Math.max(40, this.main.clientWidth), Math.max(40, this.main.clientHeight));
    const { width, height } = stage.surface;
    const upright: Box = { left: 0, top: 8, right: width - 2, bottom: height - timeAxisRoom };
    const texts = layoutRows(heat, o, upright, input.zone).ticks.map((t) => t.text);
    const room = o.axis.place === 'hidden' ? 0 : (o.axis.width ?? Math.min(width * 0.38, Math.ceil(widest(texts, axisFont)) + 10)) + (o.axis.label === '' ? 0 : 18);
    const plot: Box = { ...upright, ...(o.axis.place === 'right' ? { right: width - room, left: 2 } : { left: room }) };
    stage.place(plot, input.range, input);
    this.rows = layoutRows(heat, o, plot, input.zone);
    stage.surface.paint((c) => {
      paintTimeAxis(c, plot, stage.x, input.zone, ink, width);
      for (const tick of this.rows.ticks) {
        paintLine(c, plot.left, tick.y, plot.right, tick.y, ink.grid);
        if (o.axis.place === 'hidden') continue;
        const side = o.axis.place;
        paintText(c, tick.text, side === 'left' ? plot.left - 6 : plot.right + 6, tick.y, { color: ink.text3, font: axisFont, align: side === 'left' ? 'right' : 'left', room });
      }
      if (o.axis.label !== '' && o.axis.place !== 'hidden') paintAxisLabel(c, o.axis.label, o.axis.place === 'left' ? 8 : width - 8, plot, ink);
      this.paintCells(c, plot, ink.panel);
      paintExemplars(c, plot, this.exemplars, stage.x, this.rows.at, o.exemplarColor);
      stage.paintMarks(c);
    });
    stage.repaint();
  }

  private columnPlace(column: number, plot: Box): { left: number; right: number } | undefined {
    const start = this.heat.starts[column];
    if (start === undefined) return undefined;
    const left = Math.max(plot.left, this.stage.x.at(start));
    const right = Math.min(plot.right, this.stage.x.at(start + this.heat.width));
    return right - left > 0.01 ? { left, right } : undefined;
  }

  private paintCells(c: CanvasRenderingContext2D, plot: Box, ground: string): void {
    const { heat, o, rows, colors } = this;
    const columns = heat.starts.map((_, i) => this.columnPlace(i, plot));
    heat.counts.forEach((counts, r) => {
      const place = rows.places[r];
      if (!place) return;
      counts.forEach((count, k) => {
        const column = columns[k];
        const color = column && colors.of(count);
        if (!column || color === undefined || count === null) return;
        // Whole pixels, so that neighbours neither overlap nor leave hairlines; narrow cells go without a gap.
        const x = Math.round(column.left);
        const y = Math.round(place.top);
        const wide = Math.max(1, Math.round(column.right) - x - (column.right - column.left > o.cellGap * 2 ? o.cellGap : 0));
        const tall = Math.max(1, Math.round(place.bottom) - y - (place.bottom - place.top > o.cellGap * 2 ? o.cellGap : 0));
        c.fillStyle = color;
        if (o.cellRadius > 0) {
          c.beginPath();
          c.roundRect(x, y, wide, tall, Math.min(wide, tall) * (o.cellRadius / 100));
          c.fill();
        } else c.fillRect(x, y, wide, tall);
        if (o.showValue === 'never' || tall < 12 || wide < 10) return;
        const text = this.countText(count);
        if (o.showValue === 'auto' && measure(text, cellFont) > wide - 4) return;
        paintText(c, text, x + wide / 2, y + tall / 2, { color: parseColor(color) && !color.startsWith('rgba') ? inkOn(color) : inkOn(ground), font: cellFont, align: 'center' });
      });
    });
  }

  private paintMark(c: CanvasRenderingContext2D): void {
    const { marked, input, stage } = this;
    const place = marked && this.rows.places[marked.row];
    const column = marked && this.columnPlace(marked.column, stage.plot);
    if (!place || !column || !input) return;
    c.strokeStyle = readInk(input.theme).text1;
    c.lineWidth = 1.5;
    c.strokeRect(column.left - 0.5, place.top - 0.5, Math.max(2, column.right - column.left), Math.max(2, place.bottom - place.top));
  }

  private cell(r: number, column: number, strong: boolean): TooltipRow[] {
    const count = this.heat.counts[r]?.[column] ?? null;
    const of = this.heat.rows[r];
    return of && count !== null ? [{ color: this.colors.of(count) ?? 'transparent', name: rowText(of, this.o, this.input?.zone ?? 'utc'), value: this.countText(count), strong }] : [];
  }

  /** The cells of a moment that are drawn, the highest bucket first. */
  private cellsAt(column: number, marked = -1): TooltipRow[] {
    const drawn = shows(this.o);
    return this.heat.rows.flatMap((_, r) => (drawn(this.heat.counts[r]?.[column] ?? NaN) ? this.cell(r, column, r === marked) : [])).reverse();
  }

  private valuesAt(t: number): MomentValues | undefined {
    const column = columnAt(this.heat, t);
    const start = column === undefined ? undefined : this.heat.starts[column];
    if (column === undefined || start === undefined || this.o.tooltip.mode === 'none') return undefined;
    return { heading: formatSpan(start, start + this.heat.width, this.input?.zone ?? 'utc'), rows: this.cellsAt(column) };
  }

  private point(at: Place | null): void {
    const { input, heat, o, stage } = this;
    const column = at ? columnAt(heat, stage.x.value(at.x)) : undefined;
    const row = at ? this.rows.places.findIndex((p) => p && at.y >= p.top && at.y < p.bottom) : -1;
    this.marked = column !== undefined && row >= 0 ? { row, column } : undefined;
    this.showNeedle();
    const near = at && this.exemplars.find((e) => { const y = this.rows.at(e.value); return y !== undefined && Math.hypot(stage.x.at(e.t) - at.x, y - at.y) < 7; });
    if (!input || !at || o.tooltip.mode === 'none' || (!this.marked && !near)) {
      hideTooltip(this);
      return;
    }
    if (near) {
      const rows = near.labels.slice(0, tooltipRowsMax).map(([name, value]): TooltipRow => ({ color: o.exemplarColor, name, value }));
      showTooltip(this, { x: at.clientX, y: at.clientY }, `Exemplar of ${formatTimeZoned(near.t, input.zone)}`, rows, near.labels.length - rows.length);
      return;
    }
    const start = heat.starts[column ?? 0] ?? 0;
    const all = o.tooltip.mode === 'multi' ? this.cellsAt(column ?? 0, row) : this.cell(row, column ?? 0, false);
    if (all.length === 0) {
      hideTooltip(this);
      return;
    }
    const picture = o.tooltip.histogram ? columnHistogram(heat, column ?? 0, row, this.colors) : undefined;
    showTooltip(this, { x: at.clientX, y: at.clientY }, formatSpan(start, start + heat.width, input.zone), all.slice(0, tooltipRowsMax), all.length - tooltipRowsMax, picture);
  }
}

/** The whole stretch of the data, for the words and the table, which know no range. */
function extent(frames: readonly Frame[]): { from: number; to: number } {
  let from = Infinity;
  let to = -Infinity;
  for (const frame of frames) for (const f of frame.fields) if (f.type === 'time') for (const t of f.values) if (typeof t === 'number') { from = Math.min(from, t); to = Math.max(to, t); }
  return Number.isFinite(from) ? { from, to: to + 1 } : { from: 0, to: 1 };
}

function table(frames: readonly Frame[], options: Record<string, unknown>): Table {
  const { heat, o } = readHeat(frames, options, extent(frames));
  const time: Field = { name: 'Time', type: 'time', values: heat.starts };
  const fields = heat.rows.map((row, i): Field => ({ name: rowText(row, o, 'utc'), type: 'number', values: heat.counts[i] ?? [] }));
  return {
    columns: [time, ...fields].map((field) => ({ title: field.name, field, numeric: field.type === 'number' })),
    rows: heat.starts.map((t, i): Cell[] => [t, ...heat.counts.map((row) => row[i] ?? null)]).reverse(),
  };
}

const heatmap: PanelModule = {
  mount: (host, ctx) => new HeatmapView(host, ctx),
  describe: (frames, options) => {
    const { heat, o } = readHeat(frames, options, extent(frames));
    const totals = heat.counts.map((row) => row.reduce<number>((sum, v) => sum + (v ?? 0), 0));
    const top = totals.indexOf(Math.max(...totals));
    const row = heat.rows[top];
    const marks = frames.filter(isExemplars).length;
    return `Heatmap of ${heat.rows.length} buckets over ${heat.starts.length} moments.${row && (totals[top] ?? 0) > 0 ? ` Most lies in ${rowText(row, o, 'utc')}.` : ''}${marks > 0 ? ' With exemplars.' : ''}`;
  },
  toTable: table,
};
export default heatmap;
