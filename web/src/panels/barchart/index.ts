/** The bar chart panel: groups of bars by category or moment, standing or lying, side by side or stacked. */
import { inkOn, mix, resolveColor, withAlpha } from '../../model/color/names';
import { showValue } from '../../model/fieldconfig/display';
import { absoluteSteps, standardThresholds } from '../../model/fieldconfig/thresholds';
import type { Cell, Field } from '../../model/frame';
import type { Table } from '../../model/table';
import { formatTimeZoned } from '../../model/time/format';
import { axisFont, paintAxisLabel, paintBottomAxis, paintLine, paintValueAxis, type Box } from '../canvas/axes';
import { paintBar } from '../canvas/bars';
import { readInk, type Ink } from '../canvas/ink';
import { bands, type Bands } from '../canvas/scales';
import { TimeStage, type Place } from '../canvas/stage';
import { canvasFont, measure, paintText, widest } from '../canvas/text';
import { h } from '../dom';
import { LegendBox } from '../legendbox';
import { pinActions } from '../pinned';
import { legendOptions, tooltipOptions } from '../timeseries/options';
import { hideTooltip, showTooltip, type MomentValues, type TooltipRow } from '../tooltip';
import type { PanelContext, PanelInput, PanelModule, PanelView } from '../types';
import { barBox, categoryBands, place, slots, tickPlan, valueAxes, type Slots, type ValueAxis } from './layout';
import { buildBars, categoryTexts, toldAt, type BarModel, type BarSeries } from './model';
import { barChartOptions, type BarChartOptions } from './options';

const tooltipRowsMax = 24;
const none: ReadonlySet<string> = new Set();

class BarChartView implements PanelView {
  private readonly root = h('div', { class: 'chart' });
  private readonly main = h('div', { class: 'chart-plot' });
  private readonly stage: TimeStage;
  private readonly legend: LegendBox;
  private input: PanelInput | undefined;
  private o: BarChartOptions = barChartOptions({});
  private model: BarModel = { x: undefined, categories: [], times: undefined, step: 0, series: [], cut: 0 };
  private shown: BarSeries[] = [];
  private axes = new Map<string, ValueAxis>();
  private lanes: Bands = bands(0, 0, 0);
  private slot: Slots = { start: () => 0, width: 0 };
  private vertical = true;
  private focus: string | null = null;
  private marked: { category: number; series: number } | undefined;

  constructor(host: HTMLElement, private readonly ctx: PanelContext) {
    this.root.append(this.main);
    host.append(this.root);
    this.legend = new LegendBox(this.root, () => this.input && this.update(this.input), (title) => { this.focus = title; this.paint(); });
    this.stage = new TimeStage(this.main, ctx, this, { onPointer: (at) => this.point(at), paintMark: (c) => this.paintMark(c), onRescale: () => this.paint(), onClick: () => this.pin(), valuesAt: (t) => this.valuesAt(t) });
  }

  update(input: PanelInput): void {
    this.input = input;
    this.o = barChartOptions(input.options);
    this.model = buildBars(input.frames, this.o, this.legend.hidden);
    this.shown = this.model.series.filter((s) => !this.legend.hidden.has(s.title));
    this.marked = undefined;
    this.legend.draw(this.model.series, legendOptions(input.options));
    this.paint();
  }

  destroy(): void {
    hideTooltip(this);
    this.stage.destroy();
    this.root.remove();
  }

  walk(points: number, series: number): string | undefined {
    const { model, shown, input } = this;
    if (!input || shown.length === 0 || model.categories.length === 0) return undefined;
    const last = model.categories.length - 1;
    const before = this.marked ?? { category: points < 0 ? last + 1 : points > 0 ? -1 : 0, series: 0 };
    const at = { category: Math.min(last, Math.max(0, before.category + points)), series: (before.series + series + shown.length) % shown.length };
    this.marked = at;
    this.stage.show(model.times?.[at.category] ?? 0);
    const s = shown[at.series];
    return s ? `${this.heading(at.category)}, ${s.title}: ${this.valueText(s, at.category)}` : undefined;
  }

  private heading(category: number): string {
    const { model, input } = this;
    const t = model.times?.[category];
    if (t !== undefined) return formatTimeZoned(t, input?.zone ?? 'browser');
    const value = model.categories[category] ?? null;
    return model.x?.display ? showValue(model.x.display(value)) : String(value ?? '');
  }

  private valueText(s: BarSeries, category: number): string {
    const v = s.values[category];
    return v === null || v === undefined ? 'no value' : s.field.display ? showValue(s.field.display(v)) : String(v);
  }

  private paint(): void {
    const { input, stage, o, model, shown } = this;
    if (!input) return;
    const ink = readInk(input.theme);
    stage.surface.resize(Math.max(40, this.main.clientWidth), Math.max(40, this.main.clientHeight));
    const { width, height } = stage.surface;
    this.vertical = o.orientation === 'vertical' || (o.orientation === 'auto' && width >= height);
    const texts = categoryTexts(model, input.zone, o.tickMaxLength);
    const longest = Math.ceil(widest(texts, axisFont));
    const plot: Box = { left: 0, top: o.showValue === 'never' ? 6 : Math.max(8, o.valueSize + 4), right: width - 4, bottom: height - 24 };
    // How wide the axes are decides how the names are written, and how tall those are which ticks the axes have.
    const makeRoom = (): void => {
      for (const axis of valueAxes(shown, plot.bottom - plot.top, o, input.zone, true)) {
        const room = (axis.members[0]?.draw.axisWidth ?? axis.ticks.width + 10) + (axis.members[0]?.draw.label === '' ? 0 : 18);
        if (axis.side === 'left') plot.left = room;
        if (axis.side === 'right') plot.right = width - room;
      }
    };
    if (this.vertical) makeRoom();
    const plan = tickPlan(longest, texts.length, (plot.right - plot.left) / Math.max(1, texts.length), height, o, model.times !== undefined);
    if (this.vertical) {
      plot.bottom = height - plan.room;
      makeRoom();
    } else {
      plot.left = Math.min(width * 0.4, longest + 10);
      plot.right = width - (o.showValue === 'never' ? 10 : 14 + Math.min(width * 0.15, widest(shown.flatMap((s) => s.values.slice(0, 50).map((_, i) => this.valueText(s, i))), canvasFont(o.valueSize))));
      plot.top = 4;
    }
    const axes = valueAxes(shown, this.vertical ? plot.bottom - plot.top : plot.right - plot.left, o, input.zone, this.vertical)
      .map((a) => (this.vertical ? place(a, plot.bottom, plot.top) : place(a, plot.left, plot.right)));
    this.axes = new Map(axes.map((a) => [a.key, a]));
    this.lanes = categoryBands(model, plot, this.vertical);
    this.slot = slots(this.lanes.pitch, shown.length, o);
    const { times, step } = model;
    const half = (step || 1) / 2;
    stage.place(plot, this.vertical && times ? { from: (times[0] ?? 0) - half, to: (times.at(-1) ?? 1) + half } : undefined, input);
    stage.surface.paint((c) => {
      axes.forEach((axis, i) => this.paintAxis(c, axis, plot, ink, i === 0, width));
      this.paintNames(c, texts, plot, ink, plan);
      this.paintBars(c, plot);
      this.paintValues(c, plot, ink);
      this.paintThresholds(c, plot, input);
      stage.paintMarks(c);
    });
    stage.repaint();
  }

  private paintAxis(c: CanvasRenderingContext2D, axis: ValueAxis, plot: Box, ink: Ink, first: boolean, width: number): void {
    if (axis.side === 'hidden') return;
    const draw = axis.members[0]?.draw;
    if (this.vertical) {
      paintValueAxis(c, plot, axis.scale, axis.ticks, ink, axis.side, first && draw?.grid !== false);
      if (draw && draw.label !== '') paintAxisLabel(c, draw.label, axis.side === 'left' ? 8 : width - 8, plot, ink);
    } else if (first) paintBottomAxis(c, plot, axis.scale, axis.ticks, ink, width);
    const zero = axis.scale.at(Math.max(axis.scale.min, Math.min(axis.scale.max, 0)));
    if (first) paintLine(c, this.vertical ? plot.left : zero, this.vertical ? zero : plot.top, this.vertical ? plot.right : zero, this.vertical ? zero : plot.bottom, ink.line);
  }

  private paintNames(c: CanvasRenderingContext2D, texts: readonly string[], plot: Box, ink: Ink, plan: ReturnType<typeof tickPlan>): void {
    const style = { color: ink.text3, font: axisFont };
    if (!this.vertical) {
      const stride = Math.max(1, Math.ceil(15 / Math.max(0.1, this.lanes.pitch)));
      texts.forEach((text, i) => { if (i % stride === 0) paintText(c, text, plot.left - 8, this.lanes.center(i), { ...style, color: ink.text2, align: 'right', room: plot.left - 10 }); });
      return;
    }
    const width = this.stage.surface.width;
    texts.forEach((text, i) => {
      if (i % plan.stride !== plan.offset) return;
      const x = this.lanes.center(i);
      if (plan.angle === 0) {
        const halfText = Math.min(measure(text, axisFont), plan.cut) / 2;
        paintText(c, text, Math.min(width - halfText, Math.max(halfText, x)), plot.bottom + 14, { ...style, align: 'center', room: plan.cut });
      } else paintText(c, text, x, plot.bottom + 9, { ...style, align: plan.angle > 0 ? 'left' : 'right', angle: plan.angle, room: plan.cut });
    });
  }

  private box(s: BarSeries, index: number, category: number, plot: Box): Box | undefined {
    const axis = this.axes.get(s.scale);
    return axis && barBox(s.spans[category], this.lanes.start(category), this.slot, index, axis, plot, this.vertical);
  }

  private colorOf(s: BarSeries, category: number): string {
    return s.colors[category] ?? s.color;
  }

  private paintBars(c: CanvasRenderingContext2D, plot: Box): void {
    this.shown.forEach((s, index) => {
      s.spans.forEach((span, category) => {
        const box = this.box(s, index, category, plot);
        if (!box || !span) return;
        const down = span[1] < span[0];
        paintBar(c, box, {
          color: this.colorOf(s, category), fill: s.draw.fill, line: s.draw.line, gradient: s.draw.gradient, radius: this.o.barRadius,
          towards: this.vertical ? (down ? 'down' : 'up') : down ? 'left' : 'right', dim: this.focus !== null && this.focus !== s.title,
        });
      });
    });
  }

  /** The values beyond their bars, or inside of stacked ones; by themselves only when all of them fit. */
  private paintValues(c: CanvasRenderingContext2D, plot: Box, ink: Ink): void {
    const { o, shown, vertical } = this;
    if (o.showValue === 'never' || shown.length === 0) return;
    const font = canvasFont(o.valueSize);
    const stacked = o.stacking !== 'none' && shown.length > 1;
    const across = vertical ? Math.max(this.slot.width / o.barWidth, this.slot.width) : this.slot.width;
    const entries = shown.flatMap((s, index) => s.values.flatMap((v, category) => {
      const box = v === null ? undefined : this.box(s, index, category, plot);
      if (!box || v === null) return [];
      const text = this.valueText(s, category);
      return [{ s, v, box, text, category, size: vertical ? measure(text, font) : o.valueSize }];
    }));
    if (o.showValue === 'auto' && entries.some((e) => e.size > across - (vertical ? 2 : 0))) return;
    for (const { s, v, box, text, category, size } of entries) {
      const x = (box.left + box.right) / 2;
      const y = (box.top + box.bottom) / 2;
      if (stacked) {
        if ((vertical ? box.bottom - box.top : box.right - box.left) < (vertical ? o.valueSize + 2 : measure(text, font) + 6)) continue;
        paintText(c, text, x, y, { font, align: 'center', color: inkOn(mix(ink.panel, this.colorOf(s, category), s.draw.fill)) });
      } else if (vertical) paintText(c, text, Math.min(this.stage.surface.width - size / 2, Math.max(size / 2, x)), v < 0 ? box.bottom + o.valueSize * 0.75 : box.top - o.valueSize * 0.7, { font, align: 'center', color: ink.text1 });
      else paintText(c, text, v < 0 ? box.left - 5 : box.right + 5, y, { font, align: v < 0 ? 'right' : 'left', color: ink.text1 });
    }
  }

  private paintThresholds(c: CanvasRenderingContext2D, plot: Box, input: PanelInput): void {
    for (const axis of this.axes.values()) {
      const s = axis.members.find((m) => m.draw.thresholds !== 'off');
      if (!s) continue;
      const steps = absoluteSteps(s.field.config?.thresholds ?? standardThresholds, axis.scale.min, axis.scale.max);
      steps.forEach((step, i) => {
        const color = resolveColor(step.color, input.theme);
        const at = axis.scale.at(Math.max(axis.scale.min, step.value));
        const end = axis.scale.at(Math.min(axis.scale.max, steps[i + 1]?.value ?? Infinity));
        if (s.draw.thresholds.includes('area') && step.value < axis.scale.max) {
          c.fillStyle = withAlpha(color, 0.1);
          if (this.vertical) c.fillRect(plot.left, end, plot.right - plot.left, at - end);
          else c.fillRect(at, plot.top, end - at, plot.bottom - plot.top);
        }
        if (step.value < axis.scale.min || step.value > axis.scale.max || !/line|dashed/.test(s.draw.thresholds)) return;
        if (s.draw.thresholds.includes('dashed')) c.setLineDash([6, 4]);
        paintLine(c, this.vertical ? plot.left : at, this.vertical ? at : plot.top, this.vertical ? plot.right : at, this.vertical ? at : plot.bottom, color);
        c.setLineDash([]);
      });
    }
  }

  private paintMark(c: CanvasRenderingContext2D): void {
    const { marked, input, stage } = this;
    if (!marked || !input) return;
    const ink = readInk(input.theme);
    const { plot } = stage;
    const start = this.lanes.start(marked.category);
    if (this.o.fullHighlight) {
      c.fillStyle = withAlpha(ink.text1, 0.08);
      if (this.vertical) c.fillRect(start, plot.top, this.lanes.pitch, plot.bottom - plot.top);
      else c.fillRect(plot.left, start, plot.right - plot.left, this.lanes.pitch);
    }
    const s = this.shown[marked.series];
    const box = s && this.box(s, marked.series, marked.category, plot);
    if (!box) return;
    c.strokeStyle = ink.text1;
    c.lineWidth = 1.5;
    c.strokeRect(box.left, box.top, Math.max(1, box.right - box.left), Math.max(1, box.bottom - box.top));
  }

  /** The series whose bar is under the pointer, or nearest to it across the group. */
  private seriesAt(category: number, at: { x: number; y: number }): number {
    let best = -1;
    let least = Infinity;
    this.shown.forEach((s, i) => {
      const box = this.box(s, i, category, this.stage.plot);
      if (!box) return;
      const dx = Math.max(box.left - at.x, 0, at.x - box.right);
      const dy = Math.max(box.top - at.y, 0, at.y - box.bottom);
      const distance = this.vertical && this.o.stacking === 'none' ? dx : this.o.stacking === 'none' ? dy : dx + dy;
      if (distance < least) {
        least = distance;
        best = i;
      }
    });
    return best;
  }

  private pin(): void {
    const { input, marked } = this;
    const s = marked && this.shown[marked.series];
    if (!input || !s) return;
    const value = s.values[marked.category] ?? null;
    const time = this.model.times?.[marked.category];
    const frame = input.frames.find((f) => f.fields.includes(s.field));
    const same = s.field.values.length === s.values.length;
    pinActions(this, this.ctx, input, { field: s.field, row: same ? marked.category : Math.max(0, s.field.values.indexOf(value)), fields: frame?.fields ?? [s.field], time }, time);
  }

  private entry(s: BarSeries, category: number, strong: boolean): TooltipRow {
    return { color: this.colorOf(s, category), name: s.title, value: this.valueText(s, category), strong };
  }

  private valuesAt(t: number): MomentValues | undefined {
    const category = this.lanes.index(this.stage.x.at(t));
    const options = tooltipOptions(this.input?.options ?? {});
    if (category === undefined || options.mode === 'none') return undefined;
    // No bar is pointed at: all have their say.
    const entries = toldAt(this.shown, category, { ...options, mode: 'multi' });
    return { heading: this.heading(category), rows: entries.map((s) => this.entry(s, category, false)) };
  }

  private point(at: Place | null): void {
    const { input, model } = this;
    const category = at ? this.lanes.index(this.vertical ? at.x : at.y) : undefined;
    const options = tooltipOptions(input?.options ?? {});
    const series = at && category !== undefined ? this.seriesAt(category, at) : -1;
    this.marked = category !== undefined && series >= 0 ? { category, series } : undefined;
    if (!this.stage.timed) this.stage.repaint();
    if (!input || !at || category === undefined || options.mode === 'none' || series < 0) {
      hideTooltip(this);
      return;
    }
    const entries = toldAt(this.shown, category, options, this.shown[series]);
    const rows = entries.slice(0, tooltipRowsMax).map((s) => this.entry(s, category, options.mode === 'multi' && s === this.shown[series]));
    const rest = model.cut > 0 ? h('div', { class: 'tooltip-more', text: `${model.cut} more are not shown` }) : undefined;
    showTooltip(this, { x: at.clientX, y: at.clientY }, this.heading(category), rows, entries.length - rows.length, rest, options);
  }
}

function table(model: BarModel): Table {
  const x: Field = model.x ?? { name: 'Name', type: 'string', values: [] };
  return {
    columns: [{ title: x.title ?? x.name, field: x, numeric: false }, ...model.series.map((s) => ({ title: s.title, field: s.field, numeric: true }))],
    rows: model.categories.map((category, i): Cell[] => [category, ...model.series.map((s) => s.values[i] ?? null)]),
  };
}

const barchart: PanelModule = {
  mount: (host, ctx) => new BarChartView(host, ctx),
  describe: (frames, options) => {
    const model = buildBars(frames, barChartOptions(options), none);
    const name = (i: number): string => (model.x?.display ? showValue(model.x.display(model.categories[i] ?? null)) : String(model.categories[i] ?? ''));
    const parts = model.series.slice(0, 6).map((s) => {
      let top = -1;
      s.values.forEach((v, i) => { if (v !== null && (top < 0 || v > (s.values[top] ?? -Infinity))) top = i; });
      return top < 0 ? `${s.title}: no value` : `${s.title}: most in ${name(top)}, ${s.field.display ? showValue(s.field.display(s.values[top] ?? null)) : String(s.values[top])}`;
    });
    return `Bar chart of ${model.series.length} series in ${model.categories.length} groups. ${parts.join('; ')}${model.series.length > 6 ? '; and more' : ''}.`;
  },
  toTable: (frames, options) => table(buildBars(frames, barChartOptions(options), none)),
};
export default barchart;
