/** Panels of the library: what is linked, what stays with the dashboard, what goes to the library. */
import { describe, expect, it } from 'vitest';
import { dashboardCount, isLinked, libraryLink, libraryModel, linkedTo, openCopy, unlinked } from '../../src/model/dashboard/edit/library';
import { applyPatch } from '../../src/model/dashboard/edit/patch';

const place = { id: 4, gridPos: { x: 0, y: 0, w: 6, h: 4 }, repeat: 'host', maxPerRow: 3 };
const link = { uid: 'lib', name: 'CPU' };
const model = { type: 'stat', title: 'CPU of a host', id: 99, gridPos: { x: 9, y: 9, w: 1, h: 1 }, targets: [{ refId: 'A', expr: 'up' }], odd: 1, libraryPanel: { uid: 'old' } };
const own = { type: 'stat', title: 'CPU of a host', targets: [{ refId: 'A', expr: 'up' }], odd: 1 };
const linked = { ...place, title: 'x', libraryPanel: link };
const doc = (panel: unknown) => ({ panels: [panel] });
const path = ['panels', 0];

describe('library panels', () => {
  it.each<[string, Record<string, unknown>, boolean, unknown]>([
    ['linked', linked, true, link], ['linked with an empty type', { ...linked, type: '' }, true, link], ['opened', { ...linked, ...own }, false, link],
    ['opened, with its version', { ...own, libraryPanel: { ...link, openedVersion: 5 } }, false, { ...link, opened: 5 }],
    ['ordinary', own, false, undefined], ['without a name', { libraryPanel: { uid: 'u' } }, true, { uid: 'u', name: 'u' }], ['an empty link', { libraryPanel: {} }, false, undefined],
  ])('knows a panel that is %s', (_, panel, is, of) => {
    expect([isLinked(panel), libraryLink(panel)]).toEqual([is, of]);
  });
  it.each<[string, ReturnType<typeof openCopy>, unknown, unknown]>([
    ['opens with its own place and the library’s picture', openCopy(path, linked, model, 5), linked, { ...own, ...place, libraryPanel: { ...link, openedVersion: 5 } }],
    ['is unlinked with the library’s picture', unlinked(path, linked, model), linked, { ...own, ...place }],
    ['is unlinked with the picture it has', unlinked(path, { ...linked, ...own }, undefined), { ...linked, ...own }, { ...own, ...place }],
    ['is linked again and forgets the version', linkedTo(path, { ...place, ...own }, { ...link, opened: 5 }), { ...place, ...own, libraryPanel: { ...link, openedVersion: 5 } }, { ...place, title: 'CPU of a host', libraryPanel: link }],
    ['is linked and keeps no picture', linkedTo(path, { ...place, ...own }, link), { ...place, ...own }, { ...place, title: 'CPU of a host', libraryPanel: link }],
  ])('%s, and back', (_, patch, before, after) => {
    const done = applyPatch(doc(before), patch);
    expect(done.value).toEqual(doc(after));
    expect(applyPatch(done.value, done.undo).value).toEqual(doc(before));
  });
  it('gives the library no place and no link', () => {
    expect(libraryModel({ ...linked, ...own })).toEqual(own);
    expect([dashboardCount(1), dashboardCount(1200)]).toEqual(['one dashboard', '1,200 dashboards']);
  });
});
