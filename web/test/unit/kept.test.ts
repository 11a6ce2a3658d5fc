/** Drafts in the browser's database: which visits keep theirs. */
import { expect, test } from 'vitest';
import { makingRoom } from '../../src/pages/dashboard-edit/kept';

test.each([
  ['there is room', ['1', '2', '3', '4', '5'], '5', []],
  ['the oldest makes room for a new one', ['1', '2', '3', '4', '5', '6'], '6', ['1']],
  ['what has just been kept in the oldest window stays', ['1', '2', '3', '4', '5', '6'], '1', ['2']],
  ['too many from before', ['1', '2', '3', '4', '5', '6', '7'], '2', ['1', '3']],
])('%s', (_, visits, own, gone) => {
  expect(makingRoom(visits, own)).toEqual(gone);
});
