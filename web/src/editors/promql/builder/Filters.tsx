/** The builder's filters on labels: label, comparison, value from live data. */
import { Plus, X } from 'lucide-react';
import { Combobox } from '../../../ui/combobox';
import { suggestLabels, suggestValues } from './suggest';
import type { Filter, MatchOperator, VisualQuery } from './types';
import './builder.css';

const operators: [MatchOperator, string][] = [['=', 'is'], ['!=', 'is not'], ['=~', 'matches'], ['!~', 'does not match']];

export function Filters({ source, query, onChange }: { source: string; query: VisualQuery; onChange: (filters: Filter[]) => void }) {
  const { filters } = query;
  const set = (index: number, part: Partial<Filter>): void => onChange(filters.map((f, i) => (i === index ? { ...f, ...part } : f)));
  return (
    <div className="builder-filters">
      {filters.map((f, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- a filter is its place in the list
        <div key={i} className="builder-filter" role="group" aria-label={`Filter ${i + 1}`}>
          <Combobox label="Label" placeholder="Label" value={f.label} suggest={(text) => suggestLabels(source, query, i, text)} onChange={(label) => set(i, { label })} autoFocus={f.label === ''} />
          <select className="select" aria-label="Comparison" title={operators.find(([op]) => op === f.op)?.[1]} value={f.op} onChange={(e) => set(i, { op: e.target.value as MatchOperator })}>
            {operators.map(([op, words]) => <option key={op} value={op} title={words}>{op}</option>)}
          </select>
          <Combobox label="Value" placeholder="Value" value={f.value} suggest={(text) => suggestValues(source, query, i, text)} onChange={(value) => set(i, { value })} />
          <button type="button" className="icon-button small" aria-label={`Remove the filter on ${f.label || 'nothing'}`} onClick={() => onChange(filters.filter((_, j) => j !== i))}><X size={14} strokeWidth={1.75} aria-hidden /></button>
        </div>
      ))}
      <button type="button" className="button quiet builder-add" onClick={() => onChange([...filters, { label: '', op: '=', value: '' }])}><Plus size={14} strokeWidth={1.75} aria-hidden />Filter</button>
    </div>
  );
}
