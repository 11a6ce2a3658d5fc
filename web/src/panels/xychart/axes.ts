/** Axes of the XY chart: one for x, one per unit of the y fields, and where each ends. Pure. */
import type { Field } from '../../model/frame';
import { drawOptions, type DrawOptions } from '../timeseries/options';
import { linearScale, logScale, niceRange, type Scale } from '../canvas/scales';
import type { XySeries } from './model';

interface XyAxis {
  key: string;
  field: Field;
  draw: DrawOptions;
  side: 'left' | 'right' | 'hidden';
  min: number;
  max: number;
}
const blank = { mappings: [], links: [], custom: {} };
const draw = (f: Field): DrawOptions => drawOptions(f.config ?? blank);

/** Ends of an axis: the configured ones, else round figures around the values with the soft ends inside. */
function ends(field: Field, values: readonly number[]): [number, number] {
  const o = draw(field);
  let min = Infinity;
  let max = -Infinity;
  for (const v of values) {
    if (o.logBase && v <= 0) continue;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  if (!Number.isFinite(min)) [min, max] = o.logBase ? [1, 10] : [0, 1];
  if (o.softMin !== undefined) min = Math.min(min, o.softMin);
  if (o.softMax !== undefined) max = Math.max(max, o.softMax);
  let [low, high] = o.logBase ? [o.logBase ** Math.floor(Math.log(min) / Math.log(o.logBase)), o.logBase ** Math.ceil(Math.log(max) / Math.log(o.logBase))] : field.type === 'time' ? [min, max] : niceRange(min, max);
  low = field.config?.min ?? low;
  high = field.config?.max ?? high;
  return low < high ? [low, high] : [low - 1, low + 1];
}

export function xAxisOf(series: readonly XySeries[]): XyAxis | undefined {
  const field = series[0]?.x;
  if (!field) return undefined;
  const [min, max] = ends(field, series.flatMap((s) => s.points.map((p) => p.x)));
  return { key: 'x', field, draw: draw(field), side: 'left', min, max };
}

const keyOf = (s: XySeries): string => `${s.y.config?.unit ?? ''}|${draw(s.y).axis}`;

/** Series that share a unit and a side share an axis. */
export function yAxesOf(series: readonly XySeries[]): XyAxis[] {
  const groups = new Map<string, XySeries[]>();
  for (const s of series) groups.set(keyOf(s), [...(groups.get(keyOf(s)) ?? []), s]);
  let left = 0;
  return [...groups].flatMap(([key, members]): XyAxis[] => {
    const field = members[0]?.y;
    if (!field) return [];
    const o = draw(field);
    const side = o.axis === 'hidden' ? 'hidden' : o.axis === 'right' || (o.axis === 'auto' && left > 0) ? 'right' : 'left';
    if (side === 'left') left += 1;
    const [min, max] = ends(field, members.flatMap((s) => s.points.map((p) => p.y)));
    return [{ key, field, draw: o, side, min, max }];
  });
}

export const axisKey = keyOf;
export const scaleOf = (axis: XyAxis, from: number, to: number): Scale => (axis.draw.logBase && axis.min > 0 ? logScale(axis.min, axis.max, from, to, axis.draw.logBase) : linearScale(axis.min, axis.max, from, to));
