/** One query of a pane: letter, text or builder, kind, legend, least step; duplicate, hide, order, remove. */
import { ChevronDown, ChevronUp, Copy, Eye, EyeOff, X } from 'lucide-react';
import { useId } from 'react';
import type { DataSource } from '../../api/datasources';
import { QueryEditor } from '../../editors/promql/QueryEditor';
import type { ExploreQuery, QueryKind } from '../../model/explore';
import type { Hint } from '../../model/promql/hints';
import type { QueryProblem } from '../../query/runner';
import { Combobox } from '../../ui/combobox';
import { CommitInput } from '../../ui/commit';
import { usesPrometheus } from './usePaneRun';

const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;
const kinds: [QueryKind, string][] = [['range', 'Over the range'], ['instant', 'At one moment'], ['both', 'Both']];
const steps = ['15s', '30s', '1m', '5m', '15m', '1h', '6h', '1d'];
const languages: Record<string, string> = { loki: 'LogQL', tempo: 'TraceQL' };

interface QueryRowProps {
  query: ExploreQuery;
  /** The text as it stands in the field, which may not have been asked yet. */
  text: string;
  source: DataSource | undefined;
  index: number;
  count: number;
  problem: QueryProblem | undefined;
  /** What to do with it, where it asks for raw counters. */
  hint: Hint | undefined;
  recent: readonly string[];
  onText: (text: string) => void;
  onChange: (part: Partial<ExploreQuery>) => void;
  onRun: () => void;
  onDuplicate: () => void;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
}

export function QueryRow({ query: q, text, source, index, count, problem, hint, recent, onText, onChange, onRun, onDuplicate, onMove, onRemove }: QueryRowProps) {
  const id = useId();
  const prometheus = usesPrometheus(source);
  const label = `Query ${q.refId}`;
  const lead = <span className="explore-letter" aria-hidden="true">{q.refId}</span>;
  const tools = (
    <>
      {q.hide && <span className="chip">Hidden</span>}
      {text !== q.expr && <span className="quiet">Not asked yet</span>}
      <span className="explore-space" />
      <span className="explore-row-buttons">
        <button type="button" className="icon-button small" aria-label={`Move query ${q.refId} up`} disabled={index === 0} onClick={() => onMove(-1)}><ChevronUp {...icon} /></button>
        <button type="button" className="icon-button small" aria-label={`Move query ${q.refId} down`} disabled={index === count - 1} onClick={() => onMove(1)}><ChevronDown {...icon} /></button>
        <button type="button" className="icon-button small" aria-label={`Duplicate query ${q.refId}`} onClick={onDuplicate}><Copy {...icon} /></button>
        <button type="button" className="icon-button small" aria-label={q.hide ? `Show query ${q.refId}` : `Hide query ${q.refId}`} aria-pressed={q.hide} onClick={() => onChange({ hide: !q.hide })}>{q.hide ? <EyeOff {...icon} /> : <Eye {...icon} />}</button>
        <button type="button" className="icon-button small" aria-label={`Remove query ${q.refId}`} disabled={count === 1} onClick={onRemove}><X {...icon} /></button>
      </span>
    </>
  );
  return (
    <div className={q.hide ? 'explore-query off' : 'explore-query'} role="group" aria-label={label} data-ref={q.refId}>
      {prometheus ? (
        <>
          <QueryEditor
            lead={lead} tools={tools} label={label} describedBy={`${id}-problem`} value={text} onChange={onText} onRun={onRun} source={source?.uid ?? ''} mode={q.editorMode} onMode={(editorMode) => onChange({ editorMode })}
            recent={recent} problem={problem && { value: problem.expr, message: problem.message }}
          />
          <div className="explore-query-options">
            <label><span>Ask</span><select className="select small" value={q.kind} onChange={(e) => onChange({ kind: e.target.value as QueryKind })}>{kinds.map(([kind, words]) => <option key={kind} value={kind}>{words}</option>)}</select></label>
            <label><span>Least step</span><Combobox label={`Least step of query ${q.refId}`} value={q.interval} placeholder="auto" suggest={(typed) => steps.filter((s) => s.includes(typed)).map((value) => ({ value }))} onChange={(interval) => onChange({ interval: interval.trim() })} /></label>
            <label><span>Legend</span><CommitInput value={q.legendFormat} placeholder="as Prometheus prints it, or {{label}}" spellCheck={false} onCommit={(legendFormat) => onChange({ legendFormat })} /></label>
          </div>
        </>
      ) : (
        <>
        <div className="query-tools">{lead}{tools}</div>
        <textarea
          className="input promql-plain" aria-label={`${label} in ${languages[source?.type ?? ''] ?? source?.type ?? ''}`} aria-describedby={`${id}-problem`} rows={2} value={text} spellCheck={false} autoCapitalize="off"
          placeholder={`A query in ${languages[source?.type ?? ''] ?? `the language of ${source?.type ?? 'the source'}`}; Ctrl+Enter runs it`}
          onChange={(e) => onText(e.target.value)}
          onKeyDown={(e) => {
            if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey || e.shiftKey)) return;
            e.preventDefault();
            onRun();
          }}
        />
        </>
      )}
      {hint && !q.hide && (
        <div className="explore-hint" role="note"><span>{hint.words}</span>{hint.fixes.map((f) => <button key={f.expr} type="button" className="chip" title={f.expr} onClick={() => onChange({ expr: f.expr })}>{f.label}</button>)}</div>
      )}
      <p id={`${id}-problem`} className="field-error explore-problem" role="alert">{problem?.message ?? ''}</p>
    </div>
  );
}
