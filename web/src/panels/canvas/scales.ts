/** From values to pixels and back, and where ticks fall: straight, logarithmic, in bands, and over time in a zone. */
import { fromParts, toParts } from '../../model/time/zone';
import { durationSteps, unitsPerSecond } from '../../model/units/ticks';

export interface Scale {
  min: number;
  max: number;
  /** Pixel of a value. */
  at: (value: number) => number;
  /** Value at a pixel. */
  value: (pixel: number) => number;
  /** About so many ticks on round figures. */
  ticks: (count: number) => number[];
}

/** A step of 1, 2 or 5 times a power of ten, at least as big as asked. */
export function niceStep(rough: number): number {
  if (!(rough > 0) || !Number.isFinite(rough)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  for (const n of [1, 2, 5, 10]) if (n * power >= rough * (1 - 1e-9)) return n * power;
  return 10 * power;
}

const binaryUnit = /^(bytes|bits|kbytes|mbytes|gbytes|tbytes|pbytes|binBps|binbps|[KMGTP]i(Bs|bits))$/;

/** The same in powers of two for units of 1,024 and on a clock's steps for durations, whose axes would fall on odd figures otherwise. */
function niceStepOf(rough: number, unit: string | undefined): number {
  const perSecond = unitsPerSecond(unit);
  const step = perSecond === undefined || !(rough > 0) ? undefined : durationSteps.find((s) => s * perSecond >= rough * (1 - 1e-9));
  if (perSecond !== undefined && step !== undefined) return Number((step * perSecond).toPrecision(12));
  return unit !== undefined && binaryUnit.test(unit) && rough > 0 && Number.isFinite(rough) ? 2 ** Math.ceil(Math.log2(rough) - 1e-9) : niceStep(rough);
}

const ticksMax = 200;

export function linearTicks(min: number, max: number, count: number, step = niceStep((max - min) / Math.max(1, count))): number[] {
  const out: number[] = [];
  const first = Math.ceil(min / step - 1e-9);
  for (let i = first; i * step <= max + step * 1e-9 && out.length < ticksMax; i += 1) out.push(Number((i * step).toPrecision(12)));
  return out;
}

export function linearScale(min: number, max: number, from: number, to: number, unit?: string): Scale {
  const span = max - min || 1;
  return {
    min, max,
    at: (v) => from + ((v - min) / span) * (to - from),
    value: (px) => min + ((px - from) / (to - from || 1)) * span,
    ticks: (count) => linearTicks(min, max, count, niceStepOf((max - min) / Math.max(1, count), unit)),
  };
}

/** Limits that end on ticks, with zero inside when the data stand on it. */
export function niceRange(min: number, max: number, count = 5, unit?: string): [number, number] {
  if (!(max > min)) {
    const pad = Math.abs(min) > 0 ? Math.abs(min) * 0.5 : 1;
    return niceRange(min - (min === 0 ? 0 : pad), max + pad, count, unit);
  }
  const step = niceStepOf((max - min) / count, unit);
  return [Math.floor(min / step + 1e-9) * step, Math.ceil(max / step - 1e-9) * step].map((v) => Number(v.toPrecision(12))) as [number, number];
}

/** Values at or below zero land on the low end. */
export function logScale(min: number, max: number, from: number, to: number, base: number): Scale {
  const low = Math.log(min > 0 ? min : Number.MIN_VALUE);
  const span = Math.log(max > 0 ? max : 1) - low || 1;
  return {
    min, max,
    at: (v) => from + ((v > 0 ? (Math.log(v) - low) / span : 0)) * (to - from),
    value: (px) => Math.exp(low + ((px - from) / (to - from || 1)) * span),
    ticks: (count) => {
      const first = Math.ceil(Math.log(min) / Math.log(base) - 1e-9);
      const last = Math.floor(Math.log(max) / Math.log(base) + 1e-9);
      const stride = Math.max(1, Math.ceil((last - first + 1) / Math.max(1, count)));
      const out: number[] = [];
      for (let e = first; e <= last && out.length < ticksMax; e += stride) out.push(Number((base ** e).toPrecision(12)));
      return out;
    },
  };
}

/** Straight near zero, logarithmic beyond `threshold`, on both sides. */
export function symlogScale(min: number, max: number, from: number, to: number, threshold = 1): Scale {
  const bend = (v: number): number => Math.sign(v) * Math.log1p(Math.abs(v) / threshold);
  const unbend = (b: number): number => Math.sign(b) * Math.expm1(Math.abs(b)) * threshold;
  const line = linearScale(bend(min), bend(max), from, to);
  return {
    min, max,
    at: (v) => line.at(bend(v)),
    value: (px) => unbend(line.value(px)),
    ticks: (count) => {
      const powers = [0];
      const most = Math.max(Math.abs(min), Math.abs(max), threshold);
      for (let p = threshold; p <= most && powers.length < ticksMax; p *= 10) powers.push(p, -p);
      const inside = powers.filter((v) => v >= min && v <= max).sort((a, b) => a - b);
      const stride = Math.max(1, Math.ceil(inside.length / Math.max(1, count)));
      return inside.filter((_, i) => i % stride === 0);
    },
  };
}

export interface Bands {
  count: number;
  /** Distance from one band to the next, in pixels. */
  pitch: number;
  start: (index: number) => number;
  center: (index: number) => number;
  /** The band under a pixel; undefined outside. */
  index: (pixel: number) => number | undefined;
}

export function bands(count: number, from: number, to: number): Bands {
  const pitch = (to - from) / Math.max(1, count);
  return {
    count, pitch,
    start: (i) => from + i * pitch,
    center: (i) => from + (i + 0.5) * pitch,
    index: (px) => {
      const i = Math.floor((px - from) / (pitch || 1));
      return i >= 0 && i < count ? i : undefined;
    },
  };
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const timeSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500,
  ...[1, 2, 5, 10, 15, 20, 30].map((n) => n * second), ...[1, 2, 5, 10, 15, 20, 30].map((n) => n * minute),
  ...[1, 2, 3, 4, 6, 8, 12].map((n) => n * hour), ...[1, 2, 3, 5, 7, 10, 14].map((n) => n * day),
];

/** Ticks on the zone's own hours, days, months and years, at most `count` of them; with the step, which decides how they are written. */
export function timeTicks(from: number, to: number, zone: string, count: number): { ticks: number[]; step: number } {
  const rough = Math.max(1, (to - from) / Math.max(1, count));
  const ticks: number[] = [];
  const step = timeSteps.find((s) => s >= rough);
  if (step === undefined) {
    // Months and years: 1, 2, 3, 6, 12, 24, … months.
    const months = rough / (30 * day);
    const stride = [1, 2, 3, 6, 12].find((m) => m >= months) ?? 12 * niceStep(months / 12);
    const start = toParts(from, zone);
    let index = Math.floor((start.year * 12 + start.month - 1) / stride) * stride;
    for (; ticks.length < ticksMax; index += stride) {
      const t = fromParts({ year: Math.floor(index / 12), month: (index % 12) + 1, day: 1, hour: 0, minute: 0, second: 0, ms: 0 }, zone);
      if (t > to) break;
      if (t >= from) ticks.push(t);
    }
    return { ticks, step: stride * 30 * day };
  }
  if (step >= day) {
    const days = step / day;
    const start = toParts(from, zone);
    for (let i = 0; ticks.length < ticksMax; i += 1) {
      const t = fromParts({ year: start.year, month: start.month, day: start.day + i, hour: 0, minute: 0, second: 0, ms: 0 }, zone);
      if (t > to) break;
      // Counted from a fixed day, so that ticks stay where they are while the range moves.
      if (t >= from && Math.round((Date.UTC(start.year, start.month - 1, start.day + i)) / day) % days === 0) ticks.push(t);
    }
    return { ticks, step };
  }
  const p = toParts(from, zone);
  const midnight = fromParts({ ...p, hour: 0, minute: 0, second: 0, ms: 0 }, zone);
  for (let t = midnight + Math.ceil((from - midnight) / step) * step; t <= to && ticks.length < ticksMax; t += step) ticks.push(t);
  return { ticks, step };
}
