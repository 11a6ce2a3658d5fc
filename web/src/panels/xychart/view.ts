/** Draws the XY chart on a canvas and answers the pointer: nearest point, box to zoom, double click back. */
import { withAlpha } from '../../model/color/names';
import type { Field } from '../../model/frame';
import { showValue } from '../../model/fieldconfig/display';
import { formatTimeZoned } from '../../model/time/format';
import { sameRange, type TimeRange } from '../../model/time/range';
import type { CursorEvent } from '../../query/cursor';
import { linksAt, type ShownLink } from '../../model/links';
import { linkChips } from '../address';
import { paintAxisLabel, paintBottomAxis, paintLine, paintTimeAxis, paintValueAxis, axisFont, timeAxisRoom, valueTicks, type Box } from '../canvas/axes';
import { readInk, type Ink } from '../canvas/ink';
import type { Scale } from '../canvas/scales';
import { Surface } from '../canvas/surface';
import { paintText } from '../canvas/text';
import { h } from '../dom';
import { LegendBox } from '../legendbox';
import { drawOptions, legendOptions, tooltipOptions } from '../timeseries/options';
import { followMoment, hideBeside, hideTooltip, isPinned, pinTooltip, showTooltip, unpinTooltip, type MomentValues, type TooltipRow } from '../tooltip';
import type { PanelContext, PanelInput, PanelView } from '../types';
import { axisKey, scaleOf, xAxisOf, yAxesOf } from './axes';
import { pointsMax, xyModel, type XyModel, type XyPoint, type XySeries } from './model';
import { nearestAlong, within, XyOrder } from './near';

/** How near the pointer must be to a point's edge, in pixels. */
const reach = 16;
const dragMin = 5;

interface Hit {
  series: XySeries;
  point: XyPoint;
}
interface Zoom {
  x: [number, number];
  y: Map<string, [number, number]>;
}

export class XyView implements PanelView {
  private readonly root = h('div', { class: 'chart' });
  private readonly problem = h('p', { class: 'chart-problem', attrs: { hidden: true } });
  private readonly plotHost = h('div', { class: 'chart-plot' });
  private readonly legend: LegendBox;
  private readonly surface: Surface;
  private readonly sizes: ResizeObserver;
  private readonly unsubscribe: () => void;
  private model: XyModel = { series: [], dropped: 0, problem: undefined };
  private input: PanelInput | undefined;
  private focused: string | null = null;
  private plot: Box = { left: 0, top: 0, right: 1, bottom: 1 };
  private x: Scale | undefined;
  private ys = new Map<string, Scale>();
  private zoom: Zoom | undefined;
  private hit: Hit | undefined;
  private drag: { x: number; y: number; toX: number; toY: number } | undefined;
  private line: number | undefined;
  private at: { series: number; point: number } | undefined;
  private readonly order = new XyOrder();

  constructor(host: HTMLElement, private readonly ctx: PanelContext) {
    this.root.append(this.problem, this.plotHost);
    this.legend = new LegendBox(this.root, () => {
      this.focused = null;
      this.drawLegend();
      this.paint();
    }, (title) => {
      this.focused = title;
      this.paint();
    });
    host.append(this.root);
    this.surface = new Surface(this.plotHost, () => this.paint());
    this.sizes = new ResizeObserver(() => this.paint());
    this.sizes.observe(this.plotHost);
    const { element } = this.surface;
    element.addEventListener('pointermove', (e) => this.moved(e));
    element.addEventListener('pointerdown', (e) => this.pressed(e));
    element.addEventListener('pointerup', (e) => this.released(e));
    element.addEventListener('pointercancel', () => { this.drag = undefined; this.paintOver(); });
    element.addEventListener('pointerleave', () => this.left());
    element.addEventListener('dblclick', () => this.back());
    this.unsubscribe = ctx.cursor.subscribe((e) => this.follow(e), this);
  }

  update(input: PanelInput): void {
    this.input = input;
    this.model = xyModel(input.frames, input.options, input.theme);
    this.hit = undefined;
    const words = this.model.problem ?? (this.model.dropped > 0 ? `Only the first ${pointsMax.toLocaleString('en')} points are drawn; ${this.model.dropped.toLocaleString('en')} more are in the data.` : '');
    this.problem.textContent = words;
    this.problem.hidden = words === '';
    this.plotHost.hidden = this.model.problem !== undefined;
    this.drawLegend();
    this.paint();
  }

  destroy(): void {
    this.unsubscribe();
    this.sizes.disconnect();
    if (this.hit) unpinTooltip();
    hideTooltip(this);
    hideBeside(this);
    this.surface.destroy();
    this.root.remove();
  }

  rescale(range: TimeRange): void {
    if (!this.input || sameRange(this.input.range, range)) return;
    this.input = { ...this.input, range };
    if (this.timed) this.paint();
  }

  walk(points: number, series: number): string | undefined {
    const shown = this.shown();
    if (shown.length === 0) return undefined;
    const before = this.at ?? { series: 0, point: points < 0 ? Infinity : -1 };
    const s = (before.series + series + shown.length) % shown.length;
    const chosen = shown[s];
    if (!chosen || chosen.points.length === 0) return undefined;
    const order = this.order.of(chosen);
    const point = Math.min(order.length - 1, Math.max(0, Math.min(before.point, order.length) + points));
    this.at = { series: s, point };
    const p = order[point];
    if (!p) return undefined;
    this.hit = { series: chosen, point: p };
    this.paintOver();
    return `${chosen.title}: ${this.rows({ series: chosen, point: p }).map((r) => `${r.name} ${r.value}`).join(', ')}`;
  }

  private shown(): XySeries[] {
    return this.model.series.filter((s) => !this.legend.hidden.has(s.title) && !drawOptions(s.config).hideViz);
  }

  private get timed(): boolean {
    return this.model.series[0]?.x.type === 'time';
  }

  private paint(): void {
    const { input } = this;
    if (!input || this.plotHost.hidden || this.plotHost.clientWidth === 0) return;
    this.surface.resize(this.plotHost.clientWidth, this.plotHost.clientHeight);
    this.surface.element.setAttribute('aria-label', `${this.model.series.length} series of points`);
    const ink = readInk(input.theme);
    const shown = this.shown();
    this.surface.paint((c, width, height) => {
      const xAxis = xAxisOf(shown.length > 0 ? shown : this.model.series);
      if (!xAxis) return;
      const axes = yAxesOf(shown);
      if (this.zoom) {
        [xAxis.min, xAxis.max] = this.zoom.x;
        for (const a of axes) [a.min, a.max] = this.zoom.y.get(a.key) ?? [a.min, a.max];
      } else if (this.timed) [xAxis.min, xAxis.max] = [input.range.from, input.range.to];
      const label = this.timed ? '' : xAxis.draw.axisLabel || (xAxis.field.title ?? xAxis.field.name);
      const top = 8;
      const bottom = height - timeAxisRoom - (label === '' ? 0 : 16);
      const sides = { left: axes.filter((a) => a.side === 'left'), right: axes.filter((a) => a.side === 'right') };
      const ticks = new Map(axes.map((a) => [a.key, valueTicks(scaleOf(a, bottom, top), bottom - top, a.field.config?.unit, a.field.config?.decimals, input.zone, a.draw.logBase > 0)]));
      const room = (list: typeof axes): number => list.reduce((w, a) => w + (ticks.get(a.key)?.width ?? 0) + 10 + (a.draw.axisLabel === '' ? 0 : 18), 0);
      this.plot = { left: Math.max(8, room(sides.left)), right: Math.max(40, width - Math.max(12, room(sides.right))), top, bottom };
      this.x = scaleOf(xAxis, this.plot.left, this.plot.right);
      this.ys = new Map(axes.map((a) => [a.key, scaleOf(a, bottom, top)]));
      if (this.timed) paintTimeAxis(c, this.plot, this.x, input.zone, ink, width);
      else paintBottomAxis(c, this.plot, this.x, valueTicks(this.x, this.plot.right - this.plot.left, xAxis.field.config?.unit, xAxis.field.config?.decimals, input.zone, xAxis.draw.logBase > 0, 80), ink, width);
      if (label !== '') paintText(c, label, (this.plot.left + this.plot.right) / 2, height - 8, { color: ink.text3, font: axisFont, align: 'center', room: this.plot.right - this.plot.left });
      for (const side of ['left', 'right'] as const) {
        let edge = 0;
        for (const a of sides[side]) {
          const t = ticks.get(a.key);
          const scale = this.ys.get(a.key);
          if (!t || !scale) continue;
          paintValueAxis(c, { ...this.plot, left: this.plot.left - (side === 'left' ? edge : 0), right: this.plot.right + (side === 'right' ? edge : 0) }, scale, t, ink, side, edge === 0 && (side === 'left' || sides.left.length === 0));
          edge += t.width + 10;
          if (a.draw.axisLabel !== '') {
            paintAxisLabel(c, a.draw.axisLabel, side === 'left' ? this.plot.left - edge - 6 : this.plot.right + edge + 6, this.plot, ink);
            edge += 18;
          }
        }
      }
      c.save();
      c.beginPath();
      // Points on the edge stay whole, unless a part was chosen.
      const pad = this.zoom ? 0 : 10;
      c.rect(this.plot.left - pad, this.plot.top - pad, this.plot.right - this.plot.left + 2 * pad, this.plot.bottom - this.plot.top + 2 * pad);
      c.clip();
      for (const s of shown) this.paintSeries(c, s);
      c.restore();
    });
    this.paintOver();
  }

  private paintSeries(c: CanvasRenderingContext2D, s: XySeries): void {
    const { x } = this;
    const y = this.ys.get(axisKey(s));
    if (!x || !y) return;
    c.globalAlpha = this.focused === null || this.focused === s.title ? 1 : 0.2;
    if (s.style.lines) {
      c.strokeStyle = s.color;
      c.lineWidth = s.style.lineWidth;
      c.lineJoin = 'round';
      c.setLineDash(s.style.dash);
      c.beginPath();
      s.points.forEach((p, i) => (i === 0 ? c.moveTo(x.at(p.x), y.at(p.y)) : c.lineTo(x.at(p.x), y.at(p.y))));
      c.stroke();
      c.setLineDash([]);
    }
    // The big ones first, so that they do not cover the small ones.
    if (s.style.points) for (const p of s.size ? [...s.points].sort((a, b) => b.diameter - a.diameter) : s.points) this.paintPoint(c, s, p, x.at(p.x), y.at(p.y));
    c.globalAlpha = 1;
  }

  private paintPoint(c: CanvasRenderingContext2D, s: XySeries, p: XyPoint, x: number, y: number, grow = 0): void {
    const r = p.diameter / 2 + grow;
    c.beginPath();
    if (s.style.square) c.rect(x - r, y - r, 2 * r, 2 * r);
    else c.arc(x, y, r, 0, Math.PI * 2);
    c.fillStyle = withAlpha(p.color, grow > 0 ? Math.max(0.5, s.style.fill) : s.style.fill);
    c.fill();
    if (s.style.stroke <= 0 && grow === 0) return;
    c.strokeStyle = p.color;
    c.lineWidth = s.style.stroke + grow / 2;
    c.stroke();
  }

  private paintOver(): void {
    const { hit, drag, x, plot } = this;
    const ink: Ink | undefined = this.input ? readInk(this.input.theme) : undefined;
    this.surface.paintOver((c) => {
      if (!x || !ink) return;
      const y = hit ? this.ys.get(axisKey(hit.series)) : undefined;
      if (hit && y) this.paintPoint(c, hit.series, hit.point, x.at(hit.point.x), y.at(hit.point.y), 2);
      if (this.line !== undefined && this.line >= plot.left && this.line <= plot.right) {
        c.setLineDash([4, 3]);
        paintLine(c, this.line, plot.top, this.line, plot.bottom, ink.text3);
        c.setLineDash([]);
      }
      if (!drag || Math.hypot(drag.toX - drag.x, drag.toY - drag.y) < dragMin) return;
      const top = this.timed ? plot.top : Math.min(drag.y, drag.toY);
      const height = this.timed ? plot.bottom - plot.top : Math.abs(drag.toY - drag.y);
      c.fillStyle = withAlpha(ink.accent, 0.16);
      c.fillRect(Math.min(drag.x, drag.toX), top, Math.abs(drag.toX - drag.x), height);
      c.strokeStyle = ink.accent;
      c.lineWidth = 1;
      c.strokeRect(Math.min(drag.x, drag.toX), top, Math.abs(drag.toX - drag.x), height);
    });
  }

  private nearest(px: number, py: number): Hit | undefined {
    const { x } = this;
    if (!x) return undefined;
    let best: Hit | undefined;
    let least = reach;
    for (const series of this.shown()) {
      const y = this.ys.get(axisKey(series));
      if (!y) continue;
      // As far aside as the largest point is felt.
      const far = reach + (series.size ? Math.max(series.style.min, series.style.max) : series.style.fixed) / 2;
      for (const point of within(this.order.of(series), x.value(px - far), x.value(px + far))) {
        const distance = Math.max(0, Math.hypot(x.at(point.x) - px, y.at(point.y) - py) - point.diameter / 2);
        // Inside several points the smallest is meant.
        if (distance < least || (distance === least && best && point.diameter < best.point.diameter)) {
          least = distance;
          best = { series, point };
        }
      }
    }
    return best;
  }

  private words(field: Field, row: number): string {
    const value = field.values[row] ?? null;
    return field.display ? showValue(field.display(value)) : String(value ?? '');
  }

  private rows({ series: s, point }: Hit): TooltipRow[] {
    const zone = this.input?.zone ?? 'utc';
    const named = [s.x, s.y, s.size, s.colorBy].filter((f): f is Field => f !== undefined);
    const rest = s.frame.fields.filter((f) => f.type === 'string' && !named.includes(f)).slice(0, 8);
    return [...new Set([...named, ...rest])].map((f) => ({
      color: f === s.y || f === s.colorBy ? point.color : 'transparent', name: f.title ?? f.name,
      value: f.type === 'time' ? formatTimeZoned(point.x, zone) : this.words(f, point.row), strong: f === s.y,
    }));
  }

  private place(e: PointerEvent): { x: number; y: number } {
    const box = this.surface.element.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  }

  private inside(at: { x: number; y: number }): { x: number; y: number } {
    const { plot } = this;
    return { x: Math.min(plot.right, Math.max(plot.left, at.x)), y: Math.min(plot.bottom, Math.max(plot.top, at.y)) };
  }

  private moved(e: PointerEvent): void {
    const at = this.place(e);
    if (this.drag) {
      const to = this.inside(at);
      this.drag = { ...this.drag, toX: to.x, toY: to.y };
    }
    if (this.timed && this.x) {
      this.line = at.x;
      this.ctx.cursor.move({ t: this.x.value(at.x), source: this });
    }
    this.hit = this.drag ? undefined : this.nearest(at.x, at.y);
    this.surface.element.style.cursor = this.hit ? 'pointer' : 'crosshair';
    const mode = this.input ? tooltipOptions(this.input.options).mode : 'none';
    if (this.hit && mode !== 'none') showTooltip(this, { x: e.clientX, y: e.clientY }, this.hit.series.title, this.rows(this.hit), 0);
    else hideTooltip(this);
    this.paintOver();
  }

  /** Where the point under the pointer leads. */
  private links(): ShownLink[] {
    const { hit, input } = this;
    if (!hit || !input) return [];
    const { series, point } = hit;
    return linksAt(series.config.links, { field: series.y, row: point.row, fields: series.frame.fields, time: series.x.type === 'time' ? point.x : undefined }, input.interpolate);
  }

  private pressed(e: PointerEvent): void {
    if (e.button !== 0 || e.pointerType === 'touch') return;
    const at = this.inside(this.place(e));
    this.drag = { x: at.x, y: at.y, toX: at.x, toY: at.y };
    this.surface.element.setPointerCapture(e.pointerId);
  }

  private released(e: PointerEvent): void {
    const { drag, x } = this;
    this.drag = undefined;
    if (!drag || !x) return;
    const [wide, tall] = [Math.abs(drag.toX - drag.x), Math.abs(drag.toY - drag.y)];
    if (Math.hypot(wide, tall) < dragMin) {
      const at = this.place(e);
      this.hit = this.nearest(at.x, at.y);
      if (isPinned()) unpinTooltip();
      else if (this.hit) pinTooltip(this, linkChips(this.links()));
    } else if (this.timed) this.ctx.onRange(x.value(Math.min(drag.x, drag.toX)), x.value(Math.max(drag.x, drag.toX)));
    else if (wide >= dragMin && tall >= dragMin) {
      this.zoom = {
        x: [x.value(Math.min(drag.x, drag.toX)), x.value(Math.max(drag.x, drag.toX))],
        y: new Map([...this.ys].map(([key, y]) => [key, [y.value(Math.max(drag.y, drag.toY)), y.value(Math.min(drag.y, drag.toY))]])),
      };
      this.paint();
    }
    this.paintOver();
  }

  private back(): void {
    if (this.timed) this.ctx.onZoomOut();
    this.zoom = undefined;
    this.paint();
  }

  private left(): void {
    this.hit = undefined;
    this.line = undefined;
    hideTooltip(this);
    if (this.timed) this.ctx.cursor.move({ t: null, source: this });
    this.paintOver();
  }

  private follow(event: CursorEvent): void {
    if (event.source === this || !this.timed || !this.x) return;
    const { t } = event;
    this.line = t === null ? undefined : this.x.at(t);
    this.paintOver();
    if (this.ctx.cursor.mode !== 2 || t === null || t < this.x.min || t > this.x.max) hideBeside(this);
    else followMoment(this, this.surface.element, this.x.at(t), () => this.valuesAt(t));
  }

  /** The point of every series that is next to a moment. */
  private valuesAt(t: number): MomentValues | undefined {
    const zone = this.input?.zone ?? 'utc';
    if (!this.input || tooltipOptions(this.input.options).mode === 'none') return undefined;
    let nearest: number | undefined;
    const rows = this.shown().flatMap((s): TooltipRow[] => {
      const near = nearestAlong(this.order.of(s), t);
      if (!near) return [];
      if (nearest === undefined || Math.abs(near.x - t) < Math.abs(nearest - t)) nearest = near.x;
      return [{ color: near.color, name: s.title, value: this.words(s.y, near.row) }];
    });
    return { heading: formatTimeZoned(nearest ?? t, zone), rows };
  }

  private drawLegend(): void {
    if (!this.input) return;
    this.legend.draw(this.model.series.map((s) => ({ field: s.y, draw: drawOptions(s.config), title: s.title, color: s.color, dash: undefined })), legendOptions(this.input.options));
  }
}
