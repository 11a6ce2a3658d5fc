/** What stands in a panel that has nothing to draw: what happened, to which query, and what to do. */
import { CircleAlert, Inbox } from 'lucide-react';
import { formatTime } from '../../model/time/format';
import type { PanelData } from '../../query/runner';

export type StateKind = 'loading' | 'ready' | 'empty' | 'error';

export function PanelState({ kind, data, hasQueries, zone, onInspect }: { kind: StateKind; data: PanelData; hasQueries: boolean; zone: string; onInspect: () => void }) {
  if (kind === 'loading') return <div className="panel-state waiting">Waiting for data…</div>;
  if (kind === 'error') {
    const first = data.problems[0];
    return (
      <div className="panel-state" role="status">
        <p className="panel-state-head error"><CircleAlert size={16} strokeWidth={1.75} aria-hidden /> {data.problems.length > 1 ? `${data.problems.length} queries failed` : `Query ${first?.refId ?? ''} failed`}</p>
        <p>{first?.message}</p>
        {first && first.expr !== '' && <code className="panel-state-query">{first.expr}</code>}
        <p><button type="button" className="button" onClick={onInspect}>Inspect the query</button></p>
      </div>
    );
  }
  if (!hasQueries) return <div className="panel-state"><p className="panel-state-head"><Inbox size={16} strokeWidth={1.75} aria-hidden /> No query</p><p>This panel asks for nothing yet.</p></div>;
  const query = data.queries[0];
  return (
    <div className="panel-state" role="status">
      <p className="panel-state-head"><Inbox size={16} strokeWidth={1.75} aria-hidden /> No data</p>
      <p>Nothing was recorded from {formatTime(data.range.from, zone)} to {formatTime(data.range.to, zone)}. Try a longer range, or check that the target is scraped.</p>
      {query && <code className="panel-state-query">{query.expr}</code>}
    </div>
  );
}
