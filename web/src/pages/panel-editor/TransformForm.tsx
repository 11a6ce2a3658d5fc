/** The form of one transformation: plain options, rows of them, and lists of the data's own fields and queries. */
/* oxlint-disable react/no-array-index-key -- a row is its place in the list */
import { ArrowDown, ArrowUp, Eye, EyeOff, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { applyPatch, at, type Path } from '../../model/dashboard/edit/patch';
import { flag, list, object, text } from '../../model/json';
import { reducers } from '../../model/reduce';
import { organised, moveField } from '../../model/transforms/organise';
import { ChipsField, Control, JsonField } from './controls';
import { titleOf, transformInfo, type ListPart, type OptionPart, type Part, type RowsPart } from './transformForms';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
const calcs = reducers.map((r): [string, string] => [r.id, r.label]);
type Options = Record<string, unknown>;

/** The data as it arrives at a step, by what forms offer. */
export interface Offered {
  fields: readonly string[];
  labels: readonly string[];
  refs: readonly string[];
}
interface Props<P> {
  part: P;
  value: Options;
  offered: Offered;
  onChange: (value: Options) => void;
}

/** A number in the path is a place in a list. */
const place = (path: string): Path => path.split('.').map((p) => (/^\d+$/.test(p) ? Number(p) : p));
const put = (o: Options, path: Path, v: unknown): Options => object(applyPatch(o, [v === undefined ? { op: 'remove', path } : { op: 'set', path, value: v }]).value);

function One({ part, value, offered, onChange }: Props<OptionPart>) {
  const known = part.from ? offered[part.from] : [];
  const spec = part.from && part.kind !== 'text' ? { ...part, choices: known.map((k): [string, string] => [k, k]) } : part;
  const path = place(part.path);
  return (
    <div className="option wide">
      <span className="option-name">{part.label}{part.help !== undefined && <span className="option-help">{part.help}</span>}</span>
      <div className="option-value">
        <Control spec={spec} value={at(value, path)} fields={offered.fields} onChange={(v) => onChange(put(value, path, v))} />
        {part.kind === 'text' && part.from && known.length > 1 && (
          <div className="chips-field">
            {known.map((k) => {
              const chosen = text(at(value, path)).split('|').filter((x) => x !== '');
              const on = chosen.includes(k);
              return <button key={k} type="button" className={on ? 'chip on' : 'chip'} aria-pressed={on} onClick={() => onChange(put(value, path, (on ? chosen.filter((x) => x !== k) : [...chosen, k]).join('|')))}>{k}</button>;
            })}
          </div>
        )}
      </div>
    </div>
  );
}

function Many({ part, value, offered, onChange }: Props<RowsPart>) {
  const path = place(part.path);
  const rows = list(at(value, path)).map(object);
  const set = (next: Options[]): void => onChange(put(value, path, next));
  return (
    <fieldset className="transform-rows">
      <legend>{part.label}</legend>
      {rows.map((row, i) => (
        <div key={i} className="transform-row" role="group" aria-label={`${part.add} ${i + 1}`}>
          <div className="transform-row-parts"><Parts parts={part.parts} value={row} offered={offered} onChange={(next) => set(rows.map((r, j) => (j === i ? next : r)))} /></div>
          <button type="button" className="icon-button small" aria-label={`Remove ${part.add.toLowerCase()} ${i + 1}`} onClick={() => set(rows.filter((_, j) => j !== i))}><Trash2 {...icon} /></button>
        </div>
      ))}
      <button type="button" className="button quiet" onClick={() => set([...rows, part.fresh])}><Plus {...icon} />{part.add}</button>
    </fieldset>
  );
}

/** Which fields there are, in which order, under which names. */
function Organise({ value, offered, onChange }: Props<ListPart>) {
  const rows = organised(offered.fields, value);
  const byHand = text(value['orderByMode'], 'manual') !== 'auto';
  if (rows.length === 0) return <p className="quiet">The data has no fields yet.</p>;
  return (
    <ul className="transform-fields" aria-label="Fields">
      {rows.map((r, i) => (
        <li key={r.name} className={r.hidden ? 'off' : ''}>
          <button type="button" className="icon-button small" aria-label={`Move ${r.name} up`} disabled={!byHand || i === 0} onClick={() => onChange(moveField(offered.fields, value, r.name, -1))}><ArrowUp {...icon} /></button>
          <button type="button" className="icon-button small" aria-label={`Move ${r.name} down`} disabled={!byHand || i === rows.length - 1} onClick={() => onChange(moveField(offered.fields, value, r.name, 1))}><ArrowDown {...icon} /></button>
          <button type="button" className="icon-button small" aria-pressed={r.hidden} aria-label={r.hidden ? `Show ${r.name}` : `Hide ${r.name}`} onClick={() => onChange(put(value, ['excludeByName', r.name], !r.hidden))}>{r.hidden ? <EyeOff {...icon} /> : <Eye {...icon} />}</button>
          <span className="transform-field-name" title={r.name}>{r.name}</span>
          <input className="input" aria-label={`New name of ${r.name}`} placeholder="Name" value={r.renamed} onChange={(e) => onChange(put(value, ['renameByName', r.name], e.target.value === '' ? undefined : e.target.value))} />
        </li>
      ))}
    </ul>
  );
}

/** Each field: a key of the groups, calculated within them, or left out. */
function Groups({ part, value, offered, onChange }: Props<ListPart>) {
  const rules = object(value[part.path]);
  const names = [...new Set([...offered.fields, ...Object.keys(rules)])];
  return (
    <ul className="transform-fields" aria-label="Fields">
      {names.map((name) => {
        const rule = object(rules[name]);
        const operation = text(rule['operation']);
        return (
          <li key={name}>
            <span className="transform-field-name" title={name}>{name}</span>
            <select className="select" aria-label={`What becomes of ${name}`} value={operation} onChange={(e) => onChange(put(value, [part.path, name], e.target.value === '' ? undefined : { operation: e.target.value, aggregations: list(rule['aggregations']) }))}>
              <option value="">Left out</option><option value="groupby">Group by</option><option value="aggregate">Calculate</option>
            </select>
            {operation === 'aggregate' && <ChipsField label={`Calculations of ${name}`} value={rule['aggregations']} options={calcs} onChange={(v) => onChange(put(value, [part.path, name, 'aggregations'], v))} />}
          </li>
        );
      })}
    </ul>
  );
}

/** The figure beside each query's sparklines. */
function Trends({ value, offered, onChange }: Props<ListPart>) {
  return (
    <ul className="transform-fields" aria-label="Queries">
      {offered.refs.map((ref) => {
        const rule = object(value[ref]);
        return (
          <li key={ref}>
            <span className="transform-field-name">Query {ref}</span>
            <select className="select" aria-label={`Figure of query ${ref}`} value={text(rule['stat'], 'lastNotNull')} onChange={(e) => onChange(put(value, [ref, 'stat'], e.target.value))}>{calcs.map(([id, name]) => <option key={id} value={id}>{name}</option>)}</select>
            <label className="check"><input type="checkbox" checked={flag(rule['inlineStat'])} onChange={(e) => onChange(put(value, [ref, 'inlineStat'], e.target.checked))} />as a column of its own</label>
          </li>
        );
      })}
    </ul>
  );
}

function Parts({ parts, value, offered, onChange }: { parts: readonly Part[]; value: Options; offered: Offered; onChange: (value: Options) => void }) {
  const initial = (path: string): unknown => parts.find((p): p is OptionPart => p.path === path && 'initial' in p)?.initial;
  const get = (path: string): unknown => at(value, place(path)) ?? initial(path);
  return parts.filter((p) => p.when?.(get) !== false).map((part) => {
    const props = { value, offered, onChange };
    switch (part.kind) {
      case 'rows': return <Many key={part.path} part={part} {...props} />;
      case 'organize': return <Organise key="organize" part={part} {...props} />;
      case 'groups': return <Groups key={part.path} part={part} {...props} />;
      case 'trends': return <Trends key="trends" part={part} {...props} />;
      default: return <One key={part.path} part={part} {...props} />;
    }
  });
}

export function TransformForm({ id, options, offered, onChange }: { id: string; options: Options; offered: Offered; onChange: (options: unknown) => void }) {
  const form = transformInfo[id]?.form;
  const [asJson, setAsJson] = useState(false);
  return (
    <>
      {form && !asJson && <Parts parts={form} value={options} offered={offered} onChange={onChange} />}
      {form?.length === 0 && !asJson && <p className="quiet">It has no options.</p>}
      {(!form || asJson) && <JsonField label={`Options of ${titleOf(id)}`} value={options} rows={8} onChange={(v) => onChange(v ?? {})} />}
      {form && <button type="button" className="button quiet" onClick={() => setAsJson(!asJson)}>{asJson ? 'As a form' : 'As JSON'}</button>}
    </>
  );
}
