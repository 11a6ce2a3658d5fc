/** Annotations on a chart: lines and stretches on its canvas, and a handle at the time axis that says what happened. */
import type uPlot from 'uplot';
import { resolveColor, withAlpha, type Theme } from '../../model/color/names';
import { clusterMarks, isRegion, type Exemplar, type Mark } from '../../model/marks';
import { formatTimeZoned } from '../../model/time/format';
import { h } from '../dom';
import { hideTooltip, showCard } from '../tooltip';

/** Handles closer than this share one, in CSS pixels. */
const closerPx = 10;
/** Annotations told in one card. */
const toldMax = 6;
/** How near the pointer must come to an exemplar. */
const nearPx = 9;

function span(mark: Mark, zone: string): string {
  return isRegion(mark) ? `${formatTimeZoned(mark.time, zone)} to ${formatTimeZoned(mark.timeEnd, zone)}` : formatTimeZoned(mark.time, zone);
}

function tell(mark: Mark, zone: string): HTMLElement {
  return h('div', { class: 'mark-card' },
    h('div', { class: 'tooltip-heading', text: span(mark, zone) }),
    mark.title !== '' && h('strong', { text: mark.title }),
    mark.text !== '' && h('p', { class: 'mark-text', text: mark.text }),
    mark.tags.length > 0 && h('div', { class: 'mark-tags' }, ...mark.tags.map((t) => h('span', { class: 'chip', text: t }))),
    mark.login !== '' && h('div', { class: 'tooltip-more', text: `by ${mark.login}` }));
}

const words = (mark: Mark): string => [mark.title, mark.text].filter((s) => s !== '').join(': ') || mark.tags.join(', ') || 'no text';

/** What the handles need to know of a plot; a uPlot is one, a chart on canvas makes one. The box is in device pixels. */
interface MarkPlot {
  bbox: { left: number; top: number; width: number; height: number };
  scales: Record<string, { min?: number | null | undefined; max?: number | null | undefined } | undefined>;
  /** CSS pixels from the left edge of the plot. */
  valToPos: (value: number, scale: string) => number;
}

export class MarkLayer {
  readonly root = h('div', { class: 'chart-marks' });
  private shown = '';

  constructor(private readonly open: (marks: readonly Mark[]) => void) {}

  /** Sets the handles; the canvas is drawn by `paint`. */
  place(u: MarkPlot, marks: readonly Mark[], theme: Theme, zone: string): void {
    const { left, top, width, height } = u.bbox;
    const x = u.scales['x'];
    const from = x?.min ?? 0;
    const to = x?.max ?? 0;
    const seen = marks.filter((m) => m.timeEnd >= from && m.time <= to);
    const key = JSON.stringify([left, top, width, height, from, to, theme, zone, seen]);
    if (key === this.shown) return;
    this.shown = key;
    const ratio = devicePixelRatio;
    const edge = left / ratio;
    const bottom = (top + height) / ratio;
    const pixel = (t: number): number => edge + u.valToPos(Math.min(to, Math.max(from, t)), 'x');
    this.root.replaceChildren(...clusterMarks(seen, pixel, closerPx).map(({ at, marks: group }) => {
      const first = group[0];
      const color = resolveColor(first?.color ?? '', theme);
      const region = group.find(isRegion);
      const card = (): void => {
        const box = handle.getBoundingClientRect();
        showCard(this, { x: box.left + box.width / 2, y: box.top - 8 }, [...group.slice(0, toldMax).map((m) => tell(m, zone)), ...(group.length > toldMax ? [h('div', { class: 'tooltip-more', text: `and ${group.length - toldMax} more` })] : [])]);
      };
      const handle = h('button', {
        class: region ? 'chart-mark region' : 'chart-mark',
        attrs: { type: 'button', 'aria-label': `${group.length === 1 ? 'Annotation' : `${group.length} annotations`} at ${first ? span(first, zone) : ''}: ${group.slice(0, 3).map(words).join('; ')}` },
        style: { left: `${at}px`, top: `${bottom}px`, '--mark': color, '--mark-width': region ? `${Math.max(4, pixel(region.timeEnd) - pixel(region.time))}px` : '8px' },
        on: { pointerenter: card, focus: card, pointerleave: () => hideTooltip(this), blur: () => hideTooltip(this), click: () => this.open(group) },
      });
      return handle;
    }));
  }

  destroy(): void {
    hideTooltip(this);
    this.root.remove();
  }
}

/** Lines and stretches of the annotations, under or over the data. */
export function paintMarks(u: uPlot, marks: readonly Mark[], theme: Theme): void {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  for (const mark of marks) {
    const color = resolveColor(mark.color, theme);
    const at = Math.round(u.valToPos(mark.time, 'x', true));
    const end = Math.round(u.valToPos(mark.timeEnd, 'x', true));
    if (isRegion(mark)) {
      ctx.fillStyle = withAlpha(color, 0.1);
      ctx.fillRect(at, top, end - at, height);
    }
    ctx.strokeStyle = withAlpha(color, 0.8);
    ctx.lineWidth = Math.max(1, devicePixelRatio);
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const px of isRegion(mark) ? [at, end] : [at]) {
      ctx.beginPath();
      ctx.moveTo(px, top);
      ctx.lineTo(px, top + height);
      ctx.stroke();
    }
  }
  ctx.restore();
}

/** Exemplars as small diamonds. */
export function paintExemplars(u: uPlot, exemplars: readonly Exemplar[], scale: string, color: string): void {
  const { ctx } = u;
  const r = 4 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
  ctx.clip();
  ctx.fillStyle = withAlpha(color, 0.75);
  for (const e of exemplars) {
    const x = u.valToPos(e.time, 'x', true);
    const y = u.valToPos(e.value, scale, true);
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    ctx.beginPath();
    ctx.moveTo(x, y - r);
    ctx.lineTo(x + r, y);
    ctx.lineTo(x, y + r);
    ctx.lineTo(x - r, y);
    ctx.closePath();
    ctx.fill();
  }
  ctx.restore();
}

/** The exemplar under the pointer, if there is one. */
export function exemplarAt(u: uPlot, exemplars: readonly Exemplar[], scale: string, left: number, top: number): Exemplar | undefined {
  let best: Exemplar | undefined;
  let least = nearPx;
  for (const e of exemplars) {
    const distance = Math.hypot(u.valToPos(e.time, 'x') - left, u.valToPos(e.value, scale) - top);
    if (distance < least) {
      least = distance;
      best = e;
    }
  }
  return best;
}

/** The labels of an exemplar as the rows of a card. */
export const exemplarRows = (e: Exemplar): [string, string][] => [...Object.entries(e.labels), ...Object.entries(e.series).filter(([k]) => k !== 'le')].slice(0, 16);
