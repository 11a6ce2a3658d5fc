/** Candles: which fields they are made of, what stands in for a missing one; and the trend's axis of numbers. */
import { expect, test } from 'vitest';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeFrame, type Cell, type Frame } from '../../src/model/frame';
import { candleOptions, candlesOf, candleStep, findParts } from '../../src/panels/candlestick/candles';
import { buildModel } from '../../src/panels/timeseries/model';
import { trendFrames } from '../../src/panels/trend/shape';

const series = (name: string, values: Cell[]): Frame => makeFrame('A', [
  { name: 'Time', type: 'time', values: values.map((_, i) => i * 1000) }, { name: 'Value', type: 'number', values, legend: name },
]);
const built = (frames: Frame[]) => buildModel(applyFieldConfig(frames, { defaults: {}, overrides: [] }, { theme: 'light', zone: 'utc', wantsRange: false }), new Set());
const candles = (frames: Frame[], options: object = {}) => {
  const o = candleOptions({ ...options });
  const model = built(frames);
  return candlesOf(model, findParts(model.series, o.fields), o.closeToClose).map((c) => [c.open, c.high, c.low, c.close, c.volume, c.direction]);
};

test('fields are found by their names, in any case, and by choice', () => {
  const all = [series('O', [1]), series('High', [4]), series('low', [0]), series('close', [3]), series('v', [9])];
  expect(candles(all)).toEqual([[1, 4, 0, 3, 9, 'up']]);
  expect(candles([series('a', [1]), series('b', [2])], { fields: { open: 'b', close: 'a' } })).toEqual([[2, 2, 1, 1, undefined, 'down']]);
  expect(candles([series('a', [1])])).toEqual([]);
});

test('a missing open is the close before; gaps make no candle', () => {
  expect(candles([series('close', [2, 3, null, 3, 1])])).toEqual([
    [2, 2, 2, 2, undefined, 'flat'], [2, 3, 2, 3, undefined, 'up'], [3, 3, 3, 3, undefined, 'flat'], [3, 3, 1, 1, undefined, 'down'],
  ]);
});

test('the direction may be told from close to close', () => {
  const frames = [series('open', [1, 5]), series('close', [2, 4])];
  expect(candles(frames).map((c) => c[5])).toEqual(['up', 'down']);
  expect(candles(frames, { colorStrategy: 'close-close' }).map((c) => c[5])).toEqual(['up', 'up']);
});

test('one candle has the room of the smallest step', () => {
  expect(candleStep([0, 60, 90, 150])).toBe(30);
  expect(candleStep([5])).toBe(60_000);
});

const table = (fields: Record<string, Cell[]>): Frame => makeFrame('A', Object.entries(fields).map(([name, values]) => ({ name, type: name === 'Time' ? 'time' as const : typeof values[0] === 'string' ? 'string' as const : 'number' as const, values })));

test('a trend lies along its x field, in order, without the time', () => {
  const t = trendFrames([table({ Time: [9, 9, 9], x: [3, 1, 1], y: [30, 10, 11], z: [null, 1, 2] })], { xField: 'x' });
  expect(t.problem).toBeUndefined();
  expect(t.frames[0]?.fields.map((f) => [f.name, f.type, f.values])).toEqual([['x', 'time', [1, 3]], ['y', 'number', [10, 30]], ['z', 'number', [1, null]]]);
});

test('labels that are numbers can be the x axis; what cannot says why', () => {
  expect(trendFrames([table({ le: ['0.5', '+Inf', '0.1'], Value: [2, 3, 1] })], { xField: 'le' }).frames[0]?.fields.map((f) => f.values)).toEqual([[0.1, 0.5], [1, 2]]);
  expect(trendFrames([table({ x: [1], y: [2] })], { xField: 'nope' }).problem).toMatch(/“nope”/);
  expect(trendFrames([table({ Time: [1], x: [1] })], {}).problem).toMatch(/Besides “x”/);
  expect(trendFrames([table({ word: ['a'] })], {}).problem).toMatch(/has none/);
});
