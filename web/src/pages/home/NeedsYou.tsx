/** What needs somebody: sources that do not answer, provisioned dashboards that differ from their files; and the first steps where nothing comes in. */
import { useQuery } from '@tanstack/react-query';
import { CircleAlert } from 'lucide-react';
import { Link } from 'wouter';
import { boot } from '../../api/boot';
import { sourceHealth, type DataSource } from '../../api/datasources';
import { sourcesQuery } from '../../query/sources';
import { CopyButton } from '../../ui/form';

interface DownSource {
  uid: string;
  name: string;
  message: string;
}
/** Sources that are asked at once. */
const askedMax = 50;
const maySee = boot.user.isGrafanaAdmin || boot.user.orgRole === 'Admin' || boot.user.orgRole === 'Editor';

async function downSources(sources: readonly DataSource[], signal: AbortSignal): Promise<DownSource[]> {
  const all = await Promise.all(sources.slice(0, askedMax).map(async (s) => ({ uid: s.uid, name: s.name, ...(await sourceHealth(s.uid, signal)) })));
  return all.filter((s) => !s.ok);
}

export function NeedsYou() {
  const { data } = useQuery({ queryKey: ['sources-down'], enabled: maySee, refetchInterval: 60_000, queryFn: async ({ signal, client }) => downSources(await client.fetchQuery(sourcesQuery), signal) });
  if (!data || data.length === 0) return null;
  return (
    <section className="card block" aria-labelledby="home-down">
      <h2 id="home-down">{data.length === 1 ? 'A data source does not answer' : `${data.length} data sources do not answer`}</h2>
      <ul className="map-list">{data.map((s) => <li key={s.uid}><span className="state-word bad"><CircleAlert size={16} strokeWidth={1.75} aria-hidden /></span><span><Link to={`/connections/datasources/edit/${encodeURIComponent(s.uid)}`}>{s.name}</Link> <span className="quiet">{s.message}</span></span></li>)}</ul>
    </section>
  );
}

/** Copied as they stand; the address is the one this page came from. */
export function FirstSteps() {
  const { protocol, hostname } = location;
  const port = boot.settings.metricsPort;
  const prometheus = port === null ? undefined : `${protocol}//${hostname}:${port}`;
  const steps: [string, string][] = [['Collect what a prometheus.yml names', 'ORRERY_SCRAPE_CONFIG_FILE=prometheus.yml orrery serve']];
  if (prometheus !== undefined) {
    steps.unshift(['Send what a Prometheus already collects', `remote_write:\n  - url: ${prometheus}/api/v1/write`]);
    steps.push(['See what is there', `curl '${prometheus}/api/v1/query?query=up'`]);
  }
  return (
    <section className="card block" aria-labelledby="home-first">
      <h2 id="home-first">First steps</h2>
      <p className="quiet">{port === null ? 'The port that takes metrics is switched off.' : `Metrics are taken at port ${port}.`}</p>
      <ol className="form">{steps.map(([words, command]) => <li key={words}><p>{words}</p><div className="secret-line"><code>{command.split('\n').map((line) => <span key={line} className="command-line">{line}</span>)}</code><CopyButton text={command} label={`Copy: ${words}`} /></div></li>)}</ol>
    </section>
  );
}
