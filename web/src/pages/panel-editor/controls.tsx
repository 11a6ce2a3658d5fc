/** The controls of option forms: one for each kind of value. */
import { use, useState, type ReactNode } from 'react';
import { wordsOf } from '../../model/errors';
import { list } from '../../model/json';
import { reducer, reducers } from '../../model/reduce';
import type { OptionSpec } from '../../panels/schema';
import { Combobox } from '../../ui/combobox';
import { WordsInput } from '../../ui/commit';
import { ColorField } from './ColorField';
import { FolderField } from './FolderField';
import { ItemsField } from './ItemsField';
import { Offer } from './offer';
import { PropertyField } from './PropertyField';
import { UnitField } from './UnitField';

interface ControlProps {
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

export function NumberField({ label, value, onChange, min, max, step, placeholder = 'auto' }: ControlProps & { min?: number | undefined; max?: number | undefined; step?: number | undefined; placeholder?: string }) {
  return (
    <input
      className="input" type="number" aria-label={label} value={typeof value === 'number' ? value : ''} min={min} max={max} step={step ?? 'any'} placeholder={placeholder}
      onChange={(e) => onChange(e.target.value === '' ? undefined : Number(e.target.value))}
    />
  );
}

/** Any JSON; what does not read stays in the field and is said, and the last good value stays in force. */
export function JsonField({ label, value, onChange, rows = 6 }: ControlProps & { rows?: number }) {
  const shown = value === undefined ? '' : JSON.stringify(value, null, 2);
  const [text, setText] = useState(shown);
  const [known, setKnown] = useState(shown);
  const [problem, setProblem] = useState('');
  if (known !== shown) {
    setKnown(shown);
    setText(shown);
    setProblem('');
  }
  return (
    <div className="json-field">
      <textarea
        className="input mono" aria-label={label} aria-invalid={problem !== ''} rows={rows} spellCheck={false} value={text}
        onChange={(e) => setText(e.target.value)}
        onBlur={() => {
          if (text === shown) return;
          try {
            onChange(text.trim() === '' ? undefined : JSON.parse(text));
            setProblem('');
          } catch (error) {
            setProblem(`This is not JSON: ${wordsOf(error)}`);
          }
        }}
      />
      {problem !== '' && <p className="field-error">{problem}</p>}
    </div>
  );
}

/** Several of a list of choices, as chips. */
export function ChipsField({ label, value, onChange, options }: ControlProps & { options: readonly (readonly [string, string])[] }) {
  const chosen = list(value).map(String);
  const name = (id: string): string => options.find(([v]) => v === id)?.[1] ?? id;
  return (
    <div className="chips-field" role="group" aria-label={label}>
      {chosen.map((id) => <button key={id} type="button" className="chip on" aria-label={`Remove ${name(id)}`} onClick={() => onChange(chosen.filter((x) => x !== id))}>{name(id)} ×</button>)}
      <Combobox
        label={`Add to ${label}`} placeholder="Add…" value="" clears
        suggest={(text) => options.filter(([v, n]) => !chosen.includes(v) && `${v} ${n}`.toLowerCase().includes(text.toLowerCase())).map(([v, n]) => ({ value: v, detail: n === v ? undefined : n }))}
        onChange={(id) => options.some(([v]) => v === id) && !chosen.includes(id) && onChange([...chosen, id])}
      />
    </div>
  );
}
const calcs = reducers.map((r): [string, string] => [r.id, r.label]);

function SelectField({ label, value, options, onChange }: ControlProps & { options: NonNullable<OptionSpec['choices']> }) {
  return (
    <select className="select" aria-label={label} value={String(value)} onChange={(e) => onChange(options.find(([v]) => String(v) === e.target.value)?.[0])}>
      {!options.some(([v]) => v === value) && <option value={String(value)}>{String(value)}</option>}
      {options.map(([v, name]) => <option key={String(v)} value={String(v)}>{name}</option>)}
    </select>
  );
}

/** Fields of the types an option takes; all names where the data is not known. */
function FieldField({ spec, value, fields, onChange }: { spec: OptionSpec; value: unknown; fields: readonly string[]; onChange: (value: unknown) => void }) {
  const offer = use(Offer);
  const { types } = spec;
  const names = types && offer.fields.length > 0 ? offer.fields.filter((f) => types.includes(f.type)).map((f) => f.name) : fields;
  return <Combobox label={spec.label} placeholder="auto" value={typeof value === 'string' ? value : ''} suggest={(text) => names.filter((f) => f.toLowerCase().includes(text.toLowerCase())).map((f) => ({ value: f }))} onChange={(v) => onChange(v === '' ? undefined : v)} />;
}

/** One of the tables of the data, by its place. */
function FrameField({ label, value, onChange }: ControlProps) {
  const { frames } = use(Offer);
  const options = frames.map((name, i): [number, string] => [i, `${i + 1}: ${name}`]);
  return <SelectField label={label} value={value} options={[['', 'All'], ...options]} onChange={(v) => onChange(v === '' ? undefined : v)} />;
}

/** One of the panel's queries, by its letter. */
function QueryField({ label, value, onChange }: ControlProps) {
  const { refs } = use(Offer);
  return <SelectField label={label} value={value} options={[['', 'All'], ...refs.map((r): [string, string] => [r, r])]} onChange={(v) => onChange(v === '' ? undefined : v)} />;
}

interface OptionControlProps {
  spec: OptionSpec;
  value: unknown;
  onChange: (value: unknown) => void;
  fields: readonly string[];
}

export function Control({ spec, value, onChange, fields }: OptionControlProps): ReactNode {
  const { codec } = spec;
  if (!codec) return <Shown spec={spec} value={value} fields={fields} onChange={onChange} />;
  return <Shown spec={spec} value={value === undefined ? undefined : codec.read(value)} fields={fields} onChange={(v) => onChange(v === undefined || v === '' ? undefined : codec.write(v))} />;
}

function Shown({ spec, value, onChange, fields }: OptionControlProps): ReactNode {
  const now = value === undefined ? spec.initial : value;
  const { label } = spec;
  const options = spec.choices ?? [];
  switch (spec.kind) {
    case 'switch':
      return <input type="checkbox" role="switch" className="switch" aria-label={label} checked={now === true} onChange={(e) => onChange(e.target.checked)} />;
    case 'number':
      return <NumberField label={label} value={now} min={spec.min} max={spec.max} step={spec.step} onChange={onChange} />;
    case 'slider':
      return (
        <div className="slider">
          <input type="range" aria-label={label} min={spec.min} max={spec.max} step={spec.step ?? 1} value={Number(now)} onChange={(e) => onChange(Number(e.target.value))} />
          <output className="num">{String(now)}</output>
        </div>
      );
    case 'radio':
      return options.length <= 4 ? (
        <div className="segmented wrap" role="group" aria-label={label}>
          {options.map(([v, name]) => <button key={String(v)} type="button" aria-pressed={now === v} onClick={() => onChange(v)}>{name}</button>)}
        </div>
      ) : <SelectField label={label} value={now} options={options} onChange={onChange} />;
    case 'select':
      return <SelectField label={label} value={now} options={options} onChange={onChange} />;
    case 'color':
      return <ColorField label={label} value={typeof now === 'string' ? now : ''} onChange={onChange} />;
    case 'calcs':
      return <ChipsField label={label} value={list(now).map((id) => reducer(String(id))?.id ?? id)} options={calcs} onChange={onChange} />;
    case 'multi':
      return <ChipsField label={label} value={now} options={options.map(([v, n]): [string, string] => [String(v), n])} onChange={onChange} />;
    case 'field':
      return <FieldField spec={spec} value={now} fields={fields} onChange={onChange} />;
    case 'query':
      return <QueryField label={label} value={now} onChange={onChange} />;
    case 'unit':
      return <UnitField label={label} value={now} onChange={onChange} />;
    case 'folder':
      return <FolderField label={label} value={typeof now === 'string' ? now : ''} onChange={onChange} />;
    case 'property':
      return <PropertyField spec={spec} value={typeof now === 'string' ? now : ''} onChange={onChange} />;
    case 'frame':
      return <FrameField label={label} value={now} onChange={onChange} />;
    case 'longtext':
      return <textarea className="input mono" aria-label={label} rows={10} value={String(now ?? '')} onChange={(e) => onChange(e.target.value)} />;
    case 'words':
      return <WordsInput aria-label={label} placeholder="with commas between them" value={list(now).map(String)} onCommit={onChange} />;
    case 'items':
      return spec.items && <ItemsField label={label} value={now} form={spec.items} fields={fields} onChange={onChange} />;
    default:
      return <input className="input" aria-label={label} value={typeof now === 'string' || typeof now === 'number' ? String(now) : ''} onChange={(e) => onChange(e.target.value)} />;
  }
}
