/** Words and files for people: CSV that a spreadsheet can be trusted with, names of queries, errors as sentences. */
import { expect, test } from 'vitest';
import { auditCsv } from '../../src/model/audit';
import { csvCell, csvText } from '../../src/model/csv';
import { usualEditor } from '../../src/model/datasource';
import { wordsOf } from '../../src/model/errors';
import { nextRefId } from '../../src/model/refid';

test.each<[string | number, string]>([
  ['plain', 'plain'], ['a,b', '"a,b"'], ['say "x"', '"say ""x"""'], ['two\nlines', '"two\nlines"'], ['', ''],
  ['=1+1', "'=1+1"], ['+1', "'+1"], ['-cmd', "'-cmd"], ['@x', "'@x"], ['\tx', "'\tx"], ['\rx', '"\'\rx"'], ['=a,"b"', '"\'=a,""b"""'],
  [-5, '-5'], [1e21, '1e+21'], [0.1, '0.1'],
])('a cell of %j', (value, cell) => expect(csvCell(value)).toBe(cell));

test('lines end as the standard has it', () => {
  expect(csvText([['a', 'b'], [1, 'x']])).toBe('a,b\r\n1,x\r\n');
  expect(auditCsv([{ time: 0, user: '=evil', address: '', action: 'create', kind: 'user', resource: 'a,b', outcome: 'done', detail: '' }]).split('\r\n')[1]).toBe("1970-01-01T00:00:00.000Z,'=evil,,create,user,\"a,b\",done,");
});

test.each<[string[], string]>([
  [[], 'A'], [['A', 'C'], 'B'], [Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i)), 'AA'], [['queries'], 'A'],
])('after %j comes %s', (taken, next) => expect(nextRefId(taken)).toBe(next));
test('names of queries run out in the end', () => {
  const all: string[] = [];
  for (let i = 0; i < 702; i += 1) all.push(nextRefId(all));
  expect([new Set(all).size, all[26], all.at(-1), nextRefId(all)]).toEqual([702, 'AA', 'ZZ', 'Q703']);
});

test.each([[undefined, 'builder'], [{}, 'builder'], [{ jsonData: { defaultEditor: 'code' } }, 'code'], [{ jsonData: { defaultEditor: 'odd' } }, 'builder']] as const)('new queries of %j begin with the %s', (source, mode) => {
  expect(usualEditor(source)).toBe(mode);
});

test.each([[new Error('why'), 'why'], ['text', 'text'], [undefined, 'undefined']])('the sentence of %s', (error, said) => {
  expect(wordsOf(error)).toBe(said);
});
