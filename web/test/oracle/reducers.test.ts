/** Calculations over one field. */
import { expect, test } from 'vitest';
import type { Cell, Field } from '../../src/model/frame';
import { reduceField, reducer, reducers } from '../../src/model/reduce';
import { agree } from './compare';
import { grafana, toTheirs } from './grafana';

const inputs: [string, Field['type'], Cell[]][] = [
  ['rising', 'number', [1, 2, 4, 8, 16]],
  ['falling', 'number', [9, 7, 3, 1]],
  ['restarted', 'number', [5, 8, 2, 4, 9]],
  ['restarted at the end', 'number', [5, 8, 2]],
  ['gaps', 'number', [null, 3, null, 5, null]],
  ['nothing', 'number', [null, null]],
  ['empty', 'number', []],
  ['zeros', 'number', [0, 0, 0]],
  ['negative', 'number', [-4, -2, 0, 2]],
  ['large', 'number', [1e15, 1e15 + 2, 1e15 + 4]],
  ['one', 'number', [42]],
  ['fractions', 'number', [0.1, 0.2, 0.3, 0.7]],
  ['words', 'string', ['b', 'a', 'b', null]],
  ['flags', 'boolean', [true, false, false]],
  ['hundred', 'number', Array.from({ length: 100 }, (_, i) => (i * 37) % 101)],
];
const plain = (v: unknown): unknown => (v === undefined || v === null ? null : typeof v === 'number' && Number.isNaN(v) ? 'NaN' : typeof v === 'number' ? Number(v.toPrecision(12)) : v);

test('there is every calculation, under its name', () => {
  for (const { id, name } of grafana.fieldReducers.list()) agree(`reducer ${id}`, reducer(id)?.label, name);
  expect(reducers.map((r) => r.id).sort()).toEqual(grafana.fieldReducers.list().map((r) => r.id).sort());
});

test.each(inputs)('%s', (name, type, values) => {
  for (const { id } of reducers) {
    const field: Field = { name: 'v', type, values };
    const theirs = toTheirs({ refId: 'A', fields: [field], length: values.length }).fields[0];
    const theirResult = theirs && grafana.reduceField({ field: theirs, reducers: [id] })[id];
    agree(`reduce(${name}) ${id}`, plain(reduceField(field, id)), plain(Array.isArray(theirResult) ? JSON.stringify(theirResult) : theirResult));
  }
});
