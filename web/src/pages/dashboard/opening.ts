/** What a dashboard asks when it opens, known before it is drawn: the query is on its way while the page is made. */
import { boot } from '../../api/boot';
import type { DashboardDoc } from '../../api/dashboards';
import { gridColumns, layoutSections } from '../../model/dashboard/layout';
import { shareQueries } from '../../model/dashboard/shared';
import { firstScreen, readingOrder } from '../../model/dashboard/mounting';
import { sectionsOfTab, tabsOf } from '../../model/dashboard/tabs';
import type { DashboardView, Panel } from '../../model/dashboard/types';
import { parseDuration } from '../../model/time/parse';
import { resolveRange, sameRange, type RawRange } from '../../model/time/range';
import { parseDashboardUrl, type DashboardUrl } from '../../model/url';
import type { InterpolationContext } from '../../model/variables/interpolate';
import { pluginFor } from '../../panels/registry';
import { BegunQuery } from '../../query/begun';
import type { PanelRequest } from '../../query/runner';
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
/** Below this width the page is laid out in another way. */
const plainWidth = 900;
/** Of pages.css: the page's padding with its scroll bar, the gap of the grid, what a panel has around its picture. */
const [padding, gap, frame] = [45, 10, 26];

function pictureWidth(panel: Panel, room: Room): number {
  const column = (room.width - room.rail - padding - (gridColumns - 1) * gap) / gridColumns;
  const { w } = panel.gridPos;
  return Math.ceil((w * column + (w - 1) * gap - frame) / 50) * 50;
}

/**
 * The requests of the panels in sight, by their keys, all of one range; none where that is not known yet: where variables must be
 * asked for first, where one panel or an editor is opened, where the window is narrow.
 */
export function openingRequests(doc: DashboardDoc, url: DashboardUrl, room: Room, now: number): ReadonlyMap<string, PanelRequest> {
  const out = new Map<string, PanelRequest>();
  const { view } = doc;
  if (view.variables.length > 0 || url.viewPanel !== undefined || url.editPanel !== undefined || url.editview !== undefined || room.width <= plainWidth) return out;
  const { raw, zone, weekStart } = pageTime(view, url);
  const range = resolveRange(raw, now, zone, weekStart);
  const context: InterpolationContext = { variables: {}, range, zone, dashboard: { uid: view.uid, title: view.title }, user };
  const sections = layoutSections(shareQueries(view.panels), {}, new Set());
  const tabs = tabsOf(doc.raw, view.panels);
  const tab = tabs.find((t) => t.slug === url.tab) ?? tabs[0];
  const shown = tab ? sectionsOfTab(sections, tab, tab === tabs[0]) : sections;
  const first = firstScreen(readingOrder(shown), room.height);
  for (const { key, panel, scoped } of shown.flatMap((s) => (s.open ? s.panels : []))) {
    if (!first.has(key) || pluginFor(panel.type).wants === 'none' || needsSources(panel)) continue;
    const own = panelRange(panel, range, { ...context, scoped }, now, zone).range;
    if (!sameRange(own, range)) continue;
    const request = panelRequest(panel, own, choiceOf(panel, raw), pictureWidth(panel, room), { ...context, scoped }, []);
    if (request.queries.length > 0) out.set(key, request);
  }
  return out;
}

interface Opening {
  uid: string;
  begunAt: number;
  now: number;
  query: BegunQuery;
}
let begun: Opening | undefined;
/** What nobody took by then tells of a moment that has passed. */
const openingMs = 5000;

/** Sends what the dashboard will ask; `rail` as in `Room`. */
export function beginOpening(doc: DashboardDoc, rail: number): void {
  const url = parseDashboardUrl(location.search);
  const begunAt = Date.now();
  const now = begunAt - pageTime(doc.view, url).delay;
  const requests = openingRequests(doc, url, { width: innerWidth, height: innerHeight, rail: url.kiosk ? 0 : rail }, now);
  if (requests.size > 0) begun = { uid: doc.view.uid, begunAt, now, query: new BegunQuery(requests) };
}

/** What was begun for this dashboard, once. */
export function takeOpening(uid: string): Opening | undefined {
  const found = begun;
  begun = undefined;
  if (found?.uid === uid && Date.now() - found.begunAt < openingMs) return found;
  found?.query.close();
  return undefined;
}
