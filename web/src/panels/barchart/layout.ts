/** Where bars, axes and tick texts of a bar chart go, for lying and standing bars alike. */
import { valueTicks, type Box, type ValueTicks } from '../canvas/axes';
import { bands, linearScale, logScale, niceRange, type Bands, type Scale } from '../canvas/scales';
import { axisEnds, type BarModel, type BarSeries } from './model';
import type { BarChartOptions } from './options';

export interface ValueAxis {
  key: string;
  members: BarSeries[];
  side: 'left' | 'right' | 'hidden';
  scale: Scale;
  ticks: ValueTicks;
}

/** One axis for each unit: the first on the left, the second on the right, more have none. */
export function valueAxes(shown: readonly BarSeries[], pixels: number, o: BarChartOptions, zone: string, vertical: boolean): ValueAxis[] {
  let left = false;
  let right = false;
  return [...new Set(shown.map((s) => s.scale))].map((key): ValueAxis => {
    const members = shown.filter((s) => s.scale === key);
    const first = members[0];
    const wanted = first?.draw.axis ?? 'auto';
    const side = members.every((s) => s.draw.axis === 'hidden') ? 'hidden' : wanted === 'right' ? 'right' : !left ? 'left' : !right ? 'right' : 'hidden';
    left ||= side === 'left';
    right ||= side === 'right';
    const percent = o.stacking === 'percent';
    const ends = axisEnds(members);
    const base = percent ? 0 : (first?.draw.logBase ?? 0);
    const count = Math.max(4, Math.floor(pixels / (vertical ? 36 : 70)));
    let [min, max] = percent ? [ends.min < 0 ? -1 : 0, 1] : niceRange(ends.min, ends.max, count, first?.field.config?.unit);
    if (ends.hardMin && !percent) min = ends.min;
    if (ends.hardMax && !percent) max = ends.max;
    if (!(max > min)) max = min + 1;
    if (base > 1) {
      const values = members.flatMap((s) => s.values).filter((v): v is number => v !== null && v > 0);
      min = ends.hardMin && ends.min > 0 ? ends.min : base ** Math.floor(Math.log(Math.min(...values, max)) / Math.log(base) - 1e-9);
      if (!ends.hardMax) max = base ** Math.ceil(Math.log(Math.max(...values, min * base)) / Math.log(base) - 1e-9);
    }
    const scale = base > 1 ? logScale(min, max, vertical ? pixels : 0, vertical ? 0 : pixels, base) : linearScale(min, max, vertical ? pixels : 0, vertical ? 0 : pixels, percent ? undefined : first?.field.config?.unit);
    const unit = percent ? 'percentunit' : first?.field.config?.unit;
    return { key, members, side, scale, ticks: valueTicks(scale, pixels, unit, percent ? undefined : first?.field.config?.decimals, zone, base > 1, vertical ? 36 : 70) };
  });
}

/** The same axis laid from one pixel to another. */
export function place(axis: ValueAxis, from: number, to: number): ValueAxis {
  const base = axis.members[0]?.draw.logBase ?? 0;
  const { min, max } = axis.scale;
  return { ...axis, scale: base > 1 && axis.key !== 'percent' ? logScale(min, max, from, to, base) : linearScale(min, max, from, to) };
}

export const categoryBands = (model: BarModel, plot: Box, vertical: boolean): Bands => (vertical ? bands(model.categories.length, plot.left, plot.right) : bands(model.categories.length, plot.top, plot.bottom));

export interface Slots {
  /** Start of a series' bar in its band, and its width. */
  start: (index: number) => number;
  width: number;
}

/** Side by side, or all in one place where they are stacked. */
export function slots(pitch: number, count: number, o: BarChartOptions): Slots {
  const group = pitch * o.groupWidth;
  const lead = (pitch - group) / 2;
  if (o.stacking !== 'none') return { start: () => lead + (group * (1 - o.barWidth)) / 2, width: group * o.barWidth };
  const slot = group / Math.max(1, count);
  return { start: (i) => lead + i * slot + (slot * (1 - o.barWidth)) / 2, width: slot * o.barWidth };
}

/** The bar of a series in a category; undefined where there is none, or none inside the limits. */
export function barBox(span: readonly [number, number] | null | undefined, band: number, slot: Slots, index: number, axis: ValueAxis, plot: Box, vertical: boolean): Box | undefined {
  if (!span) return undefined;
  const [low, high] = vertical ? [plot.top, plot.bottom] : [plot.left, plot.right];
  const clip = (px: number): number => Math.min(high, Math.max(low, px));
  const a = clip(axis.scale.at(span[0]));
  const b = clip(axis.scale.at(span[1]));
  const start = band + slot.start(index);
  const [from, to] = a < b ? [a, b] : [b, a];
  return vertical ? { left: start, right: start + slot.width, top: from, bottom: to } : { left: from, right: to, top: start, bottom: start + slot.width };
}

interface TickPlan {
  /** Degrees, clockwise. */
  angle: number;
  stride: number;
  offset: number;
  /** Height below the plot. */
  room: number;
  /** Length to which a text is cut. */
  cut: number;
}

const line = 16;
const turnedMax = 110;

/** How the names of standing bars are written: straight, cut, turned by themselves where that shows all of them, or only some. */
export function tickPlan(longest: number, count: number, pitch: number, height: number, o: Pick<BarChartOptions, 'tickRotation' | 'tickSpacing'>, isTime: boolean): TickPlan {
  const every = (room: number): { stride: number; offset: number } => {
    const stride = Math.max(1, Math.ceil(Math.max(room, Math.abs(o.tickSpacing)) / Math.max(0.01, pitch)));
    return { stride, offset: o.tickSpacing < 0 ? (count - 1) % stride : 0 };
  };
  const straight = (room: number, cut: number): TickPlan => ({ angle: 0, ...every(room), room: 24, cut });
  let angle = o.tickRotation;
  if (angle === 0) {
    if (longest + 8 <= pitch) return straight(0, Infinity);
    if (isTime || o.tickSpacing !== 0) return straight(longest + 12, Infinity);
    // Cut names that lose their better part tell less than turned ones.
    if (pitch >= 64 && longest * 0.7 <= pitch) return straight(pitch, pitch - 6);
    if (pitch < line) return straight(Math.min(longest, turnedMax) + 12, turnedMax);
    angle = -45;
  }
  const radians = (Math.abs(angle) * Math.PI) / 180;
  const cut = Math.min(longest, turnedMax, (height * 0.4) / Math.max(0.2, Math.sin(radians)));
  return { angle, ...every(line / Math.max(0.3, Math.sin(radians))), cut, room: Math.ceil(Math.sin(radians) * cut + Math.cos(radians) * 12) + 10 };
}
