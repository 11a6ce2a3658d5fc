/** Ad hoc filters: conditions on labels that go into every selector of every query of their data source. Pure. */
import { list, object, text } from '../json';

export interface AdhocFilter {
  key: string;
  operator: string;
  values: string[];
}
/** What a person may choose; the last two take several values. */
export const operators = ['=', '!=', '=~', '!~', '=|', '!=|'] as const;
export const takesSeveral = (operator: string): boolean => operator === '=|' || operator === '!=|';

/** Filters of one variable at most. */
const filtersMax = 50;

const escapes: [string, string][] = [['|', '__gfp__'], [',', '__gfc__'], ['#', '__gfh__']];
const escapePart = (s: string): string => escapes.reduce((t, [c, word]) => t.replaceAll(c, word), s);
const unescapePart = (s: string): string => escapes.reduce((t, [c, word]) => t.replaceAll(word, c), s);

/** As the address writes it: `key|operator|value`, what parts it escaped. */
export const printFilter = (f: AdhocFilter): string => [f.key, f.operator, ...f.values].map(escapePart).join('|');

export function parseFilter(source: string): AdhocFilter | undefined {
  const [key = '', operator = '', ...values] = source.split('|').map(unescapePart);
  if (key === '' || !(operators as readonly string[]).includes(operator) || values.length === 0) return undefined;
  return { key, operator, values: takesSeveral(operator) ? values : [values[0] ?? ''] };
}

const one = (v: unknown): AdhocFilter | undefined => {
  const f = object(v);
  const values = list(f['values']).map((x) => text(x));
  const operator = text(f['operator'], '=');
  const key = text(f['key']);
  return key === '' || !(operators as readonly string[]).includes(operator) ? undefined : { key, operator, values: takesSeveral(operator) && values.length > 0 ? values : [text(f['value'])] };
};
const read = (v: unknown): AdhocFilter[] => list(v).map(one).filter((f): f is AdhocFilter => f !== undefined).slice(0, filtersMax);

export interface SavedFilters {
  /** Where a page starts. */
  filters: AdhocFilter[];
  /** Always applied, and never shown. */
  base: AdhocFilter[];
}

/** The filters each variable was saved with, out of the dashboard as it was received: the classic form or a resource. */
export function savedFilters(raw: unknown): Record<string, SavedFilters> {
  const root = object(raw);
  const spec = object(root['spec'] ?? root);
  const classic = list(object(spec['templating'])['list']).map(object).filter((v) => v['type'] === 'adhoc');
  const resource = list(spec['variables']).map(object).filter((v) => v['kind'] === 'AdhocVariable').map((v) => object(v['spec']));
  return Object.fromEntries([...classic, ...resource].map((v) => [text(v['name']), { filters: read(v['filters']), base: read(v['baseFilters']) }]));
}

const quote = (s: string): string => `"${s.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
const literal = (s: string): string => s.replace(/[\\^$*+?.()|[\]{}]/g, '\\$&');
const labelName = (s: string): string => (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(s) ? s : quote(s));

/** The filter as PromQL writes it. */
export function printMatcher({ key, operator, values }: AdhocFilter): string {
  if (takesSeveral(operator)) return `${labelName(key)}${operator === '=|' ? '=~' : '!~'}${quote(values.map(literal).join('|'))}`;
  return `${labelName(key)}${operator}${quote(values[0] ?? '')}`;
}

const listWords = /^(by|without|on|ignoring|group_left|group_right)$/i;
const otherWords = /^(and|or|unless|atan2|bool|offset|inf|nan|start|end|by|without|on|ignoring|group_left|group_right)$/i;
const token = /\s+|#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\$\{[^}]*\}|\$?[a-zA-Z_:][a-zA-Z0-9_:]*|\[[^\]]*\]|\d[\w.]*|[^]/g;
const isSpace = (t: string | undefined): boolean => t !== undefined && /^(\s|#)/.test(t);

/** The expression with the conditions in each of its selectors; anything else stays as it is written. */
export function injectFilters(expr: string, filters: readonly AdhocFilter[]): string {
  if (filters.length === 0) return expr;
  const added = filters.map(printMatcher).join(',');
  const tokens: string[] = expr.match(token) ?? [];
  const next = (i: number): number => {
    let at = i + 1;
    while (isSpace(tokens[at])) at += 1;
    return at;
  };
  const before = (i: number): string | undefined => {
    let at = i - 1;
    while (at >= 0 && isSpace(tokens[at])) at -= 1;
    return tokens[at];
  };
  const close = (from: number): number => {
    const end = tokens.indexOf('}', from);
    return end < 0 ? tokens.length : end;
  };
  let out = '';
  for (let i = 0; i < tokens.length; i += 1) {
    const t = tokens[i] ?? '';
    if (listWords.test(t) && tokens[next(i)] === '(') {
      // Names of labels, not of metrics.
      const end = tokens.indexOf(')', i);
      out += tokens.slice(i, end < 0 ? tokens.length : end + 1).join('');
      i = end < 0 ? tokens.length : end;
      continue;
    }
    if (t === '{') {
      const end = close(i);
      const inside = tokens.slice(i + 1, end).join('').replace(/,\s*$/, '');
      out += `{${inside.trim() === '' ? '' : `${inside},`}${added}}`;
      i = end;
      continue;
    }
    const follows = next(i);
    const isName = /^[a-zA-Z_:]/.test(t) && !otherWords.test(t) && tokens[follows] !== '(' && !/^(by|without)$/i.test(tokens[follows] ?? '') && before(i) !== 'offset' && before(i) !== '@';
    out += t;
    // Braces of its own take the conditions when their turn comes.
    if (isName && tokens[follows] !== '{') out += `{${added}}`;
  }
  return out;
}
