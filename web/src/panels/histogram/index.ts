/** The histogram panel: how often values fall into buckets, counted here or taken from a histogram's own. */
import { buildHistogram, noHistogram, type Histogram } from '../../model/buckets/histogram';
import type { Cell, Field, Frame } from '../../model/frame';
import { flag, number, oneOf } from '../../model/json';
import type { Table } from '../../model/table';
import { formatValue, joinValue } from '../../model/units/format';
import { barDraw, type BarDraw } from '../barchart/options';
import { axisFont, paintLine, paintValueAxis, valueTicks, type Box } from '../canvas/axes';
import { paintBar, stackSpans, type Span, type Stacking } from '../canvas/bars';
import { readInk } from '../canvas/ink';
import { bands, linearScale, niceRange, type Bands, type Scale } from '../canvas/scales';
import { TimeStage, type Place } from '../canvas/stage';
import { measure, paintText, widest } from '../canvas/text';
import { h } from '../dom';
import { LegendBox } from '../legendbox';
import type { LegendSeries } from '../timeseries/legend';
import { legendOptions, tooltipOptions } from '../timeseries/options';
import { tickTexts } from '../timeseries/scales';
import { hideTooltip, showTooltip, type TooltipRow } from '../tooltip';
import type { Options, PanelContext, PanelInput, PanelModule, PanelView } from '../types';

const tooltipRowsMax = 24;

interface Bars extends LegendSeries {
  draw: BarDraw;
  counts: number[];
  spans: Span[];
}

function read(frames: readonly Frame[], options: Options): Histogram {
  return buildHistogram(frames, {
    size: number(options['bucketSize']), offset: number(options['bucketOffset']), count: number(options['bucketCount']), combine: flag(options['combine']),
  });
}

const edgeText = (v: number, field: Field | undefined, zone: string): string =>
  v === Infinity ? '∞' : v === -Infinity ? '-∞' : (tickTexts([v], field?.config?.unit, field?.config?.decimals, zone)[0] ?? '');

function bucketText(data: Histogram, i: number, zone: string): string {
  const field = data.series[0]?.field;
  const [low, high] = [data.low[i] ?? 0, data.high[i] ?? 0];
  return high === Infinity ? `> ${edgeText(low, field, zone)}` : `${edgeText(low, field, zone)} – ${edgeText(high, field, zone)}`;
}

const countText = (v: number): string => joinValue(formatValue(v, 'short'));

/** Buckets of one width lie on a straight axis; others are as wide as each other, named by their ends. */
function isEven(data: Histogram): boolean {
  const size = (data.high[0] ?? 1) - (data.low[0] ?? 0);
  return data.low.every((low, i) => Math.abs((data.high[i] ?? 0) - low - size) < Math.abs(size) * 1e-6);
}

class HistogramView implements PanelView {
  private readonly root = h('div', { class: 'chart' });
  private readonly main = h('div', { class: 'chart-plot' });
  private readonly stage: TimeStage;
  private readonly legend: LegendBox;
  private input: PanelInput | undefined;
  private data: Histogram = noHistogram;
  private all: Bars[] = [];
  private lanes: Bands = bands(0, 0, 0);
  private y: Scale = linearScale(0, 1, 1, 0);
  private focus: string | null = null;
  private marked: { bucket: number; series: number } | undefined;

  constructor(host: HTMLElement, ctx: PanelContext) {
    this.root.append(this.main);
    host.append(this.root);
    this.legend = new LegendBox(this.root, () => this.input && this.update(this.input), (title) => { this.focus = title; this.paint(); });
    this.stage = new TimeStage(this.main, ctx, this, { onPointer: (at) => this.point(at), paintMark: (c) => this.paintMark(c), onRescale: () => this.paint() });
  }

  update(input: PanelInput): void {
    this.input = input;
    this.data = read(input.frames, input.options);
    this.all = this.data.series.map((s): Bars => ({ ...s, color: s.field.color ?? '#888888', dash: undefined, draw: barDraw(s.field.config), spans: [] })).filter((s) => !s.draw.hideViz);
    const shown = this.shown();
    const stacking = oneOf(shown[0]?.field.config?.custom['stacking.mode'], ['none', 'normal', 'percent'] as const, 'none') satisfies Stacking;
    stackSpans(shown.map((s) => s.counts), stacking).forEach((spans, i) => { const s = shown[i]; if (s) s.spans = spans; });
    this.marked = undefined;
    this.legend.draw(this.all, legendOptions(input.options));
    this.paint();
  }

  destroy(): void {
    hideTooltip(this);
    this.stage.destroy();
    this.root.remove();
  }

  walk(points: number, series: number): string | undefined {
    const shown = this.shown();
    const last = this.data.low.length - 1;
    if (!this.input || shown.length === 0 || last < 0) return undefined;
    const before = this.marked ?? { bucket: points < 0 ? last + 1 : points > 0 ? -1 : 0, series: 0 };
    this.marked = { bucket: Math.min(last, Math.max(0, before.bucket + points)), series: (before.series + series + shown.length) % shown.length };
    this.stage.repaint();
    const s = shown[this.marked.series];
    return s ? `${bucketText(this.data, this.marked.bucket, this.input.zone)}, ${s.title}: ${countText(s.counts[this.marked.bucket] ?? 0)}` : undefined;
  }

  private shown(): Bars[] {
    return this.all.filter((s) => !this.legend.hidden.has(s.title));
  }

  private paint(): void {
    const { input, stage, data } = this;
    if (!input) return;
    const ink = readInk(input.theme);
    const shown = this.shown();
    stage.surface.resize(Math.max(40, this.main.clientWidth), Math.max(40, this.main.clientHeight));
    const { width, height } = stage.surface;
    const plot: Box = { left: 0, top: 8, right: width - 8, bottom: height - 24 };
    const percent = shown[0]?.field.config?.custom['stacking.mode'] === 'percent';
    const most = shown.reduce((m, s) => s.spans.reduce((n, span) => Math.max(n, span?.[1] ?? 0), m), 0);
    const tall = plot.bottom - plot.top;
    const [, top] = percent ? [0, 1] : niceRange(0, most, Math.max(4, Math.floor(tall / 36)));
    this.y = linearScale(0, top, plot.bottom, plot.top);
    const ticks = valueTicks(this.y, tall, percent ? 'percentunit' : 'short', undefined, input.zone, false, 36);
    plot.left = ticks.width + 10;
    this.lanes = bands(data.low.length, plot.left, plot.right);
    stage.place(plot, undefined, input);
    stage.surface.paint((c) => {
      paintValueAxis(c, plot, this.y, ticks, ink);
      this.paintEdges(c, plot, width);
      // Drawn over each other the tallest would hide the others: the fill lets them through.
      for (const s of shown) {
        s.spans.forEach((span, i) => {
          if (!span || span[0] === span[1]) return;
          const gap = this.lanes.pitch > 4 ? 1 : 0;
          paintBar(c, { left: this.lanes.start(i), right: this.lanes.start(i + 1) - gap, top: this.y.at(span[1]), bottom: this.y.at(span[0]) }, {
            color: s.color, fill: s.draw.fill * (shown.length > 1 && !this.isStacked() ? 0.6 : 1), line: s.draw.line, gradient: s.draw.gradient, radius: 0, towards: 'up', dim: this.focus !== null && this.focus !== s.title,
          });
        });
      }
      paintLine(c, plot.left, plot.bottom, plot.right, plot.bottom, ink.line);
    });
    stage.repaint();
  }

  private isStacked(): boolean {
    const mode = this.all[0]?.field.config?.custom['stacking.mode'];
    return mode === 'normal' || mode === 'percent';
  }

  /** The axis of values: round figures on a straight axis, or the ends of the buckets. */
  private paintEdges(c: CanvasRenderingContext2D, plot: Box, width: number): void {
    const { data, input } = this;
    if (!input || data.low.length === 0) return;
    const ink = readInk(input.theme);
    const field = data.series[0]?.field;
    const put = (text: string, x: number): void => {
      const half = measure(text, axisFont) / 2;
      paintText(c, text, Math.min(width - half, Math.max(half, x)), plot.bottom + 14, { color: ink.text3, font: axisFont, align: 'center' });
    };
    if (isEven(data)) {
      const x = linearScale(data.low[0] ?? 0, data.high.at(-1) ?? 1, plot.left, plot.right, field?.config?.unit);
      const ticks = valueTicks(x, plot.right - plot.left, field?.config?.unit, field?.config?.decimals, input.zone, false, 60);
      ticks.values.forEach((v, i) => put(ticks.texts[i] ?? '', x.at(v)));
      return;
    }
    const texts = data.high.map((v) => edgeText(v, field, input.zone));
    const stride = Math.max(1, Math.ceil((widest(texts, axisFont) + 10) / Math.max(0.1, this.lanes.pitch)));
    texts.forEach((text, i) => { if (i % stride === 0) put(text, this.lanes.start(i + 1)); });
  }

  private paintMark(c: CanvasRenderingContext2D): void {
    const { marked, input, stage } = this;
    if (!marked || !input) return;
    const ink = readInk(input.theme);
    const span = this.shown()[marked.series]?.spans[marked.bucket];
    if (!span) return;
    c.strokeStyle = ink.text1;
    c.lineWidth = 1.5;
    const top = Math.min(stage.plot.bottom - 2, this.y.at(span[1]));
    c.strokeRect(this.lanes.start(marked.bucket), top, this.lanes.pitch, Math.max(2, this.y.at(span[0]) - top));
  }

  private point(at: Place | null): void {
    const { input, data } = this;
    const options = tooltipOptions(input?.options ?? {});
    const bucket = at ? this.lanes.index(at.x) : undefined;
    const shown = this.shown();
    const value = at ? this.y.value(at.y) : 0;
    const inside = shown.findIndex((s) => { const span = bucket === undefined ? null : s.spans[bucket]; return span !== null && span !== undefined && value >= span[0] && value <= span[1]; });
    this.marked = bucket === undefined || shown.length === 0 ? undefined : { bucket, series: Math.max(0, inside) };
    this.stage.repaint();
    if (!input || !at || bucket === undefined || options.mode === 'none') {
      hideTooltip(this);
      return;
    }
    // All series of the bucket: they lie on top of each other, so that one alone can hardly be pointed at.
    let entries = shown.filter((s) => !s.draw.hideTooltip && (shown.length === 1 || (s.counts[bucket] ?? 0) > 0));
    if (options.sort !== 'none') entries = [...entries].sort((a, b) => (options.sort === 'asc' ? 1 : -1) * ((a.counts[bucket] ?? 0) - (b.counts[bucket] ?? 0)));
    const rows = entries.slice(0, tooltipRowsMax).map((s): TooltipRow => ({ color: s.color, name: s.title, value: countText(s.counts[bucket] ?? 0), strong: s === shown[inside] && shown.length > 1 }));
    showTooltip(this, { x: at.clientX, y: at.clientY }, bucketText(data, bucket, input.zone), rows, entries.length - rows.length, undefined, options);
  }
}

function table(data: Histogram): Table {
  const field = (name: string, values: Cell[]): Field => ({ name, type: 'number', values });
  const columns = [field('From', data.low), field('To', data.high), ...data.series.map((s) => field(s.title, s.counts))];
  return { columns: columns.map((f) => ({ title: f.name, field: f, numeric: true })), rows: data.low.map((_, i): Cell[] => columns.map((f) => f.values[i] ?? null)) };
}

const histogram: PanelModule = {
  mount: (host, ctx) => new HistogramView(host, ctx),
  describe: (frames, options) => {
    const data = read(frames, options);
    const parts = data.series.slice(0, 6).map((s) => {
      const top = s.counts.indexOf(Math.max(...s.counts));
      return `${s.title}: most in ${bucketText(data, top, 'utc')}, ${countText(s.counts[top] ?? 0)}`;
    });
    const first = data.series[0]?.field;
    const span = data.low.length > 0 ? ` from ${edgeText(data.low[0] ?? 0, first, 'utc')} to ${edgeText(data.high.at(-1) ?? 0, first, 'utc')}` : '';
    return `Histogram of ${data.series.length} series in ${data.low.length} buckets${span}. ${parts.join('; ')}${data.series.length > 6 ? '; and more' : ''}.`;
  },
  toTable: (frames, options) => table(read(frames, options)),
};
export default histogram;
