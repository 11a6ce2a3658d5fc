/** One query of the panel: text or builder, legend, format, step, and what one does with queries. */
import { ChevronDown, ChevronRight, ChevronUp, CopyPlus, Eye, EyeOff, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { DataSource } from '../../api/datasources';
import { usualEditor, type EditorMode } from '../../model/datasource';
import { flag, text } from '../../model/json';
import { QueryEditor } from '../../editors/promql/QueryEditor';
import type { PanelData } from '../../query/runner';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
export type RawTarget = Record<string, unknown>;

interface QueryRowProps {
  target: RawTarget;
  /** Uid of the source, variables filled in. */
  source: string;
  sources: readonly DataSource[];
  /** The panel mixes sources: each query has its own. */
  mixed: boolean;
  variables: readonly string[];
  data: PanelData;
  count: number;
  place: number;
  onChange: (part: RawTarget, label: string) => void;
  onMove: (by: 1 | -1) => void;
  onDuplicate: () => void;
  onRemove: () => void;
  onRun: () => void;
}

type Kind = 'range' | 'instant' | 'both';
const kindOf = (t: RawTarget): Kind => (flag(t['instant']) ? (flag(t['range']) ? 'both' : 'instant') : 'range');

/** Builder or code: as the query was saved; a new one as the source says. */
function modeOf(target: RawTarget, source: DataSource | undefined): EditorMode {
  const saved = text(target['editorMode']);
  if (saved === 'builder' || saved === 'code') return saved;
  return text(target['expr']) === '' ? usualEditor(source) : 'code';
}

function Settings({ target, refId, onChange }: { target: RawTarget; refId: string; onChange: QueryRowProps['onChange'] }) {
  const legend = text(target['legendFormat'], '__auto');
  const [customLegend, setCustomLegend] = useState(legend !== '__auto' && legend !== '');
  return (
    <div className="query-settings">
      <label>Legend
        <select className="select" value={customLegend ? 'custom' : legend === '__auto' ? '__auto' : ''} onChange={(e) => { setCustomLegend(e.target.value === 'custom'); onChange({ legendFormat: e.target.value === 'custom' ? '{{instance}}' : e.target.value }, `Legend of ${refId}`); }}>
          <option value="__auto">Auto</option><option value="">Whole series</option><option value="custom">Own text</option>
        </select>
      </label>
      {customLegend && <label>Text of the legend<input className="input" placeholder="{{label}}" value={legend === '__auto' ? '' : legend} onChange={(e) => onChange({ legendFormat: e.target.value }, `Legend of ${refId}`)} /></label>}
      <label>Format
        <select className="select" value={text(target['format'], 'time_series')} onChange={(e) => onChange({ format: e.target.value }, `Format of ${refId}`)}>
          <option value="time_series">Time series</option><option value="table">Table</option><option value="heatmap">Heatmap</option>
        </select>
      </label>
      <label>Type
        <select className="select" value={kindOf(target)} onChange={(e) => onChange({ instant: e.target.value !== 'range', range: e.target.value !== 'instant' }, `Type of ${refId}`)}>
          <option value="range">Range</option><option value="instant">Instant</option><option value="both">Both</option>
        </select>
      </label>
      <label>Least step<input className="input" placeholder="auto" value={text(target['interval'])} onChange={(e) => onChange({ interval: e.target.value }, `Step of ${refId}`)} /></label>
    </div>
  );
}

export function QueryRow(p: QueryRowProps) {
  const { target } = p;
  const refId = text(target['refId'], 'A');
  const [open, setOpen] = useState(true);
  const hidden = flag(target['hide']);
  const source = p.sources.find((s) => s.uid === p.source);
  const expr = text(target['expr']);
  const problem = p.data.problems.find((x) => x.refId === refId);
  const stats = p.data.stats.find((s) => s.refId === refId);
  return (
    <section className={hidden ? 'query-row off' : 'query-row'} aria-label={`Query ${refId}`}>
      <header className="query-row-head">
        <button type="button" className="icon-button small" aria-expanded={open} aria-label={open ? `Fold query ${refId}` : `Unfold query ${refId}`} onClick={() => setOpen(!open)}>{open ? <ChevronDown {...icon} /> : <ChevronRight {...icon} />}</button>
        <input className="input refid" aria-label="Name of the query" maxLength={20} value={refId} onChange={(e) => e.target.value.trim() !== '' && p.onChange({ refId: e.target.value.trim() }, `Rename query ${refId}`)} />
        {p.mixed && (
          <select className="select" aria-label={`Data source of query ${refId}`} value={source?.uid ?? ''} onChange={(e) => { const s = p.sources.find((x) => x.uid === e.target.value); if (s) p.onChange({ datasource: { type: s.type, uid: s.uid } }, `Source of ${refId}`); }}>
            {p.sources.map((s) => <option key={s.uid} value={s.uid}>{s.name}</option>)}
          </select>
        )}
        {!open && <code className="query-short">{expr}</code>}
        <span className="spread quiet num">{stats ? `${Math.round(stats.ms)} ms · ${stats.series} series` : ''}</span>
        <button type="button" className="icon-button small" aria-label={`Move query ${refId} up`} disabled={p.place === 0} onClick={() => p.onMove(-1)}><ChevronUp {...icon} /></button>
        <button type="button" className="icon-button small" aria-label={`Move query ${refId} down`} disabled={p.place === p.count - 1} onClick={() => p.onMove(1)}><ChevronDown {...icon} /></button>
        <button type="button" className="icon-button small" aria-label={`Duplicate query ${refId}`} onClick={p.onDuplicate}><CopyPlus {...icon} /></button>
        <button type="button" className="icon-button small" aria-pressed={hidden} aria-label={hidden ? `Ask query ${refId} again` : `Do not ask query ${refId}`} onClick={() => p.onChange({ hide: !hidden }, hidden ? `Show query ${refId}` : `Hide query ${refId}`)}>{hidden ? <EyeOff {...icon} /> : <Eye {...icon} />}</button>
        <button type="button" className="icon-button small" aria-label={`Remove query ${refId}`} onClick={p.onRemove}><Trash2 {...icon} /></button>
      </header>
      {open && (
        <div className="query-row-body">
          <QueryEditor
            value={expr} source={p.source} label={`query ${refId}`} variables={p.variables} mode={modeOf(target, source)} onMode={(editorMode) => p.onChange({ editorMode }, `Edit query ${refId} as ${editorMode}`)}
            problem={problem ? { value: expr, message: problem.message } : undefined} onRun={p.onRun} onChange={(next) => p.onChange({ expr: next }, `Change query ${refId}`)}
          />
          {problem && <p className="field-error" role="alert">{problem.message}</p>}
          <Settings target={target} refId={refId} onChange={p.onChange} />
        </div>
      )}
    </section>
  );
}
