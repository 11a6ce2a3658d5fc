/** Which panels come onto the page first, and in which order the others follow. */
import { describe, expect, test, vi } from 'vitest';
import type { Section } from '../../src/model/dashboard/layout';
import { firstScreen, onPage, readingOrder, withNext } from '../../src/model/dashboard/mounting';
import type { Panel } from '../../src/model/dashboard/types';
import { Turn, whenIdle } from '../../src/query/turns';

const placed = (key: string, x: number, y: number, h = 8): Section['panels'][number] => ({ key, panel: { gridPos: { x, y, w: 8, h } } as Panel, scoped: {} });
const section = (row: string | null, open: boolean, panels: Section['panels'], height: number): Section => ({ row: row === null ? null : placed(row, 0, 0, 1), open, panels, height });

const page = [
  section(null, true, [placed('c', 0, 8), placed('b', 8, 0), placed('a', 0, 0)], 16),
  section('r1', false, [placed('hidden', 0, 0)], 0),
  section('r2', true, [placed('d', 0, 0)], 8),
];

describe('the order of reading', () => {
  test('goes by rows from the left, through what is open, below what stands above', () => {
    expect(readingOrder(page)).toEqual([
      { key: 'a', top: 0 }, { key: 'b', top: 0 }, { key: 'c', top: 8 * 38 }, { key: 'd', top: 16 * 38 + 2 * 42 },
    ]);
    expect(readingOrder([])).toEqual([]);
  });
  test.each([
    [1, ['a', 'b']], [84, ['a', 'b']], [85, ['a', 'b', 'c']], [10_000, ['a', 'b', 'c', 'd']],
    // A window of no height still begins with something.
    [-500, ['a']],
  ])('a window of %d pixels begins with %j', (height, keys) => {
    expect([...firstScreen(readingOrder(page), height)]).toEqual(keys);
  });
});

describe('each step', () => {
  const order = readingOrder(page);
  test.each([
    [[], 1, ['a']], [['a'], 2, ['a', 'b', 'c']], [['d'], 1, ['d', 'a']],
    // What is no longer on the page does no harm.
    [['gone', 'a', 'b', 'c'], 5, ['gone', 'a', 'b', 'c', 'd']],
  ])('after %j come the next %d', (there, step, keys) => {
    expect([...withNext(order, new Set(there), step)]).toEqual(keys);
  });
  test('when all are there, the set stays the same', () => {
    const all = new Set(['a', 'b', 'c', 'd']);
    expect(withNext(order, all, 3)).toBe(all);
  });
});

describe('on the page', () => {
  const many = (n: number) => Array.from({ length: n }, (_, i) => ({ key: `p${i}`, top: i }));
  test.each([
    ['a few at the beginning', many(9), 6, 0, 4, true],
    ['the whole first screen where nothing is asked yet', many(9), 6, 0, 6, false, false],
    ['then as many again, until the first screen is full', many(9), 6, 4, 8, false],
    ['then more at a time', many(20), 6, 8, 14, false],
    ['to the end', many(9), 6, 8, 9, false],
    ['all of a small page at once', many(3), 3, 0, 3, false],
    ['nothing while all rows are closed', [], 0, 0, 0, false],
    ['a step as soon as a row is opened', many(20), 0, 0, 6, false],
  ])('%s', (_what, coming, first, grown, count, urgent, asked = true) => {
    const keys = coming.map((c) => c.key);
    expect(onPage(coming, new Set(keys.slice(0, first)), new Set(keys.slice(0, grown)), asked)).toEqual({ there: new Set(keys.slice(0, count)), urgent });
  });
});

describe('turns', () => {
  test('work goes on in the same turn until its time is used up', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const later = vi.spyOn(globalThis, 'setTimeout');
    try {
      const turn = new Turn(8);
      turn.start();
      now.mockReturnValue(7);
      await turn.pause();
      expect(later).not.toHaveBeenCalled();
      now.mockReturnValue(8);
      await turn.pause();
      expect(later).toHaveBeenCalledTimes(1);
      // The new turn has all of its time again.
      now.mockReturnValue(15);
      await turn.pause();
      expect(later).toHaveBeenCalledTimes(1);
    } finally {
      now.mockRestore();
      later.mockRestore();
    }
  });
  test('what waits for a quiet moment can be called off', async () => {
    const done: string[] = [];
    const stop = whenIdle(() => done.push('never'));
    stop();
    await new Promise<void>((resolve) => { whenIdle(() => { done.push('later'); resolve(); }); });
    expect(done).toEqual(['later']);
  });
});
