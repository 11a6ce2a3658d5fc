/** The query of a Prometheus variable as a form has it: one of Grafana's kinds with its parts, and back to the text that is kept. Pure. */
import { findSelectors, type Matcher } from '../promql/selectors';

export type VariableQueryKind = 'names' | 'values' | 'metrics' | 'result' | 'series' | 'classic';
export interface VariableQuery {
  kind: VariableQueryKind;
  /** Of `names` and `values`: the metric, where there is one. */
  metric: string;
  /** Of `values`. */
  label: string;
  filters: Matcher[];
  /** A pattern, a query, a selector, or the whole text. */
  text: string;
}

/** Grafana's numbers for the kinds (`qryType`). */
export const queryTypes: Record<VariableQueryKind, number> = { names: 0, values: 1, metrics: 2, result: 3, series: 4, classic: 5 };
const kindOf = (type: number | undefined): VariableQueryKind | undefined => (Object.keys(queryTypes) as VariableQueryKind[]).find((k) => queryTypes[k] === type);

export const emptyQuery = (kind: VariableQueryKind): VariableQuery => ({ kind, metric: '', label: '', filters: [], text: '' });

const call = (text: string, name: string): string | undefined => new RegExp(`^${name}\\s*\\(([^]*)\\)$`).exec(text)?.[1]?.trim();
const labelName = /^[\p{L}_][\p{L}\p{N}_.:\-/]*$/u;
const hasVariable = (text: string): boolean => /\$|\[\[/.test(text);

/** The parts of a selector; undefined where a form cannot hold it: several metrics, variables in unusual places. */
function parts(selector: string): { metric: string; filters: Matcher[] } | undefined {
  if (selector === '') return { metric: '', filters: [] };
  // A variable for a metric is a word to the form, though none to the grammar.
  const bare = /^\$\{?\w+\}?$/.test(selector);
  if (bare) return { metric: selector, filters: [] };
  const found = findSelectors(selector);
  const one = found[0];
  if (found.length !== 1 || !one) return undefined;
  // What the form would write must be what was there, or it would lose something.
  const same = (a: string, b: string): boolean => a.replace(/\s+/g, '') === b.replace(/\s+/g, '');
  const made = { metric: one.metric, filters: one.matchers };
  return same(printParts(made), selector) || same(printParts(made), selector.replace(/,\s*\}$/, '}').replace(/\{\}$/, '')) ? made : undefined;
}

const quote = (v: string): string => `"${v.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
function printParts({ metric, filters }: { metric: string; filters: readonly Matcher[] }): string {
  const kept = filters.filter((f) => f.label !== '');
  return kept.length === 0 ? metric : `${metric}{${kept.map((f) => `${f.label}${f.op}${quote(f.value)}`).join(',')}}`;
}

/** Reads the text of a query; `type` is Grafana's number for the kind, where it was saved with one. */
export function parseVariableQuery(source: string, type?: number): VariableQuery {
  const text = source.trim();
  const saved = kindOf(type);
  if (saved === 'classic') return { ...emptyQuery('classic'), text };
  if (saved === 'series') return { ...emptyQuery('series'), text };
  const names = call(text, 'label_names');
  if (names !== undefined) {
    const of = parts(names);
    return of ? { ...emptyQuery('names'), ...of } : { ...emptyQuery('classic'), text };
  }
  const values = call(text, 'label_values');
  if (values !== undefined) {
    const comma = values.lastIndexOf(',');
    const label = values.slice(comma + 1).trim();
    const isLabel = labelName.test(label) || (hasVariable(label) && !/[{}()"]/.test(label.replace(/\$\{\w+\}/g, '')));
    const of = isLabel ? parts(comma < 0 ? '' : values.slice(0, comma).trim()) : undefined;
    return of ? { ...emptyQuery('values'), ...of, label } : { ...emptyQuery('classic'), text };
  }
  const metrics = call(text, 'metrics');
  if (metrics !== undefined) return { ...emptyQuery('metrics'), text: metrics };
  const result = call(text, 'query_result');
  if (result !== undefined) return { ...emptyQuery('result'), text: result };
  if (text === '') return emptyQuery(saved ?? 'values');
  return { ...emptyQuery('classic'), text };
}

/** The text that dashboards keep; empty while the form lacks what the kind needs. */
export function printVariableQuery(q: VariableQuery): string {
  const selector = printParts(q);
  switch (q.kind) {
    case 'names': return `label_names(${selector})`;
    case 'values': return q.label === '' ? '' : `label_values(${selector === '' ? '' : `${selector}, `}${q.label})`;
    case 'metrics': return `metrics(${q.text})`;
    case 'result': return q.text === '' ? '' : `query_result(${q.text})`;
    default: return q.text;
  }
}

/** Another kind, keeping what both have. */
export function changeKind(q: VariableQuery, kind: VariableQueryKind): VariableQuery {
  if (kind === 'classic') return { ...emptyQuery(kind), text: printVariableQuery(q) };
  if (q.kind === 'classic') return { ...emptyQuery(kind), ...(kind === 'series' || kind === 'result' ? { text: q.text } : {}) };
  const byParts = (k: VariableQueryKind): boolean => k === 'names' || k === 'values';
  const text = byParts(q.kind) ? printParts(q) : q.text;
  if (byParts(kind)) return byParts(q.kind) ? { ...q, kind } : emptyQuery(kind);
  return { ...emptyQuery(kind), text: kind === 'metrics' && byParts(q.kind) ? q.metric : text };
}
