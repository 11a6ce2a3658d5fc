/** Transformations over small tables. */
import { expect, test } from 'vitest';
import { makeFrame, type Cell, type Field, type Frame } from '../../src/model/frame';
import { applyTransforms } from '../../src/model/transforms';
import { nameOf } from '../../src/model/transforms/fields';

const column = (name: string, values: Cell[], more: Partial<Field> = {}): Field => ({ name, type: typeof values.find((v) => v !== null) === 'string' ? 'string' : 'number', values, ...more });
const time = (n: number): Field => ({ name: 'Time', type: 'time', values: Array.from({ length: n }, (_, i) => i * 1000) });
const table = (refId: string, ...fields: Field[]): Frame => makeFrame(refId, fields, { table: true });
const series = (name: string, values: Cell[], labels: Record<string, string> = {}): Frame => makeFrame('A', [time(values.length), { name: 'Value', type: 'number', values, labels, legend: name }]);
const show = (frames: Frame[]): Record<string, Cell[]>[] => frames.map((f) => Object.fromEntries(f.fields.map((x) => [nameOf(x), x.values])));
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

test.each<[string, object, string[]]>([
  // As in the dashboards of AWX: what is not told apart cannot be hidden. The times of a join are columns like others.
  ['joinByField', { byField: 'instance' }, ['instance', 'Job', 'Value #A', 'T', 'Value #B', 'Time 3', 'job 3', 'Value #C']],
  ['joinByField', { byField: 'instance', mode: 'inner' }, ['instance', 'Job', 'Value #A', 'T', 'Value #B', 'Time 3', 'job 3', 'Value #C']],
  ['joinByField', { byField: 'instance', mode: 'outerTabular' }, ['instance', 'Job', 'Value #A', 'T', 'Value #B', 'Time 3', 'job 3', 'Value #C']],
  ['joinByField', { byField: 'Time' }, ['Time', 'instance 1', 'Job', 'Value #A', 'instance 2', 'Value #B', 'instance 3', 'job 3', 'Value #C']],
  ['concatenate', {}, ['Time', 'instance 1', 'Job', 'Value #A', 'Time', 'instance 2', 'Value #B', 'Time', 'instance 3', 'job 3', 'Value #C']],
])('columns of one name are told apart: %s %j', (id, options, want) => {
  const frames = ['Value #A', 'Value #B', 'Value #C'].map((name, i) => table('ABC'[i] ?? '', time(1), column('instance', ['i']), column('job', ['j']), column(name, [i])));
  const organized = { id: 'organize', options: { excludeByName: { 'Time 1': true, 'job 2': true }, renameByName: { 'job 1': 'Job', 'Time 2': 'T' } } };
  expect(applyTransforms(frames, [{ id, options }, organized]).frames.flatMap((f) => f.fields.map(nameOf))).toEqual(want);
});

test('an unknown transformation is announced and leaves the data alone', () => {
  const out = applyTransforms([sizes], [{ id: 'teleport', options: {} }, { id: 'limit', disabled: true, options: { limitField: 1 } }]);
  expect(out.notices).toHaveLength(1);
  expect(show(out.frames)).toEqual(show([sizes]));
});

const pair = (): Frame[] => [series('web', [1, 2], { job: 'web', zone: 'a' }), series('db', [3, 4], { job: 'db', zone: 'b' })];
test.each<[string, object, Frame[], Record<string, Cell[]>[]]>([
  ['concatenate', {}, [sizes, table('B', column('x', [1]))], [{ mount: ['/', '/home'], 'Value #A': [10, 20], x: [1, null] }]],
  ['extractFields', { source: 'j', format: 'json' }, [table('A', column('j', ['{"a":1,"b":{"c":2}}', 'no', null]))], [{ j: ['{"a":1,"b":{"c":2}}', 'no', null], a: [1, null, null], b: ['{"c":2}', null, null] }]],
  ['extractFields', { source: 'j', format: 'json', jsonPaths: [{ path: 'b.c', alias: 'deep' }], replace: true }, [table('A', column('j', ['{"a":1,"b":{"c":2}}']))], [{ deep: [2] }]],
  ['extractFields', { source: 'k', replace: true }, [table('A', column('k', ['a=1, "b c"="d e"', 'a:2']))], [{ a: ['1', '2'], 'b c': ['d e', null] }]],
  ['extractFields', { source: 'k', format: 'regexp', regExp: '/(?<n>\\d+)/', replace: true }, [table('A', column('k', ['x12', 'y']))], [{ n: ['12', null] }]],
  ['rowsToFields', {}, [table('A', column('Name', ['a', 'b']), column('Value', [1, 2]))], [{ a: [1], b: [2] }]],
  ['partitionByValues', { fields: ['g'] }, [table('A', column('g', ['a', 'b', 'a']), column('v', [1, 2, 3]))], [{ v: [1, 3] }, { v: [2] }]],
  ['joinByLabels', { value: 'job' }, [series('x', [1], { job: 'web', zone: 'a' }), series('y', [2], { job: 'db', zone: 'a' })], [{ zone: ['a'], web: [1], db: [2] }]],
  ['prepareTimeSeries', { format: 'wide' }, pair(), [{ Time: [0, 1000], web: [1, 2], db: [3, 4] }]],
  ['prepareTimeSeries', { format: 'long' }, pair(), [{ Time: [0, 0, 1000, 1000], Value: [1, 3, 2, 4], job: ['web', 'db', 'web', 'db'], zone: ['a', 'b', 'a', 'b'] }]],
  ['timeSeriesTable', {}, pair(), [{ job: ['web', 'db'], zone: ['a', 'b'], Trend: [2, 4] }]],
  ['timeSeriesTable', { A: { stat: 'max', inlineStat: true } }, pair(), [{ job: ['web', 'db'], zone: ['a', 'b'], Trend: [2, 4], 'Trend Max': [2, 4] }]],
  ['heatmap', { xBuckets: { mode: 'size', value: '1s' }, yBuckets: { mode: 'size', value: '2' } }, pair(), [{ xMin: [0, 0, 0, 1000, 1000, 1000], xMax: [1000, 1000, 1000, 2000, 2000, 2000], yMin: [0, 2, 4, 0, 2, 4], yMax: [2, 4, 6, 2, 4, 6], Count: [1, 1, 0, 0, 1, 1] }]],
  ['regression', { predictionCount: 3 }, [series('a', [1, 2, 3])], [{ Time: [0, 1000, 2000], a: [1, 2, 3] }, { Time: [0, 1000, 2000], 'Linear regression': [1, 2, 3] }]],
  ['spatial', { action: 'prepare' }, [table('A', column('lat', [52.5]), column('lon', [13.4]))], [{ lat: [52.5], lon: [13.4], Point: ['{"type":"Point","coordinates":[13.4,52.5]}'] }]],
])('%s %j, which only the application has', (id, options, frames, want) => {
  expect(run(frames, id, options)).toEqual(want);
});

test('options of fields come from the data', () => {
  const config = table('config', column('unit', ['bytes']), column('Max', [100]), column('threshold1', [80]));
  const out = applyTransforms([config, sizes], [{ id: 'configFromData', options: { configRefId: 'config' } }]).frames;
  expect(out).toHaveLength(1);
  expect(out[0]?.fields[1]?.given).toMatchObject({ unit: 'bytes', max: 100, thresholds: { steps: [{ color: 'green' }, { value: 80 }] } });
});

test('variables are filled into options, and annotations are left to themselves', () => {
  const spec = [{ id: 'limit', options: { limitField: '$n' } }, { id: 'limit', topic: 'annotations', options: { limitField: 0 } }];
  expect(applyTransforms([sizes], spec, { interpolate: (s) => s.replace('$n', '1') }).frames[0]?.length).toBe(1);
});

test('what cannot be done is said', () => {
  const out = applyTransforms([sizes], [{ id: 'calculateField', options: { mode: 'windowFunctions', window: { windowSize: 0 } } }, { id: 'fieldLookup', options: { lookupField: 'mount', gazetteer: 'public/gazetteer/countries.json' } }]);
  expect(out.notices).toEqual([expect.stringContaining('larger than 0'), expect.stringContaining('not part of this server')]);
  expect(show(out.frames)).toEqual(show([sizes]));
});

test('smoothing calms a course and keeps its ends', () => {
  const noisy = Array.from({ length: 400 }, (_, i) => Math.sin(i / 40) * 10 + (i % 2));
  const frames = applyTransforms([series('a', noisy)], [{ id: 'smoothing', options: { resolution: 100 } }]).frames;
  const calm = frames[1]?.fields[1]?.values as number[];
  const jumps = (v: number[]): number => v.slice(1).reduce((s, x, i) => s + Math.abs(x - (v[i] ?? 0)), 0) / v.length;
  expect(frames).toHaveLength(2);
  expect(calm.length).toBeLessThanOrEqual(100);
  expect(jumps(calm)).toBeLessThan(jumps(noisy.filter((_, i) => i % 4 === 0)) + 0.1);
});
