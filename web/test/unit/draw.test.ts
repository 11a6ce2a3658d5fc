/** The queue of drawing: a job that throws costs its own picture and nothing else. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cancelDraw, scheduleDraw } from '../../src/panels/draw';

beforeEach(() => {
  vi.stubGlobal('document', { fonts: { load: () => Promise.resolve([]) } });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('a job that throws does not stop the others, nor those of later', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const done: string[] = [];
  scheduleDraw({}, () => { throw new Error('no canvas'); });
  scheduleDraw({}, () => done.push('second'));
  await vi.waitFor(() => expect(done).toEqual(['second']));
  expect(said).toHaveBeenCalledTimes(1);
  scheduleDraw({}, () => done.push('third'));
  await vi.waitFor(() => expect(done).toEqual(['second', 'third']));
});

test('a later job of a key replaces the earlier one, and a cancelled one does not run', async () => {
  const done: string[] = [];
  const key = {};
  const gone = {};
  scheduleDraw(key, () => done.push('old'));
  scheduleDraw(key, () => done.push('new'));
  scheduleDraw(gone, () => done.push('gone'));
  cancelDraw(gone);
  scheduleDraw({}, () => done.push('last'));
  await vi.waitFor(() => expect(done).toEqual(['new', 'last']));
});
