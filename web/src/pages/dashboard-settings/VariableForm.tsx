/** One variable: kind, where its values come from, how it is chosen, and the values that come of it. */
import { ArrowLeft } from 'lucide-react';
import { useState } from 'react';
import type { Variable } from '../../model/dashboard/types';
import { flag, number, object, text } from '../../model/json';
import { interpolate } from '../../model/variables/interpolate';
import { parseVariableQuery, printVariableQuery, queryTypes, type VariableQuery } from '../../model/variables/query';
import { resolveSource, speakPromql } from '../../query/variables';
import type { DashboardState } from '../dashboard/useDashboard';

import { VariablePreview } from './VariablePreview';
import { VariableQueryFields } from './VariableQueryFields';

type Raw = Record<string, unknown>;
interface FormProps {
  raw: Raw;
  /** Names that are taken. */
  names: readonly string[];
  view: Variable | undefined;
  state: DashboardState;
  onChange: (part: Raw, label: string) => void;
  onBack: () => void;
}
const kinds: [string, string][] = [['query', 'Query'], ['custom', 'List'], ['textbox', 'Text box'], ['constant', 'Constant'], ['interval', 'Interval'], ['datasource', 'Data source'], ['adhoc', 'Filters on labels']];
const sorts = ['As they come', 'A to Z', 'Z to A', 'Smallest number first', 'Largest number first', 'A to Z, any case', 'Z to A, any case', 'Natural', 'Natural, last first'];

const sameQuery = (a: VariableQuery, b: VariableQuery): boolean => JSON.stringify(a) === JSON.stringify(b);
/** What the dashboard says that half a form belongs to. */
const placeOf = (type: string, query: string, qryType: number | undefined): string => JSON.stringify([type, query, qryType]);

/** What is wrong with a name; empty when it will do. */
function nameProblem(name: string, taken: readonly string[]): string {
  if (name === '') return 'A variable needs a name.';
  if (!/^\w+$/.test(name)) return 'A name has letters, digits and _ only.';
  if (name.startsWith('__')) return 'Names with __ are those of the server.';
  return taken.includes(name) ? 'There is another variable of this name.' : '';
}

const queryText = (raw: Raw): string => (typeof raw['query'] === 'string' ? raw['query'] : text(object(raw['query'])['query']));

export function VariableForm({ raw, names, view, state, onChange, onBack }: FormProps) {
  const name = text(raw['name']);
  const type = text(raw['type'], 'query');
  const problem = nameProblem(name, names);
  const sources = state.sources ?? [];
  const uid = text(object(raw['datasource'])['uid']);
  const hasOptions = ['query', 'custom', 'datasource'].includes(type);
  const set = (part: Raw, label = `Change the variable “${name}”`): void => onChange(part, label);
  const source = resolveSource(interpolate(uid, state.context), 'prometheus', sources);
  const promql = speakPromql.has(sources.find((s) => s.uid === source)?.type ?? 'prometheus');
  const qryType = number(object(raw['query'])['qryType']);
  // Half a form has no text yet: what was typed so far is kept here until it has, or until the dashboard says something else.
  const [half, setHalf] = useState<{ query: VariableQuery; of: string }>();
  const present = placeOf(type, queryText(raw), qryType);
  if (half && half.of !== present) setHalf(undefined);
  const parsed = half?.of === present ? half.query : parseVariableQuery(queryText(raw), qryType);
  const setParsed = (next: VariableQuery): void => {
    const query = printVariableQuery(next);
    const writes = query !== '' || queryText(raw) !== '';
    const whole = sameQuery(writes ? parseVariableQuery(query, queryTypes[next.kind]) : parseVariableQuery(queryText(raw), qryType), next);
    setHalf(whole ? undefined : { query: next, of: writes ? placeOf(type, query, queryTypes[next.kind]) : present });
    if (writes) set({ query: { ...object(raw['query']), qryType: queryTypes[next.kind], query, refId: 'PrometheusVariableQueryEditor-VariableQuery' }, definition: query });
  };
  const setQuery = (query: string): void => set(type === 'query' ? { query: { ...object(raw['query']), qryType: undefined, query, refId: 'StandardVariableQuery' }, definition: query } : { query, ...(type === 'textbox' || type === 'constant' ? { current: { text: query, value: query } } : {}) });
  return (
    <div className="form narrow">
      <div className="settings-head"><button type="button" className="button" onClick={onBack}><ArrowLeft size={16} strokeWidth={1.75} aria-hidden />All variables</button><h2>{name}</h2></div>
      <div className="form-pair">
        <label>Name<input className="input" value={name} aria-invalid={problem !== ''} onChange={(e) => set({ name: e.target.value.trim() })} /></label>
        <label>Label<input className="input" placeholder={name} value={text(raw['label'])} onChange={(e) => set({ label: e.target.value })} /></label>
        <label>Kind<select className="select" value={type} onChange={(e) => set({ type: e.target.value, query: '', options: [], current: {} }, `Make “${name}” another kind`)}>{!kinds.some(([k]) => k === type) && <option value={type}>{type}</option>}{kinds.map(([k, n]) => <option key={k} value={k}>{n}</option>)}</select></label>
        <label>On the dashboard<select className="select" value={number(raw['hide']) ?? 0} onChange={(e) => set({ hide: Number(e.target.value) })}><option value={0}>Label and value</option><option value={1}>Value only</option><option value={2}>Hidden</option></select></label>
      </div>
      {problem !== '' && <p className="field-error" role="alert">{problem}</p>}
      {(type === 'query' || type === 'adhoc') && (
        <label>Data source<select className="select" value={uid} onChange={(e) => set({ datasource: e.target.value === '' ? null : { type: sources.find((s) => s.uid === e.target.value)?.type ?? 'prometheus', uid: e.target.value } })}><option value="">Default</option>{uid !== '' && !sources.some((s) => s.uid === uid) && <option value={uid}>{uid}</option>}{sources.map((s) => <option key={s.uid} value={s.uid}>{s.name}</option>)}</select></label>
      )}
      {type === 'query' && (
        <>
          {promql
            ? <VariableQueryFields query={parsed} source={source} range={state.range} onChange={setParsed} />
            : <label>Query<textarea className="input area mono" rows={2} spellCheck={false} value={queryText(raw)} onChange={(e) => setQuery(e.target.value)} /></label>}
          <div className="form-pair">
            <label>Pattern<input className="input" placeholder="/.*-(?<text>\w+)/" value={text(raw['regex'])} onChange={(e) => set({ regex: e.target.value })} /></label>
            <label>Order<select className="select" value={number(raw['sort']) ?? 0} onChange={(e) => set({ sort: Number(e.target.value) })}>{sorts.map((s, i) => <option key={s} value={i}>{s}</option>)}</select></label>
            <label>Asked<select className="select" value={number(raw['refresh']) ?? 1} onChange={(e) => set({ refresh: Number(e.target.value) })}><option value={1}>When the dashboard opens</option><option value={2}>When the time range changes</option></select></label>
          </div>
          <p className="quiet">A pattern keeps the values that fit it. Groups named <code>text</code> and <code>value</code> say what is shown and what is used; without them the first group is both.</p>
        </>
      )}
      {type === 'custom' && <label>Values <span className="quiet">(with commas between them; <code>name : value</code> to show another word)</span><textarea className="input area" rows={3} value={queryText(raw)} onChange={(e) => setQuery(e.target.value)} /></label>}
      {(type === 'textbox' || type === 'constant') && <label>{type === 'textbox' ? 'Value at first' : 'Value'}<input className="input" value={queryText(raw)} onChange={(e) => setQuery(e.target.value)} /></label>}
      {type === 'interval' && (
        <>
          <label>Steps<input className="input" placeholder="1m,10m,30m,1h" value={queryText(raw)} onChange={(e) => setQuery(e.target.value)} /></label>
          <label className="check"><input type="checkbox" checked={flag(raw['auto'])} onChange={(e) => set({ auto: e.target.checked })} />A step by the range, too</label>
          {flag(raw['auto']) && <div className="form-pair"><label>Steps in the range<input className="input" type="number" min={1} value={number(raw['auto_count']) ?? 30} onChange={(e) => set({ auto_count: Number(e.target.value) })} /></label><label>At least<input className="input" value={text(raw['auto_min'], '10s')} onChange={(e) => set({ auto_min: e.target.value })} /></label></div>}
        </>
      )}
      {type === 'datasource' && <div className="form-pair"><label>Type of source<input className="input" placeholder="prometheus" value={queryText(raw)} onChange={(e) => setQuery(e.target.value)} /></label><label>Names that fit<input className="input" placeholder="/^prod/" value={text(raw['regex'])} onChange={(e) => set({ regex: e.target.value })} /></label></div>}
      {hasOptions && (
        <>
          <label className="check"><input type="checkbox" checked={flag(raw['multi'])} onChange={(e) => set({ multi: e.target.checked })} />Several values may be chosen</label>
          <label className="check"><input type="checkbox" checked={flag(raw['includeAll'])} onChange={(e) => set({ includeAll: e.target.checked })} />“All” may be chosen</label>
          {flag(raw['includeAll']) && <label>What “All” puts into queries <span className="quiet">(empty: every value)</span><input className="input" placeholder=".*" value={text(raw['allValue'])} onChange={(e) => set({ allValue: e.target.value === '' ? null : e.target.value })} /></label>}
        </>
      )}
      <label className="check"><input type="checkbox" checked={flag(raw['skipUrlSync'])} onChange={(e) => set({ skipUrlSync: e.target.checked })} />Leave it out of the address</label>
      {view && type !== 'adhoc' && <VariablePreview variable={view} state={state} />}
    </div>
  );
}
