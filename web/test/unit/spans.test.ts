/** Another range of time: the charts show it with what they have, in sight first; then the data decides. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Panel } from '../../src/model/dashboard/types';
import { choiceOf, shownRange } from '../../src/pages/dashboard/request';
import { movesOnly } from '../../src/pages/dashboard/usePanelView';
import type { PanelInput } from '../../src/panels/types';
import { SpanBus } from '../../src/query/spans';
import { afterFrame } from '../../src/query/turns';
import { paintByHand } from './frames';

const { frame, waiting } = paintByHand();
afterEach(() => void vi.restoreAllMocks());

const listen = (bus: SpanBus, heard: string[], name: string, seen = true): (() => void) => bus.subscribe(({ from, to }) => heard.push(`${name} ${from}-${to}`), () => seen);

describe('the bus', () => {
  test('tells all charts once a frame, the last stretch, those in sight first', () => {
    const bus = new SpanBus();
    const heard: string[] = [];
    listen(bus, heard, 'below', false);
    listen(bus, heard, 'a');
    listen(bus, heard, 'b');
    bus.move({ from: 1, to: 2 });
    bus.move({ from: 3, to: 4 });
    expect(heard).toEqual([]);
    frame();
    expect(heard).toEqual(['a 3-4', 'b 3-4', 'below 3-4']);
    expect(waiting()).toBe(0);
  });
  test('a stretch that is shown already is not told again', () => {
    const bus = new SpanBus();
    const heard: string[] = [];
    listen(bus, heard, 'a');
    for (let i = 0; i < 2; i += 1) {
      bus.move({ from: 1, to: 2 });
      frame();
    }
    bus.move({ from: 5, to: 6 });
    frame();
    expect(heard).toEqual(['a 1-2', 'a 5-6']);
  });
  test('charts that find no room in a frame come with the next, or with what was chosen meanwhile', () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const bus = new SpanBus(10);
    const heard: string[] = [];
    for (const name of ['a', 'b', 'c']) bus.subscribe(({ from }) => { heard.push(`${name} ${from}`); now += 6; }, () => true);
    bus.move({ from: 1, to: 2 });
    frame();
    expect(heard).toEqual(['a 1', 'b 1']);
    bus.move({ from: 7, to: 8 });
    frame();
    frame();
    expect(heard).toEqual(['a 1', 'b 1', 'a 7', 'b 7', 'c 7']);
    expect(waiting()).toBe(0);
  });
  test('a chart that is gone hears nothing', () => {
    const bus = new SpanBus();
    const heard: string[] = [];
    const stop = listen(bus, heard, 'a');
    listen(bus, heard, 'b');
    bus.move({ from: 1, to: 2 });
    stop();
    frame();
    expect(heard).toEqual(['b 1-2']);
  });
});

describe('after the frame', () => {
  test('it runs once, after the frame; without anybody to see it, at once', async () => {
    vi.stubGlobal('document', { hidden: false });
    const done: string[] = [];
    await new Promise<void>((resolve) => {
      afterFrame(() => { done.push('run'); resolve(); });
      expect(done).toEqual([]);
      frame();
      expect(done).toEqual([]);
    });
    expect(done).toEqual(['run']);
    vi.stubGlobal('document', { hidden: true });
    afterFrame(() => done.push('hidden'));
    expect(done).toEqual(['run', 'hidden']);
  });
});

describe('what a chart shows', () => {
  const data = { range: { from: 10, to: 20 }, choice: 'now-1h now' };
  const next = { from: 11, to: 21 };
  test.each([
    // A refresh: the same choice a moment later waits for its data.
    ['now-1h now', data, data.range],
    // A zoom: another choice is shown at once.
    ['12 18', data, next],
    // Before the first answer.
    ['now-1h now', { range: { from: 0, to: 0 }, choice: '' }, next],
    // A panel with a range of its own follows no choice.
    ['', { range: { from: 1, to: 2 }, choice: '' }, { from: 1, to: 2 }],
  ])('chosen “%s”, data of %j', (choice, held, shown) => {
    expect(shownRange(held, next, choice)).toEqual(shown);
  });
  test.each([['', 'now-6h now'], ['2h', ''], [' ', 'now-6h now']])('a panel with “%s” of its own follows “%s”', (timeFrom, choice) => {
    expect(choiceOf({ timeFrom } as Panel, { from: 'now-6h', to: 'now' })).toBe(choice);
  });
  const input = { frames: [], options: {}, size: { width: 1, height: 1 }, theme: 'light', zone: 'utc', range: data.range } as unknown as PanelInput;
  test.each([
    [undefined, input, false], [input, input, true], [input, { ...input, range: next }, true], [input, { ...input, frames: [] }, false],
    [input, { ...input, range: next, zone: 'browser' }, false], [input, { ...input, marks: [] }, false],
  ])('only the range differs: %#', (before, now, moves) => {
    expect(movesOnly(before as PanelInput | undefined, now as PanelInput)).toBe(moves);
  });
});
