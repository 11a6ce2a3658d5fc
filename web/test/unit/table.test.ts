/** The table panel without a page: order, filters, foot, widths, and which rows are in sight. */
import { expect, test } from 'vitest';
import { makeFrame, type Cell, type Field } from '../../src/model/frame';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { columnWidths, footerCells, footerCount, orderedRows, pressSort, savedSort, searchTest, shownColumns, type Filter } from '../../src/panels/table/model';
import { RowWindow } from '../../src/panels/table/rows';

const column = (name: string, values: Cell[], type: Field['type'] = 'number'): Field => ({ name, type, values });
const frame = (fields: Field[], defaults: object = {}, overrides: unknown[] = []) =>
  applyFieldConfig([makeFrame('A', fields, { table: true })], { defaults, overrides }, { theme: 'light', zone: 'utc', wantsRange: true })[0] ?? makeFrame('A', []);
const fleet = frame([column('host', ['web10', 'web9', 'db1', null], 'string'), column('load', [3, null, 7, 3]), column('mem', [1, 2, 3, 4])]);
const rows = (sorts: [string, boolean][], filters: [string, Filter][] = []): number[] => orderedRows(fleet, shownColumns(fleet), sorts.map(([title, desc]) => ({ title, desc })), new Map(filters), 'utc');

test.each<[[string, boolean][], number[]]>([
  [[], [0, 1, 2, 3]], [[['load', true]], [2, 0, 3, 1]], [[['load', false]], [0, 3, 2, 1]], [[['host', false]], [2, 1, 0, 3]], [[['host', true]], [0, 1, 2, 3]],
  [[['load', false], ['mem', true]], [3, 0, 2, 1]], [[['gone', true]], [0, 1, 2, 3]],
])('sorted by %j', (sorts, want) => {
  expect(rows(sorts)).toEqual(want);
});

test.each<[string, Filter, number[]]>([
  ['host', { search: 'WEB', chosen: undefined }, [0, 1]], ['load', { search: '>= 7', chosen: undefined }, [2]], ['mem', { search: '!= 2', chosen: undefined }, [0, 2, 3]], ['host', { search: '', chosen: new Set(['db1', '']) }, [2, 3]],
])('filtered by %s %j', (title, filter, want) => {
  expect(rows([], [[title, filter]])).toEqual(want);
});

test('what was typed is read as words or as a comparison', () => {
  expect(searchTest('> x')('a > x', 1)).toBe(true);
  expect(searchTest('<3')('2', 2)).toBe(true);
  expect(searchTest('<3')('2', '2')).toBe(false);
});

test('a header is pressed down, up and off, and joined by others', () => {
  expect(pressSort([], 'a', false)).toEqual([{ title: 'a', desc: true }]);
  expect(pressSort([{ title: 'a', desc: true }], 'a', false)).toEqual([{ title: 'a', desc: false }]);
  expect(pressSort([{ title: 'a', desc: false }], 'a', false)).toEqual([]);
  expect(pressSort([{ title: 'a', desc: false }], 'b', true)).toEqual([{ title: 'a', desc: false }, { title: 'b', desc: true }]);
  expect(savedSort({ sortBy: [{ displayName: 'x', desc: true }, {}] })).toEqual([{ title: 'x', desc: true }]);
});

test('the foot calculates what is shown', () => {
  const [host, load] = shownColumns(fleet);
  if (!host || !load) throw new Error('no columns');
  expect(footerCells(load, [0, 2], { footer: { show: true, reducer: ['sum', 'count'] } }, 'utc')).toEqual([{ label: 'Total', value: '10' }, { label: 'Count', value: '2' }]);
  expect(footerCells(host, [0], { footer: { show: true, reducer: ['sum'] } }, 'utc')).toEqual([]);
  expect(footerCells(load, [0], { footer: { show: true, reducer: ['sum'], fields: ['mem'] } }, 'utc')).toEqual([]);
  expect(footerCount({ footer: { show: true, reducer: ['count'], countRows: true } })).toBe(true);
  const own = shownColumns(frame([column('x', [1, 2])], { custom: { footer: { reducers: ['max'] } } }))[0];
  expect(own && footerCells(own, [0, 1], {}, 'utc')).toEqual([{ label: 'Max', value: '2' }]);
});

test('columns: hidden ones are left out, old names of cells are read', () => {
  const f = frame([column('a', [1]), column('b', [1]), column('c', [1])], {}, [
    { matcher: { id: 'byName', options: 'a' }, properties: [{ id: 'custom.hidden', value: true }] },
    { matcher: { id: 'byName', options: 'b' }, properties: [{ id: 'custom.displayMode', value: 'lcd-gauge' }, { id: 'custom.width', value: 90 }] },
    { matcher: { id: 'byName', options: 'c' }, properties: [{ id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } }, { id: 'custom.align', value: 'center' }] },
  ]);
  expect(shownColumns(f).map((c) => [c.title, c.kind, c.mode, c.align, c.width])).toEqual([['b', 'gauge', 'lcd', 'left', 90], ['c', 'color-background', 'basic', 'center', undefined]]);
});

test('widths fill the room and never shrink below what is needed', () => {
  expect(columnWidths([{ fixed: 100, natural: 50, least: 10 }, { fixed: undefined, natural: 50, least: 10 }, { fixed: undefined, natural: 100, least: 10 }], 400)).toEqual([100, 100, 200]);
  expect(columnWidths([{ fixed: undefined, natural: 300, least: 10 }, { fixed: undefined, natural: 20, least: 60 }], 200)).toEqual([300, 60]);
});

test('only rows in sight are drawn, of one height or of many', () => {
  const even = new RowWindow(100_000, 30, true);
  expect(even.total).toBe(3_000_000);
  expect(even.range(0, 300)).toEqual({ first: 0, last: 19 });
  expect(even.range(1_500_000, 300)).toEqual({ first: 49_992, last: 50_019 });
  const uneven = new RowWindow(100, 30, false);
  expect(uneven.measured(3, 130)).toBe(true);
  expect(uneven.measured(3, 130)).toBe(false);
  expect(uneven.total).toBe(3100);
  expect(uneven.top(4)).toBe(220);
  expect(uneven.range(221, 10).first).toBe(0);
  expect(uneven.range(1000, 10)).toEqual({ first: 22, last: 39 });
});
