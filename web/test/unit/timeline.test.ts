/** Rows of states: merging, gaps, thresholds and mappings as states, the key of colours, and the table behind the picture. */
import { expect, test } from 'vitest';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeFrame, type Cell, type Frame } from '../../src/model/frame';
import stateTimeline from '../../src/panels/state-timeline';
import statusHistory from '../../src/panels/status-history';
import { formatSpan } from '../../src/model/time/format';
import { sampleStep } from '../../src/model/time/step';
import { duration, sampleRows, stateAt, stateKeys, stateRows } from '../../src/panels/timeline/states';

const frame = (name: string, values: Cell[], step = 10): Frame => makeFrame('A', [
  { name: 'Time', type: 'time', values: values.map((_, i) => i * step) },
  { name: 'Value', type: typeof values.find((v) => v !== null) === 'string' ? 'string' : 'number', values, labels: {}, legend: name },
]);
const applied = (frames: Frame[], defaults: object): Frame[] => applyFieldConfig(frames, { defaults, overrides: [] }, { theme: 'light', zone: 'utc', wantsRange: false });
const rowsOf = (values: Cell[], defaults: object, merge = true, end = 100) => stateRows(applied([frame('a', values)], defaults), { merge, theme: 'light', end });
const told = (values: Cell[], defaults: object, merge = true) => rowsOf(values, defaults, merge)[0]?.states.map((s) => `${s.from}-${s.to} ${s.text}`);

const steps = { color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }, { color: 'orange', value: 5 }, { color: 'red', value: 9 }] } };
const mapped = { mappings: [{ type: 'value', options: { 0: { text: 'Down', color: 'red' }, 1: { text: 'Up', color: 'green' } } }] };
const plain = { color: { mode: 'palette-classic' } };

test.each([
  ['equal neighbours become one', [1, 1, 2, 2], plain, true, ['0-20 1', '20-100 2']],
  ['or stay apart', [1, 1, 2], plain, false, ['0-10 1', '10-20 1', '20-100 2']],
  ['a missing value ends a state', [1, null, 1], plain, true, ['0-10 1', '20-100 1']],
  ['and so it does at the end', [1, 1, null, null], plain, true, ['0-20 1']],
  ['unless gaps are joined', [1, null, 1, null], { ...plain, custom: { spanNulls: true } }, true, ['0-30 1']],
  ['up to a length', [1, null, 1, null, null, 1], { ...plain, custom: { spanNulls: 25 } }, true, ['0-30 1', '50-100 1']],
  ['a change over a joined gap falls on the new value', [1, null, 2], { ...plain, custom: { spanNulls: true } }, true, ['0-20 1', '20-100 2']],
  ['thresholds are states', [1, 4, 5, 8.9, 9], steps, true, ['0-20 < 5', '20-40 5 – 9', '40-100 ≥ 9']],
  ['but not where each value counts', [1, 4, 9], steps, false, ['0-10 1', '10-20 4', '20-100 9']],
  ['a mapping wins over thresholds', [0, 1, 7, 8], { ...steps, ...mapped }, true, ['0-10 Down', '10-20 Up', '20-100 5 – 9']],
  ['a mapped missing value is a state', [1, null, 1], { mappings: [{ type: 'special', options: { match: 'null', result: { text: 'Silent', color: 'blue' } } }] }, true, ['0-10 < 80', '10-20 Silent', '20-100 < 80']],
  ['words are states', ['ok', 'ok', 'bad'], plain, true, ['0-20 ok', '20-100 bad']],
  ['values far apart are cut on wish', [1, 1], { ...plain, custom: { insertNulls: 5 } }, true, ['0-0 1', '10-100 1']],
  ['nothing measured, nothing shown', [null, null], plain, true, []],
])('%s', (_name, values, defaults, merge, expected) => {
  expect(told(values, defaults, merge)).toEqual(expected);
});

test('the same word has the same colour in every row', () => {
  const frames = applied([frame('a', ['ok', 'bad']), frame('b', ['bad', 'ok'])], plain);
  const [a, b] = stateRows(frames, { merge: true, theme: 'light', end: 20 });
  expect(a?.states.map((s) => s.color)).toEqual(b?.states.map((s) => s.color).reverse());
  expect(new Set(a?.states.map((s) => s.color)).size).toBe(2);
});

test('a row hidden from the picture is not there', () => {
  const frames = applied([frame('a', [1])], { custom: { hideFrom: { viz: true } } });
  expect(stateRows(frames, { merge: true, theme: 'light', end: 20 })).toEqual([]);
});

test('the key explains steps whole, mapped values in order, and no running colour', () => {
  const keys = (values: Cell[], defaults: object) => stateKeys(rowsOf(values, defaults), 'light').map((k) => k.text);
  expect(keys([1], steps)).toEqual(['< 5', '5 – 9', '≥ 9']);
  expect(keys([1, 0, 1], mapped)).toEqual(['Down', 'Up']);
  expect(keys([1, 2], { color: { mode: 'continuous-GrYlRd' } })).toEqual([]);
  expect(keys(['b', 'a'], plain)).toEqual(['b', 'a']);
});

test('samples are boxes around their moments', () => {
  const { rows, step } = sampleRows(applied([frame('a', [1, null, 3])], plain), 'light', 100);
  expect(step).toBe(10);
  expect(rows[0]?.states.map((s) => [s.from, s.to, s.text])).toEqual([[-5, 5, '1'], [15, 25, '3']]);
  expect(sampleStep([5])).toBe(0);
});

test('a moment finds its state', () => {
  const row = rowsOf([1, null, 2], plain)[0];
  expect(row && [5, 12, 20, 99, 100].map((t) => stateAt(row, t)?.text)).toEqual(['1', undefined, '2', '2', undefined]);
});

test.each([[0, '0'], [250, '250 milliseconds'], [60_000, '1 minute'], [61_400, '1 minute, 1 second'], [7_380_000, '2 hours, 3 minutes'], [86_400_000, '1 day']])('%d ms last “%s”', (ms, words) => {
  expect(duration(ms).replace(/^0 .*/, '0')).toBe(words);
});

test('the date is said once', () => {
  expect(formatSpan(0, 3_600_000, 'utc')).toBe('1970-01-01 00:00:00 – 01:00:00');
  expect(formatSpan(0, 90_000_000, 'utc')).toBe('1970-01-01 00:00:00 – 1970-01-02 01:00:00');
});

test('the table and the words behind the picture', () => {
  const frames = applied([frame('api', [1, 1, 0, 1], 60_000), frame('db', [1, 1, 1, 1], 60_000)], mapped);
  expect(stateTimeline.toTable(frames, {}).rows).toEqual([
    ['api', 'Up', 0, 120_000, '2 minutes'], ['api', 'Down', 120_000, 180_000, '1 minute'], ['api', 'Up', 180_000, 180_000, '0 milliseconds'], ['db', 'Up', 0, 180_000, '3 minutes'],
  ]);
  expect(stateTimeline.describe(frames, {})).toBe('State timeline with 2 rows. api: last Up, 2 changes; db: last Up, no change.');
  expect(statusHistory.describe(frames, {})).toBe('Status history with 2 rows. api: last Up, 2 changes; db: last Up, no change.');
  expect(statusHistory.toTable(frames, {}).rows[0]).toEqual([180_000, 1, 1]);
});
