/** Bars on a canvas, lying or standing, and how they are stacked. */
import { withAlpha } from '../../model/color/names';
import type { Box } from './axes';

export type Stacking = 'none' | 'normal' | 'percent';
export type Span = [number, number] | null;

/** From where to where each bar goes, by series and place; what points down is stacked apart from what points up. */
export function stackSpans(values: readonly (readonly (number | null)[])[], stacking: Stacking): Span[][] {
  if (stacking === 'none') return values.map((series) => series.map((v): Span => (v === null ? null : [0, v])));
  const count = values.reduce((n, s) => Math.max(n, s.length), 0);
  const sums: number[] = Array.from({ length: count }, () => 0);
  for (const series of values) series.forEach((v, i) => { sums[i] = (sums[i] ?? 0) + Math.abs(v ?? 0); });
  const up: number[] = Array.from({ length: count }, () => 0);
  const down: number[] = Array.from({ length: count }, () => 0);
  return values.map((series) => series.map((v, i): Span => {
    if (v === null) return null;
    const share = stacking === 'percent' ? ((sums[i] ?? 0) > 0 ? v / (sums[i] ?? 1) : 0) : v;
    const side = share < 0 ? down : up;
    const from = side[i] ?? 0;
    side[i] = from + share;
    return [from, from + share];
  }));
}

interface BarStyle {
  color: string;
  /** 0 to 1. */
  fill: number;
  line: number;
  gradient: 'none' | 'opacity' | 'hue' | 'scheme';
  /** Radius of the outer corners as a share of the bar's width. */
  radius: number;
  /** Where the bar points to. */
  towards: 'up' | 'down' | 'left' | 'right';
  dim?: boolean;
}

const corners: Record<BarStyle['towards'], [number, number, number, number]> = { up: [1, 1, 0, 0], down: [0, 0, 1, 1], right: [0, 1, 1, 0], left: [1, 0, 0, 1] };

export function paintBar(c: CanvasRenderingContext2D, box: Box, style: BarStyle): void {
  const wide = Math.max(1, box.right - box.left);
  const tall = Math.max(1, box.bottom - box.top);
  const upright = style.towards === 'up' || style.towards === 'down';
  const radius = Math.min(wide, tall, (upright ? wide : tall) * style.radius);
  const line = wide > style.line * 2 && tall > style.line * 2 ? style.line : 0;
  const path = (inset: number): void => {
    c.beginPath();
    c.roundRect(box.left + inset, box.top + inset, wide - inset * 2, tall - inset * 2, corners[style.towards].map((k) => Math.max(0, k * radius - inset)));
  };
  if (style.dim) c.globalAlpha = 0.25;
  if (style.gradient === 'none' || style.gradient === 'scheme') c.fillStyle = withAlpha(style.color, style.fill);
  else {
    const [x1, y1, x2, y2] = { up: [0, box.bottom, 0, box.top], down: [0, box.top, 0, box.bottom], right: [box.left, 0, box.right, 0], left: [box.right, 0, box.left, 0] }[style.towards] as [number, number, number, number];
    const paint = c.createLinearGradient(x1, y1, x2, y2);
    paint.addColorStop(0, withAlpha(style.color, style.fill * (style.gradient === 'hue' ? 0.45 : 0.08)));
    paint.addColorStop(1, withAlpha(style.color, style.fill));
    c.fillStyle = paint;
  }
  path(0);
  c.fill();
  if (line > 0) {
    c.strokeStyle = style.color;
    c.lineWidth = line;
    path(line / 2);
    c.stroke();
  }
  c.globalAlpha = 1;
}
