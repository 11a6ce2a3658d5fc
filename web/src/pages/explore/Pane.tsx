/** One pane of Explore: source, range, queries, and what they answer. */
import { Columns2, Play, Plus, Search, SquarePlus, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { DataSource } from '../../api/datasources';
import { usualEditor } from '../../model/datasource';
import { newQuery, panesMax, queriesMax, type ExplorePane, type ExploreQuery } from '../../model/explore';
import { counterHint } from '../../model/promql/hints';
import { nextRefId } from '../../model/refid';
import type { RawRange } from '../../model/time/range';
import type { CursorBus } from '../../query/cursor';
import { TimePicker } from '../dashboard/TimePicker';
import { AddToDashboard } from './AddToDashboard';
import { Inspector } from './Inspector';
import { QueryRow } from './QueryRow';
import { Results } from './Results';
import { usePaneRun, usesPrometheus } from './usePaneRun';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;

export interface PaneHandle {
  run: () => void;
  range: { from: number; to: number };
}
interface PaneProps {
  pane: ExplorePane;
  index: number;
  count: number;
  sources: readonly DataSource[] | undefined;
  /** False until it is known which sources there are, or that they are not shown to this person. */
  ready: boolean;
  zone: string;
  refresh: string;
  cursor: CursorBus;
  recent: readonly string[];
  onChange: (part: Partial<ExplorePane>) => void;
  onRange: (raw: RawRange) => void;
  onZone: (zone: string | undefined) => void;
  /** Queries were sent to a source. */
  onAsked: (source: DataSource | undefined, queries: readonly ExploreQuery[]) => void;
  onSplit: () => void;
  onClose: () => void;
  handle: (id: string, handle: PaneHandle | undefined) => void;
}

/** A text that is not asked yet, with the one it began from: when that changes (Back), the draft is void. */
interface Draft {
  base: string;
  text: string;
}

export function Pane({ pane, index, count, sources, ready, zone, refresh, cursor, recent, onChange, onRange, onZone, onAsked, onSplit, onClose, handle }: PaneProps) {
  const source = sources?.find((s) => s.uid === pane.datasource || s.name === pane.datasource) ?? (pane.datasource === '' || pane.datasource === 'default' ? sources?.find((s) => s.isDefault) : undefined);
  const lost = sources !== undefined && !source;
  const [drafts, setDrafts] = useState<Record<string, Draft>>({});
  const [width, setWidth] = useState(0);
  const [dialog, setDialog] = useState<'inspect' | 'add'>();
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = section.current;
    if (!element) return undefined;
    const measure = new ResizeObserver(() => setWidth(Math.ceil(element.clientWidth / 50) * 50));
    measure.observe(element);
    return () => measure.disconnect();
  }, []);
  const run = usePaneRun(pane, source, ready && !lost, zone, refresh, width);

  const textOf = (q: ExploreQuery): string => {
    const draft = drafts[q.refId];
    return draft?.base === q.expr ? draft.text : q.expr;
  };
  const change = (refId: string, part: Partial<ExploreQuery>): void => onChange({ queries: pane.queries.map((q) => (q.refId === refId ? { ...q, ...part } : q)) });
  const ask = (): void => {
    const queries = pane.queries.map((q) => ({ ...q, expr: textOf(q) }));
    setDrafts({});
    if (queries.some((q, i) => q.expr !== pane.queries[i]?.expr)) onChange({ queries });
    onAsked(source, queries.filter((q) => !q.hide && q.expr.trim() !== ''));
    run.refresh();
  };
  useEffect(() => {
    handle(pane.id, { run: ask, range: run.range });
    return () => handle(pane.id, undefined);
  });

  const choose = (uid: string): void => {
    const next = sources?.find((s) => s.uid === uid);
    if (!next) return;
    // Another kind of source speaks another language: the queries begin anew.
    const same = next.type === source?.type || lost;
    onChange({ datasource: uid, ...(same ? {} : { queries: [newQuery('A', usesPrometheus(next) ? usualEditor(next) : 'code')] }) });
  };
  const add = (): void => onChange({ queries: [...pane.queries, { ...newQuery(nextRefId(pane.queries.map((q) => q.refId)), pane.queries.at(-1)?.editorMode ?? 'code') }] });
  const duplicate = (at: number): void => {
    const q = pane.queries[at];
    if (q) onChange({ queries: [...pane.queries.slice(0, at + 1), { ...q, expr: textOf(q), refId: nextRefId(pane.queries.map((q) => q.refId)) }, ...pane.queries.slice(at + 1)] });
  };
  const move = (at: number, by: 1 | -1): void => {
    const queries = [...pane.queries];
    const [taken] = queries.splice(at, 1);
    if (taken) queries.splice(at + by, 0, taken);
    onChange({ queries });
  };
  const problems = useMemo(() => [...run.graph.problems, ...run.table.problems, ...run.other.answers.filter((a) => a.error !== undefined).map((a) => ({ refId: a.refId, message: a.error ?? '', expr: '' }))], [run.graph.problems, run.table.problems, run.other.answers]);
  const full = pane.queries.length >= queriesMax;
  return (
    <section ref={section} className="explore-pane" aria-label={count > 1 ? `Pane ${index + 1}` : 'Queries and answers'} data-pane={pane.id}>
      <div className="explore-bar">
        <select className="select explore-source" aria-label="Data source" value={source?.uid ?? ''} disabled={sources === undefined} onChange={(e) => choose(e.target.value)}>
          {!source && <option value="">{lost ? `Not there: ${pane.datasource}` : 'Default source'}</option>}
          {sources?.map((s) => <option key={s.uid} value={s.uid}>{s.name}</option>)}
        </select>
        <TimePicker state={{ raw: pane.range, range: run.range, now: run.now, zone, setRange: onRange, moveRange: (how) => onRange(how(run.range)), address: { change: (part) => onZone(part.timezone) } }} />
        <span className="explore-space" />
        {count < panesMax && <button type="button" className="button" aria-label="Split" onClick={onSplit} title="A second pane with the same queries"><Columns2 {...icon} /><span className="explore-wide">Split</span></button>}
        <button type="button" className="button" aria-label="Add to dashboard" title="Add to dashboard" onClick={() => setDialog('add')} disabled={pane.queries.every((q) => q.expr.trim() === '')}><SquarePlus {...icon} /><span className="explore-wide">Add to dashboard</span></button>
        {count > 1 && <button type="button" className="icon-button" aria-label={`Close pane ${index + 1}`} onClick={onClose}><X {...icon} /></button>}
      </div>
      {lost && <p className="explore-failure" role="alert">The data source “{pane.datasource}” does not exist here. Choose another one.</p>}
      <div className="explore-queries">
        {pane.queries.map((q, i) => (
          <QueryRow
            key={q.refId} query={q} text={textOf(q)} source={source} index={i} count={pane.queries.length} recent={recent} problem={problems.find((p) => p.refId === q.refId)}
            hint={usesPrometheus(source) && run.graph.answered ? counterHint(textOf(q), run.graph.frames.some((f) => f.refId === q.refId && f.natives)) : undefined}
            onText={(text) => setDrafts((d) => ({ ...d, [q.refId]: { base: q.expr, text } }))} onChange={(part) => change(q.refId, part)} onRun={ask}
            onDuplicate={() => !full && duplicate(i)} onMove={(by) => move(i, by)} onRemove={() => onChange({ queries: pane.queries.filter((x) => x.refId !== q.refId) })}
          />
        ))}
        <div className="explore-actions">
          <button type="button" className="button" onClick={add} disabled={full} title={full ? `${queriesMax} queries at most` : undefined}><Plus {...icon} />Add query</button>
          <button type="button" className="button quiet" onClick={() => setDialog('inspect')}><Search {...icon} />Inspect</button>
          <span className="explore-space" />
          {run.busy
            ? <button type="button" className="button" onClick={run.cancel}><X {...icon} />Cancel</button>
            : <button type="button" className="button primary" onClick={ask} title="Run (Ctrl+Enter)"><Play {...icon} />Run</button>}
        </div>
      </div>
      <Results pane={pane} run={run} prometheus={usesPrometheus(source)} zone={zone} cursor={cursor} onRange={onRange} onStyle={(style) => onChange({ style })} />
      {dialog === 'inspect' && <Inspector run={run} onClose={() => setDialog(undefined)} />}
      {dialog === 'add' && <AddToDashboard pane={{ ...pane, queries: pane.queries.map((q) => ({ ...q, expr: textOf(q) })) }} source={source} onClose={() => setDialog(undefined)} />}
    </section>
  );
}
