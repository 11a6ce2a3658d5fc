/** Buckets: running totals taken apart, heatmap cells from rows and from series, histograms, colours along a scale. */
import { expect, test } from 'vitest';
import { parseBound, parseSpan, perBucket } from '../../src/model/buckets/bounds';
import { columnAt, heatFromRows, heatFromSeries, heatRange } from '../../src/model/buckets/heat';
import { buildHistogram, bucketSize } from '../../src/model/buckets/histogram';
import { schemeColors, schemeNames } from '../../src/model/color/schemes';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeFrame, type Cell, type Frame, type Labels } from '../../src/model/frame';
import { heatColors, readHeat } from '../../src/panels/heatmap/cells';
import { exemplarPoints } from '../../src/panels/heatmap/exemplars';
import heatmap from '../../src/panels/heatmap';
import { layoutRows, rowText } from '../../src/panels/heatmap/layout';
import { heatmapOptions } from '../../src/panels/heatmap/options';
import { toFrames } from '../../src/query/frames';

test.each([['0.5', 0.5], ['+Inf', Infinity], ['Inf', Infinity], ['-Inf', -Infinity], ['1e3', 1000], ['', undefined], ['GET', undefined], [undefined, undefined]])('the bound %s is %s', (text, bound) => {
  expect(parseBound(text)).toBe(bound);
});
test.each([['1.0e-3...2.0e-3', { low: 0.001, high: 0.002 }], ['0...1', { low: 0, high: 1 }], ['1-2', { low: 1, high: 2 }], ['1e-3 – 2e-3', { low: 0.001, high: 0.002 }], ['2-1', undefined], ['pod-1', undefined]])('the span %s', (text, span) => {
  expect(parseSpan(text)).toEqual(span);
});

test('running totals become what lies in each bucket, in the order of the bounds', () => {
  const bucket = (le: string, values: Cell[], more: Labels = {}) => ({ labels: { le, ...more }, values });
  const told = (series: ReturnType<typeof bucket>[]) => perBucket(series).map((s) => [s.labels['le'], s.values]);
  expect(told([bucket('+Inf', [10, 20, null]), bucket('1', [4, 9, 1]), bucket('0.5', [1, 9.000001, null])])).toEqual([['0.5', [1, 9.000001, null]], ['1', [3, 0, 1]], ['+Inf', [6, 11, null]]]);
  expect(told([bucket('1', [5], { a: 'x' }), bucket('2', [7], { a: 'x' }), bucket('1', [1], { a: 'y' }), bucket('2', [9], { a: 'y' })])).toEqual([['1', [5]], ['2', [2]], ['1', [1]], ['2', [8]]]);
});

test('answers to queries of the heatmap format come apart; others do not', () => {
  const wire = { kind: 'series' as const, time: { t0: 0, step: 10, n: 2 }, series: [{ name: 'x', labels: { le: '+Inf' }, values: [5, 9] }, { name: 'x', labels: { le: '1' }, values: [2, 3] }] };
  const values = (format: 'heatmap' | 'time_series') => toFrames(wire, { refId: 'A', format, several: false }).map((f) => [f.fields[1]?.legend, f.fields[1]?.values, f.buckets]);
  expect(values('heatmap')).toEqual([['1', [2, 3], true], ['+Inf', [3, 6], true]]);
  expect(values('time_series')).toEqual([['x', [5, 9], undefined], ['x', [2, 3], undefined]]);
});

const row = (name: string, values: Cell[], labels: Labels = {}, buckets = false): Frame => makeFrame('A', [
  { name: 'Time', type: 'time', values: values.map((_, i) => 1000 + i * 100) }, { name: 'Value', type: 'number', values, labels, legend: name },
], { buckets });
const applied = (frames: Frame[], defaults: object = {}): Frame[] => applyFieldConfig(frames, { defaults, overrides: [] }, { theme: 'light', zone: 'utc', wantsRange: false });
const histogramRows = (): Frame[] => applied([row('10', [1, 2], { le: '10' }, true), row('+Inf', [0, 4], { le: '+Inf' }, true), row('2.5', [7, null], { le: '2.5' }, true)]);

test('rows are sorted by their bounds and end where the next begins', () => {
  const heat = heatFromRows(histogramRows(), 'auto', 1);
  expect(heat.rows.map((r) => [r.low, r.high])).toEqual([[0, 2.5], [2.5, 10], [10, Infinity]]);
  expect(heat.counts).toEqual([[7, null], [1, 2], [0, 4]]);
  expect(heat.starts).toEqual([900, 1000]);
  expect([899, 900, 999, 1000, 1100].map((t) => columnAt(heat, t))).toEqual([undefined, 0, 0, 1, undefined]);
  expect(heatRange(heat, (v) => v > 0)).toEqual({ min: 1, max: 7 });
});

test.each([
  ['ge', [row('1', [1]), row('5', [2])], 'lower', [[1, 5], [5, Infinity]]],
  ['le', [row('5', [1]), row('1', [2])], 'upper', [[0, 1], [1, 5]]],
  ['auto', [row('b', [1]), row('a', [2])], 'word', [[NaN, NaN], [NaN, NaN]]],
  ['auto', [row('1...2', [1]), row('0...1', [2])], 'both', [[0, 1], [1, 2]]],
  ['unknown', [row('1', [1]), row('5', [2])], 'word', [[NaN, NaN], [NaN, NaN]]],
] as const)('layout %s', (layout, frames, named, ends) => {
  const heat = heatFromRows(applied([...frames]), layout, 50);
  expect([heat.named, heat.rows.map((r) => [r.low, r.high]), heat.width]).toEqual([named, ends, 50]);
});

test('rows of the same bound add up', () => {
  expect(heatFromRows(applied([row('1', [1, 2], { le: '1', a: 'x' }, true), row('1', [3, null], { le: '1', a: 'y' }, true)]), 'auto', 1).counts).toEqual([[4, 2]]);
});

test('series are counted in cells of time and value', () => {
  const frames = applied([row('a', [1, 2.5, 3]), row('b', [1.9, 2, NaN])]);
  const heat = heatFromSeries(frames, { size: 200 }, { size: 1 }, { from: 1000, to: 1400 });
  expect(heat.starts).toEqual([1000, 1200]);
  expect(heat.rows.map((r) => [r.low, r.high])).toEqual([[1, 2], [2, 3], [3, 4]]);
  expect(heat.counts).toEqual([[2, 0], [2, 0], [0, 1]]);
});

test('powers as buckets, split as asked, without what has no logarithm', () => {
  const frames = applied([row('a', [1, 2, 8, 0, -3])]);
  expect(heatFromSeries(frames, { size: 1000 }, { log: 2, count: 1 }, { from: 1000, to: 2000 }).rows.map((r) => [r.low, r.high])).toEqual([[1, 2], [2, 4], [4, 8], [8, 16]]);
  expect(heatFromSeries(frames, { size: 1000 }, { log: 2, count: 2 }, { from: 1000, to: 2000 }).rows).toHaveLength(7);
});

test('no cut, however fine, makes more cells than can be drawn', () => {
  const heat = heatFromSeries(applied([row('a', [0, 1e9])]), { size: 1e-6 }, { size: 1e-9 }, { from: 1000, to: 1e12 });
  expect([heat.rows.length <= 500, heat.starts.length <= 4001]).toEqual([true, true]);
});

test('rows lie upwards, or down when the axis is reversed, or where their bounds are', () => {
  const plot = { left: 0, top: 0, right: 100, bottom: 90 };
  const tops = (options: Record<string, unknown>) => {
    const { heat, o } = readHeat(histogramRows(), options, { from: 0, to: 2000 });
    return layoutRows(heat, o, plot, 'utc').places.map((p) => p && Math.floor(p.top + 0.25));
  };
  expect(tops({})).toEqual([60, 30, 0]);
  expect(tops({ yAxis: { reverse: true } })).toEqual([0, 30, 60]);
  expect(tops({ rowsFrame: { yBucketScale: { type: 'linear' } }, yAxis: { max: 10 } })).toEqual([67, 0, undefined]);
  expect(tops({ rowsFrame: { yBucketScale: { type: 'log', log: 2 } } })).toEqual([67, 22, 0]);
});

test('buckets are named with their unit', () => {
  const o = heatmapOptions({ yAxis: { unit: 's' } }, undefined);
  expect([[0.1, 2.5], [10, Infinity], [-Infinity, 0]].map(([low = 0, high = 0]) => rowText({ low, high, name: '' }, o, 'utc'))).toEqual(['100 ms – 2.5 s', '> 10 s', '≤ 0 s']);
  expect(rowText({ low: NaN, high: NaN, name: 'GET' }, o, 'utc')).toBe('GET');
});

test('colours: cells without anything are left out, limits and exponent are the dashboard’s', () => {
  const { heat, o } = readHeat(histogramRows(), { color: { mode: 'opacity', fill: '#000000', exponent: 0.5, steps: 2 } }, { from: 0, to: 1 });
  const colors = heatColors(heat, o, 'light');
  expect([colors.of(0), colors.of(null), colors.of(7)]).toEqual([undefined, undefined, 'rgba(0,0,0,1)']);
  const bounded = readHeat(histogramRows(), { color: { min: 0, max: 100, scheme: 'Blues' }, filterValues: { ge: 5 } }, { from: 0, to: 1 });
  const of = heatColors(bounded.heat, bounded.o, 'light');
  expect([of.min, of.max, of.of(7)]).toEqual([0, 100, undefined]);
});

test('all schemes there are can be asked for in any case, and turn round', () => {
  expect(schemeNames).toHaveLength(38);
  for (const name of schemeNames) {
    for (const theme of ['light', 'dark'] as const) {
      const colors = schemeColors(name, 5, false, theme);
      expect(colors).toHaveLength(5);
      expect(schemeColors(name.toLowerCase(), 5, true, theme)).toEqual([...colors].reverse());
    }
  }
  expect(schemeColors('Nonsense', 9, false, 'light')).toEqual(schemeColors('Oranges', 9, false, 'light'));
});

test('cells that were counted before are taken as they are, on an axis of powers where they are powers', () => {
  const cells = (lows: number[]): Frame => makeFrame('A', [
    { name: 'xMin', type: 'time', values: lows.flatMap(() => [0, 100]) }, { name: 'xMax', type: 'time', values: lows.flatMap(() => [100, 200]) },
    { name: 'yMin', type: 'number', values: lows.flatMap((v) => [v, v]) }, { name: 'yMax', type: 'number', values: lows.flatMap((v) => [v * 2, v * 2]) },
    { name: 'Count', type: 'number', values: lows.flatMap((_, i) => [i, null]) },
  ], { table: true });
  const { heat, o } = readHeat(applied([cells([1, 2, 4])]), {}, { from: 0, to: 200 });
  expect([heat.starts, heat.width, heat.counts, heat.rows.map((r) => [r.low, r.high]), o.y.log]).toEqual([[0, 100], 100, [[0, null], [1, null], [2, null]], [[1, 2], [2, 4], [4, 8]], 10]);
  expect(readHeat(applied([cells([1, 3])]), {}, { from: 0, to: 200 }).o.y.log).toBe(0);
});

test('exemplars keep their labels', () => {
  const frame = makeFrame('A', [{ name: 'Time', type: 'time', values: [5] }, { name: 'Value', type: 'number', values: [0.3] }, { name: 'traceID', type: 'string', values: ['abc'] }, { name: 'empty', type: 'string', values: [''] }], { name: 'exemplar' });
  expect(exemplarPoints([frame, row('a', [1])])).toEqual([{ t: 5, value: 0.3, labels: [['traceID', 'abc']] }]);
  expect(exemplarPoints([], [{ time: 7, value: 2, labels: { trace: 'x' }, series: { le: '1', job: 'a' } }])).toEqual([{ t: 7, value: 2, labels: [['trace', 'x'], ['job', 'a']] }]);
});

test('the table and the words behind the heatmap', () => {
  const table = heatmap.toTable(histogramRows(), { yAxis: { unit: 's' } });
  expect(table.columns.map((c) => c.title)).toEqual(['Time', '0 s – 2.5 s', '2.5 s – 10 s', '> 10 s']);
  expect(table.rows).toEqual([[1000, null, 2, 4], [900, 7, 1, 0]]);
  expect(heatmap.describe(histogramRows(), {})).toBe('Heatmap of 3 buckets over 2 moments. Most lies in 0 – 2.5.');
});

test.each([[[0, 10], 30, 10], [[0, 1, 2, 90], 30, 4], [[5, 5], 30, 1], [[0, 0.5, 1], 10, 0.5]])('the width of buckets for %j', (values, count, size) => {
  expect(bucketSize(values, count)).toBe(size);
});

const values = (name: string, v: Cell[]): Frame => row(name, v);
const histogram = (frames: Frame[], options: object) => {
  const h = buildHistogram(applied(frames), { combine: false, ...options });
  return { low: h.low, counts: h.series.map((s) => s.counts) };
};
test.each([
  ['a size', [values('a', [1, 2, 2.9, 7])], { size: 2 }, { low: [0, 2, 4, 6], counts: [[1, 2, 0, 1]] }],
  ['an offset', [values('a', [1, 2, 3])], { size: 2, offset: 1 }, { low: [1, 3], counts: [[2, 1]] }],
  ['several series', [values('a', [1]), values('b', [3, null])], { size: 1 }, { low: [1, 2, 3], counts: [[1, 0, 0], [0, 0, 1]] }],
  ['all in one', [values('a', [1]), values('b', [1, 3])], { size: 1, combine: true }, { low: [1, 2, 3], counts: [[2, 0, 1]] }],
  ['negative values', [values('a', [-0.5, 0.5])], { size: 1 }, { low: [-1, 0], counts: [[1, 1]] }],
  ['nothing', [values('a', [null, NaN])], {}, { low: [], counts: [] }],
])('a histogram with %s', (_name, frames, options, expected) => {
  expect(histogram(frames, options)).toEqual(expected);
});

test('a width that would need a million buckets is widened', () => {
  expect(histogram([values('a', [0, 1e9])], { size: 1 }).low.length).toBeLessThanOrEqual(2001);
});

test('buckets that were counted already are taken as they are, averaged over time', () => {
  const h = buildHistogram(histogramRows(), { combine: false });
  expect([h.low, h.high, h.series[0]?.counts, h.given]).toEqual([[0, 2.5, 10], [2.5, 10, Infinity], [7, 1.5, 2], true]);
  const frame = makeFrame('A', [{ name: 'xMin', type: 'number', values: [0, 5] }, { name: 'xMax', type: 'number', values: [5, 10] }, { name: 'count', type: 'number', values: [3, 4] }]);
  expect(buildHistogram(applied([frame]), { combine: false }).series.map((s) => [s.title, s.counts])).toEqual([['count', [3, 4]]]);
});
