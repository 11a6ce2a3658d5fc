/** The conditions of an ad hoc variable: one chip each, and a row of fields to add another with names and values from the data. */
import { Plus, X } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { labelNames, labelValues } from '../../api/prometheus';
import type { Variable } from '../../model/dashboard/types';
import { operators, parseFilter, printFilter, printMatcher, takesSeveral, type AdhocFilter } from '../../model/variables/adhoc';
import { interpolate } from '../../model/variables/interpolate';
import { resolveSource } from '../../query/variables';
import { Combobox, type Suggestion } from '../../ui/combobox';
import type { DashboardState } from './useDashboard';

const listedMax = 1000;
const operatorWords: Record<string, string> = { '=': '=', '!=': '!=', '=~': '=~', '!~': '!~', '=|': 'one of', '!=|': 'none of' };

export default function AdhocFilters({ variable, state, onSet }: { variable: Variable; state: DashboardState; onSet: (values: string[]) => void }) {
  const [adding, setAdding] = useState(false);
  const [key, setKey] = useState('');
  const [operator, setOperator] = useState<string>('=');
  const [value, setValue] = useState('');
  const value0 = state.variables?.values[variable.name];
  const fromUrl = state.address.url.variables[variable.name];
  // Conditions that are always there come first and are not shown.
  const hidden = (value0?.filters?.length ?? 0) - (value0?.texts.length ?? 0);
  const filters: AdhocFilter[] = fromUrl ? fromUrl.map(parseFilter).filter((f): f is AdhocFilter => f !== undefined) : (value0?.filters ?? []).slice(hidden);
  const label = variable.label || variable.name;
  // An address without conditions must say so, or the saved ones come back.
  const apply = (next: AdhocFilter[]): void => onSet(next.length > 0 ? next.map(printFilter) : ['']);
  const source = resolveSource(interpolate(variable.datasource?.uid ?? '', state.context), variable.datasource?.type || 'prometheus', state.sources ?? []);
  const match = filters.length > 0 ? [`{${filters.map(printMatcher).join(',')}}`] : undefined;
  const request = { source, match, range: state.range, limit: listedMax };
  const fitting = (names: readonly string[], words: string): Suggestion[] => names.filter((n) => n.toLowerCase().includes(words.toLowerCase())).map((n) => ({ value: n }));
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    if (key === '') return;
    apply([...filters, { key, operator, values: takesSeveral(operator) ? value.split(',').map((v) => v.trim()).filter((v) => v !== '') : [value] }]);
    setKey('');
    setValue('');
    setAdding(false);
  };
  return (
    <div className="variable adhoc" role="group" aria-label={label}>
      {variable.hide !== 1 && <span className="variable-label">{label}</span>}
      {filters.map((f, i) => {
        const words = `${f.key} ${operatorWords[f.operator] ?? f.operator} ${f.values.join(', ')}`;
        return (
          <span key={printFilter(f)} className="adhoc-chip" title={words}>
            <span className="variable-value">{words}</span>
            <button type="button" className="adhoc-remove" aria-label={`Remove ${words}`} onClick={() => apply(filters.filter((_, n) => n !== i))}><X size={14} strokeWidth={1.75} aria-hidden /></button>
          </span>
        );
      })}
      {adding ? (
        <form className="adhoc-form" onSubmit={submit} onKeyDown={(e) => { if (e.key === 'Escape') setAdding(false); }}>
          <Combobox label="Label" value={key} placeholder="Label" autoFocus onChange={setKey} suggest={async (words, signal) => fitting((await labelNames(request, signal)).names.filter((n) => n !== '__name__'), words)} />
          <select className="select" aria-label="Condition" value={operator} onChange={(e) => setOperator(e.target.value)}>
            {operators.map((o) => <option key={o} value={o}>{operatorWords[o]}</option>)}
          </select>
          <Combobox label="Value" value={value} placeholder={takesSeveral(operator) ? 'a, b' : 'Value'} eager onChange={setValue} suggest={async (words, signal) => (key === '' ? [] : fitting((await labelValues(key, request, signal)).names, words))} />
          <button type="submit" className="button primary" disabled={key === ''}>Add</button>
        </form>
      ) : <button type="button" className="button" aria-label={`Add a condition to ${label}`} onClick={() => setAdding(true)}><Plus size={14} strokeWidth={1.75} aria-hidden /> Filter</button>}
    </div>
  );
}
