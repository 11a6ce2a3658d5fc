/** What a panel asks the server: its targets with variables filled in, over its own time range. */
import type { Panel, Target } from '../../model/dashboard/types';
import { parseDuration } from '../../model/time/parse';
import { resolveRange, type RawRange, type TimeRange } from '../../model/time/range';
import { injectFilters, type AdhocFilter } from '../../model/variables/adhoc';
import { interpolate, type InterpolationContext } from '../../model/variables/interpolate';
import { resolveSource, speakPromql } from '../../query/variables';
import type { PanelRequest } from '../../query/runner';
import type { DataSource } from '../../api/datasources';

/** The range of a panel with "relative time" or "time shift" of its own; the page's range otherwise. */
export function panelRange(panel: Panel, page: TimeRange, ctx: InterpolationContext, now: number, zone: string): { range: TimeRange; note: string } {
  let range = page;
  const notes: string[] = [];
  const from = interpolate(panel.timeFrom, ctx).trim();
  if (from !== '') {
    const raw: RawRange = from.includes('now') ? { from, to: from.startsWith('now/') ? from : 'now' } : { from: `now-${from}`, to: 'now' };
    range = resolveRange(raw, now, zone);
    notes.push(from.includes('now') ? from : `Last ${from}`);
  }
  const shift = interpolate(panel.timeShift, ctx).trim().replace(/^-/, '');
  if (shift !== '') {
    const ms = parseDuration(shift);
    if (ms !== undefined) {
      range = { from: range.from - ms, to: range.to - ms };
      notes.push(`${shift} earlier`);
    }
  }
  return { range, note: panel.hideTimeOverride ? '' : notes.join(', ') };
}

/** What a chart shows: the stretch of its data; another one that was chosen since, from the moment it was. */
export function shownRange(data: { range: TimeRange; choice: string }, range: TimeRange, choice: string): TimeRange {
  return data.range.to > 0 && data.choice === choice ? data.range : range;
}

/** The choice of time a panel follows; none where it has a range of its own. */
export const choiceOf = (panel: Panel, raw: RawRange): string => (panel.timeFrom.trim() === '' ? `${raw.from} ${raw.to}` : '');

/** Whether only the list of data sources says which one a query asks. */
export const needsSources = (panel: Panel): boolean => panel.targets.some((t) => { const uid = (t.datasource ?? panel.datasource)?.uid ?? ''; return uid === '' || uid === 'default' || uid.includes('$'); });

const usable = (target: Target): boolean => !target.hide && target.expr.trim() !== '';

/** The conditions of ad hoc variables for a data source. */
function filtersFor(source: string, ctx: InterpolationContext, sources: readonly DataSource[]): AdhocFilter[] {
  return Object.values(ctx.variables).flatMap((v) => (v.filters && v.filters.length > 0 && resolveSource(interpolate(v.source ?? '', ctx), 'prometheus', sources) === source ? v.filters : []));
}

export function panelRequest(panel: Panel, range: TimeRange, choice: string, width: number, ctx: InterpolationContext, sources: readonly DataSource[]): PanelRequest {
  const minimum = parseDuration(interpolate(panel.interval, ctx).replace(/^>/, ''));
  return {
    range: { from: Math.round(range.from), to: Math.round(range.to) }, choice,
    // Coarse, so that a few pixels more or less do not ask again.
    maxDataPoints: panel.maxDataPoints !== null ? Math.max(1, Math.round(panel.maxDataPoints)) : Math.max(100, Math.ceil(width / 50) * 50),
    intervalMs: minimum === undefined ? undefined : Math.round(minimum),
    queries: panel.targets.filter(usable).map((t) => {
      const ds = t.datasource ?? panel.datasource;
      const interval = interpolate(t.interval, ctx);
      const datasource = resolveSource(interpolate(ds?.uid ?? '', ctx), ds?.type, sources);
      const expr = interpolate(t.expr, ctx, 'prometheus');
      // Only PromQL is read well enough to be added to.
      const promql = speakPromql.has(sources.find((s) => s.uid === datasource)?.type ?? (ds?.type || 'prometheus'));
      return {
        refId: t.refId, datasource,
        expr: promql ? injectFilters(expr, filtersFor(datasource, ctx, sources)) : expr,
        instant: t.instant, range: t.range || !t.instant, format: t.format,
        legendFormat: interpolate(t.legendFormat, ctx),
        ...(interval === '' ? {} : { interval }),
      };
    }),
  };
}
