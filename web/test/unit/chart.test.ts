/** What the chart engine is given: times laid together, gaps, stacks; and the ticks of its axes. */
import { expect, test } from 'vitest';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeFrame, type Cell, type Frame } from '../../src/model/frame';
import { axisZones } from '../../src/panels/timeseries/options';
import { yScale } from '../../src/panels/timeseries/scales';
import { buildModel } from '../../src/panels/timeseries/model';
import { arcPath } from '../../src/panels/gauge/arc';
import { numberSize } from '../../src/panels/stat';
import { tileGrid } from '../../src/panels/values';
import { formatValue, joinValue } from '../../src/model/units/format';

const frame = (name: string, values: Cell[], step = 1000): Frame => makeFrame('A', [
  { name: 'Time', type: 'time', values: values.map((_, i) => i * step) }, { name: 'Value', type: 'number', values, labels: {}, legend: name },
]);
const build = (frames: Frame[], custom: object, hidden: string[] = []) =>
  buildModel(applyFieldConfig(frames, { defaults: { custom }, overrides: [] }, { theme: 'light', zone: 'utc', wantsRange: false }), new Set(hidden));
const drawn = (frames: Frame[], custom: object, hidden: string[] = []) => build(frames, custom, hidden).series.map((s) => s.values);

test('stacks add up, and stay empty where nothing was measured', () => {
  expect(drawn([frame('a', [null, 1, 2]), frame('b', [null, 10, null])], { stacking: { mode: 'normal' } })).toEqual([[null, 1, 2], [null, 11, 2]]);
  expect(drawn([frame('a', [1, 3]), frame('b', [1, 1])], { stacking: { mode: 'percent' } })).toEqual([[0.5, 0.75], [1, 1]]);
  expect(drawn([frame('a', [1]), frame('b', [-2]), frame('c', [4])], { stacking: { mode: 'normal' } })).toEqual([[1], [-2], [5]]);
});

test('a hidden series leaves the stack', () => {
  expect(drawn([frame('a', [1]), frame('b', [2]), frame('c', [4])], { stacking: { mode: 'normal' } }, ['b'])).toEqual([[1], [2], [5]]);
});

test('values can be turned down', () => {
  expect(drawn([frame('a', [1, null])], { transform: 'negative-Y' })).toEqual([[-1, null]]);
});

test('gaps are joined as asked', () => {
  const gap = [1, null, null, 4];
  expect(drawn([frame('a', gap)], {})).toEqual([gap]);
  expect(drawn([frame('a', gap)], { spanNulls: true })).toEqual([[1, undefined, undefined, 4]]);
  expect(drawn([frame('a', gap)], { spanNulls: 3001 })).toEqual([[1, undefined, undefined, 4]]);
  expect(drawn([frame('a', gap)], { spanNulls: 3000 })).toEqual([gap]);
});

test('different steps are laid on all the times there are', () => {
  const model = build([frame('a', [1, 2, 3], 1000), frame('b', [10, 20], 2000)], {});
  expect(model.times).toEqual([0, 1000, 2000]);
  expect(model.series.map((s) => s.values)).toEqual([[1, 2, 3], [10, undefined, 20]]);
});

test('infinite and missing values are not drawn', () => {
  expect(drawn([frame('a', [Infinity, NaN, 1])], {})).toEqual([[null, null, 1]]);
});

test('series of one unit share an axis', () => {
  const frames = [frame('a', [1]), frame('b', [2])];
  const model = buildModel(applyFieldConfig(frames, { defaults: { unit: 'bytes' }, overrides: [{ matcher: { id: 'byName', options: 'b' }, properties: [{ id: 'unit', value: 's' }] }] }, { theme: 'light', zone: 'utc', wantsRange: false }), new Set());
  expect(new Set(model.series.map((s) => s.scale)).size).toBe(2);
});

test('a gauge has no arc for nothing, and never more than all of it', () => {
  expect(arcPath(0, 0, 50)).toBe('');
  expect(arcPath(0, 7, 50)).toBe(arcPath(0, 1, 50));
});

test.each([[1, 400, 200, 1, 1], [4, 800, 100, 4, 1], [4, 100, 800, 1, 4], [6, 600, 200, 3, 2], [4, 456, 210, 2, 2], [3, 456, 210, 2, 2], [3, 456, 100, 3, 1]])('%i tiles in %i × %i', (count, width, height, columns, rows) => {
  expect(tileGrid(count, width, height, 'auto', (w, h) => Math.min(w / 2, h))).toEqual({ columns, rows });
});

test('long words get wider tiles than numbers', () => {
  // Five dates, as "Process start time" of Spring Boot's dashboard.
  expect(tileGrid(5, 400, 150, 'auto', numberSize(true, 200))).toEqual({ columns: 5, rows: 1 });
  expect(tileGrid(5, 400, 150, 'auto', numberSize(true, 1150))).toEqual({ columns: 3, rows: 2 });
});

test('a unit keeps its suffix on every tick', () => {
  expect([0, 512, 1024, 1536].map((v) => joinValue(formatValue(v, 'bytes', 1)))).toEqual(['0.0 B', '512.0 B', '1.0 KiB', '1.5 KiB']);
});

test('lines are broken where points are too far apart', () => {
  const sparse = (): Frame => makeFrame('A', [{ name: 'Time', type: 'time', values: [0, 1000, 5000] }, { name: 'Value', type: 'number', values: [1, 2, 3], labels: {}, legend: 'a' }]);
  expect(build([sparse()], { insertNulls: 3000 }).times).toEqual([0, 1000, 1001, 5000]);
  expect(drawn([sparse()], { insertNulls: 3000 })).toEqual([[1, 2, null, 3]]);
  expect(drawn([sparse()], { insertNulls: true })).toEqual([[1, 2, null, 3]]);
  expect(drawn([sparse()], { insertNulls: 4000 })).toEqual([[1, 2, 3]]);
});

test('an area between two series stands on the named one, in Grafana’s strength unless another is set', () => {
  const frames = [frame('max', [3]), frame('min', [1])];
  const model = buildModel(applyFieldConfig(frames, { defaults: {}, overrides: [{ matcher: { id: 'byName', options: 'max' }, properties: [{ id: 'custom.fillBelowTo', value: 'min' }] }] }, { theme: 'light', zone: 'utc', wantsRange: false }), new Set());
  expect(model.series.map((s) => [s.below, s.draw.fill])).toEqual([[1, 0.35], [undefined, 0]]);
});

test.each([
  ['dash', [4, 2], [4, 2]], ['dash', [], [10, 10]], ['dash', [0, 0], [10, 10]], ['dash', ['x'], [10, 10]], ['dot', [0, 12], [0, 12]], ['dot', undefined, [0, 6]], ['solid', [4, 2], undefined],
])('a line style of %s %j is drawn as %j', (style, dash, drawnAs) => {
  expect(build([frame('a', [1])], { lineStyle: { fill: style, dash } }).series[0]?.dash).toEqual(drawnAs);
});

test('time axes: the page’s zone first, each zone once, four at most', () => {
  expect(axisZones({}, 'utc')).toEqual(['utc']);
  expect(axisZones({ timezone: ['', 'Asia/Tokyo', 'Asia/Tokyo', 'utc'] }, 'utc')).toEqual(['utc', 'Asia/Tokyo']);
  expect(axisZones({ timezone: ['a', 'b', 'c', 'd', 'e'] }, 'utc')).toHaveLength(4);
});

test('an axis with zero in the middle reaches as far up as down, also as a symmetric logarithm', () => {
  for (const custom of [{ axisCenteredZero: true }, { axisCenteredZero: true, scaleDistribution: { type: 'symlog', log: 10, linearThreshold: 1 } }]) {
    const { range } = yScale(build([frame('a', [-2, 8])], custom).series);
    const [low, high] = (range as (u: unknown, min: number, max: number, key: string) => [number, number])(undefined, -2, 8, 'y');
    expect(low).toBe(-high);
    expect(high).toBeGreaterThanOrEqual(8);
  }
});

test.each([['percentunit', 1], ['none', 100]])('an axis of nothing but zeros in %s goes to %d or a little more', (unit, top) => {
  const series = build([frame('a', [0, 0])], {}).series.map((s) => ({ ...s, config: { ...s.config, unit } }));
  const { range } = yScale(series);
  const [low, high] = (range as (u: unknown, min: number, max: number, key: string) => [number, number])(undefined, 0, 0, 'y');
  expect(Math.abs(low)).toBe(0);
  expect(high).toBeGreaterThanOrEqual(top);
  expect(high).toBeLessThan(top * 1.5);
});
