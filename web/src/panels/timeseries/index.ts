/** The time series panel: lines, bars, points and areas over time, with legend, tooltip and the shared cursor. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { showValue } from '../../model/fieldconfig/display';
import { formatTimeZoned } from '../../model/time/format';
import { valueFields, type Frame } from '../../model/frame';
import { reduceField } from '../../model/reduce';
import { linksAt } from '../../model/links';
import type { Exemplar } from '../../model/marks';
import { sameRange, type TimeRange } from '../../model/time/range';
import { resolveColor } from '../../model/color/names';
import { seriesTable } from '../../model/table';
import type { CursorEvent } from '../../query/cursor';
import { linkChips } from '../address';
import { h } from '../dom';
import { followMoment, hideBeside, hideTooltip, isPinned, pinTooltip, showTooltip, unpinTooltip, type MomentValues } from '../tooltip';
import type { Options, PanelContext, PanelInput, PanelModule, PanelView } from '../types';
import { engineOptions, type NumberAxis } from './engine';
import { hoverAt } from './hover';
import { renderLegend } from './legend';
import { exemplarAt, exemplarRows, MarkLayer, paintExemplars, paintMarks } from './marks';
import { buildModel, type ChartModel, type ChartSeries } from './model';
import { axisZones, legendOptions, tooltipOptions, type LegendOptions } from './options';

/** What another panel type changes about the chart. */
interface ChartShape {
  frames: readonly Frame[];
  /** Whatever `settle` and `paint` depend on besides the frames. */
  key: string;
  options?: Options;
  /** Numbers instead of times on the x axis; the field that holds them is marked as the frame's time. */
  x?: NumberAxis | undefined;
  /** Changes the model before it is drawn. */
  settle?: (model: ChartModel) => void;
  paint?: (u: uPlot, model: ChartModel) => void;
  /** Why nothing can be drawn, in words. */
  problem?: string | undefined;
}
export type ChartVariant = (input: PanelInput) => ChartShape;

/** First and last of an ascending column, never the same. */
function extent(values: readonly number[]): [number, number] {
  const from = values[0] ?? 0;
  const to = values.at(-1) ?? 1;
  return from < to ? [from, to] : [from - 1, to + 1];
}

export class TimeSeriesView implements PanelView {
  private readonly root = h('div', { class: 'chart' });
  private readonly plot = h('div', { class: 'chart-plot', attrs: { role: 'img', 'aria-label': 'Chart' } });
  private readonly legend = h('div', { class: 'chart-legend' });
  private readonly marks: MarkLayer;
  /** Where the pointer was pressed, and whether it is to make an annotation. */
  private press: { x: number; y: number; annotating: boolean } | undefined;
  private hover: { at: number; series: ChartSeries | undefined } | undefined;
  private u: uPlot | undefined;
  private model: ChartModel = { times: [], series: [] };
  private input: PanelInput | undefined;
  private signature = '';
  private hidden = new Set<string>();
  private sort: { by: string; desc: boolean } | undefined;
  private readonly unsubscribe: () => void;
  private following = false;
  private drawing = false;
  /** The pointer is over this chart. */
  private pointed = false;
  private shape: ChartShape | undefined;
  /** Stretch of a number axis that a person chose. */
  private zoom: [number, number] | undefined;
  private readonly problem = h('p', { class: 'chart-problem', attrs: { hidden: true } });

  constructor(host: HTMLElement, private readonly ctx: PanelContext, private readonly variant?: ChartVariant) {
    this.marks = new MarkLayer((marks) => ctx.onMarks?.(marks));
    this.root.append(h('div', { class: 'chart-box' }, this.plot, this.marks.root), this.legend);
    if (variant) this.root.prepend(this.problem);
    host.append(this.root);
    this.plot.addEventListener('pointerenter', () => {
      this.pointed = true;
    });
    this.plot.addEventListener('pointerleave', () => this.leave());
    this.plot.addEventListener('pointerdown', (e) => {
      this.press = { x: e.clientX, y: e.clientY, annotating: e.ctrlKey || e.metaKey };
    }, true);
    this.plot.addEventListener('click', (e) => this.clicked(e));
    this.unsubscribe = ctx.cursor.subscribe((event) => this.follow(event), this);
  }

  update(input: PanelInput): void {
    this.input = input;
    const shape = this.variant?.(input);
    this.shape = shape;
    this.model = buildModel(shape?.frames ?? input.frames, this.hidden);
    shape?.settle?.(this.model);
    this.problem.textContent = shape?.problem ?? '';
    this.problem.hidden = shape?.problem === undefined;
    this.plot.hidden = shape?.problem !== undefined && this.model.series.length === 0;
    const legend = legendOptions(input.options);
    this.drawLegend(legend);
    const signature = JSON.stringify([
      input.theme, input.zone, input.options['timezone'], legend, [...this.hidden], shape?.key, shape?.x?.title, this.model.times.length === 0,
      this.model.series.map((s) => [s.title, s.color, s.scale, s.config.unit, s.config.decimals, s.draw, s.below, s.dash, s.config.thresholds, s.config.color]),
    ]);
    if (this.u && signature === this.signature) {
      const { u } = this;
      const { width, height } = this.room();
      this.draw(u, () => {
        if (u.width !== width || u.height !== height) u.setSize({ width, height });
        u.setData(this.data());
      });
    } else {
      this.signature = signature;
      this.rebuild();
    }
  }

  private exemplars(): readonly Exemplar[] {
    return this.input?.exemplars ?? [];
  }

  private exemplarColor(): string {
    return resolveColor('purple', this.input?.theme ?? 'light');
  }

  private valueText(value: number): string {
    const display = this.model.series[0]?.field.display;
    return display ? showValue(display(value)) : String(value);
  }

  /** Annotations and exemplars, over what another panel type draws. */
  private paint(u: uPlot): void {
    this.shape?.paint?.(u, this.model);
    const { input } = this;
    if (!input || this.shape?.x) return;
    paintMarks(u, input.marks ?? [], input.theme);
    // Here the axes have their final places.
    this.marks.place(u, input.marks ?? [], input.theme, input.zone);
    if (this.exemplars().length > 0) paintExemplars(u, this.exemplars(), this.model.series[0]?.scale ?? 'y', this.exemplarColor());
  }

  /** A click pins the tooltip, so that links can be followed; with Ctrl or Cmd it makes an annotation. */
  private clicked(e: MouseEvent): void {
    const { u, input, press } = this;
    if (!u || !input || !press || this.shape?.x || e.button !== 0 || Math.hypot(e.clientX - press.x, e.clientY - press.y) > 4) return;
    if (!(e.target instanceof Node) || !u.over.contains(e.target)) return;
    const time = u.posToVal(e.clientX - u.over.getBoundingClientRect().left, 'x');
    if (press.annotating) {
      this.ctx.onAnnotate?.(time, time);
      return;
    }
    if (isPinned()) {
      unpinTooltip();
      return;
    }
    const actions: Node[] = [];
    const { series, at } = this.hover ?? {};
    const row = series && at !== undefined ? series.raw.indexOf(series.raw[at], at) : -1;
    if (series && row >= 0) {
      const place = { field: series.field, row: series.field.values.length === series.raw.length ? row : Math.max(0, series.field.values.indexOf(series.raw[row] ?? null)), fields: [series.field], time: this.model.times[row] };
      actions.push(...linkChips(linksAt(series.config.links, place, input.interpolate)));
    }
    const annotate = this.ctx.onAnnotate;
    if (annotate) {
      actions.push(h('button', { class: 'chip', text: 'Add annotation', attrs: { type: 'button' }, on: { click: () => {
        unpinTooltip();
        annotate(time, time);
      } } }));
    }
    pinTooltip(this, actions);
  }

  destroy(): void {
    this.unsubscribe();
    hideTooltip(this);
    hideBeside(this);
    if (this.hover) unpinTooltip();
    this.marks.destroy();
    this.u?.destroy();
    this.root.remove();
  }

  /** The point the keys have reached: index in time, index among the series. */
  private at: { point: number; series: number } | undefined;

  walk(points: number, series: number): string | undefined {
    const u = this.u;
    const shown = this.model.series.filter((s) => !s.draw.hideViz);
    if (!u || shown.length === 0 || this.model.times.length === 0 || !this.input) return undefined;
    const last = this.model.times.length - 1;
    const before = this.at ?? { point: points < 0 ? last + 1 : points > 0 ? -1 : last, series: 0 };
    const at = { point: Math.min(last, Math.max(0, before.point + points)), series: (before.series + series + shown.length) % shown.length };
    this.at = at;
    const s = shown[at.series];
    const time = this.model.times[at.point] ?? 0;
    const y = s?.values[at.point];
    if (!s) return undefined;
    u.setCursor({ left: u.valToPos(time, 'x'), top: typeof y === 'number' ? u.valToPos(y, s.scale) : 0 });
    const value = s.raw[at.point];
    return `${s.title}: ${typeof value === 'number' ? (s.field.display ? showValue(s.field.display(value)) : String(value)) : 'no value'} at ${this.heading(time)}`;
  }

  private room(): { width: number; height: number } {
    return { width: Math.max(40, this.plot.clientWidth), height: Math.max(40, this.plot.clientHeight) };
  }

  private data(): uPlot.AlignedData {
    return [this.model.times, ...this.model.series.map((s) => s.values)] as uPlot.AlignedData;
  }

  private rebuild(): void {
    this.u?.destroy();
    const input = this.input;
    if (!input) return;
    const options = engineOptions({
      model: this.model, theme: input.theme, zone: input.zone, ...this.room(),
      x: this.shape?.x,
      zones: axisZones((this.shape?.options ?? input.options), input.zone),
      paint: (u) => this.paint(u),
      range: () => (this.shape?.x ? (this.zoom ?? extent(this.model.times)) : [this.input?.range.from ?? 0, this.input?.range.to ?? 1]),
      onCursor: (u) => this.cursorMoved(u),
      onSelect: (from, to) => {
        if (this.shape?.x) this.zoomTo([from, to]);
        else if (this.press?.annotating && this.ctx.onAnnotate) this.ctx.onAnnotate(from, to);
        else this.ctx.onRange(from, to);
      },
      onDoubleClick: () => (this.shape?.x ? this.zoomTo(undefined) : this.ctx.onZoomOut()),
      onError: (error) => {
        if (this.drawing) throw error;
        // The engine draws by itself when the window moves to a screen of another density.
        this.ctx.onFailure?.(error);
      },
    });
    // Left to begin by itself, the engine would draw in a microtask what `draw` has drawn already.
    this.u = new uPlot(options, this.data(), (u, begin) => {
      this.u = u;
      this.plot.append(u.root);
      this.draw(u, () => begin());
    });
  }

  rescale(range: TimeRange): void {
    const { u, input } = this;
    if (!u || !input || this.shape?.x || sameRange(input.range, range)) return;
    this.input = { ...input, range };
    this.draw(u, () => u.setScale('x', { min: range.from, max: range.to }));
  }

  /**
   * Draws within this call: left to itself the engine draws in a microtask, where nobody counts the time or hears of an error.
   * A chart that only follows the pointer of another one is not told that its own has moved.
   */
  private draw(u: uPlot, change: () => void): void {
    const { range } = this.input ?? {};
    if (range && !this.shape?.x) Object.assign(this.plot.dataset, { from: String(Math.round(range.from)), to: String(Math.round(range.to)) });
    this.following = !this.pointed;
    this.drawing = true;
    try {
      u.batch(change);
    } finally {
      this.following = false;
      this.drawing = false;
    }
  }

  /** What a person sets off in the chart itself: when it fails, the page hears of it. */
  private attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.ctx.onFailure?.(error);
    }
  }

  private zoomTo(part: [number, number] | undefined): void {
    this.zoom = part;
    const { u } = this;
    if (u) this.attempt(() => this.draw(u, () => u.setData(this.data())));
  }

  private heading(x: number): string {
    return this.shape?.x ? `${this.shape.x.title}: ${this.shape.x.show(x)}` : formatTimeZoned(x, this.input?.zone ?? 'utc');
  }

  private drawLegend(options: LegendOptions): void {
    this.root.classList.toggle('legend-right', options.placement === 'right');
    this.legend.hidden = !options.show || this.model.series.length === 0;
    this.legend.classList.toggle('as-table', options.mode === 'table');
    if (options.placement === 'right' && options.width !== undefined) this.legend.style.width = `${options.width}px`;
    else this.legend.style.removeProperty('width');
    if (this.legend.hidden) return;
    renderLegend(this.legend, {
      series: this.model.series, options, hidden: this.hidden,
      sort: this.sort ?? { by: options.sortBy, desc: options.sortDesc },
      onToggle: (title, add) => this.toggle(title, add),
      onHover: (title) => this.focusSeries(title),
      onSort: (by) => {
        this.sort = this.sort?.by === by ? (this.sort.desc ? { by, desc: false } : { by: '', desc: false }) : { by, desc: true };
        this.drawLegend(options);
      },
    });
  }

  private toggle(title: string, add: boolean): void {
    const titles = this.model.series.map((s) => s.title);
    if (add) {
      if (!this.hidden.delete(title)) this.hidden.add(title);
    } else {
      const alone = titles.every((t) => this.hidden.has(t) === (t !== title));
      this.hidden = new Set(alone ? [] : titles.filter((t) => t !== title));
    }
    if (titles.every((t) => this.hidden.has(t))) this.hidden.clear();
    const { input } = this;
    if (input) this.attempt(() => this.update(input));
  }

  private focusSeries(title: string | null): void {
    const u = this.u;
    if (!u) return;
    this.model.series.forEach((s, i) => {
      const series = u.series[i + 1];
      if (series) series.alpha = title === null || s.title === title ? 1 : 0.25;
    });
    this.attempt(() => this.draw(u, () => u.redraw(false)));
  }

  private cursorMoved(u: uPlot): void {
    if (this.following) return;
    const left = u.cursor.left ?? -1;
    if (left < 0 || u.cursor.idx === null || u.cursor.idx === undefined) return;
    if (!this.shape?.x) this.ctx.cursor.move({ t: u.posToVal(left, 'x'), source: this });
    this.tooltip(u, left, u.cursor.top ?? 0);
  }

  private leave(): void {
    this.pointed = false;
    this.ctx.cursor.move({ t: null, source: this });
    hideTooltip(this);
  }

  /** Another chart's pointer moved: put the crosshair at the same moment here. */
  private follow(event: CursorEvent): void {
    const u = this.u;
    if (!u || event.source === this || this.shape?.x) return;
    this.following = true;
    const left = event.t === null ? -10 : u.valToPos(event.t, 'x');
    u.setCursor({ left, top: -10 });
    this.following = false;
    if (this.ctx.cursor.mode !== 2 || left < 0) hideBeside(this);
    else followMoment(this, u.over, left, () => this.valuesAt(u, left));
  }

  /** The values of the moment that another chart's pointer marks. */
  private valuesAt(u: uPlot, left: number): MomentValues | undefined {
    const options = tooltipOptions(this.shape?.options ?? this.input?.options ?? {});
    const at = u.posToIdx(left);
    const hover = options.mode === 'none' ? undefined : hoverAt(u, this.model, at, 0, { ...options, mode: 'multi' });
    return hover && { heading: this.heading(this.model.times[at] ?? 0), rows: hover.rows, more: hover.more };
  }

  private tooltip(u: uPlot, left: number, top: number): void {
    const input = this.input;
    const at = u.cursor.idx;
    if (!input || at === null || at === undefined) return;
    const options = tooltipOptions(this.shape?.options ?? input.options);
    if (options.mode === 'none') return;
    const box = u.over.getBoundingClientRect();
    const spot = { x: box.left + left, y: box.top + top };
    const exemplar = exemplarAt(u, this.exemplars(), this.model.series[0]?.scale ?? 'y', left, top);
    if (exemplar) {
      showTooltip(this, spot, `Exemplar at ${this.heading(exemplar.time)}`, [
        { color: this.exemplarColor(), name: 'value', value: this.valueText(exemplar.value), strong: true },
        ...exemplarRows(exemplar).map(([name, value]) => ({ color: 'transparent', name, value })),
      ], 0, undefined, options);
      return;
    }
    const hover = hoverAt(u, this.model, at, top, options);
    if (!hover) return;
    this.hover = { at, series: hover.nearest };
    showTooltip(this, spot, this.heading(this.model.times[at] ?? 0), hover.rows, hover.more, undefined, options);
  }
}

const timeseries: PanelModule = {
  mount: (host, ctx) => new TimeSeriesView(host, ctx),
  describe: (frames) => {
    const series = frames.flatMap((f) => valueFields(f));
    const parts = series.slice(0, 8).map((field) => {
      const last = reduceField(field, 'lastNotNull');
      return `${field.title ?? field.name}: ${last === null ? 'no value' : field.display ? showValue(field.display(last)) : String(last)}`;
    });
    return `Time series chart with ${series.length} series. Last values: ${parts.join('; ')}${series.length > 8 ? '; and more' : ''}.`;
  },
  toTable: (frames) => seriesTable(frames),
};
export default timeseries;
