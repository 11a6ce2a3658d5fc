/** What charts with a time axis share: surface, shared cursor, dragging a stretch of time, double click to zoom out. */
import type { CursorEvent } from '../../query/cursor';
import { withAlpha } from '../../model/color/names';
import type { PanelContext } from '../types';
import type { Box } from './axes';
import { paintLine } from './axes';
import type { Ink } from './ink';
import { linearScale, type Scale } from './scales';
import { Surface } from './surface';

/** Pixels a pointer must move before it is a drag and not a click. */
const dragMin = 4;

export interface StageEvents {
  /** The pointer is over the plot at this place (relative to the surface); null when it left. */
  onPointer: (at: { x: number; y: number; clientX: number; clientY: number } | null) => void;
  /** Draws what marks the place under the pointer, above the data. */
  paintMark?: (c: CanvasRenderingContext2D) => void;
  onRescale: () => void;
}

export class TimeStage {
  readonly surface: Surface;
  plot: Box = { left: 0, top: 0, right: 1, bottom: 1 };
  x: Scale = linearScale(0, 1, 0, 1);
  /** False where the horizontal axis is not the time: no crosshair, no dragging, nothing told to other charts. */
  timed = true;
  private ink: Ink | undefined;
  private drag: { from: number; to: number; id: number } | undefined;
  private line: number | undefined;
  private readonly unsubscribe: () => void;

  constructor(host: HTMLElement, private readonly ctx: PanelContext, private readonly source: object, private readonly events: StageEvents) {
    this.surface = new Surface(host, events.onRescale);
    const { element } = this.surface;
    element.addEventListener('pointermove', (e) => this.moved(e));
    element.addEventListener('pointerdown', (e) => this.pressed(e));
    element.addEventListener('pointerup', (e) => this.released(e));
    element.addEventListener('pointercancel', () => this.cancelDrag());
    element.addEventListener('pointerleave', () => this.left());
    element.addEventListener('dblclick', () => { if (this.timed) this.ctx.onZoomOut(); });
    this.unsubscribe = ctx.cursor.subscribe((event) => this.follow(event));
  }

  /** Takes the plot's place and the range of time shown in it. */
  place(plot: Box, from: number, to: number, ink: Ink, timed = true): void {
    this.timed = timed;
    if (!timed) this.line = undefined;
    this.plot = plot;
    this.x = linearScale(from, to, plot.left, plot.right);
    this.ink = ink;
  }

  /** Puts the crosshair at a moment, as the keys do, and tells the other charts. */
  show(t: number): void {
    if (!this.timed) {
      this.repaint();
      return;
    }
    this.line = this.x.at(t);
    this.ctx.cursor.move({ t, source: this.source });
    this.repaint();
  }

  repaint(): void {
    const { ink, drag, line, plot } = this;
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
      if (line !== undefined && line >= plot.left && line <= plot.right) {
        c.setLineDash([4, 3]);
        paintLine(c, line, plot.top, line, plot.bottom, ink.text3);
        c.setLineDash([]);
      }
    });
  }

  destroy(): void {
    this.unsubscribe();
    this.surface.destroy();
  }

  private place2d(e: PointerEvent): { x: number; y: number; clientX: number; clientY: number } {
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
      this.line = inside ? at.x : undefined;
      this.ctx.cursor.move({ t: inside ? this.x.value(at.x) : null, source: this.source });
    }
    this.events.onPointer(inside && !this.drag ? at : null);
    this.repaint();
  }

  private pressed(e: PointerEvent): void {
    if (!this.timed || e.button !== 0 || e.pointerType === 'touch') return;
    const at = this.place2d(e);
    if (at.x < this.plot.left || at.x > this.plot.right) return;
    this.drag = { from: at.x, to: at.x, id: e.pointerId };
    this.surface.element.setPointerCapture(e.pointerId);
  }

  private released(e: PointerEvent): void {
    const { drag } = this;
    if (!drag || drag.id !== e.pointerId) return;
    this.cancelDrag();
    if (Math.abs(drag.to - drag.from) < dragMin) return;
    this.ctx.onRange(this.x.value(Math.min(drag.from, drag.to)), this.x.value(Math.max(drag.from, drag.to)));
  }

  private cancelDrag(): void {
    this.drag = undefined;
    this.repaint();
  }

  private left(): void {
    if (this.drag) return;
    this.line = undefined;
    if (this.timed) this.ctx.cursor.move({ t: null, source: this.source });
    this.events.onPointer(null);
    this.repaint();
  }

  /** Another chart's pointer moved. */
  private follow(event: CursorEvent): void {
    if (event.source === this.source || !this.timed) return;
    this.line = event.t === null ? undefined : this.x.at(event.t);
    this.repaint();
  }
}
