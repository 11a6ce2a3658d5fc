/** Transformations: the same frames and options through both. */
import { expect, test } from 'vitest';
import { makeFrame, type Cell, type Field, type Frame } from '../../src/model/frame';
import { applyTransforms, knownTransforms } from '../../src/model/transforms';
import { agree } from './compare';
import { shownName } from '../../src/model/transforms/fields';
import { grafana, plainOurs, rawTransform, theirTransform } from './grafana';

const minute = 60_000;
const time = (values: number[] = [0, minute, 2 * minute, 3 * minute]): Field => ({ name: 'Time', type: 'time', values });
const num = (name: string, values: Cell[], more: Partial<Field> = {}): Field => ({ name, type: 'number', values, ...more });
const str = (name: string, values: Cell[]): Field => ({ name, type: 'string', values });
const series = (legend: string, values: Cell[], labels: Record<string, string>, refId = 'A', times?: number[]): Frame =>
  makeFrame(refId, [time(times), num('Value', values, { labels: { __name__: 'up', ...labels }, legend })]);
const table = (refId: string, ...fields: Field[]): Frame => makeFrame(refId, fields, { table: true });

const two = (): Frame[] => [series('web', [1, 2, 3, 4], { job: 'web', zone: 'a' }), series('db', [40, null, 20, 10], { job: 'db', zone: 'b' })];
const shifted = (): Frame[] => [series('web', [1, 2, 3, 4], { job: 'web' }), series('db', [5, 6, 7, 8], { job: 'db' }, 'B', [minute, 2 * minute, 3 * minute, 4 * minute])];
const disks = (): Frame[] => [
  table('A', str('mount', ['/', '/home', '/tmp']), num('Value #A', [10, 20, 30])),
  table('B', str('mount', ['/home', '/', '/var']), num('Value #B', [0.5, 0.25, 0.1])),
];
const people = (): Frame[] => [table('A', time([3000, 1000, 2000, 4000, 5000]), str('team', ['red', 'blue', 'red', 'blue', null]), str('name', ['ann', 'Bob', 'cid', 'dan', 'eve']), num('age', [30, 25, null, 41, 25]), num('score', [1.5, 2.5, 3.5, 4.5, 5.5]))];
const repeated = (): Frame[] => [table('A', str('id', ['a', 'b', 'b', null]), num('x', [1, 2, 3, 4])), table('B', str('id', ['b', 'b', 'c', null]), num('y', [10, 20, 30, 40]))];
const named = (): Frame[] => [makeFrame('A', [time(), num('Value', [1, 2, 3, 4])], { name: 'first' }), makeFrame('B', [time(), num('load', [5, 6, 7, 8])], { name: 'second' })];
const numbers = (): Frame[] => [makeFrame('A', [time([1, 2, 3, 4, 5, 6, 7, 8].map((n) => n * minute)), num('a', [1, 5, 2, 8, null, 4, 9, 3]), num('b', [2, 2, 3, 3, 4, 4, 5, 5])])];
const words = (): Frame[] => [table('A', str('text', ['hello big World', ' trim me ', 'a', null]), str('n', ['1', '2,500', 'x', '']), str('when', ['2026-01-31T14:00:00Z', '2026-02-01T00:00:00+01:00', 'soon', null]), num('unix', [1_767_225_600, 0, 60, 1]), { name: 'on', type: 'boolean', values: [true, false, true, null] })];
const matrix = (): Frame[] => [table('A', str('row', ['r1', 'r1', 'r2', 'r3']), str('col', ['x', 'y', 'x', 'z']), num('v', [1, 2, 3, 4]))];

type Case = [string, () => Frame[], object];
const cases: Case[] = [
  ['noop', two, {}],
  ['reduce', two, { reducers: ['max'] }], ['reduce', two, { reducers: ['lastNotNull', 'mean', 'count', 'p90'] }], ['reduce', two, { reducers: ['sum'], labelsToFields: true }],
  ['reduce', two, { mode: 'reduceFields', reducers: ['mean'] }], ['reduce', two, { mode: 'reduceFields', reducers: ['max'], includeTimeField: true }], ['reduce', people, { reducers: ['firstNotNull', 'distinctCount'] }],
  ['reduce', people, { reducers: ['max'], fields: { id: 'byName', options: 'age' } }], ['reduce', people, { mode: 'reduceFields', reducers: ['lastNotNull'] }], ['reduce', two, { reducers: [] }],
  ['merge', disks, {}], ['merge', two, {}], ['merge', repeated, {}], ['merge', people, {}], ['merge', () => [...disks(), table('C', str('other', ['q']))], {}],
  ['organize', disks, { excludeByName: { mount: true }, renameByName: { 'Value #A': 'Size' } }], ['organize', people, { indexByName: { score: 0, name: 1 }, includeByName: {} }],
  ['organize', people, { includeByName: { name: true, age: true }, indexByName: { age: 0 } }], ['organize', two, { renameByName: { web: 'front', Time: 'When' } }],
  ['order', people, { indexByName: { score: 0 } }], ['order', people, { orderByMode: 'auto', orderBy: [{ type: 'name', desc: true }] }], ['order', () => numbers(), { orderByMode: 'auto', orderBy: [{ type: 'name' }] }],
  ['rename', people, { renameByName: { age: 'years', score: '' } }],
  ['filterFieldsByName', people, { include: { names: ['team', 'age'] } }], ['filterFieldsByName', people, { include: { pattern: '/a/' } }], ['filterFieldsByName', people, { exclude: { pattern: '^s' } }],
  ['filterFieldsByName', people, { include: { names: ['team'], pattern: '/^s/' } }], ['filterFieldsByName', people, { include: { variable: '{team,age}' }, byVariable: true }], ['filterFieldsByName', two, { include: { names: ['Time', 'web'] } }],
  ['filterFieldsByName', two, { include: { names: ['Value'] } }],
  ['filterFields', people, { include: { id: 'byType', options: 'string' } }], ['filterFields', people, { exclude: { id: 'numeric' } }], ['filterFields', people, { include: { id: 'byNames', options: { names: ['age'], mode: 'exclude' } } }],
  ['filterFrames', disks, { include: { id: 'byRefId', options: 'A' } }], ['filterFrames', named, { exclude: { id: 'byName', options: '/fir/' } }],
  ['filterByRefId', disks, { include: 'B' }], ['filterByRefId', disks, { include: 'A|B' }], ['filterByRefId', disks, { include: '/A/' }], ['filterByRefId', disks, { exclude: 'A' }],
  ['renameByRegex', disks, { regex: 'Value #(.)', renamePattern: 'query $1' }], ['renameByRegex', two, { regex: '/e/g', renamePattern: 'E' }], ['renameByRegex', two, { regex: '/E/i', renamePattern: '_' }], ['renameByRegex', two, { regex: '^(.)(.*)$', renamePattern: '$2-$1' }],
  ['sortBy', people, { sort: [{ field: 'age' }] }], ['sortBy', people, { sort: [{ field: 'name' }] }], ['sortBy', people, { sort: [{ field: 'name', desc: true }] }], ['sortBy', people, { sort: [{ field: 'team' }] }],
  ['sortBy', people, { sort: [{ field: 'score', desc: true }] }], ['sortBy', people, { sort: [{ field: 'Time', desc: true }] }], ['sortBy', people, { sort: [] }],
  ['limit', people, { limitField: 2 }], ['limit', people, { limitField: '3' }], ['limit', people, {}], ['limit', people, { limitField: -2 }], ['limit', people, { limitField: 0 }],
  ...['isNull', 'isNotNull'].map((id): Case => ['filterByValue', people, { type: 'include', match: 'any', filters: [{ fieldName: 'age', config: { id, options: {} } }] }]),
  ...['greater', 'greaterOrEqual', 'lower', 'lowerOrEqual', 'equal', 'notEqual'].flatMap((id): Case[] => ['include', 'exclude'].map((type): Case => ['filterByValue', people, { type, match: 'all', filters: [{ fieldName: 'age', config: { id, options: { value: 25 } } }] }])),
  ['filterByValue', people, { type: 'include', match: 'any', filters: [{ fieldName: 'score', config: { id: 'between', options: { from: 1, to: 3 } } }] }],
  ['filterByValue', people, { type: 'include', match: 'any', filters: [{ fieldName: 'score', config: { id: 'between', options: { from: '2', to: '4' } } }] }],
  ['filterByValue', people, { type: 'include', match: 'any', filters: [{ fieldName: 'name', config: { id: 'regex', options: { value: '^[ab]' } } }] }],
  ['filterByValue', people, { type: 'include', match: 'any', filters: [{ fieldName: 'name', config: { id: 'substring', options: { value: 'B' } } }] }],
  ['filterByValue', people, { type: 'include', match: 'any', filters: [{ fieldName: 'name', config: { id: 'notSubstring', options: { value: 'a' } } }] }],
  ['filterByValue', people, { type: 'include', match: 'all', filters: [{ fieldName: 'age', config: { id: 'greater', options: { value: 20 } } }, { fieldName: 'score', config: { id: 'lower', options: { value: 3 } } }] }],
  ['filterByValue', people, { type: 'exclude', match: 'any', filters: [{ fieldName: 'age', config: { id: 'greater', options: { value: 28 } } }, { fieldName: 'score', config: { id: 'lower', options: { value: 3 } } }] }],
  ['filterByValue', people, { type: 'include', match: 'any', filters: [{ fieldName: 'nobody', config: { id: 'greater', options: { value: 28 } } }] }], ['filterByValue', people, { filters: [] }],
  ['groupBy', people, { fields: { team: { operation: 'groupby', aggregations: [] }, age: { operation: 'aggregate', aggregations: ['sum', 'count', 'max'] }, name: { operation: 'aggregate', aggregations: ['lastNotNull'] } } }],
  ['groupBy', people, { fields: { team: { operation: 'groupby', aggregations: ['count'] } } }], ['groupBy', people, { fields: { team: { operation: 'groupby' }, age: { operation: 'groupby' }, score: { operation: 'aggregate', aggregations: ['mean'] } } }],
  ['groupBy', people, { fields: {} }], ['groupBy', two, { fields: { web: { operation: 'groupby', aggregations: [] } } }],
  ['groupToNestedTable', people, { fields: { team: { operation: 'groupby', aggregations: [] }, age: { operation: 'aggregate', aggregations: ['sum'] } } }],
  ['groupToNestedTable', people, { rules: [{ matcher: { id: 'byName', options: 'team' }, operation: 'groupby' }, { matcher: { id: 'numeric' }, operation: 'aggregate', aggregations: ['max'], keepNestedField: true }] }],
  ['groupingToMatrix', matrix, { columnField: 'col', rowField: 'row', valueField: 'v' }], ['groupingToMatrix', matrix, { columnField: 'col', rowField: 'row', valueField: 'v', emptyValue: 'zero' }], ['groupingToMatrix', matrix, { columnField: 'col', rowField: 'row', valueField: 'v', emptyValue: 'null' }],
  ['groupingToMatrix', disks, { columnField: 'mount', rowField: 'mount', valueField: 'Value #A' }],
  ['seriesToRows', two, {}], ['seriesToRows', shifted, {}], ['seriesToRows', named, {}],
  ['concatenate', disks, {}], ['concatenate', named, { frameNameMode: 'field' }], ['concatenate', named, { frameNameMode: 'drop' }], ['concatenate', named, { frameNameMode: 'label', frameNameLabel: 'from' }], ['concatenate', () => [...named(), ...people()], {}],
  ['joinByField', two, {}], ['joinByField', shifted, {}], ['joinByField', shifted, { byField: 'Time' }], ['joinByField', named, {}], ['joinByField', shifted, { mode: 'inner' }],
  ['joinByField', disks, { byField: 'mount' }], ['joinByField', disks, { byField: 'mount', mode: 'inner' }], ['joinByField', disks, { byField: 'mount', mode: 'outerTabular' }],
  ['joinByField', repeated, { byField: 'id', mode: 'inner' }], ['joinByField', repeated, { byField: 'id', mode: 'outerTabular' }], ['joinByField', () => [...disks(), ...repeated()], { byField: 'mount', mode: 'inner' }], ['seriesToColumns', shifted, { byField: 'Time' }],
  ['labelsToFields', two, {}], ['labelsToFields', two, { mode: 'rows' }], ['labelsToFields', two, { valueLabel: 'job' }], ['labelsToFields', two, { keepLabels: ['zone'] }], ['labelsToFields', two, { mode: 'rows', keepLabels: ['zone'] }],
  ['ensureColumns', two, {}], ['ensureColumns', disks, {}],
  ['histogram', numbers, {}], ['histogram', numbers, { bucketSize: 2 }], ['histogram', numbers, { bucketSize: 2, bucketOffset: 1 }], ['histogram', numbers, { combine: true }], ['histogram', () => [table('A', num('x', [0.1, 0.22, 0.4, 0.41, 3]))], {}], ['histogram', () => [table('A', num('x', [5]))], {}],
  ['histogram', () => [table('A', num('x', Array.from({ length: 200 }, (_, i) => (i * 7919) % 1000)))], {}],
  ['calculateField', numbers, {}], ['calculateField', numbers, { mode: 'reduceRow', reduce: { reducer: 'mean' } }], ['calculateField', numbers, { mode: 'reduceRow', reduce: { reducer: 'max', include: ['a'] }, alias: 'top' }], ['calculateField', numbers, { mode: 'reduceRow', reduce: { reducer: 'diff' }, replaceFields: true }],
  ['calculateField', two, { mode: 'reduceRow', reduce: { reducer: 'sum' } }], ['calculateField', shifted, { mode: 'reduceRow', reduce: { reducer: 'sum' } }],
  ...['+', '-', '*', '/'].map((operator): Case => ['calculateField', numbers, { mode: 'binary', binary: { left: { matcher: { id: 'byName', options: 'b' } }, operator, right: { matcher: { id: 'byName', options: 'b' } } } }]),
  ['calculateField', numbers, { mode: 'binary', binary: { left: 'b', operator: '*', right: '2' }, alias: 'twice' }], ['calculateField', numbers, { mode: 'binary', binary: { left: 'b', right: '3' } }], ['calculateField', numbers, { mode: 'binary', binary: { left: { fixed: '10' }, operator: '-', right: { matcher: { id: 'byName', options: 'b' } } } }],
  ['calculateField', two, { mode: 'binary', binary: { left: 'web', operator: '+', right: 'web' } }], ['calculateField', numbers, { mode: 'binary', binary: { left: 'nothing', operator: '+', right: 'b' } }], ['calculateField', numbers, { mode: 'binary', binary: { left: 'nothing', operator: '+', right: 'b' }, replaceFields: true }],
  ['calculateField', numbers, { mode: 'binary', binary: { left: { matcher: { id: 'byType', options: 'number' } }, operator: '*', right: { fixed: '2' } } }],
  ...['abs', 'exp', 'ln', 'round', 'floor', 'ceil', 'percent'].map((operator): Case => ['calculateField', numbers, { mode: 'unary', unary: { operator, fieldName: 'b' } }]),
  ['calculateField', numbers, { mode: 'unary', unary: { operator: 'abs', fieldName: 'nothing' } }], ['calculateField', numbers, { mode: 'index' }], ['calculateField', numbers, { mode: 'index', index: { asPercentile: true }, alias: 'share', replaceFields: true }],
  ['calculateField', numbers, { mode: 'cumulativeFunctions', cumulative: { field: 'a', reducer: 'sum' } }], ['calculateField', numbers, { mode: 'cumulativeFunctions', cumulative: { reducer: 'mean' } }],
  ...['mean', 'stdDev', 'variance'].flatMap((reducer): Case[] => ['trailing', 'centered'].flatMap((windowAlignment) => [3, 4].map((windowSize): Case => ['calculateField', numbers, { mode: 'windowFunctions', window: { field: 'b', reducer, windowAlignment, windowSizeMode: 'fixed', windowSize } }]))),
  ['calculateField', numbers, { mode: 'windowFunctions', window: { field: 'b', reducer: 'mean', windowAlignment: 'trailing', windowSizeMode: 'percentage', windowSize: 0.5 } }],
  ['calculateField', numbers, { mode: 'windowFunctions', window: { field: 'a', reducer: 'mean', windowAlignment: 'centered', windowSizeMode: 'fixed', windowSize: 3 } }],
  ['calculateField', numbers, { mode: 'windowFunctions', window: { field: 'a', reducer: 'mean', windowAlignment: 'trailing', windowSizeMode: 'fixed', windowSize: 3 } }],
  ['convertFieldType', words, { conversions: [{ targetField: 'n', destinationType: 'number' }] }], ['convertFieldType', words, { conversions: [{ targetField: 'when', destinationType: 'time' }] }], ['convertFieldType', words, { conversions: [{ targetField: 'unix', destinationType: 'time', dateFormat: 'X' }] }],
  ['convertFieldType', words, { conversions: [{ targetField: 'unix', destinationType: 'time' }] }], ['convertFieldType', words, { conversions: [{ targetField: 'unix', destinationType: 'string' }] }], ['convertFieldType', words, { conversions: [{ targetField: 'unix', destinationType: 'boolean' }] }],
  ['convertFieldType', words, { conversions: [{ targetField: 'text', destinationType: 'string' }] }], ['convertFieldType', words, { conversions: [{ targetField: 'text', destinationType: 'boolean' }, { targetField: 'n', destinationType: 'number' }] }], ['convertFieldType', words, { conversions: [] }],
  ['convertFieldType', people, { conversions: [{ targetField: 'Time', destinationType: 'string', dateFormat: 'YYYY-MM-DD HH:mm:ss', timezone: 'utc' }] }],
  ['convertFieldType', () => [table('A', str('d', ['31/01/2026 08:05', '01/02/2026 23:59']))], { conversions: [{ targetField: 'd', destinationType: 'time', dateFormat: 'DD/MM/YYYY HH:mm', timezone: 'utc' }] }],
  ['convertFrameType', two, { targetType: 'exemplar' }], ['convertFrameType', two, {}],
  ['formatTime', people, { timeField: 'Time', outputFormat: 'YYYY-MM-DD HH:mm:ss', timezone: 'utc' }], ['formatTime', people, { timeField: 'Time', outputFormat: 'dddd, D MMMM YY [at] h:mm a', timezone: 'Europe/Berlin' }],
  ...['Upper Case', 'Lower Case', 'Sentence Case', 'Title Case', 'Pascal Case', 'Camel Case', 'Snake Case', 'Kebab Case', 'Trim'].map((outputFormat): Case => ['formatString', words, { stringField: 'text', outputFormat }]), ['formatString', words, { stringField: 'text', outputFormat: 'Substring', substringStart: 1, substringEnd: 4 }],
  ['transpose', disks, {}], ['transpose', people, {}], ['transpose', () => [table('A', num('a', [1, 2]), num('b', [3, 4]))], {}], ['transpose', disks, { firstFieldName: 'what', restFieldsName: 'how much' }],
];

test('all their transformations are compared', () => {
  const compared = new Set(cases.map(([id]) => id));
  for (const t of Object.values(grafana.standardTransformers)) {
    expect(knownTransforms, t.id).toContain(t.id);
    expect([...compared, 'joinByField'], t.id).toContain(t.id);
  }
});

test.each(cases)('%s', async (id, frames, options) => {
  const spec = (): object => JSON.parse(JSON.stringify({ id, options })) as object;
  const theirs = await theirTransform(frames(), [spec()]);
  const ours = applyTransforms(frames(), [spec()], { zone: 'utc' });
  const at = cases.filter(([x]) => x === id).findIndex(([, f, o]) => f === frames && o === options);
  agree(`${id} ${at} ${JSON.stringify(options)}`, ours.frames.map(plainOurs), theirs);
});

test.each([
  ['byRefId', { id: 'byRefId', options: 'B' }], ['byName', { id: 'byName', options: 'first' }],
])('only some frames are transformed: %s', async (name, filter) => {
  const config = [{ id: 'limit', options: { limitField: 1 }, filter }];
  agree(`filter ${name}`, applyTransforms(named(), config).frames.map(plainOurs), await theirTransform(named(), structuredClone(config)));
});

test.each([
  ['joinByField', { byField: 'instance' }], ['joinByField', { byField: 'instance', mode: 'inner' }], ['joinByField', { byField: 'instance', mode: 'outerTabular' }], ['joinByField', { byField: 'Time' }], ['concatenate', {}],
])('columns of one name, organized: %s %j', async (id, options) => {
  const tables = (): Frame[] => ['Value #A', 'Value #B', 'Value #C'].map((name, i) => table('ABC'[i] ?? '', time([0]), str('instance', ['i']), str('job', ['j']), num(name, [i])));
  const chain = [{ id, options }, { id: 'organize', options: { excludeByName: { 'Time 1': true, 'job 2': true }, renameByName: { 'job 1': 'Job', 'Time 2': 'T' } } }];
  // Their names here with what they remember, which is what their panels show.
  const theirs = await rawTransform(tables(), structuredClone(chain));
  agree(`one name ${id} ${JSON.stringify(options)}`, applyTransforms(tables(), chain).frames.map((frame) => frame.fields.map((f) => shownName(f, frame))), theirs.map((frame) => frame.fields.map((f) => grafana.getFieldDisplayName(f, frame))));
});

test('chains', async () => {
  const chain = [
    { id: 'labelsToFields', options: {} }, { id: 'merge', options: {} }, { id: 'organize', options: { renameByName: { Value: 'Load' }, excludeByName: { __name__: true } } },
    { id: 'sortBy', options: { sort: [{ field: 'Load', desc: true }] } }, { id: 'limit', options: { limitField: 3 } }, { id: 'noop', options: {}, disabled: true },
  ];
  agree('chain of labels', applyTransforms(two(), chain).frames.map(plainOurs), await theirTransform(two(), structuredClone(chain)));
});
