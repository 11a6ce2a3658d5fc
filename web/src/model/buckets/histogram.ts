/** Histograms: values counted in buckets of equal width, or taken from buckets that were counted already. */
import { valueFields, type Field, type Frame } from '../frame';
import { reduceField } from '../reduce';
import { parseBound } from './bounds';
import { nativeBars } from './native';

interface HistogramSeries {
  field: Field;
  title: string;
  counts: number[];
}
export interface Histogram {
  /** Ends of the buckets, in order. */
  low: number[];
  high: number[];
  series: HistogramSeries[];
  /** True when the counts are the data's own, in the data's unit. */
  given: boolean;
}
interface HistogramOptions {
  size?: number | undefined;
  offset?: number | undefined;
  /** About so many buckets where no size is given. */
  count?: number | undefined;
  /** All series in one. */
  combine: boolean;
}

const bucketsDefault = 30;
const bucketsMax = 2000;
const rungs = [1, 2, 2.5, 4, 5, 10];
export const noHistogram: Histogram = { low: [], high: [], series: [], given: false };

/** A round width that gives at most about `count` buckets, but none narrower than the values lie apart. */
export function bucketSize(sorted: readonly number[], count: number): number {
  const span = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
  let apart = Infinity;
  for (let i = 1; i < sorted.length; i += 1) {
    const d = (sorted[i] ?? 0) - (sorted[i - 1] ?? 0);
    if (d > 0 && d < apart) apart = d;
  }
  const wanted = Math.max(span / Math.max(1, count), Number.isFinite(apart) ? Math.min(apart, span) : 0);
  if (!(wanted > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  for (const n of rungs) if (n * power >= wanted * (1 - 1e-9)) return Number((n * power).toPrecision(12));
  return 10 * power;
}

const finite = (field: Field): number[] => field.values.filter((v): v is number => typeof v === 'number' && Number.isFinite(v));

/** Buckets that are data already: a row of counts each, with its upper bound as the label `le`. */
function givenBuckets(frames: readonly Frame[]): Histogram | undefined {
  const fields = frames.flatMap((f) => (f.buckets ? valueFields(f) : []));
  const rows = fields.map((field) => ({ field, bound: parseBound(field.labels?.['le']) })).filter((r): r is { field: Field; bound: number } => r.bound !== undefined);
  if (rows.length === 0 || rows.length < fields.length) return undefined;
  const bounds = [...new Set(rows.map((r) => r.bound))].sort((a, b) => a - b);
  const counts = bounds.map((b) => rows.filter((r) => r.bound === b).reduce((sum, r) => sum + Number(reduceField(r.field, 'mean') ?? 0), 0));
  const field = rows[0]?.field;
  return field ? { low: bounds.map((b, i) => bounds[i - 1] ?? Math.min(0, b)), high: bounds, series: [{ field, title: 'Count', counts }], given: true } : undefined;
}

/** Native histograms: all series together, a moment's mean. */
function nativeBuckets(frames: readonly Frame[]): Histogram | undefined {
  const natives = frames.flatMap((f) => f.natives ?? []);
  const field = frames.find((f) => f.natives)?.fields.find((f) => f.type === 'number');
  if (natives.length === 0 || !field) return undefined;
  const { low, high, counts } = nativeBars(natives);
  return { low, high, series: [{ field, title: 'Count', counts }], given: true };
}

/** Frames of a histogram transformation: columns for both ends, the others are counts. */
function countedFrame(frame: Frame): Histogram | undefined {
  const find = (...names: string[]): Field | undefined => frame.fields.find((f) => names.includes(f.name));
  const low = find('xMin', 'BucketMin');
  const high = find('xMax', 'BucketMax');
  if (!low || !high) return undefined;
  const series = valueFields(frame).filter((f) => f !== low && f !== high);
  return { low: low.values.map(Number), high: high.values.map(Number), series: series.map((field) => ({ field, title: field.title ?? field.name, counts: field.values.map((v) => (typeof v === 'number' ? v : 0)) })), given: true };
}

export function buildHistogram(frames: readonly Frame[], options: HistogramOptions): Histogram {
  const counted = nativeBuckets(frames) ?? frames.map(countedFrame).find((c) => c !== undefined) ?? givenBuckets(frames);
  if (counted) return counted;
  const fields = frames.flatMap((f) => valueFields(f)).map((field) => ({ field, values: finite(field) })).filter((f) => f.values.length > 0);
  const first = fields[0];
  if (!first) return noHistogram;
  const sorted = fields.flatMap((f) => f.values).sort((a, b) => a - b);
  const min = sorted[0] ?? 0;
  const max = sorted.at(-1) ?? 0;
  let size = options.size !== undefined && options.size > 0 ? options.size : bucketSize(sorted, options.count ?? bucketsDefault);
  // A width that would need more buckets than anybody can see is widened.
  while ((max - min) / size > bucketsMax) size *= 2;
  const offset = options.offset ?? 0;
  const place = (v: number): number => Math.floor((v - offset) / size + 1e-9);
  const start = place(min);
  const n = place(max) - start + 1;
  const edge = (i: number): number => Number(((start + i) * size + offset).toPrecision(12));
  const count = (values: readonly number[]): number[] => {
    const out: number[] = Array.from({ length: n }, () => 0);
    for (const v of values) out[place(v) - start] = (out[place(v) - start] ?? 0) + 1;
    return out;
  };
  return {
    low: Array.from({ length: n }, (_, i) => edge(i)), high: Array.from({ length: n }, (_, i) => edge(i + 1)), given: false,
    series: options.combine ? [{ field: first.field, title: 'Combined', counts: count(sorted) }] : fields.map(({ field, values }) => ({ field, title: field.title ?? field.name, counts: count(values) })),
  };
}
