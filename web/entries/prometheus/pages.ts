/** The pages about the server: targets, rules, alerts, configuration, flags, storage, status, service discovery. */
import { ask, el, seconds, seriesName, table, type Labels } from './dom';

interface Target { scrapePool: string; scrapeUrl: string; health: string; labels: Labels; discoveredLabels: Labels; lastScrape: string; lastScrapeDuration: number; lastError: string }
interface Targets { activeTargets: Target[]; droppedTargets: { discoveredLabels: Labels; scrapePool?: string }[] }

const byPool = <T extends { scrapePool?: string }>(all: readonly T[]): Map<string, T[]> => {
  const pools = new Map<string, T[]>();
  for (const target of all) {
    const pool = target.scrapePool ?? '';
    pools.set(pool, [...(pools.get(pool) ?? []), target]);
  }
  return pools;
};

async function targets(): Promise<Node[]> {
  const { data } = await ask<Targets>('targets', { state: 'active' });
  if (data.activeTargets.length === 0) return [el('p', {}, 'No targets: name them in a prometheus.yml and start with --scrape-config.')];
  return [...byPool(data.activeTargets)].flatMap(([pool, all]) => {
    const up = all.filter((t) => t.health === 'up').length;
    const rows = all.map((t) => [t.scrapeUrl, el('span', { class: t.health === 'up' ? 'up' : 'down' }, t.health), seriesName(t.labels), t.lastScrape, `${(t.lastScrapeDuration * 1000).toFixed(1)} ms`, t.lastError]);
    return [el('h2', {}, `${pool} (${up}/${all.length} up)`), table(['Endpoint', 'State', 'Labels', 'Last scrape', 'Duration', 'Error'], rows)];
  });
}

async function discovery(): Promise<Node[]> {
  const { data } = await ask<Targets>('targets');
  const active = data.activeTargets.map((t) => ({ scrapePool: t.scrapePool, discovered: seriesName(t.discoveredLabels), labels: seriesName(t.labels) }));
  const dropped = data.droppedTargets.map((t) => ({ scrapePool: t.scrapePool ?? t.discoveredLabels['job'] ?? '', discovered: seriesName(t.discoveredLabels), labels: 'dropped' }));
  return [...byPool([...active, ...dropped])].flatMap(([pool, all]) => [el('h2', {}, pool), table(['Discovered labels', 'Target labels'], all.map((t) => [t.discovered, t.labels]))]);
}

interface Rule { name: string; query: string; health?: string; state?: string; type?: string }

async function rules(): Promise<Node[]> {
  const { data } = await ask<{ groups: { name: string; file: string; rules: Rule[] }[] }>('rules');
  if (data.groups.length === 0) return [el('p', {}, 'No rules are defined.')];
  return data.groups.flatMap((g) => [el('h2', {}, `${g.name} (${g.file})`), table(['Rule', 'State', 'Expression'], g.rules.map((r) => [r.name, r.state ?? r.health ?? '', r.query]))]);
}

async function alerts(): Promise<Node[]> {
  const { data } = await ask<{ alerts: { labels: Labels; state: string; activeAt?: string; value: string }[] }>('alerts');
  if (data.alerts.length === 0) return [el('p', {}, 'Nothing is firing.')];
  return [table(['Labels', 'State', 'Active since', 'Value'], data.alerts.map((a) => [seriesName(a.labels), a.state, a.activeAt ?? '', a.value]))];
}

async function config(): Promise<Node[]> {
  const { data } = await ask<{ yaml: string }>('status/config');
  return [el('pre', { tabindex: '0' }, data.yaml)];
}

const pairs = (all: Record<string, unknown>): HTMLElement => table(['Name', 'Value'], Object.entries(all).map(([name, value]) => [name, String(value)]));

async function flags(): Promise<Node[]> {
  return [pairs((await ask<Record<string, unknown>>('status/flags')).data)];
}

async function status(): Promise<Node[]> {
  const [runtime, build] = await Promise.all([ask<Record<string, unknown>>('status/runtimeinfo'), ask<Record<string, unknown>>('status/buildinfo')]);
  return [el('h2', {}, 'Runtime'), pairs(runtime.data), el('h2', {}, 'Build'), pairs(build.data)];
}

type Counted = { name: string; value: number }[];

async function storage(): Promise<Node[]> {
  const { data } = await ask<{ headStats: Record<string, number>; seriesCountByMetricName: Counted; labelValueCountByLabelName: Counted; memoryInBytesByLabelName: Counted; seriesCountByLabelValuePair: Counted }>('status/tsdb');
  const head = Object.entries(data.headStats).map(([name, value]) => [name, name.endsWith('Time') ? seconds(value / 1000) : String(value)]);
  const counted = (title: string, all: Counted): Node[] => [el('h2', {}, title), table(['Name', 'Count'], all.map((c) => [c.name, String(c.value)]))];
  return [
    el('h2', {}, 'Head'), table(['Name', 'Value'], head),
    ...counted('Metrics with the most series', data.seriesCountByMetricName), ...counted('Labels with the most values', data.labelValueCountByLabelName),
    ...counted('Label pairs with the most series', data.seriesCountByLabelValuePair),
  ];
}

/** By path: the title, and what makes the content. */
export const pages: Record<string, { title: string; make: () => Promise<Node[]> }> = {
  '/targets': { title: 'Targets', make: targets },
  '/rules': { title: 'Rules', make: rules },
  '/alerts': { title: 'Alerts', make: alerts },
  '/status': { title: 'Status', make: status },
  '/tsdb-status': { title: 'Storage', make: storage },
  '/flags': { title: 'Flags', make: flags },
  '/config': { title: 'Configuration', make: config },
  '/service-discovery': { title: 'Service discovery', make: discovery },
};
