/** Where the ticks of an axis of durations fall: on the steps of a clock and a calendar, in whatever unit the values are. */

/** How many of a unit are in a second. */
const perSecondOf: Readonly<Record<string, number>> = { ns: 1e9, 'µs': 1e6, ms: 1e3, s: 1, m: 1 / 60, h: 1 / 3600, d: 1 / 86_400 };

/** For units of time, how many of them are in a second; undefined for others. */
export const unitsPerSecond = (unit: string | undefined): number | undefined => (unit === undefined ? undefined : perSecondOf[unit]);

const day = 86_400;
const week = 7 * day;
const year = 365 * day;

/** Steps of a straight axis, in seconds: round as numbers below a minute, as a clock and a calendar above. */
export const durationSteps: readonly number[] = [
  ...Array.from({ length: 13 }, (_, i) => [1, 2, 2.5, 5].map((n) => Number(`${n}e${i - 12}`))).flat().filter((s) => s <= 20), 10, 20, 30,
  ...[1, 2, 5, 10, 15, 20, 30].map((n) => n * 60), ...[1, 2, 3, 4, 6, 8, 12].map((n) => n * 3600), ...[1, 2, 3.5, 7, 14, 28, 56, 91, 182].map((n) => n * day),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((n) => n * year),
];

const decades = Array.from({ length: 14 }, (_, i) => Number(`1e${i - 12}`));
/** Marks of a logarithmic axis, about as far from each other as powers of ten. */
const coarse: readonly number[] = [...decades, 60, 600, 3600, 6 * 3600, day, week, 8 * week, year, ...[1, 2, 3, 4].map((e) => year * 10 ** e)];
/** The same, about three to a power of ten. */
const fine: readonly number[] = [
  ...decades.slice(0, -1).flatMap((p) => [p, Number((2 * p).toPrecision(3)), Number((5 * p).toPrecision(3))]), 10, 30, ...[1, 2, 5, 10, 30].map((n) => n * 60), ...[1, 2, 6, 12].map((n) => n * 3600), day, 2 * day, week, 2 * week, 8 * week, 26 * week,
  ...[0, 1, 2, 3, 4].flatMap((e) => [1, 2, 5].map((n) => n * year * 10 ** e)),
];

/** Ticks of a logarithmic axis from `min` to `max`, in units of which `perSecond` are in a second: at most `count`, ascending. */
export function logDurationTicks(min: number, max: number, perSecond: number, count: number): number[] {
  const within = (marks: readonly number[]): number[] => marks.map((s) => Number((s * perSecond).toPrecision(12))).filter((v) => v >= min * (1 - 1e-9) && v <= max * (1 + 1e-9));
  const many = within(fine);
  if (many.length <= count) return many;
  const few = within(coarse);
  const stride = Math.max(1, Math.ceil(few.length / Math.max(1, count)));
  return few.filter((_, i) => i % stride === 0);
}
