/** The queries of one pane under way: the streamed route for Prometheus, Grafana's common route for other sources. */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useLayoutEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';
import type { DataSource } from '../../api/datasources';
import { dsQuery, type DsAnswer } from '../../api/ds-query';
import { writeQuery, type ExplorePane } from '../../model/explore';
import { parseDuration } from '../../model/time/parse';
import { resolveRange, type TimeRange } from '../../model/time/range';
import { QueryRunner, type PanelData, type PanelRequest } from '../../query/runner';
import { Ticker } from '../../query/ticker';

/** Rows of a source without an engine of its own. */
const rowsMax = 5000;
/** What a pane must know of its source. */
type PaneSource = Pick<DataSource, 'uid' | 'type'>;
export const usesPrometheus = (source: PaneSource | undefined): boolean => source === undefined || source.type === 'prometheus';

export interface PaneRun {
  range: TimeRange;
  now: number;
  graph: PanelData;
  table: PanelData;
  other: { answers: readonly DsAnswer[]; failure: string | undefined; loading: boolean };
  busy: boolean;
  /** What the pane asks for, as it is sent. */
  request: { graph: PanelRequest | undefined; table: PanelRequest | undefined };
  refresh: () => void;
  cancel: () => void;
}

export function usePaneRun(pane: ExplorePane, source: PaneSource | undefined, ready: boolean, zone: string, refresh: string, width: number): PaneRun {
  const [runner] = useState(() => new QueryRunner());
  useEffect(() => () => runner.destroy(), [runner]);
  const [now, setNow] = useState(() => Date.now());
  const range = useMemo(() => resolveRange(pane.range, now, zone), [pane.range, now, zone]);
  const prometheus = usesPrometheus(source);
  const uid = source?.uid ?? '';
  const asked = useMemo(() => pane.queries.filter((q) => !q.hide && q.expr.trim() !== ''), [pane.queries]);

  const make = useCallback((instant: boolean): PanelRequest | undefined => {
    const own = asked.filter((q) => q.kind === 'both' || (q.kind === 'instant') === instant);
    if (!ready || !prometheus || (!instant && width === 0)) return undefined;
    return {
      range, maxDataPoints: instant ? 1 : Math.max(100, Math.round(width / 100) * 100),
      queries: own.map((q) => ({ refId: q.refId, datasource: uid, expr: q.expr, instant, range: !instant, format: 'time_series', legendFormat: q.legendFormat, ...(q.interval === '' ? {} : { interval: q.interval }) })),
    };
  }, [asked, ready, prometheus, width, range, uid]);
  const request = useMemo(() => ({ graph: make(false), table: make(true) }), [make]);
  useLayoutEffect(() => {
    runner.setRequest('graph', request.graph);
    runner.setRequest('table', request.table);
    runner.setVisible('graph', true);
    runner.setVisible('table', true);
  }, [runner, request]);
  const graph = useSyncExternalStore(useCallback((f) => runner.subscribe('graph', f), [runner]), () => runner.data('graph'));
  const table = useSyncExternalStore(useCallback((f) => runner.subscribe('table', f), [runner]), () => runner.data('table'));
  const streaming = useSyncExternalStore(useCallback((f) => runner.onBusy(f), [runner]), () => runner.busy);

  const body = useMemo(() => (source ? asked.map((q) => ({ ...writeQuery(q, source), maxDataPoints: 1000, intervalMs: 15_000 })) : []), [asked, source]);
  const other = useQuery({
    queryKey: ['explore', pane.id, uid, range, body],
    queryFn: ({ signal }) => dsQuery(range, body, rowsMax, signal),
    enabled: ready && !prometheus && body.length > 0, staleTime: Infinity, gcTime: 60_000, retry: false,
  });

  const again = useCallback(async (): Promise<void> => {
    // The new moments are handed to the runner within this call, so it asks once.
    flushSync(() => setNow(Date.now()));
    await runner.refresh();
  }, [runner]);
  useEffect(() => {
    const ticker = new Ticker(parseDuration(refresh) ?? 0, again);
    return () => ticker.stop();
  }, [refresh, again]);

  return {
    range, now, graph, table, request, busy: streaming || other.isFetching,
    other: { answers: other.data ?? [], failure: other.error?.message, loading: other.isFetching },
    refresh: () => void again(),
    cancel: () => runner.cancel(),
  };
}
