/** The Prometheus HTTP API of a data source, through the portal: names, labels, metadata, formatting, figures of the store. */
import { getJson } from './http';
import { reading } from './path';

export interface MetricMetadata {
  type: string;
  help: string;
  unit: string;
}
interface Envelope<T> {
  status: string;
  data: T;
  warnings?: string[];
}
export interface Names {
  names: string[];
  /** True when the server stopped at the limit. */
  truncated: boolean;
}
type Params = Record<string, string | number | readonly string[] | undefined>;

function address(source: string, path: string, params: Params): string {
  const p = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [String(value)]) p.append(key, one);
  }
  return `${reading('/api/datasources/proxy/uid/{uid}/{path}', { uid: source, path: '' })}api/v1/${path}?${p.toString()}`;
}
const ask = <T>(source: string, path: string, params: Params, signal?: AbortSignal): Promise<Envelope<T>> => getJson(address(source, path, params), { signal });

export interface NameRequest {
  source: string;
  /** Selectors of which one must fit. */
  match?: readonly string[];
  /** Unix ms; without them the server looks at all it has. */
  range?: { from: number; to: number } | undefined;
  limit: number;
}
const nameParams = (r: NameRequest): Params => ({
  'match[]': r.match, limit: r.limit, start: r.range && Math.floor(r.range.from / 1000), end: r.range && Math.ceil(r.range.to / 1000),
});
const names = ({ data, warnings }: Envelope<string[]>, limit: number): Names => ({ names: data, truncated: data.length >= limit && (warnings?.length ?? 0) > 0 });

export const labelNames = async (r: NameRequest, signal?: AbortSignal): Promise<Names> => names(await ask(r.source, 'labels', nameParams(r), signal), r.limit);
export const labelValues = async (label: string, r: NameRequest, signal?: AbortSignal): Promise<Names> =>
  names(await ask(r.source, `label/${encodeURIComponent(label)}/values`, nameParams(r), signal), r.limit);
export const listSeries = async (r: NameRequest, signal?: AbortSignal): Promise<{ series: Record<string, string>[]; truncated: boolean }> => {
  const { data, warnings } = await ask<Record<string, string>[]>(r.source, 'series', nameParams(r), signal);
  return { series: data, truncated: (warnings?.length ?? 0) > 0 };
};

/** What is known of each metric; of one metric when `metric` is given. */
export const metricMetadata = async (source: string, metric?: string, signal?: AbortSignal): Promise<Record<string, MetricMetadata[]>> =>
  (await ask<Record<string, MetricMetadata[]>>(source, 'metadata', { metric }, signal)).data;

/** The query laid out as the server prints it; a query that it cannot read is an error in words. */
export const formatQuery = async (source: string, query: string, signal?: AbortSignal): Promise<string> =>
  (await ask<string>(source, 'format_query', { query }, signal)).data;

interface CountedName {
  name: string;
  value: number;
}
interface StoreStats {
  headStats: { numSeries: number };
  seriesCountByMetricName: CountedName[];
  labelValueCountByLabelName: CountedName[];
}
/** Names the figures list at most; the server refuses to list more. */
const storeStatsMax = 10_000;
export const storeStats = async (source: string, signal?: AbortSignal): Promise<StoreStats> =>
  (await ask<StoreStats>(source, 'status/tsdb', { limit: storeStatsMax }, signal)).data;

/** One series of an instant answer. */
interface InstantSeries {
  metric: Record<string, string>;
  value: number;
}
export async function instantVector(source: string, query: string, signal?: AbortSignal): Promise<InstantSeries[]> {
  const { data } = await ask<{ resultType: string; result: { metric: Record<string, string>; value: [number, string] }[] }>(source, 'query', { query }, signal);
  return data.resultType === 'vector' ? data.result.map((r) => ({ metric: r.metric, value: Number(r.value[1]) })) : [];
}

/** The moments (Unix ms) at which a range query has any value; what stands in it does not matter here. */
export async function momentsWithValue(source: string, query: string, range: { from: number; to: number }, stepMs: number, signal?: AbortSignal): Promise<number[]> {
  const { data } = await ask<{ result: { values?: [number, string][] }[] }>(source, 'query_range', { query, start: range.from / 1000, end: range.to / 1000, step: stepMs / 1000 }, signal);
  return (data.result[0]?.values ?? []).map(([t]) => t * 1000);
}

interface WireExemplars {
  seriesLabels: Record<string, string>;
  exemplars: { labels: Record<string, string>; value: string; timestamp: number }[];
}
export const queryExemplars = async (source: string, query: string, range: { from: number; to: number }, signal?: AbortSignal): Promise<WireExemplars[]> =>
  (await ask<WireExemplars[]>(source, 'query_exemplars', { query, start: range.from / 1000, end: range.to / 1000 }, signal)).data;

interface Rule {
  name: string;
  query: string;
}
/** The portal's own rules; a source of our own has none besides. */
export async function listRules(signal?: AbortSignal): Promise<Rule[]> {
  const { data } = await getJson<Envelope<{ groups?: { rules?: Partial<Rule>[] }[] }>>(reading('/api/prometheus/grafana/api/v1/rules'), { signal });
  return (data.groups ?? []).flatMap((g) => g.rules ?? []).map((r) => ({ name: r.name ?? '', query: r.query ?? '' }));
}
