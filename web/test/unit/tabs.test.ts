/** Tabs of V2 dashboards found again among the rows the server makes of them. */
import { expect, test } from 'vitest';
import { layoutSections } from '../../src/model/dashboard/layout';
import { readSnapshot } from '../../src/model/dashboard/snapshot';
import { sectionsOfTab, tabsOf } from '../../src/model/dashboard/tabs';

const rows = (...items: [number, string][]) => readSnapshot({ panels: items.map(([id, type], i) => ({ id, type, gridPos: { x: 0, y: i, w: 24, h: 1 } })) }).view.panels;
const grid = { kind: 'GridLayout', spec: { items: [] } };
const tab = (title: string, layout: object = grid, more: object = {}) => ({ kind: 'TabsLayoutTab', spec: { title, layout, ...more } });
const raw = (...tabs: object[]) => ({ apiVersion: 'dashboard.grafana.app/v2beta1', spec: { layout: { kind: 'TabsLayout', spec: { tabs } } } });
const nested = { kind: 'RowsLayout', spec: { rows: [{ spec: { layout: grid } }, { spec: { hideHeader: true, layout: grid } }] } };

test('each tab has its row and the rows in it', () => {
  const panels = rows([1, 'row'], [2, 'stat'], [3, 'row'], [4, 'row'], [5, 'stat']);
  const tabs = tabsOf(raw(tab('First one'), tab('First one', nested)), panels);
  expect(tabs.map((t) => [t.slug, t.head, [...t.rows]])).toEqual([['first-one', 1, [1]], ['first-one-2', 3, [3, 4]]]);
  const sections = layoutSections(panels, {}, new Set());
  const [first, second] = tabs;
  expect(first && sectionsOfTab(sections, first, true).map((s) => [s.row?.panel.id ?? null, s.panels.map((p) => p.panel.id)])).toEqual([[null, [2]]]);
  expect(second && sectionsOfTab(sections, second, false).map((s) => s.row?.panel.id ?? null)).toEqual([null, 4]);
});

test.each([
  ['a classic dashboard', { panels: [] }], ['rows', { spec: { layout: nested } }], ['a tab without a heading', raw(tab('a', grid, { hideHeader: true }))], ['other rows than expected', raw(tab('a'), tab('b'))], ['nothing', null],
])('%s has no tabs', (_, json) => {
  expect(tabsOf(json, rows([1, 'row']))).toEqual([]);
});
