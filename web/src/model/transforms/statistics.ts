/** Transformations that count and fit: histogram, heatmap, regression, smoothing. */
import { makeFrame, timeField, valueFields, type Cell, type Field, type Frame } from '../frame';
import { flag, number, object, text } from '../json';
import { parseDuration } from '../time/parse';
import { column, findField, isNamed, joinedRefId, nameOf, TransformError, type Options } from './fields';

const finite = (v: Cell | undefined): v is number => typeof v === 'number' && Number.isFinite(v);

/** Sizes of buckets a person can read: 1, 2, 2.5, 4, 5 and their tens; 2.5 only where it is whole or below one. */
const bucketSizes = column(20, (e) => e - 9).flatMap((e) => (e === 0 ? [1, 2, 4, 5] : [1, 2, 2.5, 4, 5]).map((n) => Number(`${n}e${e}`))).filter((n) => n >= 1e-9);
const bucketsWanted = 30;
const bucketsMax = 10_000;
const round = (v: number, decimals: number): number => Number(`${Math.round(Number(`${v}e${decimals}`))}e-${decimals}`) || 0;

/** The bucket size for about thirty buckets, none smaller than the least difference between two values. */
function bucketSize(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  let least = sorted.length === 1 ? 1 : Infinity;
  for (let i = 1; i < sorted.length; i += 1) {
    const delta = (sorted[i] ?? 0) - (sorted[i - 1] ?? 0);
    if (delta !== 0) least = Math.min(least, delta);
  }
  const target = ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / bucketsWanted;
  return bucketSizes.find((s) => target < s && s >= least) ?? 1;
}

export function histogram(frames: readonly Frame[], options: Options): Frame[] {
  const members = frames.flatMap((frame) => valueFields(frame)).map((field) => ({ field, values: field.values.filter(finite) }));
  if (members.length === 0) return [];
  const asked = number(options['bucketSize']) ?? 0;
  const size = asked > 0 ? asked : bucketSize(members.flatMap((m) => m.values));
  const offset = number(options['bucketOffset']) ?? 0;
  const bucket = (v: number): number => round(Math.floor((v - offset) / size) * size + offset, 9);
  const counts = members.map(({ values }) => {
    const found = new Map<number, number>();
    for (const v of values) found.set(bucket(v), (found.get(bucket(v)) ?? 0) + 1);
    return found;
  });
  const lows = [...new Set(counts.flatMap((c) => [...c.keys()]))].sort((a, b) => a - b);
  if (lows.length > bucketsMax) throw new TransformError(`A histogram of ${lows.length} buckets cannot be drawn: choose a larger bucket size.`);
  const decimals = (/\.(\d+)$/.exec(String(size))?.[1] ?? '').length;
  const unit = members.find((m) => m.field.given?.['unit'] !== undefined)?.field.given?.['unit'];
  const given = { ...(unit === undefined ? {} : { unit }), ...(decimals > 0 ? { decimals } : {}) };
  const edges: Field[] = [
    { name: 'xMin', type: 'number', values: lows, given },
    { name: 'xMax', type: 'number', values: lows.map((v) => v + size), given },
  ];
  const made: Field[] = flag(options['combine'])
    ? [{ name: 'count', type: 'number', legend: 'Count', values: lows.map((v) => counts.reduce((n, c) => n + (c.get(v) ?? 0), 0)) }]
    : members.map(({ field }, i) => ({ ...field, values: lows.map((v) => counts[i]?.get(v) ?? 0) }));
  return [makeFrame(joinedRefId('histogram', frames), [...edges, ...made], { table: true })];
}

interface Buckets {
  at: (v: number) => number;
  /** The lower edge after this one. */
  next: (low: number) => number;
}

/** Buckets of an axis: by count, by size, or by powers. */
function buckets(spec: Record<string, unknown>, min: number, max: number, isTime: boolean): Buckets {
  const scale = object(spec['scale']);
  if (scale['type'] === 'log') {
    const base = number(scale['log']) ?? 2;
    const split = number(spec['value']) ?? 1;
    const step = 1 / Math.max(1, split);
    return { at: (v) => (v <= 0 ? 0 : base ** (Math.floor(Math.log(v) / Math.log(base) / step) * step)), next: (low) => (low <= 0 ? base : low * base ** step) };
  }
  const asked = text(spec['value']);
  const bySize = spec['mode'] === 'size' ? (isTime ? parseDuration(asked) : number(asked)) : undefined;
  const count = spec['mode'] === 'count' ? number(asked) : undefined;
  const wanted = (max - min) / Math.max(1, Math.min(count ?? (isTime ? 30 : 20), 2000));
  const steps = isTime ? [1, 2, 5, 10, 15, 30].flatMap((n) => [n * 1000, n * 60_000]).concat([1, 2, 3, 6, 12].map((n) => n * 3_600_000), [1, 7, 30].map((n) => n * 86_400_000)).sort((a, b) => a - b) : bucketSizes;
  const least = (max - min) / 2000;
  const size = Math.max(bySize !== undefined && bySize > 0 ? bySize : (steps.find((s) => s >= wanted) ?? (wanted || 1)), least || 1e-9);
  return { at: (v) => round(Math.floor(v / size) * size, 9), next: (low) => round(low + size, 9) };
}

/** How often values fell into each bucket of time and height. */
export function heatmap(frames: readonly Frame[], options: Options): Frame[] {
  const points: [number, number][] = [];
  for (const frame of frames) {
    const time = timeField(frame);
    if (!time) continue;
    for (const f of valueFields(frame)) f.values.forEach((v, i) => { const t = time.values[i]; if (finite(t) && finite(v)) points.push([t, v]); });
  }
  if (points.length === 0) return [...frames];
  let [minX, maxX, minY, maxY] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of points) {
    minX = Math.min(minX, x);
    maxX = Math.max(maxX, x);
    minY = Math.min(minY, y);
    maxY = Math.max(maxY, y);
  }
  const xs = buckets(object(options['xBuckets']), minX, maxX, true);
  const ys = buckets(object(options['yBuckets']), minY, maxY, false);
  const cells = new Map<number, Map<number, number>>();
  for (const [x, y] of points) {
    const of = cells.get(xs.at(x)) ?? new Map<number, number>();
    cells.set(xs.at(x), of);
    of.set(ys.at(y), (of.get(ys.at(y)) ?? 0) + 1);
  }
  const heights = [...new Set([...cells.values()].flatMap((c) => [...c.keys()]))].sort((a, b) => a - b);
  const rows = [...cells.keys()].sort((a, b) => a - b).flatMap((x) => heights.map((y) => ({ x, y, n: cells.get(x)?.get(y) ?? 0 })));
  return [makeFrame(joinedRefId('heatmap', frames), [
    { name: 'xMin', type: 'time', values: rows.map((r) => r.x) },
    { name: 'xMax', type: 'time', values: rows.map((r) => xs.next(r.x)) },
    { name: 'yMin', type: 'number', values: rows.map((r) => r.y) },
    { name: 'yMax', type: 'number', values: rows.map((r) => ys.next(r.y)) },
    { name: 'Count', type: 'number', values: rows.map((r) => r.n), given: { unit: 'short' } },
  ], { table: true })];
}

/** Coefficients of the polynomial of that degree with the least squares, lowest power first. */
function fit(points: readonly [number, number][], degree: number): number[] {
  const n = degree + 1;
  const rows = column(n, (r) => [...column(n, (c) => points.reduce((s, [x]) => s + x ** (r + c), 0)), points.reduce((s, [x, y]) => s + y * x ** r, 0)]);
  for (let p = 0; p < n; p += 1) {
    let best = p;
    for (let r = p + 1; r < n; r += 1) if (Math.abs(rows[r]?.[p] ?? 0) > Math.abs(rows[best]?.[p] ?? 0)) best = r;
    const pivot = rows[best] as number[];
    rows[best] = rows[p] as number[];
    rows[p] = pivot;
    if (Math.abs(pivot[p] ?? 0) < 1e-14) continue;
    for (let r = 0; r < n; r += 1) {
      const row = rows[r] as number[];
      if (r === p) continue;
      const factor = (row[p] ?? 0) / (pivot[p] ?? 1);
      for (let c = p; c <= n; c += 1) row[c] = (row[c] ?? 0) - factor * (pivot[c] ?? 0);
    }
  }
  return rows.map((row, r) => (Math.abs(row[r] ?? 0) < 1e-14 ? 0 : (row[n] ?? 0) / (row[r] ?? 1)));
}

/** A line or curve through the points, as a series of its own. */
export function regression(frames: readonly Frame[], options: Options): Frame[] {
  const degree = options['modelType'] === 'polynomial' ? Math.min(5, Math.max(1, Math.trunc(number(options['degree']) ?? 2))) : 1;
  const count = Math.min(10_000, Math.max(2, Math.trunc(number(options['predictionCount']) ?? 100)));
  const of = (name: string, fallback: (frame: Frame) => Field | undefined): { frame: Frame; field: Field } | undefined => {
    for (const frame of frames) {
      const field = name === '' ? fallback(frame) : frame.fields.find((f) => isNamed(f, name));
      if (field) return { frame, field };
    }
    return undefined;
  };
  const y = of(text(options['yFieldName']), (f) => valueFields(f)[0]);
  const x = y && (findField(y.frame, text(options['xFieldName'])) ?? timeField(y.frame) ?? y.frame.fields.find((f) => f !== y.field));
  if (!x || !y) return [...frames];
  const points: [number, number][] = [];
  x.values.forEach((v, i) => { const w = y.field.values[i]; if (finite(v) && finite(w)) points.push([v, w]); });
  if (points.length === 0) return [...frames];
  let [low, high] = [Infinity, -Infinity];
  for (const [v] of points) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  // Between -1 and 1, for moments in milliseconds to the fifth power would not fit a number.
  const middle = (low + high) / 2;
  const half = (high - low) / 2 || 1;
  const c = fit(points.map(([v, w]) => [(v - middle) / half, w]), degree);
  const at = (v: number): number => c.reduceRight((s, k) => s * ((v - middle) / half) + k, 0);
  const xs = column(count, (i) => low + ((high - low) * i) / (count - 1));
  const label = degree === 1 && options['modelType'] !== 'polynomial' ? 'Linear regression' : 'Polynomial regression';
  return [...frames, makeFrame(y.frame.refId, [
    { ...x, values: xs },
    { ...y.field, name: `${nameOf(y.field)} predicted`, legend: label, labels: undefined, values: xs.map(at) },
  ], { name: label })];
}

const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / (v.length || 1);
const spread = (v: readonly number[]): number => { const m = mean(v); return Math.sqrt(mean(v.map((x) => (x - m) ** 2))); };
/** How much a course jumps from point to point. */
const roughness = (v: readonly number[]): number => spread(v.slice(1).map((x, i) => x - (v[i] ?? 0)));
function kurtosis(v: readonly number[]): number {
  const m = mean(v);
  const variance = mean(v.map((x) => (x - m) ** 2));
  return variance === 0 ? 0 : mean(v.map((x) => (x - m) ** 4)) / variance ** 2;
}
const moving = (v: readonly number[], width: number): number[] => column(v.length - width + 1, (i) => mean(v.slice(i, i + width)));

/** As in "ASAP" (Rong and Bailis, 2017): the widest moving mean that smooths most without flattening what stands out. */
function smoothed(values: readonly number[]): number[] {
  const shape = kurtosis(values);
  let best = { width: 1, rough: roughness(values) };
  for (let width = 2; width <= Math.max(1, Math.floor(values.length / 10)); width += 1) {
    const candidate = moving(values, width);
    const rough = roughness(candidate);
    if (rough < best.rough && kurtosis(candidate) >= shape) best = { width, rough };
  }
  return moving(values, best.width);
}

/** A calmer course beside each series, of about as many points as asked for. */
export function smoothing(frames: readonly Frame[], options: Options): Frame[] {
  const resolution = Math.min(1000, Math.max(10, Math.trunc(number(options['resolution']) ?? 100)));
  const series = frames.filter((f) => timeField(f) && valueFields(f).length > 0);
  return [...frames, ...series.flatMap((frame) => valueFields(frame).flatMap((f): Frame[] => {
    const points = (timeField(frame)?.values ?? []).flatMap((t, i): [number, number][] => { const v = f.values[i]; return finite(t) && finite(v) ? [[t, v]] : []; });
    if (points.length < 4) return [];
    // First down to the resolution: what falls on one point of the picture is one value.
    const group = Math.max(1, Math.floor(points.length / resolution));
    const means = column(Math.floor(points.length / group), (i): [number, number] => {
      const part = points.slice(i * group, (i + 1) * group);
      return [mean(part.map((p) => p[0])), mean(part.map((p) => p[1]))];
    });
    const values = smoothed(means.map((p) => p[1]));
    const shift = Math.floor((means.length - values.length) / 2);
    const time = timeField(frame) as Field;
    return [makeFrame(frame.refId, [
      { ...time, values: values.map((_, i) => Math.round(means[i + shift]?.[0] ?? 0)) },
      { ...f, legend: `${nameOf(f)} (smoothed)`, given: undefined, values },
    ], { name: `${frame.name ?? nameOf(f)} (smoothed)` })];
  }))];
}

