/** What a pane's queries cost: time, series, samples, step; the request as it was sent; the server's own account on demand. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { getJson } from '../../api/http';
import { reading } from '../../api/path';
import { object, text } from '../../model/json';
import { formatValue, joinValue } from '../../model/units/format';
import type { PanelData } from '../../query/runner';
import { Dialog } from '../../ui/dialog';
import type { PaneRun } from './usePaneRun';

type Tab = 'stats' | 'request';

/** What the server fills in by itself on the streamed route, for a route that does not: as near as the page can know. */
function fillIn(expr: string, run: PaneRun, stepMs: number): string {
  const step = Math.max(1, Math.round(stepMs / 1000));
  const range = Math.max(1, Math.round((run.range.to - run.range.from) / 1000));
  const values: Record<string, string> = { __interval: `${step}s`, __interval_ms: String(step * 1000), __rate_interval: `${Math.max(60, step + 15)}s`, __range: `${range}s`, __range_s: String(range), __range_ms: String(range * 1000) };
  return expr.replace(/\$(?:\{(__\w+)\}|(__\w+))/g, (whole, a: string | undefined, b: string | undefined) => values[a ?? b ?? ''] ?? whole);
}

/** Asks the query once more with `stats=all`: the server then says what it read and how long each part took. */
async function account(source: string, expr: string, run: PaneRun, stepMs: number): Promise<[string, string][]> {
  const range = stepMs > 0;
  const p = new URLSearchParams({ query: fillIn(expr, run, stepMs || 15_000), stats: 'all' });
  if (range) {
    p.set('start', String(run.range.from / 1000));
    p.set('end', String(run.range.to / 1000));
    p.set('step', String(stepMs / 1000));
  } else p.set('time', String(run.range.to / 1000));
  const answer = await getJson<{ data: { stats?: unknown } }>(`${reading('/api/datasources/proxy/uid/{uid}/{path}', { uid: source, path: '' })}api/v1/${range ? 'query_range' : 'query'}?${p.toString()}`);
  const stats = object(answer.data.stats);
  const seconds = (v: unknown): string => joinValue(formatValue(Number(v), 's'));
  const count = (v: unknown): string => Number(v).toLocaleString('en-US');
  return [
    ...Object.entries(object(stats['timings'])).map(([k, v]): [string, string] => [k, seconds(v)]),
    ...Object.entries(object(stats['samples'])).filter(([, v]) => typeof v === 'number').map(([k, v]): [string, string] => [k, count(v)]),
    ...Object.entries(object(stats['cache'])).map(([k, v]): [string, string] => [`cache ${k}`, text(v)]),
  ];
}
/** `evalTotalTime` as words. */
const words = (key: string): string => key.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`).replace(/^./, (c) => c.toUpperCase());

function QueryCost({ data, refId, run, instant }: { data: PanelData; refId: string; run: PaneRun; instant: boolean }) {
  const query = data.queries.find((q) => q.refId === refId);
  const stats = data.stats.find((s) => s.refId === refId);
  const problem = data.problems.find((p) => p.refId === refId);
  const detail = useMutation({ mutationFn: () => account(query?.datasource ?? '', query?.expr ?? '', run, instant ? 0 : (stats?.stepMs ?? 15_000)) });
  if (!query) return null;
  return (
    <li>
      <h3>Query {refId} <span className="quiet">{instant ? 'at one moment' : 'over the range'}</span></h3>
      <pre>{query.expr}</pre>
      {problem && <p className="field-error">{problem.message}</p>}
      {stats && (
        <p className="quiet num">
          {joinValue(formatValue(stats.ms, 'ms'))} · {stats.series.toLocaleString('en-US')} series · {stats.samples.toLocaleString('en-US')} samples
          {stats.stepMs > 0 ? ` · a point every ${joinValue(formatValue(stats.stepMs, 'ms'))}` : ''}
        </p>
      )}
      {stats && !detail.data && <button type="button" className="button" disabled={detail.isPending} onClick={() => detail.mutate()}>{detail.isPending ? 'Asking…' : 'Ask once more for the server’s account'}</button>}
      {detail.error && <p className="field-error" role="alert">{detail.error.message}</p>}
      {detail.data && <dl className="explore-account">{detail.data.map(([k, v]) => <div key={k}><dt>{words(k)}</dt><dd className="num">{v}</dd></div>)}</dl>}
    </li>
  );
}

export function Inspector({ run, onClose }: { run: PaneRun; onClose: () => void }) {
  const [tab, setTab] = useState<Tab>('stats');
  const { graph, table, request } = run;
  const shown = { range: run.range, panels: [{ id: 'graph', ...request.graph, range: undefined }, { id: 'table', ...request.table, range: undefined }].filter((p) => (p.queries?.length ?? 0) > 0) };
  const costs = [...graph.queries.map((q) => ({ data: graph, refId: q.refId, instant: false })), ...table.queries.map((q) => ({ data: table, refId: q.refId, instant: true }))];
  return (
    <Dialog title="Inspect the queries" className="wide" onClose={onClose}>
      <div className="inspect">
        <div className="segmented" role="group" aria-label="What to show">
          <button type="button" aria-pressed={tab === 'stats'} onClick={() => setTab('stats')}>Cost</button>
          <button type="button" aria-pressed={tab === 'request'} onClick={() => setTab('request')}>Request</button>
        </div>
        {tab === 'stats' && (costs.length > 0 ? <ul className="inspect-queries">{costs.map((c) => <QueryCost key={`${c.refId} ${String(c.instant)}`} run={run} {...c} />)}</ul> : <p className="quiet">Nothing has been asked yet.</p>)}
        {tab === 'request' && <><p className="quiet">Sent as <code>POST /api/ui/query</code>; the answer comes line by line.</p><pre className="inspect-json" tabIndex={0}>{JSON.stringify(shown, null, 2)}</pre></>}
      </div>
    </Dialog>
  );
}
