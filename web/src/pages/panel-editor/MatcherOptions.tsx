/** What a matcher of fields looks for: a form for each kind; kinds that are not known here stay JSON. */
import { use } from 'react';
import { list, object, text } from '../../model/json';
import { reducers } from '../../model/reduce';
import { Combobox } from '../../ui/combobox';
import { ChipsField, JsonField, NumberField } from './controls';
import { Offer } from './offer';

const types: [string, string][] = [['number', 'Number'], ['time', 'Time'], ['string', 'Text'], ['boolean', 'Yes or no']];
const comparisons: [string, string][] = [['gt', 'is more than'], ['gte', 'is at least'], ['lt', 'is less than'], ['lte', 'is at most'], ['eq', 'is'], ['neq', 'is not']];
/** Calculations that are a condition by themselves. */
const conditions = new Set(['allIsZero', 'allIsNull']);

/** Options of a matcher that has just been chosen. */
export function freshOptions(id: string): unknown {
  switch (id) {
    case 'byNames': return { mode: 'include', names: [] };
    case 'byType': return 'number';
    case 'byTypes': return { types: [] };
    case 'byValue': return { reducer: 'allIsZero', op: 'gte', value: 0 };
    default: return '';
  }
}

interface Props {
  id: string;
  value: unknown;
  fields: readonly string[];
  onChange: (v: unknown) => void;
}

function Names({ value, fields, onChange }: Omit<Props, 'id'>) {
  const o = Array.isArray(value) ? { names: value } : object(value);
  const excludes = o['mode'] === 'exclude';
  return (
    <>
      <div className="segmented" role="group" aria-label="These fields or all others">
        {([[false, 'These'], [true, 'All but these']] as const).map(([v, n]) => <button key={n} type="button" aria-pressed={excludes === v} onClick={() => onChange({ ...o, mode: v ? 'exclude' : 'include' })}>{n}</button>)}
      </div>
      <ChipsField label="Names of the fields" value={o['names']} options={fields.map((f): [string, string] => [f, f])} onChange={(names) => onChange({ ...o, names })} />
    </>
  );
}

function ByValue({ value, onChange }: Omit<Props, 'id' | 'fields'>) {
  const o = object(value);
  const reducer = text(o['reducer'], 'allIsZero');
  return (
    <>
      <select className="select" aria-label="Calculation" value={reducer} onChange={(e) => onChange({ ...o, reducer: e.target.value })}>{reducers.map((r) => <option key={r.id} value={r.id}>{r.label}</option>)}</select>
      {!conditions.has(reducer) && (
        <div className="list-row">
          <select className="select list-grow" aria-label="Comparison" value={text(o['op'], 'gte')} onChange={(e) => onChange({ ...o, reducer, op: e.target.value })}>{comparisons.map(([v, n]) => <option key={v} value={v}>{n}</option>)}</select>
          <span className="list-grow"><NumberField label="Value" value={o['value']} placeholder="0" onChange={(v) => onChange({ ...o, reducer, op: text(o['op'], 'gte'), value: v ?? 0 })} /></span>
        </div>
      )}
    </>
  );
}

export function MatcherOptions({ id, value, fields, onChange }: Props) {
  const { refs } = use(Offer);
  switch (id) {
    case 'byName':
      return <Combobox label="Name of the field" placeholder="Name" value={text(value)} suggest={(t) => fields.filter((f) => f.toLowerCase().includes(t.toLowerCase())).map((f) => ({ value: f }))} onChange={onChange} />;
    case 'byNames':
      return <Names value={value} fields={fields} onChange={onChange} />;
    case 'byType':
      return <select className="select" aria-label="Type" value={text(value, 'number')} onChange={(e) => onChange(e.target.value)}>{types.map(([v, n]) => <option key={v} value={v}>{n}</option>)}</select>;
    case 'byTypes':
      return <ChipsField label="Types" value={list(object(value)['types'] ?? value)} options={types} onChange={(chosen) => onChange(Array.isArray(value) ? chosen : { ...object(value), types: chosen })} />;
    case 'byValue':
      return <ByValue value={value} onChange={onChange} />;
    case 'byFrameRefID':
      return (
        <select className="select" aria-label="Query" value={text(value)} onChange={(e) => onChange(e.target.value)}>
          {!refs.includes(text(value)) && <option value={text(value)}>{text(value) || 'Choose a query'}</option>}
          {refs.map((r) => <option key={r} value={r}>{r}</option>)}
        </select>
      );
    case 'byRegexp':
    case 'byIndex':
      return <input className="input" aria-label="What to match" placeholder={id === 'byRegexp' ? '/cpu.*/' : '0'} value={text(value)} onChange={(e) => onChange(e.target.value)} />;
    default:
      return <JsonField label="What to match" value={value} rows={3} onChange={onChange} />;
  }
}
