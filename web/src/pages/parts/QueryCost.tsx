/** What a query cost: from the answer itself what the engine did, on demand the server's whole account. */
import { useMutation } from '@tanstack/react-query';
import { getJson } from '../../api/http';
import { reading } from '../../api/path';
import type { EngineCost, QueryStats } from '../../api/query';
import { accountRows, engineFigures, type AccountRow } from '../../model/cost';
import type { TimeRange } from '../../model/time/range';
import { fillServerSide } from '../../model/variables/interpolate';
import './cost.css';

/** `query` and `query_range` with `stats=all`: the server then says what it read and how long each part took. */
async function account(source: string, expr: string, range: TimeRange, instant: boolean, stepMs: number): Promise<AccountRow[]> {
  const step = stepMs > 0 ? stepMs : 15_000;
  const p = new URLSearchParams({ query: fillServerSide(expr, step, range), stats: 'all' });
  if (instant) p.set('time', String(range.to / 1000));
  else {
    p.set('start', String(range.from / 1000));
    p.set('end', String(range.to / 1000));
    p.set('step', String(step / 1000));
  }
  const answer = await getJson<{ data: { stats?: unknown } }>(`${reading('/api/datasources/proxy/uid/{uid}/{path}', { uid: source, path: '' })}api/v1/${instant ? 'query' : 'query_range'}?${p.toString()}`);
  return accountRows(answer.data.stats);
}

function Figures({ rows }: { rows: readonly AccountRow[] }) {
  return <dl className="cost-figures">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd className="num">{value}</dd></div>)}</dl>;
}

export const EngineFigures = ({ engine }: { engine: EngineCost }) => <Figures rows={engineFigures(engine)} />;

interface AccountProps {
  source: string;
  expr: string;
  range: TimeRange;
  /** At the range's end; the step that the server tells of such a query says nothing of how it was asked. */
  instant: boolean;
  stats: QueryStats;
}

/** Asks the query once more when somebody wants to know it all. */
export function ServerAccount({ source, expr, range, instant, stats }: AccountProps) {
  const detail = useMutation({ mutationFn: () => account(source, expr, range, instant, stats.stepMs) });
  return (
    <>
      {!detail.data && <button type="button" className="button" disabled={detail.isPending} onClick={() => detail.mutate()}>{detail.isPending ? 'Asking…' : 'Ask once more for the server’s account'}</button>}
      {detail.error && <p className="field-error" role="alert">{detail.error.message}</p>}
      {detail.data?.length === 0 && <p className="quiet">The source gives no account of its work.</p>}
      {detail.data && detail.data.length > 0 && <Figures rows={detail.data} />}
    </>
  );
}
