/** The cursor that charts share: one frame, one news; who has the pointer has the cursor. */
import { expect, test } from 'vitest';
import { CursorBus, type CursorEvent } from '../../src/query/cursor';
import { paintByHand } from './frames';

const { frame } = paintByHand();

const listen = (bus: CursorBus, source?: object): { heard: (number | null)[]; stop: () => void } => {
  const heard: (number | null)[] = [];
  return { heard, stop: bus.subscribe((e: CursorEvent) => heard.push(e.t), source) };
};
const [a, b] = [{}, {}];

test('of many moves in a frame the last is told', () => {
  const bus = new CursorBus(1);
  const { heard } = listen(bus);
  for (const t of [1, 2, 3]) bus.move({ t, source: a });
  frame();
  bus.move({ t: null, source: a });
  frame();
  expect(heard).toEqual([3, null]);
});

test('the pointer enters another chart before the first hears that it left', () => {
  const bus = new CursorBus(1);
  const { heard } = listen(bus);
  bus.move({ t: 1, source: a });
  bus.move({ t: 2, source: b });
  bus.move({ t: null, source: a });
  frame();
  expect(heard).toEqual([2]);
});

test('a chart that goes away takes its cursor with it, and no other’s', () => {
  const bus = new CursorBus(1);
  const { heard } = listen(bus);
  const first = listen(bus, a);
  const second = listen(bus, b);
  bus.move({ t: 1, source: a });
  frame();
  second.stop();
  first.stop();
  frame();
  expect(heard).toEqual([1, null]);
  expect(first.heard).toEqual([1]);
});

test('charts that share nothing hear nothing; sharing can be switched while they are there', () => {
  const bus = new CursorBus(0);
  const { heard } = listen(bus);
  bus.move({ t: 1, source: a });
  frame();
  bus.setMode(1);
  bus.move({ t: 2, source: a });
  frame();
  bus.setMode(0);
  bus.move({ t: 3, source: a });
  frame();
  expect(heard).toEqual([2, null]);
});
