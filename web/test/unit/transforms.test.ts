/** Transformations over small tables. */
import { expect, test } from 'vitest';
import { makeFrame, type Cell, type Field, type Frame } from '../../src/model/frame';
import { applyTransforms } from '../../src/model/transforms';

const column = (name: string, values: Cell[], more: Partial<Field> = {}): Field => ({ name, type: typeof values.find((v) => v !== null) === 'string' ? 'string' : 'number', values, ...more });
const time = (n: number): Field => ({ name: 'Time', type: 'time', values: Array.from({ length: n }, (_, i) => i * 1000) });
const table = (refId: string, ...fields: Field[]): Frame => makeFrame(refId, fields, { table: true });
const series = (name: string, values: Cell[], labels: Record<string, string> = {}): Frame => makeFrame('A', [time(values.length), { name: 'Value', type: 'number', values, labels, legend: name }]);
const show = (frames: Frame[]): Record<string, Cell[]>[] => frames.map((f) => Object.fromEntries(f.fields.map((x) => [x.legend ?? x.name, x.values])));
const run = (frames: Frame[], id: string, options: object = {}): Record<string, Cell[]>[] => show(applyTransforms(frames, [{ id, options }]).frames);

const sizes = table('A', column('mount', ['/', '/home']), column('Value #A', [10, 20]));
const used = table('B', column('mount', ['/home', '/tmp']), column('Value #B', [0.5, 0.1]));

test.each<[string, object, Frame[], Record<string, Cell[]>[]]>([
  ['merge', {}, [sizes, used], [{ mount: ['/', '/home', '/tmp'], 'Value #A': [10, 20, null], 'Value #B': [null, 0.5, 0.1] }]],
  ['organize', { excludeByName: { mount: true }, renameByName: { 'Value #A': 'Size' } }, [sizes], [{ Size: [10, 20] }]],
  ['reduce', { reducers: ['max', 'lastNotNull'] }, [series('a', [1, 3, 2]), series('b', [4, 5, null])], [{ Field: ['a', 'b'], Max: [3, 5], 'Last *': [2, 5] }]],
  ['reduce', { reducers: ['sum'], labelsToFields: true }, [series('a', [1, 3], { job: 'x' })], [{ Field: ['Value'], job: ['x'], Total: [4] }]],
  ['filterFieldsByName', { include: { names: ['mount'] } }, [sizes], [{ mount: ['/', '/home'] }]],
  ['filterFieldsByName', { include: { pattern: '/Value/' } }, [sizes], [{ 'Value #A': [10, 20] }]],
  ['renameByRegex', { regex: 'Value #(.)', renamePattern: 'query $1' }, [sizes], [{ mount: ['/', '/home'], 'query A': [10, 20] }]],
  ['sortBy', { sort: [{ field: 'Value #A', desc: true }] }, [sizes], [{ mount: ['/home', '/'], 'Value #A': [20, 10] }]],
  ['limit', { limitField: 1 }, [sizes], [{ mount: ['/'], 'Value #A': [10] }]],
  ['labelsToFields', {}, [series('a', [1, 2], { job: 'x' })], [{ Time: [0, 1000], job: ['x', 'x'], Value: [1, 2] }]],
  ['seriesToRows', {}, [series('a', [1]), series('b', [2])], [{ Time: [0, 0], Metric: ['a', 'b'], Value: [1, 2] }]],
  ['joinByField', { byField: 'mount', mode: 'inner' }, [sizes, used], [{ mount: ['/home'], 'Value #A': [20], 'Value #B': [0.5] }]],
  ['joinByField', {}, [series('a', [1, 2]), series('b', [3, 4])], [{ Time: [0, 1000], a: [1, 2], b: [3, 4] }]],
  ['calculateField', { mode: 'binary', alias: 'double', binary: { left: 'Value #A', operator: '*', right: '2' } }, [sizes], [{ mount: ['/', '/home'], 'Value #A': [10, 20], double: [20, 40] }]],
  ['calculateField', { mode: 'reduceRow', reduce: { reducer: 'sum' } }, [table('A', column('x', [1, 2]), column('y', [3, 4]))], [{ x: [1, 2], y: [3, 4], Total: [4, 6] }]],
  ['filterByValue', { type: 'include', match: 'any', filters: [{ fieldName: 'Value #A', config: { id: 'greater', options: { value: 15 } } }] }, [sizes], [{ mount: ['/home'], 'Value #A': [20] }]],
  ['groupBy', { fields: { g: { operation: 'groupby' }, v: { operation: 'aggregate', aggregations: ['sum'] } } }, [table('A', column('g', ['a', 'b', 'a']), column('v', [1, 2, 3]))], [{ g: ['a', 'b'], 'v (sum)': [4, 2] }]],
  ['convertFieldType', { conversions: [{ targetField: 'n', destinationType: 'number' }] }, [table('A', column('n', ['1', 'x']))], [{ n: [1, null] }]],
])('%s %j', (id, options, frames, want) => {
  expect(run(frames, id, options)).toEqual(want);
});

test('an unknown transformation is announced and leaves the data alone', () => {
  const out = applyTransforms([sizes], [{ id: 'spatial', options: {} }, { id: 'limit', disabled: true, options: { limitField: 1 } }]);
  expect(out.notices).toHaveLength(1);
  expect(show(out.frames)).toEqual(show([sizes]));
});
