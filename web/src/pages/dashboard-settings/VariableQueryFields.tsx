/** The query of a Prometheus variable as fields: its kind, then what that kind needs, with names and values from the data. */
import { labelNames, labelValues } from '../../api/prometheus';
import { changeKind, printVariableQuery, type VariableQuery, type VariableQueryKind } from '../../model/variables/query';
import type { TimeRange } from '../../model/time/range';
import { Filters } from '../../editors/promql/builder/Filters';
import { Combobox, type Suggestion } from '../../ui/combobox';
import { CommitInput } from '../../ui/commit';

const kinds: [VariableQueryKind, string, string][] = [
  ['values', 'Values of a label', 'label_values(metric, label)'], ['names', 'Names of labels', 'label_names(metric)'], ['metrics', 'Names of metrics', 'metrics(pattern)'],
  ['result', 'Result of a query', 'query_result(query)'], ['series', 'Series', 'as Prometheus prints them'], ['classic', 'Text', 'any of these as text'],
];
const listedMax = 1000;
const fitting = (names: readonly string[], text: string): Suggestion[] => names.filter((n) => n.toLowerCase().includes(text.toLowerCase())).map((n) => ({ value: n }));
const helps: Record<VariableQueryKind, string> = {
  values: 'The metric may be left out: then every series counts.', names: 'The names of all labels, or of those that a metric has.', metrics: 'A regular expression; empty for all.',
  result: 'Each series with its value and time as one text; the pattern below picks out what is wanted.', series: 'A selector. Each series is one text; the pattern below picks out what is wanted.', classic: 'For older dashboards, and for what the fields cannot say.',
};

export function VariableQueryFields({ query, source, range, onChange }: { query: VariableQuery; source: string; range: TimeRange; onChange: (query: VariableQuery) => void }) {
  const { kind } = query;
  const set = (part: Partial<VariableQuery>): void => onChange({ ...query, ...part });
  const request = (match: string | undefined) => ({ source, match: match === undefined || match === '' || match.includes('$') ? undefined : [match], range, limit: listedMax });
  const within = kind === 'values' || kind === 'names' ? printVariableQuery({ ...query, kind: 'names' }).slice('label_names('.length, -1) : '';
  return (
    <fieldset className="variable-query">
      <legend>Query</legend>
      <div className="segmented wrap" role="group" aria-label="What is asked">
        {kinds.map(([id, name, hint]) => <button key={id} type="button" aria-pressed={kind === id} title={hint} onClick={() => kind !== id && onChange(changeKind(query, id))}>{name}</button>)}
      </div>
      <p className="quiet">{helps[kind]}</p>
      {(kind === 'values' || kind === 'names') && (
        <>
          <div className="form-pair">
            {kind === 'values' && <label>Label<Combobox label="Label" placeholder="instance" value={query.label} onChange={(label) => set({ label })} suggest={async (text, signal) => fitting((await labelNames(request(within), signal)).names, text)} /></label>}
            <label>Metric<Combobox label="Metric" placeholder="any" value={query.metric} onChange={(metric) => set({ metric })} suggest={async (text, signal) => fitting((await labelValues('__name__', request(undefined), signal)).names, text)} /></label>
          </div>
          <Filters source={source} query={{ metric: query.metric, filters: query.filters, steps: [] }} onChange={(filters) => set({ filters })} />
        </>
      )}
      {kind === 'metrics' && <label>Pattern of names<CommitInput value={query.text} placeholder="node_.*" spellCheck={false} onCommit={(text) => set({ text })} keeps /></label>}
      {(kind === 'result' || kind === 'series' || kind === 'classic') && (
        <label>{kind === 'result' ? 'PromQL' : kind === 'series' ? 'Selector' : 'Query'}<textarea className="input area mono" rows={2} spellCheck={false} value={query.text} onChange={(e) => set({ text: e.target.value })} /></label>
      )}
      {kind !== 'classic' && <p className="quiet">Kept as <code>{printVariableQuery(query) || '(nothing yet)'}</code></p>}
    </fieldset>
  );
}
