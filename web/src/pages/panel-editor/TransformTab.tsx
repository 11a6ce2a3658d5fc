/** The transformations of the panel: add, order, switch off, and at each step what the data is by then. */
/* oxlint-disable react/no-array-index-key -- a transformation is its place in the list */
import { ChevronDown, ChevronUp, Eye, EyeOff, Plus, Table2, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { applyFieldConfig } from '../../model/fieldconfig/apply';
import type { Frame } from '../../model/frame';
import { flag, list, object, text } from '../../model/json';
import { frameTable } from '../../model/table';
import { knownTransforms } from '../../model/transforms';
import { nameOf } from '../../model/transforms/fields';
import { framesInWords, transformSteps } from '../../model/transforms/steps';
import { DataTable } from '../dashboard/DataTable';
import { TransformForm, type Offered } from './TransformForm';
import { titleOf, transformInfo } from './transformForms';
import { TransformPicker } from './TransformPicker';
import type { PanelDraft } from './usePanelDraft';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
type RawTransform = Record<string, unknown>;

function offeredBy(frames: readonly Frame[]): Offered {
  const fields = frames.flatMap((f) => f.fields);
  return {
    fields: [...new Set(fields.map(nameOf))],
    labels: [...new Set(fields.flatMap((x) => Object.keys(x.labels ?? {})))].sort(),
    refs: [...new Set(frames.map((f) => f.refId))],
  };
}

/** The tables as they are after a step, one at a time. */
function Preview({ frames, zone, label }: { frames: readonly Frame[]; zone: string; label: string }) {
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, frames.length - 1);
  const frame = frames[at];
  const table = useMemo(() => {
    const [applied] = frame ? applyFieldConfig([frame], { defaults: {}, overrides: [] }, { theme: 'light', zone, wantsRange: false, interpolate: (t) => t }) : [];
    return applied && frameTable(applied);
  }, [frame, zone]);
  return (
    <div className="transform-preview" role="region" aria-label={label}>
      {frames.length > 1 && (
        <select className="select" aria-label="Table" value={at} onChange={(e) => setChosen(Number(e.target.value))}>
          {frames.map((f, i) => <option key={i} value={i}>{f.name ?? `Query ${f.refId}`} ({f.length} rows)</option>)}
        </select>
      )}
      {table ? <div className="debug-table"><DataTable table={table} zone={zone} /></div> : <p className="quiet">There is no data at this step.</p>}
    </div>
  );
}

const withFilter = ({ filter: _before, ...rest }: RawTransform, filter: unknown): RawTransform => (filter === undefined ? rest : { ...rest, filter });

/** Which queries' results a transformation is for; the others pass by it. A filter of another kind stays, and is said. */
function Only({ filter, frames, onChange }: { filter: unknown; frames: readonly Frame[]; onChange: (filter: unknown) => void }) {
  const { id, options } = object(filter);
  const chosen = id === undefined ? '' : id === 'byRefId' ? text(options) : `${text(id)}: ${text(options)}`;
  const refs = [...new Set(frames.map((f) => f.refId))];
  if (chosen === '' && refs.length < 2) return null;
  return (
    <label className="inline">For
      <select className="select" aria-label="For the results of" value={chosen} onChange={(e) => onChange(e.target.value === '' ? undefined : { id: 'byRefId', options: e.target.value })}>
        <option value="">all queries</option>
        {chosen !== '' && !refs.includes(chosen) && <option value={chosen}>{chosen}</option>}
        {refs.map((r) => <option key={r} value={r}>query {r}</option>)}
      </select>
    </label>
  );
}

export function TransformTab({ panel, frames, zone }: { panel: PanelDraft; frames: readonly Frame[]; zone: string }) {
  const raw = panel.json['transformations'];
  const items = useMemo(() => list(raw).map(object), [raw]);
  const steps = useMemo(() => transformSteps(frames, items, zone), [frames, items, zone]);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const [choosing, setChoosing] = useState(false);
  const put = (next: RawTransform[], label: string): void => panel.set(['transformations'], next, label);
  const toggle = (i: number): void => setOpened((before) => { const next = new Set(before); if (!next.delete(i)) next.add(i); return next; });
  const shows = (i: number, label: string) => (
    <button type="button" className="button quiet transform-result" aria-expanded={opened.has(i)} aria-label={`${opened.has(i) ? 'Hide' : 'Show'} ${label}`} onClick={() => toggle(i)}><Table2 {...icon} />{framesInWords(i < 0 ? frames : (steps[i]?.frames ?? []))}</button>
  );
  return (
    <div className="transforms">
      {items.length === 0
        ? <p className="quiet">Transformations work on the result of the queries before it is drawn: join, calculate, filter, rename.</p>
        : <div>{shows(-1, 'what the queries answer')}{opened.has(-1) && <Preview frames={frames} zone={zone} label="What the queries answer" />}</div>}
      {items.map((t, i) => {
        const id = text(t['id']);
        const off = flag(t['disabled']);
        const before = i === 0 ? frames : (steps[i - 1]?.frames ?? []);
        return (
          <section key={`${id}-${i}`} className={off ? 'query-row off' : 'query-row'} aria-label={titleOf(id)}>
            <header className="query-row-head">
              <strong>{titleOf(id)}</strong><span className="quiet spread">{transformInfo[id]?.about ?? (knownTransforms.includes(id) ? '' : 'not known here')}</span>
              <button type="button" className="icon-button small" aria-label="Earlier" disabled={i === 0} onClick={() => put([...items.slice(0, i - 1), t, items[i - 1] ?? {}, ...items.slice(i + 1)], 'Reorder transformations')}><ChevronUp {...icon} /></button>
              <button type="button" className="icon-button small" aria-label="Later" disabled={i === items.length - 1} onClick={() => put([...items.slice(0, i), items[i + 1] ?? {}, t, ...items.slice(i + 2)], 'Reorder transformations')}><ChevronDown {...icon} /></button>
              <button type="button" className="icon-button small" aria-pressed={off} aria-label={off ? 'Switch on' : 'Switch off'} onClick={() => put(items.map((x, j) => (j === i ? { ...x, disabled: !off } : x)), off ? 'Switch a transformation on' : 'Switch a transformation off')}>{off ? <EyeOff {...icon} /> : <Eye {...icon} />}</button>
              <button type="button" className="icon-button small" aria-label={`Remove ${titleOf(id)}`} onClick={() => put(items.filter((_, j) => j !== i), 'Remove a transformation')}><Trash2 {...icon} /></button>
            </header>
            <div className="query-row-body">
              <TransformForm id={id} options={object(t['options'])} offered={offeredBy(before)} onChange={(options) => panel.set(['transformations', i, 'options'], options, `Change “${titleOf(id)}”`)} />
              <Only filter={t['filter']} frames={before} onChange={(filter) => put(items.map((x, j) => (j === i ? withFilter(x, filter) : x)), `Choose the data of “${titleOf(id)}”`)} />
              {steps[i]?.notices.map((n) => <p key={n} className="field-error">{n}</p>)}
              {shows(i, `the data after “${titleOf(id)}”`)}
              {opened.has(i) && <Preview frames={steps[i]?.frames ?? []} zone={zone} label={`The data after “${titleOf(id)}”`} />}
            </div>
          </section>
        );
      })}
      <button type="button" className="button" onClick={() => setChoosing(true)}><Plus {...icon} />Transformation</button>
      {choosing && (
        <TransformPicker
          onClose={() => setChoosing(false)}
          onChoose={(id) => {
            setChoosing(false);
            put([...items, { id, options: transformInfo[id]?.initial ?? {} }], `Add “${titleOf(id)}”`);
            setOpened((before) => new Set([...before, items.length]));
          }}
        />
      )}
    </div>
  );
}
