/** Edits of dashboards: patches and their way back, undo and redo, panels and rows, arranging, putting two edits together. */
import { describe, expect, it } from 'vitest';
import { itemsOf, nudge } from '../../src/model/dashboard/edit/arrange';
import { commit, isChanged, markSaved, redo, startHistory, undo } from '../../src/model/dashboard/edit/history';
import { mergeDashboards } from '../../src/model/dashboard/edit/merge';
import { addPanel, duplicatePanel, editable, everyPanel, modernise, movePanels, panelsOfRow, removePanel, toggleRow } from '../../src/model/dashboard/edit/panels';
import { applyPatch, at, type Patch } from '../../src/model/dashboard/edit/patch';
import type { DashboardView, Panel } from '../../src/model/dashboard/types';
import { list, object } from '../../src/model/json';

const pos = (x: number, y: number, w = 12, h = 8): Record<string, number> => ({ x, y, w, h });
const doc = {
  title: 'Board', unknownField: { deep: [1, { two: 2 }] }, panels: [
    { id: 1, type: 'stat', gridPos: pos(0, 0), odd: true },
    { id: 2, type: 'row', collapsed: false, panels: [], gridPos: pos(0, 8, 24, 1) },
    { id: 3, type: 'timeseries', gridPos: pos(0, 9) },
    { id: 4, type: 'row', collapsed: true, gridPos: pos(0, 17, 24, 1), panels: [{ id: 5, type: 'table', gridPos: pos(0, 18) }] },
  ],
};
const after = (patch: Patch): Record<string, unknown> => object(applyPatch(doc, patch).value);
const ids = (raw: unknown): unknown[] => everyPanel(raw).map((p) => p.panel['id']);

describe('patches', () => {
  it.each<[string, Patch]>([
    ['set a member', [{ op: 'set', path: ['title'], value: 'Other' }]],
    ['set what is not there, and its parents', [{ op: 'set', path: ['a', 'b', 0, 'c'], value: 1 }]],
    ['insert', [{ op: 'insert', path: ['panels', 1], value: { id: 9 } }]],
    ['remove an element', [{ op: 'remove', path: ['panels', 0] }]],
    ['remove a member', [{ op: 'remove', path: ['unknownField', 'deep'] }]],
    ['remove what is not there', [{ op: 'remove', path: ['nothing'] }]],
    ['several', [{ op: 'remove', path: ['panels', 0] }, { op: 'set', path: ['panels', 0, 'title'], value: 'x' }, { op: 'insert', path: ['panels', 3], value: {} }]],
    ['the whole document', [{ op: 'set', path: [], value: { title: 'New' } }]],
  ])('%s: the way back gives the same bytes', (_, patch) => {
    const before = JSON.stringify(doc);
    const done = applyPatch(doc, patch);
    expect(JSON.stringify(doc)).toBe(before);
    expect(applyPatch(done.value, done.undo).value).toEqual(doc);
  });
  it('leaves what it does not name as it is', () => {
    const done = object(applyPatch(doc, [{ op: 'set', path: ['panels', 0, 'title'], value: 'x' }]).value);
    expect(done['unknownField']).toBe(doc.unknownField);
    expect(list(done['panels'])[1]).toBe(doc.panels[1]);
    expect(object(list(done['panels'])[0])['odd']).toBe(true);
  });
  it('finds only own members', () => {
    expect(at(doc, ['constructor'])).toBeUndefined();
    expect(at(doc, ['panels', 3, 'panels', 0, 'type'])).toBe('table');
  });
});

describe('history', () => {
  const set = (value: string, merge = ''): Parameters<typeof commit>[1] => ({ label: 'title', patch: [{ op: 'set', path: ['title'], value }], merge });
  it('goes back and forth, and knows what is saved', () => {
    let h = startHistory(doc);
    expect(isChanged(h)).toBe(false);
    h = commit(commit(h, set('a')), set('b'));
    h = undo(h);
    expect([object(h.raw)['title'], isChanged(h)]).toEqual(['a', true]);
    h = redo(h);
    expect(object(h.raw)['title']).toBe('b');
    h = markSaved(h);
    expect(isChanged(h)).toBe(false);
    h = undo(h);
    expect(isChanged(h)).toBe(true);
    h = commit(h, set('c'));
    expect(isChanged(undo(undo(h)))).toBe(true);
    expect(undo(undo(h)).raw).toEqual(doc);
  });
  it('takes typing as one edit', () => {
    const h = commit(commit(commit(startHistory(doc), set('a', 't')), set('ab', 't')), set('abc', 't'));
    expect(h.past).toHaveLength(1);
    expect(undo(h).raw).toEqual(doc);
    expect(object(redo(undo(h)).raw)['title']).toBe('abc');
  });
});

describe('panels', () => {
  it('adds with a free id below everything', () => {
    const { patch, id } = addPanel(doc, { type: 'stat' });
    expect(id).toBe(6);
    expect(list(after(patch)['panels']).at(-1)).toEqual({ type: 'stat', id: 6, gridPos: { x: 0, y: 18, w: 12, h: 8 } });
  });
  it('duplicates beside, keeping unknown fields', () => {
    const made = duplicatePanel(doc, 1);
    expect(list(after(made?.patch ?? [])['panels']).at(-1)).toEqual({ id: 6, type: 'stat', odd: true, gridPos: pos(12, 0) });
  });
  it('duplicates inside a closed row', () => expect(ids(after(duplicatePanel(doc, 5)?.patch ?? []))).toEqual([1, 2, 3, 4, 5, 6]));
  it('removes a row with or without its panels', () => {
    expect(ids(after(removePanel(doc, 2)))).toEqual([1, 3, 4, 5]);
    expect(ids(after(removePanel(doc, 2, true)))).toEqual([1, 4, 5]);
    expect(ids(after(removePanel(doc, 4)))).toEqual([1, 2, 3, 5]);
    expect(ids(after(removePanel(doc, 4, true)))).toEqual([1, 2, 3]);
  });
  it('closes and opens rows', () => {
    expect(panelsOfRow(doc, 2)).toEqual([3]);
    const closed = after(toggleRow(doc, 2));
    expect(list(object(list(closed['panels'])[1])['panels'])).toHaveLength(1);
    const open = object(applyPatch(closed, toggleRow(closed, 2)).value);
    expect(open['panels']).toEqual(doc.panels);
  });
  it('writes only places that change', () => {
    expect(movePanels(doc, new Map([[1, { x: 0, y: 0, w: 12, h: 8 }], [5, { x: 1, y: 18, w: 12, h: 8 }]]))).toEqual([{ op: 'set', path: ['panels', 3, 'panels', 0, 'gridPos'], value: pos(1, 18) }]);
  });
  it('gives panels without an id, or with one twice, an own one', () => {
    const { raw } = editable({ panels: [{ id: 3 }, { id: 3 }, {}, { id: 'x' }] }, {} as DashboardView);
    expect(ids(raw)).toEqual([3, 4, 5, 6]);
  });
});

describe('a panel that is opened in the editor', () => {
  const fieldConfig = { defaults: {}, overrides: [] };
  it.each<[string, object, object]>([
    ['of another type', { type: 'graph', options: { a: 1 } }, { type: 'xychart', options: { own: 1 }, fieldConfig }],
    ['with the old name of its mapping', { type: 'xychart', options: { seriesMapping: 'manual', a: 1 }, fieldConfig }, { type: 'xychart', options: { mapping: 'manual', a: 1 }, fieldConfig }],
    ['with both names', { type: 'xychart', options: { seriesMapping: 'manual', mapping: 'auto' }, fieldConfig }, { type: 'xychart', options: { seriesMapping: 'manual', mapping: 'auto' }, fieldConfig }],
  ])('%s', (_, before, after) => {
    const raw = { panels: [{ id: 1, ...before }] };
    const view = { id: 1, type: 'xychart', options: { own: 1 }, fieldConfig } as unknown as Panel;
    expect(applyPatch(raw, modernise(raw, view)).value).toEqual({ panels: [{ id: 1, ...after }] });
  });
});

describe('arranging', () => {
  const panel = (id: number, gridPos: Panel['gridPos'], type = 'stat'): Panel => ({ id, type, gridPos, rowId: null, collapsed: false, repeat: '' }) as Panel;
  const panels = [panel(1, { x: 0, y: 0, w: 12, h: 4 }), panel(2, { x: 12, y: 0, w: 12, h: 8 }), panel(3, { x: 0, y: 4, w: 12, h: 4 }), panel(9, { x: 0, y: 8, w: 24, h: 1 }, 'row'), panel(4, { x: 0, y: 9, w: 6, h: 4 })];
  const items = itemsOf(panels);
  it('lists rows and panels at their places', () => expect(items.map((i) => [i.id, i.y])).toEqual([[1, 0], [2, 0], [3, 4], [9, 8], [4, 9]]));
  it.each<[Parameters<typeof nudge>[2], number, Partial<Panel['gridPos']>]>([
    ['up', 3, { y: 0 }], ['down', 1, { y: 4 }], ['right', 4, { x: 1 }], ['left', 4, { x: 0 }], ['wider', 4, { w: 7 }], ['narrower', 4, { w: 5 }], ['taller', 4, { h: 5 }], ['shorter', 4, { h: 3 }], ['right', 2, { x: 12 }],
  ])('%s', (how, id, expected) => expect(nudge(items, id, how).get(id)).toMatchObject(expected));
  it('keeps everything else without a gap', () => expect(nudge(items, 3, 'up').get(1)).toMatchObject({ y: 4 }));
});

describe('two edits of one dashboard', () => {
  const base = { title: 'a', version: 1, panels: [{ id: 1, t: 1 }, { id: 2, t: 1 }], templating: { list: [{ name: 'v' }] } };
  it('puts together what does not touch', () => {
    const mine = { ...base, panels: [{ id: 1, t: 2 }, { id: 2, t: 1 }, { id: 3 }] };
    const theirs = { ...base, version: 2, title: 'b', panels: [{ id: 1, t: 1 }], templating: { list: [{ name: 'v' }, { name: 'w' }] } };
    const { raw, conflicts } = mergeDashboards(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(raw).toEqual({ title: 'b', version: 2, panels: [{ id: 1, t: 2 }, { id: 3 }], templating: { list: [{ name: 'v' }, { name: 'w' }] } });
  });
  it('names what both changed', () => {
    const { raw, conflicts } = mergeDashboards(base, { ...base, title: 'x', panels: [{ id: 1, t: 5 }] }, { ...base, title: 'y', panels: [{ id: 1, t: 6 }, { id: 2, t: 7 }] });
    expect(conflicts).toHaveLength(3);
    expect(raw).toMatchObject({ title: 'x', panels: [{ id: 1, t: 5 }, { id: 2, t: 7 }] });
  });
});
