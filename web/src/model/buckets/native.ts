/** Native histograms: their buckets as a heatmap's cells, as bars, as one number a moment, as words. */
import { makeFrame, type Cell, type Field, type Frame, type Labels } from '../frame';
import type { Heat } from './heat';

/** One histogram: step on the grid, observations, their sum (null where the source tells none), and `lower, upper, count` of each bucket in a row. */
export type NativePoint = [step: number, count: number, sum: number | null, buckets: Cell[]];

/** What a frame of cells holds beside its cells: one entry each moment, whether or not a bucket has anything in it. */
export interface Natives {
  times: number[];
  counts: number[];
  sums: (number | null)[];
  /** `lower, upper, count, lower, …` of each moment, ascending. */
  buckets: number[][];
  /** Ms between moments; 0 where there is one. */
  step: number;
}

const rowsMax = 500;
const gapMax = 200;
const columnsMax = 4000;

/** The columns that Grafana's sparse heatmaps have, so that transformations and tables can use them. */
export function cellsFrame(about: { refId: string; name: string; labels: Labels }, natives: Natives): Frame {
  const [time, low, high, count]: [Cell[], Cell[], Cell[], Cell[]] = [[], [], [], []];
  natives.buckets.forEach((row, i) => {
    for (let k = 0; k + 2 < row.length; k += 3) {
      time.push(natives.times[i] ?? 0);
      low.push(row[k] ?? 0);
      high.push(row[k + 1] ?? 0);
      count.push(row[k + 2] ?? 0);
    }
  });
  return makeFrame(about.refId, [
    { name: 'xMax', type: 'time', values: time }, { name: 'yMin', type: 'number', values: low }, { name: 'yMax', type: 'number', values: high },
    { name: 'count', type: 'number', values: count, labels: about.labels, legend: about.name },
  ], { name: about.name, natives });
}

const countField = (frame: Frame): Field | undefined => frame.fields.find((f) => f.name === 'count' || f.labels !== undefined);

/** The panel's unit is that of what was observed; how many is a plain number. */
const counted = { unit: 'short' };

/** How many observations each moment has: what panels draw that know numbers only. */
function totalsFrame(frame: Frame, natives: Natives): Frame {
  const of = countField(frame);
  return {
    refId: frame.refId, name: frame.name, length: natives.times.length,
    fields: [{ name: 'Time', type: 'time', values: natives.times }, { name: 'Value', type: 'number', values: natives.counts, labels: of?.labels, legend: of?.legend ?? frame.name, given: counted }],
  };
}

/** `(0.5, 1]` and what lies in it, as Prometheus writes a histogram. */
export function nativeText(natives: Natives, i: number): string {
  const short = (v: number | undefined): string => (v === undefined ? '' : v === Infinity ? '+Inf' : v === -Infinity ? '-Inf' : String(Number(v.toPrecision(6))));
  const row = natives.buckets[i] ?? [];
  const parts = [`count:${short(natives.counts[i])}`];
  const sum = natives.sums[i];
  if (typeof sum === 'number') parts.push(`sum:${short(sum)}`);
  for (let k = 0; k + 2 < row.length; k += 3) {
    const [low, high] = [row[k] ?? 0, row[k + 1] ?? 0];
    const around = low < 0 && high > 0;
    parts.push(`${around || low < 0 ? '[' : '('}${short(low)},${short(high)}${low < 0 && !around ? ')' : ']'}:${short(row[k + 2])}`);
  }
  return `{${parts.join(', ')}}`;
}

/** A row each moment: observations, sum, mean, and the buckets in words. */
function summaryFrame(frame: Frame, natives: Natives): Frame {
  const of = countField(frame);
  const mean = natives.counts.map((n, i) => { const sum = natives.sums[i]; return typeof sum === 'number' && n > 0 ? sum / n : null; });
  return {
    refId: frame.refId, name: frame.name, length: natives.times.length, table: true,
    fields: [
      { name: 'Time', type: 'time', values: natives.times }, { name: 'Count', type: 'number', values: natives.counts, labels: of?.labels, given: counted },
      { name: 'Sum', type: 'number', values: natives.sums }, { name: 'Mean', type: 'number', values: mean },
      { name: 'Buckets', type: 'string', values: natives.times.map((_, i) => nativeText(natives, i)) },
    ],
  };
}

/** Panels that know what to do with buckets. */
const drawsBuckets = new Set(['heatmap', 'histogram']);

/** Frames as a type of panel can draw them, and what it leaves out. */
export function nativesFor(type: string, frames: readonly Frame[]): { frames: Frame[]; notices: string[] } {
  if (drawsBuckets.has(type) || !frames.some((f) => f.natives)) return { frames: [...frames], notices: [] };
  const table = type === 'table' || type === 'table-old';
  return {
    frames: frames.map((f) => (f.natives ? (table ? summaryFrame(f, f.natives) : totalsFrame(f, f.natives)) : f)),
    notices: table ? [] : ['Native histograms are shown as how many observations they hold. A heatmap or a histogram shows their buckets, histogram_quantile() a quantile.'],
  };
}

interface Span {
  low: number;
  high: number;
}

/** Rows that hold all buckets: of buckets within each other the widest, since finer ones add up to it exactly; gaps between powers are filled. */
export function nativeRows(buckets: readonly (readonly number[])[]): Span[] {
  const known = new Map<string, Span>();
  for (const row of buckets) for (let k = 0; k + 2 < row.length; k += 3) known.set(`${row[k]} ${row[k + 1]}`, { low: row[k] ?? 0, high: row[k + 1] ?? 0 });
  const sorted = [...known.values()].sort((a, b) => a.low - b.low || b.high - a.high);
  const rows: Span[] = [];
  for (const span of sorted) {
    const last = rows.at(-1);
    if (last && span.high <= last.high * (1 + Math.sign(last.high) * 1e-9)) continue;
    fillGap(rows, last, span);
    rows.push(last && span.low < last.high ? { low: last.high, high: span.high } : span);
    if (rows.length >= rowsMax) break;
  }
  return rows.slice(0, rowsMax);
}

/** Powers that nothing fell into still have their height, or the axis would lie. */
function fillGap(rows: Span[], below: Span | undefined, above: Span): void {
  const aroundZero = (s: Span): boolean => s.low < 0 && s.high > 0;
  // Between the bucket around zero, which may be 1e-38 wide, and the first power lie more rows than anybody has pixels.
  if (!below || below.high >= above.low || below.high * above.low <= 0 || aroundZero(below) || aroundZero(above)) return;
  const factor = above.low > 0 ? above.high / above.low : below.low / below.high;
  if (!(factor > 1 + 1e-6) || !Number.isFinite(factor)) return;
  const n = Math.round(Math.abs(Math.log(above.low / below.high)) / Math.log(factor));
  if (n > gapMax) return;
  const grows = above.low > 0 ? factor : 1 / factor;
  for (let i = 0, low = below.high; i < n && rows.length < rowsMax; i += 1) {
    const high = i === n - 1 ? above.low : low * grows;
    rows.push({ low, high });
    low = high;
  }
}

/** The row that holds a bucket: the first that does not end below the bucket's middle. */
function rowOf(rows: readonly Span[], low: number, high: number): number {
  const middle = high === Infinity ? low : low === -Infinity ? high : (low + high) / 2;
  let [a, b] = [0, rows.length - 1];
  while (a < b) {
    const m = (a + b) >> 1;
    if ((rows[m]?.high ?? 0) < middle || (rows[m]?.high === middle && high === Infinity)) a = m + 1;
    else b = m;
  }
  return a;
}

/** Powers of 2^(1/8) have more digits than anybody reads. */
const legible = (bound: number): number => (Number.isFinite(bound) ? Number(bound.toPrecision(4)) : bound);

/** All series together: what fell into each bucket, moment by moment. */
export function heatFromNatives(all: readonly Natives[], fallbackWidth: number): Heat {
  const rows = nativeRows(all.flatMap((n) => n.buckets));
  const moments = [...new Set(all.flatMap((n) => n.times))].sort((a, b) => a - b).slice(-columnsMax);
  const width = all[0]?.step || fallbackWidth;
  const column = new Map(moments.map((t, i) => [t, i]));
  const counts = rows.map(() => Array.from({ length: moments.length }, (): number | null => null));
  for (const n of all) {
    n.buckets.forEach((row, i) => {
      const at = column.get(n.times[i] ?? NaN);
      if (at === undefined) return;
      for (let k = 0; k + 2 < row.length; k += 3) {
        const of = counts[rowOf(rows, row[k] ?? 0, row[k + 1] ?? 0)];
        if (of) of[at] = (of[at] ?? 0) + (row[k + 2] ?? 0);
      }
    });
  }
  return { starts: moments.map((t) => t - width), width, counts, named: 'upper', rows: rows.map((r) => ({ low: legible(r.low), high: legible(r.high), name: '' })) };
}

/** How many fell into each bucket, at a moment on average. */
export function nativeBars(all: readonly Natives[]): { low: number[]; high: number[]; counts: number[] } {
  const heat = heatFromNatives(all, 1);
  const moments = Math.max(1, heat.starts.length);
  return { low: heat.rows.map((r) => r.low), high: heat.rows.map((r) => r.high), counts: heat.counts.map((row) => row.reduce<number>((sum, v) => sum + (v ?? 0), 0) / moments) };
}
