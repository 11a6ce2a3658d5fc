/** All metrics of a source: find by a few letters, filter by type, prefix and label, see each at a glance. */
import { Search, SearchX } from 'lucide-react';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { filterMetrics, metricPrefixes } from '../../model/metrics';
import { usersOf } from '../../model/usage';
import { suggestLabels, suggestValues } from '../../editors/promql/builder/suggest';
import { Combobox } from '../../ui/combobox';
import { useShortcuts } from '../../ui/keys';
import { useTitle } from '../app/title';
import { MetricList } from './MetricList';
import { MetricPage } from './MetricPage';
import { scanWords, useMetrics, useMetricSources, useUsage } from './useMetrics';
import { useMetricsAddress } from './useMetricsAddress';
import './metrics.css';

const types = ['counter', 'gauge', 'histogram', 'summary', 'none'];
const prefixesMax = 200;

function List({ source }: { source: string }) {
  const { address, change, linkOf } = useMetricsAddress();
  const { text, type, prefix, unused, order, label, value } = address;
  const match = label !== '' && value !== '' ? `{${label}=${JSON.stringify(value)}}` : '';
  const { rows, names, truncated, loading, failure, again } = useMetrics(source, match, true);
  const [look, setLook] = useState(unused);
  const usage = useUsage(look);
  const search = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: '/', label: 'Search the metrics', group: 'Metrics', run: () => search.current?.focus() }]);
  const prefixes = useMemo(() => metricPrefixes(names).slice(0, prefixesMax), [names]);
  const typed = useDeferredValue(text);
  const index = usage.scan?.index;
  const shown = useMemo(() => filterMetrics(rows, { text: typed, type, prefix, unused: unused && index !== undefined, order }, (name) => index !== undefined && usersOf(index, name).length > 0), [rows, typed, type, prefix, unused, order, index]);
  const filter = { metric: '', filters: [{ label, op: '=' as const, value: '' }], steps: [] };
  return (
    <>
      <div className="metrics-filters">
        <div className="search-field"><Search size={16} strokeWidth={1.75} aria-hidden /><input ref={search} className="input" type="search" placeholder="Find by name, a few letters will do" aria-label="Search metrics" value={text} onChange={(e) => change({ text: e.target.value }, true)} /></div>
        <label><span>Type</span><select className="select" value={type} onChange={(e) => change({ type: e.target.value })}><option value="">any</option>{types.map((t) => <option key={t} value={t}>{t === 'none' ? 'not known' : t}</option>)}</select></label>
        <label><span>Prefix</span><select className="select" value={prefix} onChange={(e) => change({ prefix: e.target.value })}><option value="">any</option>{prefixes.map((p) => <option key={p.prefix} value={p.prefix}>{p.prefix} ({p.count.toLocaleString('en-US')})</option>)}</select></label>
        <label><span>Order</span><select className="select" value={order} onChange={(e) => change({ order: e.target.value === 'series' ? 'series' : 'name' })}><option value="name">by name</option><option value="series">most series first</option></select></label>
        <span className="metrics-label" role="group" aria-label="Only with a label">
          <Combobox label="Label" placeholder="Label" value={label} suggest={(t) => suggestLabels(source, filter, 0, t)} onChange={(next) => change({ label: next, value: '' })} />
          <span aria-hidden="true">=</span>
          <Combobox label="Value of the label" placeholder="Value" value={value} suggest={(t) => suggestValues(source, filter, 0, t)} onChange={(next) => change({ value: next })} />
        </span>
        <button
          type="button" className={unused ? 'button on' : 'button'} aria-pressed={unused} disabled={usage.busy}
          onClick={() => {
            setLook(true);
            change({ unused: !unused });
          }}
        >
          <SearchX size={16} strokeWidth={1.75} aria-hidden />{usage.busy ? 'Looking through dashboards…' : 'Unused only'}
        </button>
      </div>
      <p className="quiet num metrics-status" role="status">
        {loading ? 'Loading…' : `${shown.length.toLocaleString('en-US')} of ${rows.length.toLocaleString('en-US')}${truncated ? '+' : ''} metrics`}
        {truncated && ' · There are more: choose a label to narrow the list.'}
        {usage.scan && ` · ${scanWords(usage.scan)}`}
        {usage.failure !== undefined && ` · The dashboards could not be looked through: ${usage.failure}`}
      </p>
      {failure !== undefined
        ? <div className="state"><h2>The metrics could not be listed</h2><p>{failure}</p><p><button type="button" className="button" onClick={again}>Try again</button></p></div>
        : shown.length === 0 && !loading
          ? <div className="state"><h2>{rows.length === 0 ? 'No metrics yet' : 'No metric fits'}</h2><p>{rows.length === 0 ? 'They appear as soon as a target is scraped or something is sent.' : 'Try fewer letters, or leave a filter.'}</p></div>
          : (
            <div className="metrics-table card">
              <div className="metric-head" aria-hidden="true"><span>Metric</span><span>Kind</span><span>Last hour</span><span>Series</span></div>
              <MetricList key={source} rows={shown} source={source} scan={usage.scan} linkOf={linkOf} />
            </div>
          )}
    </>
  );
}

export default function MetricsPage({ metric }: { metric?: string }) {
  useTitle(metric === undefined ? 'Metrics' : metric);
  const { address, change } = useMetricsAddress();
  const { sources, ready } = useMetricSources();
  const source = sources.find((s) => s.uid === address.source || s.name === address.source) ?? sources.find((s) => s.isDefault) ?? sources[0];
  // Who may not see the list of sources still sees the metrics of the server's own.
  const uid = source?.uid ?? (ready ? address.source || 'orrery-metrics' : '');
  return (
    <div className="metrics-page">
      <header className="metrics-top">
        <h1>{metric === undefined ? 'Metrics' : <span className="visually-hidden">Metric {metric}</span>}</h1>
        {sources.length > 1 && <select className="select" aria-label="Data source" value={source?.uid ?? ''} onChange={(e) => change({ source: e.target.value, label: '', value: '' })}>{sources.map((s) => <option key={s.uid} value={s.uid}>{s.name}</option>)}</select>}
      </header>
      {uid !== '' && (metric === undefined ? <List source={uid} /> : <MetricPage key={`${uid} ${metric}`} name={metric} source={uid} />)}
    </div>
  );
}
