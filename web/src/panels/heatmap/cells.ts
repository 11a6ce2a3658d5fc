/** From a heatmap's counts to colours: which cells are shown, and how dark. */
import { heatFromCells, heatFromRows, heatFromSeries, heatRange, type Heat } from '../../model/buckets/heat';
import { heatFromNatives } from '../../model/buckets/native';
import { resolveColor, withAlpha, type Theme } from '../../model/color/names';
import { schemeColors } from '../../model/color/schemes';
import { timeField, valueFields, type Frame } from '../../model/frame';
import type { TimeRange } from '../../model/time/range';
import { heatmapOptions, type HeatmapOptions } from './options';
import type { Options } from '../types';

export const isExemplars = (frame: Frame): boolean => frame.name === 'exemplar';

/** The factor from each bucket to the next, where they grow by powers; 0 where they do not. */
function powerOf(heat: Heat): number {
  const [a, ...rest] = heat.rows.map((r) => (r.low > 0 && Number.isFinite(r.high) ? r.high / r.low : 0));
  return a !== undefined && a > 1 && rest.length > 1 && rest.every((b) => Math.abs(b - a) < a * 1e-6) ? 10 : 0;
}

export function readHeat(frames: readonly Frame[], options: Options, range: TimeRange): { heat: Heat; o: HeatmapOptions } {
  const data = frames.filter((f) => !isExemplars(f) && timeField(f));
  const o = heatmapOptions(options, data.flatMap((f) => valueFields(f))[0]?.config);
  const natives = data.flatMap((f) => f.natives ?? []);
  if (natives.length > 0) return { heat: heatFromNatives(natives, range.to - range.from), o: { ...o, calculate: false } };
  const cells = heatFromCells(data);
  if (cells) return { heat: cells, o: { ...o, calculate: true, y: { ...o.y, log: o.y.log || powerOf(cells) } } };
  const heat = o.calculate ? heatFromSeries(data, o.x, o.y, range) : heatFromRows(data, o.layout, range.to - range.from);
  return { heat, o };
}

export const shows = (o: HeatmapOptions) => (count: number): boolean => (o.filter.le === undefined || count > o.filter.le) && (o.filter.ge === undefined || count < o.filter.ge);

export interface HeatColors {
  min: number;
  max: number;
  /** The colour of a count; undefined where the cell is left out. */
  of: (count: number | null) => string | undefined;
  /** The scale from the least to the most, for the key. */
  scale: string[];
}

export function heatColors(heat: Heat, o: HeatmapOptions, theme: Theme): HeatColors {
  const shown = shows(o);
  const range = heatRange(heat, shown);
  const min = o.color.min ?? range.min;
  const max = o.color.max ?? range.max;
  const steps = Math.min(128, Math.max(2, Math.round(o.color.steps)));
  const fill = resolveColor(o.color.fill, theme);
  const scale = o.color.mode === 'opacity'
    ? Array.from({ length: steps }, (_, i) => withAlpha(fill, Number((Math.max(0.02, i / (steps - 1)) ** o.color.exponent).toFixed(3))))
    : schemeColors(o.color.scheme, steps, o.color.reverse, theme);
  if (o.color.mode === 'opacity' && o.color.reverse) scale.reverse();
  return {
    min, max, scale,
    of: (count) => {
      if (count === null || !shown(count)) return undefined;
      const share = max > min ? Math.min(1, Math.max(0, (count - min) / (max - min))) : 1;
      return scale[Math.min(scale.length - 1, Math.floor(share * scale.length))];
    },
  };
}
