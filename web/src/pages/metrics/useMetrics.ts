/** What the pages of metrics know: sources, names, descriptions, series counts, and on demand who uses what. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { DataSource } from '../../api/datasources';
import { labelValues, metricMetadata, storeStats } from '../../api/prometheus';
import { metricRows, type MetricRow } from '../../model/metrics';
import { useSources } from '../../query/sources';
import { scanUsage, type UsageScan } from '../../query/usage';

/** Names the page holds; a source with more says so and is searched by label. */
const namesMax = 100_000;
const keptMs = 60_000;

export function useMetricSources(): { sources: DataSource[]; ready: boolean } {
  const { data, isSuccess, isError } = useSources();
  const sources = useMemo(() => (data ?? []).filter((s) => s.type === 'prometheus'), [data]);
  return { sources, ready: isSuccess || isError };
}

interface Metrics {
  rows: MetricRow[];
  names: string[];
  truncated: boolean;
  loading: boolean;
  failure: string | undefined;
  again: () => void;
}
const none: string[] = [];

/** `match`: a selector, to list only metrics with series that fit. */
export function useMetrics(source: string, match: string, enabled: boolean): Metrics {
  const list = useQuery({
    queryKey: ['metric-names', source, match], queryFn: ({ signal }) => labelValues('__name__', { source, limit: namesMax, ...(match === '' ? {} : { match: [match] }) }, signal), enabled, staleTime: keptMs, retry: false,
  });
  const known = useQuery({ queryKey: ['metric-metadata', source], queryFn: ({ signal }) => metricMetadata(source, undefined, signal), enabled, staleTime: keptMs, retry: false });
  const stats = useQuery({ queryKey: ['store-stats', source], queryFn: ({ signal }) => storeStats(source, signal), enabled, staleTime: keptMs, retry: false });
  const names = list.data?.names ?? none;
  const rows = useMemo(() => {
    const counts = new Map((stats.data?.seriesCountByMetricName ?? []).map((c) => [c.name, c.value]));
    return metricRows(names, known.data ?? {}, counts);
  }, [names, known.data, stats.data]);
  return { rows, names, truncated: list.data?.truncated ?? false, loading: list.isPending, failure: list.error?.message, again: () => void list.refetch() };
}

interface UsageState {
  scan: UsageScan | undefined;
  busy: boolean;
  failure: string | undefined;
}
export function useUsage(wanted: boolean): UsageState {
  const { data, isFetching, error } = useQuery({ queryKey: ['metric-usage'], queryFn: ({ signal }) => scanUsage(signal), enabled: wanted, staleTime: 600_000, retry: false });
  return { scan: data, busy: isFetching, failure: error?.message };
}

/** How far the search went, in words. */
export function scanWords(scan: UsageScan): string {
  const all = scan.scanned < scan.total ? `the first ${scan.scanned} of ${scan.total}` : `all ${scan.total}`;
  return `Looked through ${all} dashboards${scan.failed > 0 ? `; ${scan.failed} could not be read` : ''} and the rules. Names that a query makes up from a pattern or a variable are not seen.`;
}
