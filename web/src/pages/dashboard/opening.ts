/** What a dashboard asks when it opens, known before it is drawn, so that the query is on its way while the page is made. Pure. */
import { boot } from '../../api/boot';
import type { DashboardDoc } from '../../api/dashboards';
import type { DataSource } from '../../api/datasources';
import { gridColumns, layoutSections } from '../../model/dashboard/layout';
import { shareQueries } from '../../model/dashboard/shared';
import { firstScreen, readingOrder } from '../../model/dashboard/mounting';
import { sectionsOfTab, tabsOf } from '../../model/dashboard/tabs';
import type { DashboardView, Panel } from '../../model/dashboard/types';
import { parseDuration } from '../../model/time/parse';
import { resolveRange, sameRange, type RawRange, type TimeRange } from '../../model/time/range';
import type { DashboardUrl } from '../../model/url';
import type { InterpolationContext } from '../../model/variables/interpolate';
import { kindOf } from '../../panels/kinds';
import type { PanelRequest } from '../../query/runner';
import { panelKnown, placesKnown, type Known } from './known';
import { choiceOf, needsSources, panelRange, panelRequest } from './request';

/** Who looks; for `${__user.login}` in a query. */
export const user = { login: boot.user.login, email: boot.user.email };

interface PageTime {
  raw: RawRange;
  zone: string;
  weekStart: number;
  /** By how much "now" lags, ms: some data arrives late. */
  delay: number;
}

function pickZone(url: string | undefined, dashboard: string): string {
  if (url !== undefined && url !== '') return url;
  if (dashboard !== '' && dashboard !== 'default') return dashboard;
  return boot.settings.timezone || 'browser';
}

/** The time a dashboard shows: as the address says, else as the dashboard does. */
export function pageTime(view: DashboardView, url: Pick<DashboardUrl, 'from' | 'to' | 'timezone'>): PageTime {
  return {
    raw: { from: (url.from ?? view.time.from) || 'now-6h', to: (url.to ?? view.time.to) || 'now' },
    zone: pickZone(url.timezone, view.timezone),
    weekStart: view.weekStart === 'sunday' ? 0 : view.weekStart === 'saturday' ? 6 : 1,
    delay: parseDuration(view.nowDelay ?? '') ?? 0,
  };
}

/** The window, and how wide the menu beside the page is; CSS pixels. */
interface Room {
  width: number;
  height: number;
  rail: number;
}
/** Of pages.css: the widths up to which the menu stands above the page, and the panels in one column. */
const [barWidth, columnWidth] = [900, 640];
/** The page's padding with its scroll bar, in those widths less; the gap of the grid; what a panel has around its picture. */
const [padding, barPadding, columnPadding, gap, frame] = [45, 37, 24, 10, 26];

function pictureWidth(panel: Panel, room: Room): number {
  const inside = room.width <= columnWidth ? room.width - columnPadding : room.width <= barWidth ? room.width - barPadding : room.width - room.rail - padding;
  const w = room.width <= columnWidth ? gridColumns : panel.gridPos.w;
  const column = (inside - (gridColumns - 1) * gap) / gridColumns;
  return Math.ceil((w * column + (w - 1) * gap - frame) / 50) * 50;
}

/** The page's range and what is filled into its queries. */
function pageContext({ view }: DashboardDoc, url: DashboardUrl, now: number, variables: Known['values']): InterpolationContext {
  const { raw, zone, weekStart } = pageTime(view, url);
  return { variables, range: resolveRange(raw, now, zone, weekStart), raw, zone, dashboard: { uid: view.uid, title: view.title }, user };
}

export const openingRange = (doc: DashboardDoc, url: DashboardUrl, now: number): TimeRange => pageContext(doc, url, now, {}).range;

/**
 * The requests of the panels in sight, by their keys, all of one range. Those of which it is not known what they ask are missing
 * (it is not `whole` then); all are, where one panel or an editor is opened, or where the values of a variable decide which panels there are.
 * `sources` is undefined as long as nobody knows which there are.
 */
export function openingRequests(doc: DashboardDoc, url: DashboardUrl, room: Room, now: number, known: Known, sources: readonly DataSource[] | undefined): { requests: ReadonlyMap<string, PanelRequest>; whole: boolean } {
  const requests = new Map<string, PanelRequest>();
  const { view } = doc;
  if (url.viewPanel !== undefined || url.editPanel !== undefined || url.editview !== undefined || !placesKnown(view.panels, known)) return { requests, whole: false };
  const { raw, zone } = pageTime(view, url);
  const context = pageContext(doc, url, now, known.values);
  const { range } = context;
  const sections = layoutSections(shareQueries(view.panels), known.values, new Set());
  const tabs = tabsOf(doc.raw, view.panels);
  const tab = tabs.find((t) => t.slug === url.tab) ?? tabs[0];
  const shown = tab ? sectionsOfTab(sections, tab, tab === tabs[0]) : sections;
  const first = firstScreen(readingOrder(shown), room.height);
  let whole = true;
  for (const { key, panel, scoped } of shown.flatMap((s) => (s.open ? s.panels : []))) {
    if (!first.has(key) || kindOf(panel.type).wants === 'none') continue;
    if (!panelKnown(panel, known) || (sources === undefined && needsSources(panel))) {
      whole = false;
      continue;
    }
    const own = panelRange(panel, range, { ...context, scoped }, now, zone).range;
    if (!sameRange(own, range)) continue;
    const request = panelRequest(panel, own, choiceOf(panel, raw), pictureWidth(panel, room), { ...context, scoped }, sources ?? []);
    if (request.queries.length > 0) requests.set(key, request);
  }
  return { requests, whole };
}
