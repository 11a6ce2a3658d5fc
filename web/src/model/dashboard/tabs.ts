/** Tabs of a V2 dashboard: the server lays them out as rows, here they become tabs again. Pure. */
import { flag, list, object, text } from '../json';
import type { Section } from './layout';
import type { Panel } from './types';

export interface Tab {
  /** What the address says. */
  slug: string;
  title: string;
  /** The row that stands for the tab. */
  head: number;
  /** All rows in the tab, its own among them. */
  rows: ReadonlySet<number>;
}

const depthMax = 8;

/** Rows that a layout comes to on the page. */
function rowCount(layout: unknown, depth = 0): number {
  const o = object(layout);
  const spec = object(o['spec']);
  if (depth >= depthMax) return 0;
  const inner = (items: unknown[]): number => items.map((i) => object(object(i)['spec'])).reduce((n, s) => n + (flag(s['hideHeader']) ? 0 : 1) + rowCount(s['layout'], depth + 1), 0);
  switch (o['kind']) {
    case 'RowsLayout': return inner(list(spec['rows']));
    case 'TabsLayout': return inner(list(spec['tabs']));
    case 'GridLayout': return list(spec['items']).filter((i) => object(i)['kind'] === 'GridLayoutRow').length;
    default: return 0;
  }
}

const slugOf = (title: string): string => title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');

/** The tabs of a dashboard whose outermost layout is one of tabs; none for all others. */
export function tabsOf(raw: unknown, panels: readonly Panel[]): Tab[] {
  const resource = object(raw);
  const spec = resource['spec'] === undefined ? resource : object(resource['spec']);
  const layout = object(spec['layout']);
  if (layout['kind'] !== 'TabsLayout') return [];
  const rows = panels.filter((p) => p.type === 'row');
  const tabs: Tab[] = [];
  const seen = new Map<string, number>();
  let at = 0;
  for (const item of list(object(layout['spec'])['tabs'])) {
    const tab = object(object(item)['spec']);
    const own = 1 + rowCount(tab['layout']);
    // A tab without a heading has no row to be found by: then the whole stays rows.
    if (flag(tab['hideHeader'])) return [];
    const mine = rows.slice(at, at + own);
    at += own;
    const head = mine[0];
    if (!head) return [];
    const title = text(tab['title'], 'Tab');
    const slug = slugOf(title) || 'tab';
    const count = (seen.get(slug) ?? 0) + 1;
    seen.set(slug, count);
    tabs.push({ slug: count === 1 ? slug : `${slug}-${count}`, title, head: head.id, rows: new Set(mine.map((r) => r.id)) });
  }
  // Something was laid out differently than here: better rows than panels nobody finds.
  return at === rows.length ? tabs : [];
}

/** The sections of one tab; its own row has no heading, for the tab is one. */
export function sectionsOfTab(sections: readonly Section[], tab: Tab, first: boolean): Section[] {
  const mine = sections.filter((s) => (s.row === null ? first : tab.rows.has(s.row.panel.id)));
  const heads = mine.filter((s) => s.row?.panel.id === tab.head);
  return mine.map((s) => (heads.length === 1 && s === heads[0] && s.open ? { ...s, row: null } : s));
}
