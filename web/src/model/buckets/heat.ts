/** A heatmap's cells: columns of time, rows of values, and how much lies in each; from rows of buckets or counted from series. */
import { timeField, valueFields, type Cell, type Field, type Frame } from '../frame';
import { sampleStep } from '../time/step';
import { parseBound, parseSpan } from './bounds';

export interface HeatRow {
  /** Ends of the bucket; not finite at the outer ends, NaN where the name is a word. */
  low: number;
  high: number;
  name: string;
}
export interface Heat {
  /** Where each column begins, in Unix ms, in order; all are `width` wide. */
  starts: number[];
  width: number;
  /** From the lowest to the highest. */
  rows: HeatRow[];
  /** By row and column; null where nothing was measured. */
  counts: (number | null)[][];
  /** Which end of a bucket its name tells. */
  named: 'upper' | 'lower' | 'both' | 'word';
}

export type RowLayout = 'auto' | 'le' | 'ge' | 'unknown';
/** More columns than a screen has pixels help nobody. */
const columnsMax = 4000;
const rowsMax = 500;
export const noHeat: Heat = { starts: [], width: 1, rows: [], counts: [], named: 'word' };

interface RawRow {
  field: Field;
  times: readonly Cell[];
  name: string;
  bound: number | undefined;
  span: { low: number; high: number } | undefined;
}

function rawRows(frames: readonly Frame[], label: 'le' | 'ge'): RawRow[] {
  return frames.flatMap((frame) => {
    const times = timeField(frame)?.values;
    if (!times) return [];
    return valueFields(frame).map((field): RawRow => {
      const name = field.title ?? field.name;
      return { field, times, name, bound: parseBound(field.labels?.[label]) ?? parseBound(name), span: parseSpan(field.labels?.['vmrange'] ?? name) };
    });
  });
}

/** Each row takes its other end from its neighbour. */
function ends(bounds: readonly number[], upper: boolean): { low: number; high: number }[] {
  return bounds.map((b, i) => (upper ? { low: bounds[i - 1] ?? (b > 0 ? 0 : -Infinity), high: b } : { low: b, high: bounds[i + 1] ?? Infinity }));
}

/** Rows that are buckets already: one series each, named by its bound. Rows of the same name add up. */
export function heatFromRows(frames: readonly Frame[], layout: RowLayout, fallbackWidth: number): Heat {
  const raw = rawRows(frames, layout === 'ge' ? 'ge' : 'le').slice(0, rowsMax);
  if (raw.length === 0) return noHeat;
  const moments = [...new Set(raw.flatMap((r) => r.times.map(Number)))].filter(Number.isFinite).sort((a, b) => a - b).slice(-columnsMax);
  const column = new Map(moments.map((t, i) => [t, i]));
  const width = sampleStep(moments) || fallbackWidth;
  const spans = raw.every((r) => r.span !== undefined) && raw.some((r) => r.bound === undefined);
  const numeric = !spans && raw.every((r) => r.bound !== undefined);
  const key = (r: RawRow): string | number => (numeric ? (r.bound ?? 0) : r.name);
  const groups = new Map<string | number, RawRow[]>();
  for (const r of raw) groups.set(key(r), [...(groups.get(key(r)) ?? []), r]);
  let order = [...groups.values()];
  if (numeric) order = order.sort((a, b) => (a[0]?.bound ?? 0) - (b[0]?.bound ?? 0));
  if (spans) order = order.sort((a, b) => (a[0]?.span?.low ?? 0) - (b[0]?.span?.low ?? 0));
  const hasBounds = raw.some((r) => r.field.labels?.['le'] !== undefined);
  const named = spans ? 'both' : !numeric || layout === 'unknown' ? 'word' : layout === 'ge' ? 'lower' : layout === 'le' || hasBounds || frames.some((f) => f.buckets) ? 'upper' : 'word';
  const bounds = order.map((g) => g[0]?.bound ?? NaN);
  const outer = named === 'upper' || named === 'lower' ? ends(bounds, named === 'upper') : order.map((g) => g[0]?.span ?? { low: NaN, high: NaN });
  const counts = order.map((group) => {
    const out: (number | null)[] = Array.from({ length: moments.length }, () => null);
    for (const r of group) {
      r.times.forEach((t, i) => {
        const at = column.get(Number(t));
        const v = r.field.values[i];
        if (at !== undefined && typeof v === 'number' && Number.isFinite(v)) out[at] = (out[at] ?? 0) + v;
      });
    }
    return out;
  });
  return {
    // A sample counts what came since the one before it.
    starts: moments.map((t) => t - width), width, counts, named,
    rows: order.map((g, i) => ({ name: g[0]?.name ?? '', low: outer[i]?.low ?? NaN, high: outer[i]?.high ?? NaN })),
  };
}

/** Columns of cells counted already, as the heatmap transformation makes them: both ends of each cell, and a count. */
export function heatFromCells(frames: readonly Frame[]): Heat | undefined {
  for (const frame of frames) {
    const find = (name: string): Field | undefined => frame.fields.find((f) => f.name === name);
    const [xMin, xMax, yMin, yMax] = [find('xMin'), find('xMax'), find('yMin'), find('yMax')];
    const count = frame.fields.find((f) => f.type === 'number' && f !== yMin && f !== yMax && f !== xMin && f !== xMax);
    if (!(xMin ?? xMax) || !yMin || !yMax || !count) continue;
    const x = xMin ?? xMax;
    const order = (values: readonly Cell[]): number[] => [...new Set(values.map(Number))].filter(Number.isFinite).sort((a, b) => a - b);
    const moments = order(x?.values ?? []).slice(-columnsMax);
    const lows = order(yMin.values).slice(0, rowsMax);
    const width = (xMin && xMax ? Number(xMax.values[0]) - Number(xMin.values[0]) : 0) || sampleStep(moments) || 1;
    const column = new Map(moments.map((t, i) => [t, i]));
    const rowOf = new Map(lows.map((v, i) => [v, i]));
    const rows = lows.map((low): HeatRow => ({ low, high: Infinity, name: '' }));
    const counts = lows.map(() => Array.from({ length: moments.length }, (): number | null => null));
    for (let i = 0; i < frame.length; i += 1) {
      const r = rowOf.get(Number(yMin.values[i]));
      const c = column.get(Number(x?.values[i]));
      const v = count.values[i];
      const row = r === undefined ? undefined : rows[r];
      if (!row || r === undefined) continue;
      row.high = Number(yMax.values[i] ?? Infinity);
      const of = counts[r];
      if (of && c !== undefined && typeof v === 'number') of[c] = v;
    }
    return { starts: xMin ? moments : moments.map((t) => t - width), width, rows, counts, named: 'both' };
  }
  return undefined;
}

export interface Cut {
  /** Width of a bucket; wins over the count. */
  size?: number | undefined;
  count?: number | undefined;
  /** Base of logarithmic buckets; 0 is linear. `count` is then the buckets per power. */
  log?: number | undefined;
}

const rounded = (rough: number): number => {
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  for (const n of [1, 2, 2.5, 5, 10]) if (n * power >= rough * (1 - 1e-9)) return n * power;
  return 10 * power;
};
const second = 1000;
const timeSizes = [1, 5, 10, 50, 100, 500, ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800].map((s) => s * second)];

const columnsAuto = 40;
const rowsAuto = 20;

/** Counts the values of series in cells of time and value. */
export function heatFromSeries(frames: readonly Frame[], x: Cut, y: Cut, range: { from: number; to: number }): Heat {
  const points: { t: number; v: number }[] = [];
  let low = Infinity;
  let high = -Infinity;
  for (const frame of frames) {
    const times = timeField(frame)?.values ?? [];
    for (const field of valueFields(frame)) {
      field.values.forEach((v, i) => {
        const t = Number(times[i]);
        if (typeof v !== 'number' || !Number.isFinite(v) || !Number.isFinite(t) || (y.log && v <= 0)) return;
        points.push({ t, v });
        if (v < low) low = v;
        if (v > high) high = v;
      });
    }
  }
  if (points.length === 0) return noHeat;
  const span = Math.max(1, range.to - range.from);
  const roughX = span / Math.min(columnsMax, Math.max(1, x.count ?? columnsAuto));
  const width = Math.max(span / columnsMax, x.size ?? (x.count === undefined ? (timeSizes.find((s) => s >= roughX) ?? roughX) : roughX));
  const base = y.log ?? 0;
  let edge: (k: number) => number;
  let row: (v: number) => number;
  if (base > 1) {
    const per = Math.min(50, Math.max(1, Math.round(y.count ?? 1)));
    edge = (k) => base ** (k / per);
    // A hair below, so that a value on an edge lies above it whatever the logarithm's last digit.
    row = (v) => Math.floor((Math.log(v) / Math.log(base)) * per + 1e-9);
  } else {
    const size = Math.max((high - low) / rowsMax, y.size ?? rounded((high - low || Math.abs(high) || 1) / Math.max(1, y.count ?? rowsAuto)));
    edge = (k) => Number((k * size).toPrecision(12));
    row = (v) => Math.floor(v / size + 1e-9);
  }
  const first = row(low);
  const rows = Math.min(rowsMax, row(high) - first + 1);
  const start = Math.floor(range.from / width) * width;
  const columns = Math.min(columnsMax + 1, Math.ceil((range.to - start) / width));
  const counts = Array.from({ length: rows }, () => Array.from({ length: columns }, (): number | null => 0));
  for (const { t, v } of points) {
    const c = Math.min(columns - 1, Math.floor((t - start) / width));
    const r = Math.min(rows - 1, row(v) - first);
    const of = counts[r];
    if (of && c >= 0) of[c] = (of[c] ?? 0) + 1;
  }
  return {
    starts: Array.from({ length: columns }, (_, i) => start + i * width), width, counts, named: 'both',
    rows: Array.from({ length: rows }, (_, i) => ({ low: edge(first + i), high: edge(first + i + 1), name: '' })),
  };
}

/** The column under a moment; undefined between columns and outside. */
export function columnAt(heat: Heat, t: number): number | undefined {
  let low = 0;
  let high = heat.starts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const start = heat.starts[middle] ?? 0;
    if (t < start) high = middle - 1;
    else if (t >= start + heat.width) low = middle + 1;
    else return middle;
  }
  return undefined;
}

/** The least and the most among the cells that are shown. */
export function heatRange(heat: Heat, shows: (count: number) => boolean): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const row of heat.counts) {
    for (const count of row) {
      if (count === null || !shows(count)) continue;
      if (count < min) min = count;
      if (count > max) max = count;
    }
  }
  return Number.isFinite(min) ? { min, max } : { min: 0, max: 1 };
}
