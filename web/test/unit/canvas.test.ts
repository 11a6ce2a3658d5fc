/** The canvas kit's pure parts: scales, ticks on round figures and on the zone's own hours, texts cut to their room. */
import { expect, test } from 'vitest';
import { bands, linearScale, linearTicks, logScale, niceRange, niceStep, symlogScale, timeTicks } from '../../src/panels/canvas/scales';
import { logDurationTicks, unitsPerSecond } from '../../src/model/units/ticks';
import { tickTexts } from '../../src/panels/timeseries/scales';
import { fitText } from '../../src/panels/canvas/text';

test.each([[0.03, 0.05], [1, 1], [1.2, 2], [7, 10], [1500, 2000], [0, 1], [NaN, 1], [Infinity, 1]])('a step of at least %d is %d', (rough, step) => {
  expect(niceStep(rough)).toBeCloseTo(step, 12);
});

test.each([
  [0, 10, 5, [0, 2, 4, 6, 8, 10]], [-0.3, 0.3, 3, [-0.2, 0, 0.2]], [0.1, 0.35, 5, [0.1, 0.15, 0.2, 0.25, 0.3, 0.35]], [5, 5, 4, [5]],
])('ticks from %d to %d', (min, max, count, ticks) => {
  expect(linearTicks(min, max, count)).toEqual(ticks);
});

test.each([[0, 9, [0, 10]], [3, 97, [0, 100]], [0, 0, [0, 1]], [-12, 4, [-15, 5]], [5, 5, [2, 8]]])('limits of %d to %d end on ticks', (min, max, range) => {
  const [low, high] = niceRange(min, max);
  expect([low <= min, high >= max, high > low]).toEqual([true, true, true]);
  if (min !== max) expect([low, high]).toEqual(range);
});

test('pixels and values lead to each other', () => {
  for (const scale of [linearScale(-5, 20, 100, 0), logScale(0.001, 1000, 0, 300, 10), symlogScale(-100, 1000, 0, 300)]) {
    for (const v of [scale.min, 1, 7.5, scale.max]) expect(scale.value(scale.at(v))).toBeCloseTo(v, 6);
  }
  expect(logScale(1, 1000, 0, 300, 10).at(0)).toBe(0);
});

test('a logarithmic axis counts in powers, fewer when there is no room', () => {
  expect(logScale(0.001, 10, 0, 1, 10).ticks(10)).toEqual([0.001, 0.01, 0.1, 1, 10]);
  expect(logScale(1, 1024, 0, 1, 2).ticks(4)).toEqual([1, 8, 64, 512]);
  expect(symlogScale(-100, 100, 0, 1).ticks(10)).toEqual([-100, -10, -1, 0, 1, 10, 100]);
});

test.each([
  ['seconds far apart', 0.001, 100_000, 's', 12, ['1 ms', '10 ms', '100 ms', '1 s', '10 s', '1 min', '10 mins', '1 hour', '6 hours', '1 day']],
  ['seconds with room', 1, 1000, 's', 12, ['1 s', '2 s', '5 s', '10 s', '30 s', '1 min', '2 mins', '5 mins', '10 mins']],
  ['hardly any room', 0.001, 100_000, 's', 4, ['1 ms', '1 s', '10 mins', '1 day']],
  ['milliseconds', 1, 600_000, 'ms', 8, ['1 ms', '10 ms', '100 ms', '1 s', '10 s', '1 min', '10 mins']],
  ['nanoseconds', 1000, 1e9, 'ns', 7, ['1 µs', '10 µs', '100 µs', '1 ms', '10 ms', '100 ms', '1 s']],
  ['days', 1, 4000, 'd', 5, ['1 day', '1 week', '8 weeks', '1 year', '10 years']],
])('a logarithmic axis of %s has ticks on round times', (_, min, max, unit, count, want) => {
  const ticks = logDurationTicks(min, max, unitsPerSecond(unit) ?? 1, count);
  expect(tickTexts(ticks, unit, undefined, 'utc', true)).toEqual(want);
});

test.each([
  [[0, 20, 40, 60, 80, 100], 's', ['0 s', '20 s', '40 s', '60 s', '80 s', '100 s']],
  [[0, 30, 60, 90], 's', ['0 s', '30 s', '1 min', '1.5 mins']],
  [[0, 10, 20, 30], 's', ['0 s', '10 s', '20 s', '30 s']],
  [[60_000, 80_000], 'ms', ['60 s', '80 s']],
  [[3600, 4200, 4800], 's', ['60 mins', '70 mins', '80 mins']],
  [[0, 0.25, 0.5], 's', ['0 s', '250 ms', '500 ms']],
  [[0, 5e-5, 1e-4, 1.5e-4], 'short', ['0', '0.00005', '0.00010', '0.00015']],
  [[0, 5e-7, 1e-6], 'none', ['0', '0.0000005', '0.0000010']],
  [[0, 0.2, 0.4, 0.6], 'bool_yes_no', ['No', 'Yes', '', '']],
  [[0, 1 / 3, 2 / 3], 'none', ['0', '0.3333', '0.6667']],
  [[0, 5000, 10_000], 'dtdurationms', ['0 milliseconds', '5 seconds', '10 seconds']],
  [[1.8e9, 1.8e9 + 7], 's', ['57.0776 years', '']],
])('ticks of a straight axis of durations %j %s', (ticks, unit, want) => {
  expect(tickTexts(ticks, unit, undefined, 'utc')).toEqual(want);
});

test.each([[7, 's', 10], [40, 's', 60], [1000, 's', 1200], [50_000, 'ms', 60_000], [7, 'none', 10]])('a step of at least %d %s is %d', (rough, unit, step) => {
  expect(linearScale(0, rough * 4, 0, 100, unit).ticks(4)[1]).toBe(step);
});

test('bands know what lies under a pixel', () => {
  const b = bands(4, 10, 50);
  expect([9, 10, 29.9, 30, 49, 50].map((px) => b.index(px))).toEqual([undefined, 0, 1, 2, 3, undefined]);
  expect(b.center(1)).toBe(25);
});

test('bytes fall on powers of two', () => {
  expect(niceRange(0, 50 * 2 ** 30, 4, 'bytes')).toEqual([0, 64 * 2 ** 30]);
  expect(linearScale(0, 64, 0, 1, 'bytes').ticks(4)).toEqual([0, 16, 32, 48, 64]);
  expect(linearScale(0, 64, 0, 1, 's').ticks(4)).toEqual([0, 20, 40, 60]);
});

const utc = (s: string): number => Date.parse(s);
test.each([
  ['an hour', '2026-03-29T00:10:00Z', '2026-03-29T01:10:00Z', 4, 'utc', ['2026-03-29T00:15:00Z', '2026-03-29T00:30:00Z', '2026-03-29T00:45:00Z', '2026-03-29T01:00:00Z']],
  ['half an hour off', '2026-01-01T00:00:00Z', '2026-01-01T04:00:00Z', 4, 'Asia/Kolkata', ['2026-01-01T00:30:00Z', '2026-01-01T01:30:00Z', '2026-01-01T02:30:00Z', '2026-01-01T03:30:00Z']],
  ['days over a change of clocks', '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z', 2, 'Europe/Berlin', ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z']],
  ['months', '2026-01-10T00:00:00Z', '2026-04-10T00:00:00Z', 3, 'utc', ['2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z']],
])('ticks of %s stand on the zone’s own marks', (_name, from, to, count, zone, expected) => {
  expect(timeTicks(utc(from), utc(to), zone, count).ticks.map((t) => new Date(t).toISOString().replace('.000', ''))).toEqual(expected);
});

test('ticks of days stay where they are while the range moves', () => {
  const at = (from: string, to: string): number[] => timeTicks(utc(from), utc(to), 'utc', 7).ticks;
  const first = at('2026-02-01T00:00:00Z', '2026-02-20T00:00:00Z');
  const later = at('2026-02-02T00:00:00Z', '2026-02-21T00:00:00Z');
  expect(first.filter((t) => t >= utc('2026-02-02T00:00:00Z'))).toEqual(later.filter((t) => t <= utc('2026-02-20T00:00:00Z')));
});

test.each([['status', 60, 'status'], ['status', 40, 'sta…'], ['status', 9, ''], ['🙂🙂🙂', 20, '🙂…']])('%s in %d pixels is “%s”', (text, room, shown) => {
  expect(fitText(text, room, (t) => [...t].length * 10)).toBe(shown);
});
