/** The list of metrics: what is known of each, filters, order, and the query that shows one at a glance. */
import { fuzzyFilter } from './fuzzy';

export interface MetricRow {
  name: string;
  /** As the target declared it; empty when nothing is known. */
  type: string;
  unit: string;
  help: string;
  /** Series now in the store; undefined when it was not told. */
  series: number | undefined;
}
interface Metadata {
  type: string;
  help: string;
  unit: string;
}

const part = /_(bucket|sum|count|total|created|info)$/;

/** Histograms and summaries are described under the name without the suffix. */
export function describeMetric(name: string, known: Readonly<Record<string, readonly Metadata[]>>): Metadata | undefined {
  return known[name]?.[0] ?? (part.test(name) ? known[name.replace(part, '')]?.[0] : undefined);
}

export function metricRows(names: readonly string[], known: Readonly<Record<string, readonly Metadata[]>>, counts: ReadonlyMap<string, number>): MetricRow[] {
  return names.map((name): MetricRow => {
    const meta = describeMetric(name, known);
    return { name, type: meta?.type === 'unknown' ? '' : (meta?.type ?? ''), unit: meta?.unit ?? '', help: meta?.help ?? '', series: counts.get(name) };
  });
}

/** The first word of the names, with how many share it, most first: `node`, `http`, … */
export function metricPrefixes(names: readonly string[]): { prefix: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    const prefix = /^[^_:]+/.exec(name)?.[0] ?? name;
    counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  return [...counts].map(([prefix, count]) => ({ prefix, count })).sort((a, b) => b.count - a.count || a.prefix.localeCompare(b.prefix));
}

export interface MetricFilter {
  text: string;
  type: string;
  prefix: string;
  /** Only those that no dashboard and no rule uses. */
  unused: boolean;
  order: 'name' | 'series';
}
export const noFilter: MetricFilter = { text: '', type: '', prefix: '', unused: false, order: 'name' };

export function filterMetrics(rows: readonly MetricRow[], f: MetricFilter, isUsed: (name: string) => boolean): MetricRow[] {
  const fitting = rows.filter((r) => (f.type === '' || r.type === f.type || (f.type === 'none' && r.type === '')) && (f.prefix === '' || r.name === f.prefix || r.name.startsWith(`${f.prefix}_`) || r.name.startsWith(`${f.prefix}:`)) && (!f.unused || !isUsed(r.name)));
  const found = fuzzyFilter(fitting, f.text, (r) => r.name);
  if (f.order === 'series') found.sort((a, b) => (b.series ?? -1) - (a.series ?? -1));
  else if (f.text.trim() === '') found.sort((a, b) => (a.name < b.name ? -1 : 1));
  return found;
}

/** Whether the values only grow, so that their rate is what one looks at. */
export const grows = (row: Pick<MetricRow, 'name' | 'type'>): boolean => row.type === 'counter' || ((row.type === 'histogram' || row.type === 'summary' || row.type === '') && /_(total|count|sum|bucket)$/.test(row.name));
const selector = (name: string): string => (/^[a-zA-Z_:][\w:]*$/.test(name) ? name : `{${JSON.stringify(name)}}`);

/** One line for the metric as a whole. */
export const glanceQuery = (row: Pick<MetricRow, 'name' | 'type'>): string => (grows(row) ? `sum(rate(${selector(row.name)}[$__rate_interval]))` : `avg(${selector(row.name)})`);
/** The query that Explore begins with; native histograms are left to be drawn as they are. */
export const openQuery = (row: Pick<MetricRow, 'name' | 'type'>, label?: { name: string; value: string }): string => {
  const name = selector(row.name);
  const filtered = label === undefined ? name : name.endsWith('}') ? `${name.slice(0, -1)}, ${label.name}=${JSON.stringify(label.value)}}` : `${name}{${label.name}=${JSON.stringify(label.value)}}`;
  if (row.type === 'histogram' && row.name.endsWith('_bucket')) return `histogram_quantile(0.95, sum by (le) (rate(${filtered}[$__rate_interval])))`;
  return grows(row) ? `rate(${filtered}[$__rate_interval])` : filtered;
};
export const metricSelector = selector;
