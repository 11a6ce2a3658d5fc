/** The transformations of the panel: add, order, switch off, see what each makes of the data. */
/* oxlint-disable react/no-array-index-key -- a transformation is its place in the list */
import { Bug, ChevronDown, ChevronUp, Eye, EyeOff, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { applyPatch, at, type Path } from '../../model/dashboard/edit/patch';
import { applyFieldConfig } from '../../model/fieldconfig/apply';
import type { Frame } from '../../model/frame';
import { flag, list, object, text } from '../../model/json';
import { framesTable } from '../../model/table';
import { applyTransforms, knownTransforms } from '../../model/transforms';
import { Combobox } from '../../ui/combobox';
import { DataTable } from '../dashboard/DataTable';
import { Control, JsonField } from './controls';
import { offered, titleOf, transformInfo } from './transformForms';
import type { PanelDraft } from './usePanelDraft';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
type RawTransform = Record<string, unknown>;

/** A number in the path is a place in a list. */
const place = (path: string): Path => path.split('.').map((p) => (/^\d+$/.test(p) ? Number(p) : p));

function Form({ item, fields, onChange }: { item: RawTransform; fields: readonly string[]; onChange: (options: unknown) => void }) {
  const options = object(item['options']);
  const info = transformInfo[text(item['id'])];
  const [asJson, setAsJson] = useState(false);
  const get = (path: string): unknown => at({ options }, place(path)) ?? info?.form?.find((s) => `options.${s.path}` === path)?.initial;
  return (
    <>
      {info?.form && !asJson && info.form.filter((s) => s.when?.(get) !== false).map((s) => (
        <div key={s.path} className="option wide">
          <span className="option-name">{s.label}{s.help !== undefined && <span className="option-help">{s.help}</span>}</span>
          <div className="option-value"><Control spec={s} value={at(options, place(s.path))} fields={fields} onChange={(v) => onChange(applyPatch(options, [v === undefined ? { op: 'remove', path: place(s.path) } : { op: 'set', path: place(s.path), value: v }]).value)} /></div>
        </div>
      ))}
      {(!info?.form || asJson) && <JsonField label={`Options of ${titleOf(text(item['id']))}`} value={options} rows={8} onChange={(v) => onChange(v ?? {})} />}
      {info?.form && <button type="button" className="button quiet" onClick={() => setAsJson(!asJson)}>{asJson ? 'As a form' : 'As JSON'}</button>}
    </>
  );
}

export function TransformTab({ panel, frames, zone }: { panel: PanelDraft; frames: readonly Frame[]; zone: string }) {
  const items = list(panel.json['transformations']).map(object);
  const [debugged, setDebugged] = useState<number>();
  const put = (next: RawTransform[], label: string): void => panel.set(['transformations'], next, label);
  const names = (upTo: number): string[] => [...new Set(applyTransforms(frames, items.slice(0, upTo)).frames.flatMap((f) => f.fields.flatMap((x) => [x.legend ?? x.name, x.name])))];
  const table = (upTo: number) => framesTable(applyFieldConfig(applyTransforms(frames, items.slice(0, upTo)).frames, { defaults: {}, overrides: [] }, { theme: 'light', zone, wantsRange: false, interpolate: (t) => t }));
  return (
    <div className="transforms">
      {items.length === 0 && <p className="quiet">Transformations work on the result of the queries before it is drawn: join, calculate, filter, rename.</p>}
      {items.map((t, i) => {
        const id = text(t['id']);
        const off = flag(t['disabled']);
        const { notices } = debugged === i ? applyTransforms(frames, items.slice(0, i + 1)) : { notices: [] };
        return (
          <section key={`${id}-${i}`} className={off ? 'query-row off' : 'query-row'} aria-label={titleOf(id)}>
            <header className="query-row-head">
              <strong>{titleOf(id)}</strong><span className="quiet spread">{transformInfo[id]?.about ?? (knownTransforms.includes(id) ? '' : 'not known here')}</span>
              <button type="button" className="icon-button small" aria-label="Earlier" disabled={i === 0} onClick={() => put([...items.slice(0, i - 1), t, items[i - 1] ?? {}, ...items.slice(i + 1)], 'Reorder transformations')}><ChevronUp {...icon} /></button>
              <button type="button" className="icon-button small" aria-label="Later" disabled={i === items.length - 1} onClick={() => put([...items.slice(0, i), items[i + 1] ?? {}, t, ...items.slice(i + 2)], 'Reorder transformations')}><ChevronDown {...icon} /></button>
              <button type="button" className="icon-button small" aria-pressed={debugged === i} aria-label="Show the data before and after" onClick={() => setDebugged(debugged === i ? undefined : i)}><Bug {...icon} /></button>
              <button type="button" className="icon-button small" aria-pressed={off} aria-label={off ? 'Switch on' : 'Switch off'} onClick={() => put(items.map((x, j) => (j === i ? { ...x, disabled: !off } : x)), off ? 'Switch a transformation on' : 'Switch a transformation off')}>{off ? <EyeOff {...icon} /> : <Eye {...icon} />}</button>
              <button type="button" className="icon-button small" aria-label={`Remove ${titleOf(id)}`} onClick={() => put(items.filter((_, j) => j !== i), 'Remove a transformation')}><Trash2 {...icon} /></button>
            </header>
            <div className="query-row-body">
              <Form item={t} fields={names(i)} onChange={(options) => panel.set(['transformations', i, 'options'], options, `Change “${titleOf(id)}”`)} />
              {debugged === i && (
                <div className="transform-debug">
                  <div><h3>Before</h3><div className="debug-table"><DataTable table={table(i)} zone={zone} /></div></div>
                  <div><h3>After</h3>{notices.map((n) => <p key={n} className="field-error">{n}</p>)}<div className="debug-table"><DataTable table={table(i + 1)} zone={zone} /></div></div>
                </div>
              )}
            </div>
          </section>
        );
      })}
      <Combobox
        label="Add a transformation" placeholder="Add a transformation…" value="" clears
        suggest={(typed) => offered(knownTransforms).filter((id) => `${titleOf(id)} ${id} ${transformInfo[id]?.about ?? ''}`.toLowerCase().includes(typed.toLowerCase())).map((id) => ({ value: titleOf(id), detail: transformInfo[id]?.about }))}
        onChange={(title) => {
          const id = knownTransforms.find((x) => titleOf(x) === title);
          if (id) put([...items, { id, options: transformInfo[id]?.initial ?? {} }], `Add “${title}”`);
        }}
      />
    </div>
  );
}
