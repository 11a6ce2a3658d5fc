/** Addresses that lead others to what one sees. Pure. */
import type { RawRange, TimeRange } from '../time/range';
import { printDashboardUrl, type DashboardUrl } from '../url';

export interface ShareChoice {
  /** The moments that are shown now, instead of "the last hour". */
  lockTime: boolean;
  /** The values variables have now, instead of what the dashboard was saved with. */
  variables: boolean;
}

/** The path and search of a link; `panel` shows one panel alone, `solo` without anything around it. */
export function sharePath(dashboard: { uid: string; url: string }, url: DashboardUrl, raw: RawRange, range: TimeRange, choice: ShareChoice, panel?: string, solo = false): string {
  const time = choice.lockTime ? { from: String(Math.round(range.from)), to: String(Math.round(range.to)) } : { from: raw.from, to: raw.to };
  const search = printDashboardUrl({
    ...time, timezone: url.timezone, refresh: choice.lockTime ? undefined : url.refresh, compare: url.compare, tab: url.tab, kiosk: false, rest: [],
    viewPanel: panel, variables: choice.variables ? url.variables : {}, annotations: url.annotations,
  });
  const path = dashboard.url === '' ? `/d/${encodeURIComponent(dashboard.uid)}` : dashboard.url;
  const base = solo ? path.replace(/^\/d\//, '/d-solo/') : path;
  return search === '' ? base : `${base}?${search}`;
}

/** The address of Explore with these queries, in Grafana's form. */
export function exploreUrl(queries: readonly { refId: string; expr: string; instant: boolean; range: boolean }[], datasource: string, raw: RawRange): string {
  const pane = { datasource, queries: queries.map((q) => ({ refId: q.refId, expr: q.expr, range: q.range, instant: q.instant, datasource: { type: 'prometheus', uid: datasource } })), range: { from: raw.from, to: raw.to } };
  return `/explore?${new URLSearchParams({ schemaVersion: '1', panes: JSON.stringify({ a: pane }) }).toString()}`;
}
