/** The list of dashboards: small pictures of layouts, arrow keys, when each was seen last. */
import { expect, it, test } from 'vitest';
import { sketchOf, thumbnailOf, thumbnailText } from '../../src/model/dashboard/thumbnail';
import type { Panel } from '../../src/model/dashboard/types';
import { withVisit } from '../../src/pages/app/viewed';
import { step } from '../../src/pages/dashboards/DashboardItems';

const panel = (id: number, type: string, x: number, y: number, w = 12, h = 8, more: Partial<Panel> = {}): Panel =>
  ({ id, type, title: `P${id}`, gridPos: { x, y, w, h }, rowId: null, collapsed: false, ...more }) as Panel;

test('a small picture has what one sees first', () => {
  const small = thumbnailOf([
    panel(1, 'timeseries', 0, 0), panel(2, 'stat', 12, 0, 40, 4), panel(3, 'row', 0, 8, 24, 1, { collapsed: true }), panel(4, 'table', 0, 9, 24, 8, { rowId: 3 }),
    panel(5, 'heatmap', 0, 28, 6, 10), panel(6, 'text', 0, 40), panel(7, 'gauge', 0, 1, 4, 4, { isSavedCopy: true }),
  ]);
  expect(small.boxes.map((b) => [b.sketch, b.x, b.y, b.w, b.h])).toEqual([['lines', 0, 0, 12, 8], ['number', 12, 0, 12, 4], ['row', 0, 8, 24, 1], ['cells', 0, 28, 6, 2]]);
  expect([small.height, small.below]).toEqual([30, 1]);
  expect(thumbnailOf([])).toEqual({ boxes: [], height: 8, below: 0 });
});
test('nothing makes it endless', () => {
  const many = Array.from({ length: 500 }, (_, i) => panel(i, 'timeseries', 0, i % 20));
  expect([thumbnailOf(many).boxes.length, thumbnailOf(many).below]).toEqual([60, 440]);
  expect(thumbnailOf([panel(1, 'x', -5, -5, 0, 0)]).boxes[0]).toMatchObject({ x: 0, y: 0, w: 1, h: 1 });
});
it.each([['graph', 'lines'], ['nodeGraph', 'nodes'], ['anything', 'box']])('%s is drawn as %s', (type, want) => expect(sketchOf(type)).toBe(want));
test('in words', () => {
  expect([thumbnailText([panel(1, 'stat', 0, 0)]), thumbnailText([]), thumbnailText([1, 2, 3, 4, 5, 6].map((n) => panel(n, 'stat', 0, 0)))]).toEqual(['One panel: P1', '0 panels', '6 panels: P1, P2, P3, P4, P5 …']);
});
it.each<[string, number, number, number, number | undefined]>([
  ['ArrowDown', 0, 5, 1, 1], ['ArrowDown', 4, 5, 1, 4], ['ArrowUp', 0, 5, 1, 0], ['ArrowRight', 0, 5, 1, undefined], ['ArrowRight', 0, 5, 3, 1], ['ArrowDown', 1, 5, 3, 4], ['ArrowDown', 2, 5, 3, 2], ['Home', 3, 5, 1, 0], ['End', 0, 5, 1, 4], ['x', 0, 5, 1, undefined],
])('%s from %i of %i in %i columns', (key, at, count, columns, want) => expect(step(key, at, count, columns)).toBe(want));
test('visits are kept newest first, and not for ever', () => {
  expect(withVisit({ a: 1, b: 2 }, 'a', 3)).toEqual({ a: 3, b: 2 });
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`d${i}`, i]));
  const kept = withVisit(many, 'new', 9999);
  expect([Object.keys(kept).length, kept['new'], kept['d0'], kept['d599']]).toEqual([500, 9999, undefined, 599]);
});
