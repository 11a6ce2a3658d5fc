/** The address of the metrics pages: source, search and filters survive a reload; typing writes over the entry, choosing makes a new one. */
import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { noFilter, type MetricFilter } from '../../model/metrics';

interface MetricsAddress extends MetricFilter {
  source: string;
  /** `label="value"` that series must have. */
  label: string;
  value: string;
}

function readMetricsAddress(search: string): MetricsAddress {
  const p = new URLSearchParams(search);
  return {
    ...noFilter, source: p.get('source') ?? '', text: p.get('search') ?? '', type: p.get('type') ?? '', prefix: p.get('prefix') ?? '', unused: p.get('unused') === 'true', order: p.get('order') === 'series' ? 'series' : 'name',
    label: p.get('label') ?? '', value: p.get('value') ?? '',
  };
}
function printMetricsAddress(a: MetricsAddress): string {
  const p = new URLSearchParams();
  const set = (key: string, value: string): void => {
    if (value !== '') p.set(key, value);
  };
  set('source', a.source);
  set('search', a.text);
  set('type', a.type);
  set('prefix', a.prefix);
  set('label', a.label);
  set('value', a.value);
  if (a.unused) p.set('unused', 'true');
  if (a.order === 'series') p.set('order', 'series');
  const text = p.toString();
  return text === '' ? '' : `?${text}`;
}

export const metricsPath = '/explore/metrics';

export function useMetricsAddress(): { address: MetricsAddress; change: (part: Partial<MetricsAddress>, replace?: boolean) => void; linkOf: (name: string) => string } {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const address = useMemo(() => readMetricsAddress(search), [search]);
  const change = useCallback((part: Partial<MetricsAddress>, replace = false) => navigate(`${path}${printMetricsAddress({ ...readMetricsAddress(location.search), ...part })}`, { replace }), [navigate, path]);
  const linkOf = useCallback((name: string) => `${metricsPath}/${encodeURIComponent(name)}${printMetricsAddress(address)}`, [address]);
  return { address, change, linkOf };
}
