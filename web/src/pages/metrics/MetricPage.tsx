/** One metric: what it is, the last hour, its labels with their most frequent values, and who uses it. */
import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, Compass } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { boot } from '../../api/boot';
import { instantVector, labelNames, metricMetadata } from '../../api/prometheus';
import { defaultRange, exploreLink, newPane, newQuery, type ExplorePane } from '../../model/explore';
import { describeMetric, glanceQuery, metricSelector, openQuery, type MetricRow } from '../../model/metrics';
import { usersOf } from '../../model/usage';
import { CursorBus } from '../../query/cursor';
import { PanelHost } from '../explore/PanelHost';
import { graphOptions, plainPanel } from '../explore/results';
import { usePaneRun } from '../explore/usePaneRun';
import { Labels } from './Labels';
import { unitOf } from './Sparkline';
import { scanWords, useUsage } from './useMetrics';
import { metricsPath } from './useMetricsAddress';

const labelsMax = 40;
const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;

function Graph({ row, source }: { row: MetricRow; source: string }) {
  const [cursor] = useState(() => new CursorBus(0));
  const [raw, setRaw] = useState(defaultRange);
  const zone = boot.settings.timezone || 'browser';
  const pane = useMemo((): ExplorePane => ({ ...newPane('metric'), datasource: source, range: raw, queries: [{ ...newQuery(), expr: glanceQuery(row), kind: 'range', legendFormat: row.name }] }), [source, raw, row]);
  const origin = useMemo(() => ({ uid: source, type: 'prometheus' }), [source]);
  const run = usePaneRun(pane, origin, true, zone, '', 1000);
  const panel = useMemo(() => {
    const look = graphOptions('lines');
    return plainPanel('timeseries', '', { options: { ...look.options, legend: { showLegend: false } }, fieldConfig: { defaults: { ...(look.fieldConfig.defaults as object), unit: unitOf(row) }, overrides: [] } });
  }, [row]);
  const failed = run.graph.problems[0];
  if (failed) return <p className="field-error" role="alert">{failed.message}</p>;
  if (run.graph.answered && !run.graph.loading && run.graph.frames.length === 0) return <p className="quiet">No values in this time.</p>;
  return <PanelHost panel={panel} frames={run.graph.frames} range={run.graph.range.to > 0 ? run.graph.range : run.range} zone={zone} cursor={cursor} onRange={setRaw} label={`Graph of ${row.name}`} className="metric-graph" />;
}

function UsedBy({ name }: { name: string }) {
  const usage = useUsage(true);
  if (usage.failure !== undefined) return <p className="field-error" role="alert">The dashboards could not be looked through: {usage.failure}</p>;
  if (!usage.scan) return <p className="quiet">Looking through the dashboards…</p>;
  const users = usersOf(usage.scan.index, name);
  return (
    <>
      {users.length === 0 ? <p><span className="chip unused">unused</span> No dashboard and no rule names this metric.</p> : (
        <ul className="metric-users">{users.map((u) => <li key={`${u.kind} ${u.url} ${u.title}`}>{u.url === '' ? u.title : <Link to={u.url}>{u.title}</Link>} <span className="quiet">{u.kind}</span></li>)}</ul>
      )}
      <p className="quiet">{scanWords(usage.scan)}</p>
    </>
  );
}

export function MetricPage({ name, source }: { name: string; source: string }) {
  const selector = metricSelector(name);
  const known = useQuery({ queryKey: ['metric-metadata', source], queryFn: ({ signal }) => metricMetadata(source, undefined, signal), staleTime: 60_000, retry: false });
  const labels = useQuery({ queryKey: ['metric-labels', source, name], queryFn: ({ signal }) => labelNames({ source, match: [selector], limit: labelsMax + 1 }, signal), retry: false });
  const count = useQuery({ queryKey: ['metric-series', source, name], queryFn: async ({ signal }) => (await instantVector(source, `count(${selector})`, signal))[0]?.value ?? 0, retry: false });
  const row = useMemo((): MetricRow => {
    const meta = describeMetric(name, known.data ?? {});
    return { name, type: meta?.type === 'unknown' ? '' : (meta?.type ?? ''), unit: meta?.unit ?? '', help: meta?.help ?? '', series: count.data };
  }, [name, known.data, count.data]);
  const own = (labels.data?.names ?? []).filter((l) => l !== '__name__');
  return (
    <div className="metric-page">
      <div className="metric-title">
        <Link to={`${metricsPath}?source=${encodeURIComponent(source)}`} className="button quiet"><ArrowLeft {...icon} />All metrics</Link>
        <h2>{name}</h2>
        {row.type !== '' && <span className="chip">{row.type}</span>}
        {row.unit !== '' && <span className="chip">{row.unit}</span>}
        {count.data !== undefined && <span className="quiet num">{count.data.toLocaleString('en-US')} series</span>}
        <span className="metrics-space" />
        <Link className="button primary" to={exploreLink(source, openQuery(row))}><Compass {...icon} />Open in Explore</Link>
      </div>
      <p className="metric-help">{row.help || (known.isPending ? '' : 'The target gave no description of this metric.')}</p>
      <section className="card metric-card" aria-label="The last hour"><h3>{glanceQuery(row)}</h3>{!known.isPending && <Graph row={row} source={source} />}</section>
      <div className="metric-columns">
        <section className="card metric-card" aria-label="Labels">
          <h3>Labels</h3>
          {labels.error && <p className="field-error" role="alert">{labels.error.message}</p>}
          {labels.isSuccess && own.length === 0 && <p className="quiet">{count.data === 0 ? 'The metric has no series now.' : 'It has no labels.'}</p>}
          {own.slice(0, labelsMax).map((label) => <Labels key={label} label={label} row={row} source={source} />)}
          {labels.data?.truncated && <p className="quiet">Only the first {labelsMax} labels are shown.</p>}
        </section>
        <section className="card metric-card" aria-label="Used by"><h3>Used by</h3><UsedBy name={name} /></section>
      </div>
    </div>
  );
}
