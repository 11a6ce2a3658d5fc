/** What charts with a time axis share: surface, shared cursor, dragging a stretch of time, double click to zoom out. */
import type { CursorEvent } from '../../query/cursor';
import { resolveColor, withAlpha } from '../../model/color/names';
import { isRegion, type Mark } from '../../model/marks';
import { MarkLayer } from '../timeseries/marks';
import { followMoment, hideBeside, isPinned, unpinTooltip, type MomentValues } from '../tooltip';
import { h } from '../dom';
import type { PanelContext, PanelInput } from '../types';
import type { Box } from './axes';
import { paintLine } from './axes';
import { readInk, type Ink } from './ink';
import { linearScale, type Scale } from './scales';
import { Surface } from './surface';

/** Pixels a pointer must move before it is a drag and not a click. */
const dragMin = 4;

/** A place on the surface and in the window. */
export interface Place {
  x: number;
  y: number;
  clientX: number;
  clientY: number;
}

interface StageEvents {
  /** The pointer is over the plot at this place (relative to the surface); null when it left. */
  onPointer: (at: Place | null) => void;
  /** Draws what marks the place under the pointer, above the data. */
  paintMark?: (c: CanvasRenderingContext2D) => void;
  onRescale: () => void;
  /** The pointer was pressed and let go in one place. */
  onClick?: (at: Place) => void;
  /** What the chart says about a moment that another chart's pointer marks; asked only where charts share their values. */
  valuesAt?: (t: number) => MomentValues | undefined;
}

export class TimeStage {
  readonly surface: Surface;
  plot: Box = { left: 0, top: 0, right: 1, bottom: 1 };
  x: Scale = linearScale(0, 1, 0, 1);
  /** False where the horizontal axis is not the time: no crosshair, no dragging, nothing told to other charts. */
  timed = true;
  private ink: Ink | undefined;
  private drag: { from: number; to: number; id: number } | undefined;
  /** The crosshair: an element of its own, so that a chart that only follows another need not paint. */
  private readonly line = h('div', { class: 'stage-line' });
  private readonly unsubscribe: () => void;
  private readonly handles: MarkLayer;
  private input: PanelInput | undefined;
  private press: Place | undefined;

  constructor(host: HTMLElement, private readonly ctx: PanelContext, private readonly source: object, private readonly events: StageEvents) {
    this.surface = new Surface(host, events.onRescale);
    this.handles = new MarkLayer((marks) => ctx.onMarks?.(marks));
    host.classList.add('stage-host');
    host.append(this.line, this.handles.root);
    this.line.hidden = true;
    const { element } = this.surface;
    element.addEventListener('pointermove', (e) => this.moved(e));
    element.addEventListener('pointerdown', (e) => this.pressed(e));
    element.addEventListener('pointerup', (e) => this.released(e));
    element.addEventListener('pointercancel', () => this.cancelDrag());
    element.addEventListener('pointerleave', () => this.left());
    element.addEventListener('click', (e) => this.clicked(e));
    element.addEventListener('dblclick', () => { if (this.timed) this.ctx.onZoomOut(); });
    this.unsubscribe = ctx.cursor.subscribe((event) => this.follow(event), this.source);
  }

  /** Takes the plot's place and the stretch of time shown in it; without one the axis is something else. */
  place(plot: Box, span: { from: number; to: number } | undefined, input: PanelInput): void {
    this.timed = span !== undefined;
    if (!span) this.line.hidden = true;
    this.plot = plot;
    this.line.style.top = `${plot.top}px`;
    this.line.style.height = `${plot.bottom - plot.top}px`;
    this.x = linearScale(span?.from ?? 0, span?.to ?? 1, plot.left, plot.right);
    this.ink = readInk(input.theme);
    this.input = input;
    const ratio = devicePixelRatio;
    const bbox = { left: plot.left * ratio, top: plot.top * ratio, width: (plot.right - plot.left) * ratio, height: (plot.bottom - plot.top) * ratio };
    this.handles.place({ bbox, scales: { x: this.x }, valToPos: (t) => this.x.at(t) - plot.left }, this.marks(), input.theme, input.zone);
  }

  /** Lines and stretches of the annotations, for the layer of the data. */
  paintMarks(c: CanvasRenderingContext2D): void {
    const { plot, x, input } = this;
    const clip = (px: number): number => Math.min(plot.right, Math.max(plot.left, px));
    for (const mark of this.marks()) {
      const color = resolveColor(mark.color, input?.theme ?? 'light');
      if (isRegion(mark)) {
        c.fillStyle = withAlpha(color, 0.1);
        c.fillRect(clip(x.at(mark.time)), plot.top, clip(x.at(mark.timeEnd)) - clip(x.at(mark.time)), plot.bottom - plot.top);
      }
      c.setLineDash([4, 3]);
      for (const t of isRegion(mark) ? [mark.time, mark.timeEnd] : [mark.time]) if (t >= x.min && t <= x.max) paintLine(c, x.at(t), plot.top, x.at(t), plot.bottom, withAlpha(color, 0.8));
      c.setLineDash([]);
    }
  }

  private marks(): readonly Mark[] {
    return this.timed ? (this.input?.marks ?? []).filter((m) => m.timeEnd >= this.x.min && m.time <= this.x.max) : [];
  }

  /** Puts the crosshair at a moment, as the keys do, and tells the other charts. */
  show(t: number): void {
    if (!this.timed) {
      this.repaint();
      return;
    }
    this.moveLine(this.x.at(t));
    this.ctx.cursor.move({ t, source: this.source });
    this.repaint();
  }

  repaint(): void {
    const { ink, drag, plot } = this;
    this.surface.paintOver((c) => {
      if (!ink) return;
      this.events.paintMark?.(c);
      if (drag && Math.abs(drag.to - drag.from) >= dragMin) {
        const [a, b] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
        c.fillStyle = withAlpha(ink.accent, 0.16);
        c.fillRect(a, plot.top, b - a, plot.bottom - plot.top);
        paintLine(c, a, plot.top, a, plot.bottom, ink.accent);
        paintLine(c, b, plot.top, b, plot.bottom, ink.accent);
      }
    });
  }

  destroy(): void {
    this.unsubscribe();
    hideBeside(this.source);
    this.line.remove();
    this.handles.destroy();
    this.surface.destroy();
  }

  private moveLine(x: number | undefined): void {
    const shown = x !== undefined && x >= this.plot.left && x <= this.plot.right;
    this.line.hidden = !shown;
    if (shown) this.line.style.transform = `translateX(${Math.round(x)}px)`;
  }

  private place2d(e: MouseEvent): Place {
    const box = this.surface.element.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top, clientX: e.clientX, clientY: e.clientY };
  }

  private clamp(x: number): number {
    return Math.min(this.plot.right, Math.max(this.plot.left, x));
  }

  private moved(e: PointerEvent): void {
    const at = this.place2d(e);
    if (this.drag) this.drag.to = this.clamp(at.x);
    const inside = at.x >= this.plot.left && at.x <= this.plot.right && at.y >= 0 && at.y <= this.surface.height;
    if (this.timed) {
      this.moveLine(inside ? at.x : undefined);
      this.ctx.cursor.move({ t: inside ? this.x.value(at.x) : null, source: this.source });
    }
    this.events.onPointer(inside && !this.drag ? at : null);
    this.repaint();
  }

  private pressed(e: PointerEvent): void {
    const at = this.place2d(e);
    this.press = at;
    // A finger does not hover: touching shows what stands there, and dragging scrolls the page.
    if (e.pointerType === 'touch') this.moved(e);
    if (!this.timed || e.button !== 0 || e.pointerType === 'touch') return;
    if (at.x < this.plot.left || at.x > this.plot.right) return;
    this.drag = { from: at.x, to: at.x, id: e.pointerId };
    this.surface.element.setPointerCapture(e.pointerId);
  }

  private released(e: PointerEvent): void {
    const { drag } = this;
    if (!drag || drag.id !== e.pointerId) return;
    this.cancelDrag();
    if (Math.abs(drag.to - drag.from) < dragMin) return;
    const [from, to] = [this.x.value(Math.min(drag.from, drag.to)), this.x.value(Math.max(drag.from, drag.to))];
    if ((e.ctrlKey || e.metaKey) && this.ctx.onAnnotate) this.ctx.onAnnotate(from, to);
    else this.ctx.onRange(from, to);
  }

  /** A click pins the tooltip, so that links can be followed; with Ctrl or Cmd it makes an annotation. */
  private clicked(e: MouseEvent): void {
    const at = this.place2d(e);
    const { press, plot } = this;
    if (e.button !== 0 || !press || Math.hypot(at.x - press.x, at.y - press.y) > dragMin || at.x < plot.left || at.x > plot.right) return;
    if (this.timed && (e.ctrlKey || e.metaKey)) this.ctx.onAnnotate?.(this.x.value(at.x), this.x.value(at.x));
    else if (isPinned()) unpinTooltip();
    else this.events.onClick?.(at);
  }

  private cancelDrag(): void {
    this.drag = undefined;
    this.repaint();
  }

  private left(): void {
    if (this.drag) return;
    this.moveLine(undefined);
    if (this.timed) this.ctx.cursor.move({ t: null, source: this.source });
    this.events.onPointer(null);
    this.repaint();
  }

  /** Another chart's pointer moved. */
  private follow(event: CursorEvent): void {
    if (event.source === this.source || !this.timed) return;
    const { t } = event;
    this.moveLine(t === null ? undefined : this.x.at(t));
    if (this.ctx.cursor.mode !== 2 || t === null || t < this.x.min || t > this.x.max) hideBeside(this.source);
    else followMoment(this.source, this.surface.element, this.x.at(t), () => this.events.valuesAt?.(t));
  }
}
