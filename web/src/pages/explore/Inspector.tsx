/** What a pane's queries cost: time, series, samples, step; the request as it was sent; the server's own account on demand. */
import { useState } from 'react';
import { formatValue, joinValue } from '../../model/units/format';
import type { PanelData } from '../../query/runner';
import { Dialog } from '../../ui/dialog';
import { EngineFigures, ServerAccount } from '../parts/QueryCost';
import type { PaneRun } from './usePaneRun';

type Tab = 'stats' | 'request';

function QueryCost({ data, refId, run, instant }: { data: PanelData; refId: string; run: PaneRun; instant: boolean }) {
  const query = data.queries.find((q) => q.refId === refId);
  const stats = data.stats.find((s) => s.refId === refId);
  const problem = data.problems.find((p) => p.refId === refId);
  if (!query) return null;
  return (
    <li>
      <h3>Query {refId} <span className="quiet">{instant ? 'at one moment' : 'over the range'}</span></h3>
      <pre>{query.expr}</pre>
      {problem && <p className="field-error">{problem.message}</p>}
      {stats && (
        <p className="quiet num">
          {joinValue(formatValue(stats.ms, 'ms'))} · {stats.series.toLocaleString('en-US')} series · {stats.samples.toLocaleString('en-US')} samples
          {!instant && stats.stepMs > 0 ? ` · a point every ${joinValue(formatValue(stats.stepMs, 'ms'))}` : ''}
        </p>
      )}
      {stats?.engine && <EngineFigures engine={stats.engine} />}
      {stats && <ServerAccount source={query.datasource} expr={query.expr} range={run.range} instant={instant} stats={stats} />}
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
