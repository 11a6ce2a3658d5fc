/** What stands in a panel that has nothing to draw: what happened, to which query, and what to do. */
import { CircleAlert, Inbox, Unplug } from 'lucide-react';
import { Suspense, type ReactNode } from 'react';
import { Link } from 'wouter';
import { sharedPanelId } from '../../model/dashboard/shared';
import type { Panel } from '../../model/dashboard/types';
import { wordsOf } from '../../model/errors';
import { spellsAll } from '../../model/variables/state';
import { referencedNames } from '../../model/variables/syntax';
import type { PanelData } from '../../query/runner';
import { speakPromql } from '../../query/variables';
import { lazyPart } from '../../ui/boundary';
import type { DashboardState } from './useDashboard';

// Only a page with an empty panel needs to find out why.
const EmptyReason = lazyPart(async () => ({ default: (await import('./Reason')).EmptyReason }));

export type StateKind = 'loading' | 'ready' | 'empty' | 'error';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;

function Note({ head, error = false, mark, children }: { head: string; error?: boolean; mark?: ReactNode; children: ReactNode }) {
  return (
    <div className="panel-state" role="status">
      <p className={error ? 'panel-state-head error' : 'panel-state-head'}>{mark ?? <Inbox {...icon} />} {head}</p>
      {children}
    </div>
  );
}

/** The type of source that a query wants. */
const wantedType = (panel: Panel, refId: string): string | undefined => (panel.targets.find((t) => t.refId === refId)?.datasource ?? panel.datasource)?.type;

/** The same, when there is none of it here. */
function absentType(panel: Panel, refId: string, state: DashboardState): string | undefined {
  const type = wantedType(panel, refId);
  return type !== undefined && type !== '' && state.sources !== undefined && !state.sources.some((s) => s.type === type) ? type : undefined;
}

const Absent = ({ type }: { type: string }): ReactNode => (
  <Note error head={`There is no data source of type “${type}”`} mark={<Unplug {...icon} />}>
    <p>This panel asks one; panels that ask others are not affected.</p>
  </Note>
);

const NotAsked = ({ type }: { type: string }): ReactNode => <Note head="Not shown yet"><p>Panels cannot ask data sources of the type “{type}” yet.</p></Note>;

/** What Grafana calls the source of server-side expressions. */
const expressions = '__expr__';

const Expression = (): ReactNode => <Note head="Not shown yet"><p>This panel shows an expression over its queries, which panels cannot calculate yet.</p></Note>;

/** Types whose panels have no query of their own, or whose query is nobody's: they ask for nothing as long as it is empty. */
const withoutQuery = new Set(['', 'datasource', 'grafana', 'mixed', 'dashboard']);

/** The type of source of a query that is written in no way this page knows: its source has a language of its own. */
export function foreignType(panel: Panel): string | undefined {
  const types = panel.targets.filter((t) => !t.hide && t.expr.trim() === '').map((t) => (t.datasource ?? panel.datasource)?.type ?? '');
  return types.find((type) => !withoutQuery.has(type) && !speakPromql.has(type));
}

function Failure({ data, panel, state, onInspect }: { data: PanelData; panel: Panel; state: DashboardState; onInspect: () => void }) {
  const first = data.problems[0];
  const down = data.problems.find((p) => p.type === 'datasource');
  // The source may answer well: it is this page that cannot ask it.
  const foreign = down && /data sources of type "([^"]+)"/.exec(down.message)?.[1];
  if (foreign) return <NotAsked type={foreign} />;
  if (down && wantedType(panel, down.refId) === expressions) return <Expression />;
  if (down) {
    const uid = data.queries.find((q) => q.refId === down.refId)?.datasource ?? '';
    const source = state.sources?.find((s) => s.uid === uid);
    const absent = source ? undefined : absentType(panel, down.refId, state);
    if (absent !== undefined) return <Absent type={absent} />;
    return (
      <Note error head={`The data source ${source?.name ?? uid} does not answer`} mark={<Unplug {...icon} />}>
        <p>{down.message}</p>
        <p><Link className="button" to={`/connections/datasources/edit/${encodeURIComponent(uid)}`}>Check the data source</Link></p>
      </Note>
    );
  }
  return (
    <Note error head={data.problems.length > 1 ? `${data.problems.length} queries failed` : `Query ${first?.refId ?? ''} failed`} mark={<CircleAlert {...icon} />}>
      <p>{first?.message}</p>
      {first && first.expr !== '' && <code className="panel-state-query">{first.expr}</code>}
      <p><button type="button" className="button" onClick={onInspect}>Inspect the query</button></p>
    </Note>
  );
}

/** The panel's own code failed: while it was loaded, while it drew, while the page around it was made. */
export function Broken({ failure, retry }: { failure: { kind: 'load' | 'draw'; error: unknown }; retry: () => void }) {
  const said = wordsOf(failure.error);
  return (
    <Note error head={failure.kind === 'load' ? 'This panel’s code could not be loaded' : 'This panel could not be drawn'} mark={<CircleAlert {...icon} />}>
      <p>{failure.kind === 'load' ? 'If trying again does not help, load the page anew: the server may have another version by now.' : said}</p>
      <p><button type="button" className="button" onClick={retry}>Try again</button></p>
    </Note>
  );
}

/** A variable of the panel that has no value, which empties every query it stands in. */
function emptyVariable(panel: Panel, state: DashboardState): string | undefined {
  const used = new Set(panel.targets.flatMap((t) => [...referencedNames(t.expr)]));
  const valueless = ({ name, type }: { name: string; type: string }): boolean => {
    const value = state.variables?.values[name];
    return used.has(name) && type !== 'textbox' && type !== 'adhoc' && value?.values.length === 0 && !spellsAll(value);
  };
  return state.doc.view.variables.find(valueless)?.name;
}

interface Props {
  kind: StateKind;
  data: PanelData;
  panel: Panel;
  state: DashboardState;
  /** The reason is asked for only where somebody may read it. */
  near: boolean;
  onInspect: () => void;
}

export function PanelState({ kind, data, panel, state, near, onInspect }: Props) {
  if (kind === 'loading') return <div className="panel-state waiting">Waiting for data…</div>;
  if (kind === 'error') return <Failure data={data} panel={panel} state={state} onInspect={onInspect} />;
  // A dashboard that is not saved yet has no uid either.
  if (state.doc.view.uid === '' && !state.doc.meta.canEdit) return <Note head="No data"><p>This panel showed nothing when the snapshot was taken.</p></Note>;
  if (data.queries.length === 0 && panel.targets.length > 0 && panel.targets.every((t) => t.hide)) return <Note head="Nothing is shown"><p>All queries of this panel are switched off.</p></Note>;
  const asksNothing = !panel.targets.some((t) => !t.hide && t.expr.trim() !== '');
  const foreign = asksNothing ? foreignType(panel) : undefined;
  if (foreign === expressions) return <Expression />;
  if (foreign !== undefined) return state.sources?.some((s) => s.type === foreign) === true ? <NotAsked type={foreign} /> : <Absent type={foreign} />;
  const other = asksNothing ? panel.targets.map((t) => sharedPanelId(panel, t)).find((id) => id !== undefined) : undefined;
  if (other !== undefined) return <Note head="No data"><p>This panel shows what another one asks: panel {other}, which asks for nothing or is not on this dashboard.</p></Note>;
  if (asksNothing) return <Note head="No query"><p>This panel asks for nothing yet.</p></Note>;
  const query = data.queries[0];
  const empty = emptyVariable(panel, state);
  const variable = state.doc.view.variables.find((v) => v.name === empty);
  const problem = empty === undefined ? undefined : state.variables?.problems[empty];
  return (
    <Note head="No data">
      <Suspense fallback={null}><EmptyReason data={data} zone={state.zone} enabled={near} onRange={state.setRange} /></Suspense>
      {empty !== undefined && <p>The variable “{variable?.label || empty}”, which the query uses, has no value{problem === undefined ? ': its own query found nothing' : `: ${problem}`}.</p>}
      {query && <code className="panel-state-query">{query.expr}</code>}
    </Note>
  );
}
