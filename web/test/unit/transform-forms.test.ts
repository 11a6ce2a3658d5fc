/** Forms of transformations: each known one has one, what they write works, steps and search. */
import { describe, expect, it } from 'vitest';
import { makeFrame, type Frame } from '../../src/model/frame';
import { applyTransforms, knownTransforms } from '../../src/model/transforms';
import { moveField, organised } from '../../src/model/transforms/organise';
import { framesInWords, transformSteps } from '../../src/model/transforms/steps';
import { offered, searchTransforms, transformInfo, type Part } from '../../src/pages/panel-editor/transformForms';

const series = (name: string, host: string, values: number[]): Frame => makeFrame('A', [
  { name: 'Time', type: 'time', values: values.map((_, i) => i * 1000) }, { name: 'Value', type: 'number', values, labels: { host }, legend: name },
], { name });
const frames = [series('a', 'x', [1, 2, 3]), series('b', 'y', [4, 5, 6])];
const table = (f: readonly Frame[]): unknown[] => f.map((x) => x.fields.map((y) => [y.given?.['displayName'] ?? y.name, ...y.values]));

describe('forms', () => {
  it('has one for every transformation that is offered', () => {
    expect(offered(knownTransforms).filter((id) => !transformInfo[id])).toEqual([]);
    expect(Object.keys(transformInfo).filter((id) => !knownTransforms.includes(id))).toEqual([]);
  });
  it('asks for each option once under the same conditions', () => {
    const paths = (parts: readonly Part[]): string[] => parts.filter((p) => !p.when).map((p) => p.path);
    for (const [id, info] of Object.entries(transformInfo)) expect([id, new Set(paths(info.form)).size]).toEqual([id, paths(info.form).length]);
  });
  it('starts with options that run', () => {
    for (const [id, info] of Object.entries(transformInfo)) expect([id, () => applyTransforms(frames, [{ id, options: info.initial ?? {} }])]).toEqual([id, expect.any(Function)]);
    for (const [id, info] of Object.entries(transformInfo)) applyTransforms(frames, [{ id, options: info.initial ?? {} }]);
  });
  // Options as the forms write them.
  it.each<[string, Record<string, unknown>, unknown]>([
    ['calculateField', { mode: 'binary', binary: { left: 'a', operator: '**', right: '2' }, alias: 'n', replaceFields: true }, [[['Time', 0, 1000, 2000], ['n', 1, 4, 9]]]],
    ['calculateField', { mode: 'unary', unary: { operator: 'ceil', fieldName: 'a' }, alias: 'n', replaceFields: true }, [[['Time', 0, 1000, 2000], ['n', 1, 2, 3]]]],
    ['calculateField', { mode: 'cumulativeFunctions', cumulative: { field: 'a', reducer: 'mean' }, alias: 'n', replaceFields: true }, [[['Time', 0, 1000, 2000], ['n', 1, 1.5, 2]]]],
    ['filterByValue', { type: 'include', match: 'any', filters: [{ fieldName: 'Value', config: { id: 'between', options: { from: 1, to: 5 } } }] }, [[['Time', 1000, 2000], ['Value', 2, 3]], [['Time', 0], ['Value', 4]]]],
    ['filterByRefId', { exclude: 'A|B' }, []],
    ['filterFieldsByName', { include: { names: ['Time'] } }, [[['Time', 0, 1000, 2000]], [['Time', 0, 1000, 2000]]]],
    ['transpose', { firstFieldName: 'F', restFieldsName: 'R' }, undefined],
    ['partitionByValues', { fields: ['Value'] }, undefined],
    ['regression', { modelType: 'polynomial', degree: 2, predictionCount: 3 }, undefined],
  ])('%s %o', (id, options, want) => {
    const made = applyTransforms(frames, [{ id, options }]);
    expect(made.notices).toEqual([]);
    if (want !== undefined) expect(table(made.frames)).toEqual(want);
  });
});

describe('organise', () => {
  const names = ['Time', 'a', 'b.c'];
  it('reads order, hiding and names, dots and all', () => {
    expect(organised(names, { indexByName: { 'b.c': 0, Time: 1 }, excludeByName: { a: true }, renameByName: { 'b.c': 'B' } })).toEqual([
      { name: 'b.c', hidden: false, renamed: 'B' }, { name: 'Time', hidden: false, renamed: '' }, { name: 'a', hidden: true, renamed: '' },
    ]);
  });
  it.each<[string, number, string[]]>([['a', -1, ['a', 'Time', 'b.c']], ['a', 1, ['Time', 'b.c', 'a']], ['Time', -1, names], ['b.c', 5, names], ['gone', 1, names]])('moves %s by %i', (name, by, want) => {
    expect(organised(names, moveField(names, {}, name, by)).map((f) => f.name)).toEqual(want);
  });
});

describe('steps', () => {
  it('are each made from the one before, with what went wrong', () => {
    const steps = transformSteps(frames, [{ id: 'seriesToRows' }, { id: 'limit', options: { limitField: 2 } }, { id: 'nonsense' }, { id: 'limit', options: { limitField: 1 }, disabled: true }], 'utc');
    expect(steps.map((s) => [s.frames.length, s.frames[0]?.length, s.notices.length])).toEqual([[1, 6, 0], [1, 2, 0], [1, 2, 1], [1, 2, 0]]);
    expect(framesInWords(steps[1]?.frames ?? [])).toBe('1 table · 2 rows · Time, Metric, Value');
    expect([framesInWords([]), framesInWords(frames)]).toEqual(['No data', '2 tables · 6 rows · Time, Value']);
  });
});

it.each([['sparkline', ['timeSeriesTable']], ['renames field', ['organize', 'renameByRegex']], ['zzz', []]])('finds “%s”', (typed, want) => {
  expect(searchTransforms(knownTransforms, typed)).toEqual(want);
});
