/** Bars and pies: categories and series, stacking, axes, names that fit, slices and their outlines, and what stands behind the pictures. */
import { expect, test } from 'vitest';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeFrame, type Cell, type Frame } from '../../src/model/frame';
import barchart from '../../src/panels/barchart';
import { barBox, place, slots, tickPlan, valueAxes } from '../../src/panels/barchart/layout';
import { axisEnds, buildBars, categoriesMax, categoryTexts, toldAt } from '../../src/panels/barchart/model';
import { barChartOptions } from '../../src/panels/barchart/options';
import { stackSpans } from '../../src/panels/canvas/bars';
import histogram from '../../src/panels/histogram';
import piechart from '../../src/panels/piechart';
import { labelPlace, pieOptions, pieSlices, slicePath } from '../../src/panels/piechart/slices';

const applied = (frames: Frame[], defaults: object = {}, overrides: object[] = []): Frame[] => applyFieldConfig(frames, { defaults: { color: { mode: 'palette-classic' }, ...defaults }, overrides }, { theme: 'light', zone: 'utc', wantsRange: false });
const series = (name: string, times: number[], values: Cell[]): Frame => makeFrame('A', [{ name: 'Time', type: 'time', values: times }, { name: 'Value', type: 'number', values, labels: {}, legend: name }]);
const rows = (): Frame => makeFrame('A', [
  { name: 'code', type: 'string', values: ['200', '404', '200'] }, { name: 'Total', type: 'number', values: [5, null, 7] }, { name: 'Rank', type: 'number', values: [1, 2, 3] },
], { table: true });

test.each([
  ['none', [[1, -2, null], [3, 4, 5]], [[[0, 1], [0, -2], null], [[0, 3], [0, 4], [0, 5]]]],
  ['normal', [[1, -2, null], [3, 4, 5], [1, -1, 1]], [[[0, 1], [0, -2], null], [[1, 4], [0, 4], [0, 5]], [[4, 5], [-2, -3], [5, 6]]]],
  ['percent', [[1, 0], [3, 0]], [[[0, 0.25], [0, 0]], [[0.25, 1], [0, 0]]]],
] as const)('stacking %s', (stacking, values, spans) => {
  expect(stackSpans(values, stacking)).toEqual(spans);
});

const bars = (frames: Frame[], options: Record<string, unknown> = {}, hidden: string[] = []) => buildBars(frames, barChartOptions(options), new Set(hidden));

test('a table keeps its rows; words are the categories unless a field is chosen', () => {
  const plain = bars(applied([rows()]));
  expect([plain.x?.name, plain.categories, plain.series.map((s) => [s.title, s.values])]).toEqual(['code', ['200', '404', '200'], [['Total', [5, null, 7]], ['Rank', [1, 2, 3]]]]);
  const chosen = bars(applied([rows()]), { xField: 'Rank' });
  expect([chosen.x?.name, chosen.categories, chosen.series.map((s) => s.title)]).toEqual(['Rank', [1, 2, 3], ['Total']]);
});

test('series are laid on all the moments there are', () => {
  const model = bars(applied([series('a', [0, 1000], [1, 2]), series('b', [1000, 2000], [3, NaN])]));
  expect([model.times, model.step, model.series.map((s) => s.values)]).toEqual([[0, 1000, 2000], 1000, [[1, 2, null], [null, 3, null]]]);
  expect(categoryTexts(model, 'utc', 0)).toEqual(['Jan 1 00:00:00', '00:00:01', '00:00:02']);
});

test('a series put aside leaves the stack, one hidden by the dashboard is not there', () => {
  const frames = applied([series('a', [0], [1]), series('b', [0], [2]), series('c', [0], [4])], {}, [{ matcher: { id: 'byName', options: 'c' }, properties: [{ id: 'custom.hideFrom', value: { viz: true } }] }]);
  expect(bars(frames, { stacking: 'normal' }).series.map((s) => s.spans)).toEqual([[[0, 1]], [[1, 3]]]);
  expect(bars(frames, { stacking: 'normal' }, ['a']).series.map((s) => s.spans)).toEqual([[], [[0, 2]]]);
});

test('bars take the colours of another field, or of their own value', () => {
  const steps = { color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps: [{ color: '#00ff00', value: null }, { color: '#ff0000', value: 6 }] } };
  expect(bars(applied([rows()], steps)).series[0]?.colors).toEqual(['#00ff00', undefined, '#ff0000']);
  const by = applied([rows()], {}, [{ matcher: { id: 'byName', options: 'Rank' }, properties: [{ id: 'color', value: { mode: 'thresholds' } }, { id: 'thresholds', value: { mode: 'absolute', steps: [{ color: '#111111', value: null }, { color: '#222222', value: 3 }] } }] }]);
  expect(bars(by, { colorByField: 'Rank' }).series[0]?.colors).toEqual(['#111111', '#111111', '#222222']);
});

test('of too many moments the last ones are shown', () => {
  const n = categoriesMax + 5;
  const model = bars(applied([series('a', Array.from({ length: n }, (_, i) => i), Array.from({ length: n }, (_, i) => i))]));
  expect([model.categories.length, model.categories.at(-1), model.series[0]?.values.at(-1), model.cut]).toEqual([categoriesMax, n - 1, n - 1, 5]);
});

test.each([
  [{}, [3, 8], { min: 0, max: 8 }], [{}, [-3, 8], { min: -3, max: 8 }], [{ min: 2, max: 5 }, [3, 8], { min: 2, max: 5 }],
  [{ custom: { axisSoftMax: 20 } }, [3], { min: 0, max: 20 }], [{ custom: { axisCenteredZero: true } }, [-3, 8], { min: -8, max: 8 }],
])('the axis of %j over %j', (defaults, values, ends) => {
  expect(axisEnds(bars(applied([series('a', values.map((_, i) => i), values)], defaults)).series)).toMatchObject(ends);
});

test('bars stand where slots, axis and limits say', () => {
  const o = barChartOptions({ groupWidth: 0.8, barWidth: 0.5 });
  expect([slots(100, 2, o).start(0), slots(100, 2, o).start(1), slots(100, 2, o).width]).toEqual([20, 60, 20]);
  expect(slots(100, 2, { ...o, stacking: 'normal' })).toMatchObject({ width: 40 });
  const model = bars(applied([series('a', [0], [5])], { min: 0, max: 10 }));
  const plot = { left: 0, top: 0, right: 100, bottom: 100 };
  const axis = valueAxes(model.series, 100, o, 'utc', true)[0];
  if (!axis) throw new Error('no axis');
  const slot = slots(100, 1, barChartOptions({ groupWidth: 1, barWidth: 1 }));
  expect(barBox([0, 5], 0, slot, 0, place(axis, 100, 0), plot, true)).toEqual({ left: 0, right: 100, top: 50, bottom: 100 });
  expect(barBox([0, 50], 0, slot, 0, place(axis, 0, 100), plot, false)).toEqual({ left: 0, right: 100, top: 0, bottom: 100 });
});

test('a second unit gets its own axis on the right', () => {
  const frames = applied([series('a', [0], [5]), series('b', [0], [9])], {}, [{ matcher: { id: 'byName', options: 'b' }, properties: [{ id: 'unit', value: 's' }] }]);
  expect(valueAxes(bars(frames).series, 100, barChartOptions({}), 'utc', true).map((a) => a.side)).toEqual(['left', 'right']);
});

test.each([
  ['fit', 30, 5, 60, {}, false, { angle: 0, stride: 1 }], ['moments thin out', 40, 100, 10, {}, true, { angle: 0, stride: 6 }],
  ['wide bands cut', 110, 3, 90, {}, false, { angle: 0, stride: 1, cut: 84 }], ['much longer ones turn', 200, 3, 90, {}, false, { angle: -45, stride: 1, cut: 110 }], ['narrow ones turn', 80, 10, 30, {}, false, { angle: -45, stride: 1 }],
  ['very narrow ones thin out', 80, 200, 4, {}, false, { angle: 0, stride: 23 }], ['as the dashboard says', 80, 10, 30, { xTickLabelRotation: 90 }, false, { angle: 90, stride: 1 }],
  ['at a distance', 20, 10, 30, { xTickLabelSpacing: 100 }, false, { stride: 4, offset: 0 }], ['counted from the end', 20, 10, 30, { xTickLabelSpacing: -100 }, false, { stride: 4, offset: 1 }],
] as const)('names: %s', (_name, longest, count, pitch, options, isTime, plan) => {
  expect(tickPlan(longest, count, pitch, 300, barChartOptions(options), isTime)).toMatchObject(plan);
});

test('the table and the words behind the bars', () => {
  const frames = applied([rows()]);
  expect(barchart.toTable(frames, {}).rows).toEqual([['200', 5, 1], ['404', null, 2], ['200', 7, 3]]);
  expect(barchart.describe(frames, {})).toBe('Bar chart of 2 series in 3 groups. Total: most in 200, 7; Rank: most in 200, 3.');
});

test('the table and the words behind the histogram', () => {
  const frames = applied([series('a', [0, 1, 2], [1, 1.5, 3])], { unit: 's' });
  expect(histogram.toTable(frames, { bucketSize: 1 }).rows).toEqual([[1, 2, 2], [2, 3, 0], [3, 4, 1]]);
  expect(histogram.describe(frames, { bucketSize: 1 })).toBe('Histogram of 1 series in 3 buckets from 1 s to 4 s. a: most in 1 s – 2 s, 2.');
});

const pie = (values: [string, Cell][], options: Record<string, unknown> = {}, hidden: string[] = []) => pieSlices(applied(values.map(([name, v]) => series(name, [0], [v]))), options, new Set(hidden), 'light');

test('slices share the whole, biggest first; what is not above zero has no share', () => {
  expect(pie([['a', 1], ['b', 6], ['c', -3], ['d', NaN], ['e', 1]]).map((s) => [s.title, s.share, s.percentText])).toEqual([['b', 0.75, '75%'], ['a', 0.125, '13%'], ['e', 0.125, '13%'], ['c', 0, '0%'], ['d', 0, '0%']]);
  expect(pie([['a', 1], ['b', 6]], { sort: 'asc' }).map((s) => s.title)).toEqual(['a', 'b']);
  expect(pie([['a', 1], ['b', 6]], { sort: 'none' }).map((s) => s.title)).toEqual(['a', 'b']);
  expect(pie([['a', 1], ['b', 3]], {}, ['b']).map((s) => [s.title, s.share, s.hidden])).toEqual([['b', 0, true], ['a', 1, false]]);
  expect(pie([['a', 0]]).map((s) => s.share)).toEqual([0]);
});

test('rows of a table are slices of their own colour', () => {
  const slices = pieSlices(applied([rows()]), { reduceOptions: { values: true, fields: 'Total' }, sort: 'none' }, new Set(), 'light');
  expect(slices.map((s) => s.title)).toEqual(['200', '404', '200']);
  expect(new Set(slices.map((s) => s.color)).size).toBe(3);
});

test('outlines: nothing, a part, more than half, all, a ring', () => {
  expect(slicePath(0.2, 0.2, 10, 0)).toBe('');
  expect(slicePath(0, 0.25, 10, 0)).toBe('M0.000 -10.000A10 10 0 0 1 10.000 0.000L0 0Z');
  expect(slicePath(0, 0.75, 10, 0)).toContain('A10 10 0 1 1');
  expect(slicePath(0, 1, 10, 0).match(/A/g)).toHaveLength(2);
  expect(slicePath(0, 1, 10, 5).match(/A/g)).toHaveLength(4);
  expect(slicePath(0, 0.25, 10, 5)).toContain('L5.000 0.000A5 5 0 0 0');
  const at = labelPlace(0, 0.5, 10);
  expect([Math.round(at.x), Math.round(at.y)]).toEqual([10, 0]);
});

test('options of the pie, also when they are nonsense', () => {
  expect(pieOptions({ pieType: 'donut', displayLabels: ['percent'], legend: { displayMode: 'table', values: ['percent', 'bogus'] } })).toMatchObject({ donut: true, labels: { name: false, percent: true }, legend: { table: true, values: ['percent'], placement: 'right' }, sort: 'desc' });
  expect(pieOptions({ legend: 7, displayLabels: 'x' })).toMatchObject({ donut: false, legend: { show: true } });
});

test('the table and the words behind the pie', () => {
  const frames = applied([series('a', [0], [1]), series('b', [0], [3])]);
  expect(piechart.toTable(frames, {}).rows).toEqual([['b', 3, '75%'], ['a', 1, '25%']]);
  expect(piechart.describe(frames, { pieType: 'donut' })).toBe('Ring of 2 shares. b: 3, 75%; a: 1, 25%.');
});

test.each([
  [{ mode: 'multi', sort: 'none', hideZeros: false }, ['a', 'b', 'c']],
  [{ mode: 'multi', sort: 'asc', hideZeros: false }, ['b', 'c', 'a']],
  [{ mode: 'multi', sort: 'desc', hideZeros: true }, ['a', 'c']],
  [{ mode: 'single', sort: 'desc', hideZeros: false }, ['c']],
] as const)('a tooltip with %j tells of %j: without gaps and without what is kept out of it', (options, titles) => {
  const frames = applied([series('a', [0], [3]), series('b', [0], [0]), series('c', [0], [2]), series('gap', [0], [null]), series('hidden', [0], [9])], {}, [{ matcher: { id: 'byName', options: 'hidden' }, properties: [{ id: 'custom.hideFrom', value: { tooltip: true } }] }]);
  const shown = bars(frames).series;
  expect(toldAt(shown, 0, options, shown[2]).map((s) => s.title)).toEqual(titles);
});
