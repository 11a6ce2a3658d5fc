/** The XY chart: fields found or chosen, sizes and colours by a field, ends of axes. */
import { describe, expect, test } from 'vitest';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeFrame, type Cell, type Frame } from '../../src/model/frame';
import { xAxisOf, yAxesOf } from '../../src/panels/xychart/axes';
import { xyModel, xyStyle, type XyPoint } from '../../src/panels/xychart/model';
import { nearestAlong, within, XyOrder } from '../../src/panels/xychart/near';

const table = (fields: Record<string, Cell[]>, defaults: object = {}, overrides: object[] = []): Frame[] => applyFieldConfig([
  makeFrame('A', Object.entries(fields).map(([name, values]) => ({ name, type: name === 'Time' ? 'time' as const : typeof values[0] === 'string' ? 'string' as const : 'number' as const, values }))),
], { defaults: { color: { mode: 'palette-classic' }, ...defaults }, overrides }, { theme: 'light', zone: 'utc', wantsRange: false });
const told = (frames: Frame[], options: object = {}) => xyModel(frames, { ...options }).series.map((s) => [s.title, s.x.name, s.points.map((p) => [p.x, p.y])]);

const rows = { Time: [9, 9, 9], host: ['a', 'b', 'c'], cpu: [1, 2, null], mem: [10, 20, 30], errors: [0, 5, 10] };

test('the first number is x, every other one is a series; rows with a gap are left out', () => {
  expect(told(table(rows))).toEqual([['mem', 'cpu', [[1, 10], [2, 20]]], ['errors', 'cpu', [[1, 0], [2, 5]]]]);
});

test('time is x where there is only one number', () => {
  expect(told(table({ Time: [1, 2], v: [5, 6] }))).toEqual([['v', 'Time', [[1, 5], [2, 6]]]]);
});

test.each([
  ['matchers of today', { mapping: 'manual', series: [{ name: { fixed: 'S' }, x: { matcher: { id: 'byName', options: 'mem' } }, y: { matcher: { id: 'byName', options: 'errors' } } }] }],
  ['plain names of before', { seriesMapping: 'manual', series: [{ name: 'S', x: 'mem', y: 'errors' }] }],
])('a mapping by hand: %s', (_, options) => {
  expect(told(table(rows), options)).toEqual([['S', 'mem', [[10, 0], [20, 5], [30, 10]]]]);
});

test('found by name and left out by name', () => {
  expect(told(table(rows), { dims: { x: 'mem', exclude: ['cpu'] } })).toEqual([['errors', 'mem', [[10, 0], [20, 5], [30, 10]]]]);
});

test('size and colour come from fields', () => {
  const frames = table(rows, { custom: { pointSize: { min: 4, max: 24 } } }, [{ matcher: { id: 'byName', options: 'errors' }, properties: [{ id: 'color', value: { mode: 'continuous-GrYlRd' } }] }]);
  const by = (name: string) => ({ matcher: { id: 'byName', options: name } });
  const [s] = xyModel(frames, { mapping: 'manual', series: [{ x: by('cpu'), y: by('mem'), size: by('mem'), color: by('errors') }] }).series;
  expect(s?.points.map((p) => p.diameter)).toEqual([4, 14]);
  // Half way of the field's own values, though other fields reach further.
  expect(s?.points[1]?.color).toBe('#b98a00');
});

test('what cannot be drawn says why', () => {
  expect(xyModel(table({ host: ['a'] }), {}).problem).toMatch(/needs two fields/);
  expect(xyModel(table(rows), { mapping: 'manual', series: [{ x: 'nope', y: 'mem' }] }).problem).toMatch(/None of the fields/);
});

test('axes end on round figures, or where the panel says', () => {
  const { series } = xyModel(table(rows), {});
  expect(xAxisOf(series)).toMatchObject({ min: 1, max: 2 });
  expect(yAxesOf(series).map((a) => [a.min, a.max])).toEqual([[0, 20]]);
  expect(yAxesOf(xyModel(table(rows, {}, [{ matcher: { id: 'byName', options: 'errors' }, properties: [{ id: 'unit', value: 's' }, { id: 'max', value: 7 }] }]), {}).series).map((a) => [a.side, a.max])).toEqual([['left', 20], ['right', 7]]);
});

test('styles have sane limits', () => {
  const style = (custom: object) => xyStyle({ mappings: [], links: [], custom: { ...custom } });
  expect(style({ show: 'points+lines', 'pointSize.fixed': 5000 })).toMatchObject({ points: true, lines: true, fixed: 200 });
  expect(style({ show: 'lines' })).toMatchObject({ points: false, lines: true });
});

describe('near a place', () => {
  const along = (x: number[]) => {
    const series = xyModel(table({ x, y: x.map((_, i) => i) }), {}).series[0];
    if (!series) throw new Error('no series');
    return { series, order: new XyOrder().of(series) };
  };
  test.each([
    [[], 5, undefined], [[3], 5, 0],
    [[1, 4, 9], 0, 0], [[1, 4, 9], 6, 1], [[1, 4, 9], 7, 2], [[1, 4, 9], 99, 2],
    // As far on both sides, and several of one x: the row that comes first.
    [[1, 5], 3, 0], [[5, 1], 3, 0], [[4, 4, 4], 4, 0], [[9, 4, 4, 1], 5, 1], [[9, 4, 4, 1], 3.9, 1],
  ])('of points at %j the one next to %d is in row %s', (x, at, row) => {
    expect(nearestAlong(along(x).order, at)?.row).toBe(row);
  });
  test('is what a walk over all points finds', () => {
    let seed = 7;
    const next = (): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % 40;
    };
    const { series, order } = along(Array.from({ length: 300 }, next));
    for (let t = -3; t < 45; t += 0.5) {
      let near: XyPoint | undefined;
      for (const p of series.points) if (!near || Math.abs(p.x - t) < Math.abs(near.x - t)) near = p;
      expect(nearestAlong(order, t)).toBe(near);
      expect(new Set(within(order, t, t + 4))).toEqual(new Set(series.points.filter((p) => p.x >= t && p.x <= t + 4)));
    }
  });
  test('points that come in order are not copied; the order is made once', () => {
    const { series } = along([1, 2, 2, 3]);
    const made = new XyOrder();
    expect(made.of(series)).toBe(series.points);
    const mixed = along([3, 1]).series;
    expect(made.of(mixed)).toBe(made.of(mixed));
  });
});
