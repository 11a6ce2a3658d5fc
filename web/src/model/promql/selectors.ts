/** Finds the series selectors of a PromQL expression without a grammar: enough to ask what each of them finds. Pure. */
export interface Matcher {
  label: string;
  op: '=' | '!=' | '=~' | '!~';
  value: string;
}
export interface Selector {
  /** Empty where only braces name the series. */
  metric: string;
  matchers: Matcher[];
}

/** Words that stand before a list of labels in parentheses, which are no metrics. */
const listWords = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const otherWords = new Set(['and', 'or', 'unless', 'atan2', 'bool', 'offset', 'inf', 'nan', 'start', 'end']);

const token = /\s+|#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\$\{[^}]*\}|\$\w+|[a-zA-Z_:][a-zA-Z0-9_:.]*|\[[^\]]*\]|\d[\w.]*|=~|!~|!=|[^]/g;

function unquote(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith('`')) return inner;
  return inner.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[^])/g, (_, c: string) => {
    if (c.length > 1) return String.fromCodePoint(parseInt(c.slice(1), 16));
    return c === 'n' ? '\n' : c === 't' ? '\t' : c === 'r' ? '\r' : c;
  });
}
const isString = (t: string | undefined): t is string => t !== undefined && /^["'`]/.test(t);
const isWord = (t: string | undefined): t is string => t !== undefined && /^[a-zA-Z_:]/.test(t);

/** Reads what stands in braces; answers undefined when it is none of PromQL's. */
function readBraces(tokens: readonly string[], from: number): { matchers: Matcher[]; metric: string; next: number } | undefined {
  const matchers: Matcher[] = [];
  let metric = '';
  let i = from;
  while (i < tokens.length && tokens[i] !== '}') {
    if (tokens[i] === ',') {
      i += 1;
      continue;
    }
    const label = tokens[i];
    const op = tokens[i + 1];
    const value = tokens[i + 2];
    if (isString(label) && (op === ',' || op === '}')) {
      // `{"metric.name"}`: a quoted name by itself is the metric's.
      metric = unquote(label);
      i += 1;
      continue;
    }
    if (!(isWord(label) || isString(label)) || (op !== '=' && op !== '!=' && op !== '=~' && op !== '!~') || !isString(value)) return undefined;
    const name = isString(label) ? unquote(label) : label;
    if (name === '__name__' && op === '=') metric = unquote(value);
    else matchers.push({ label: name, op, value: unquote(value) });
    i += 3;
  }
  return tokens[i] === '}' ? { matchers, metric, next: i + 1 } : undefined;
}

/** Braces that cannot be read are passed over whole. */
function pastBraces(tokens: readonly string[], from: number): number {
  const end = tokens.indexOf('}', from);
  return end < 0 ? tokens.length : end + 1;
}

/** All different selectors, in order. */
export function findSelectors(expr: string): Selector[] {
  const tokens = (expr.match(token) ?? []).filter((t) => !/^(\s|#)/.test(t));
  const found = new Map<string, Selector>();
  const add = (s: Selector): void => void found.set(printSelector(s), s);
  let i = 0;
  while (i < tokens.length) {
    const t = tokens[i] ?? '';
    if (listWords.has(t.toLowerCase()) && tokens[i + 1] === '(') {
      while (i < tokens.length && tokens[i] !== ')') i += 1;
      i += 1;
      continue;
    }
    if (t === '{') {
      const braces = readBraces(tokens, i + 1);
      if (braces && (braces.metric !== '' || braces.matchers.length > 0)) add({ metric: braces.metric, matchers: braces.matchers });
      i = braces?.next ?? pastBraces(tokens, i);
      continue;
    }
    if (isWord(t) && tokens[i + 1] !== '(' && !otherWords.has(t.toLowerCase()) && !listWords.has(t.toLowerCase()) && !(tokens[i - 1] === 'by' || tokens[i - 1] === 'without') && !aggregationBefore(tokens, i)) {
      const braces = tokens[i + 1] === '{' ? readBraces(tokens, i + 2) : undefined;
      add({ metric: t, matchers: braces?.matchers ?? [] });
      i = braces?.next ?? (tokens[i + 1] === '{' ? pastBraces(tokens, i) : i + 1);
      continue;
    }
    i += 1;
  }
  return [...found.values()];
}

/** An aggregation's own name stands before `by (…)`, where no metric can. */
const aggregationBefore = (tokens: readonly string[], i: number): boolean => /^(by|without)$/i.test(tokens[i + 1] ?? '') && tokens[i + 2] === '(';

const quote = (s: string): string => `"${s.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
export const printMatcher = (m: Matcher): string => `${m.label}${m.op}${quote(m.value)}`;

/** Whether series without the label fit as well. A pattern that cannot be read here counts as one that excludes nothing. */
export function matchesEmpty({ op, value }: Matcher): boolean {
  if (op === '=' || op === '!=') return (value === '') === (op === '=');
  try {
    return new RegExp(`^(?:${value})$`).test('') === (op === '=~');
  } catch {
    return true;
  }
}

export function printSelector(s: Selector): string {
  const plain = s.metric === '' || /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(s.metric);
  const inside = [...(plain ? [] : [`__name__=${quote(s.metric)}`]), ...s.matchers.map(printMatcher)].join(',');
  return `${plain ? s.metric : ''}${inside === '' ? '' : `{${inside}}`}`;
}

/** Names that are written most like the wanted one: what a person may have meant. */
export function similarNames(wanted: string, names: readonly string[], count: number): string[] {
  const distance = (a: string, b: string, limit: number): number => {
    if (Math.abs(a.length - b.length) > limit) return limit + 1;
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i += 1) {
      const next = [i];
      for (let j = 1; j <= b.length; j += 1) next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
      row = next;
    }
    return row[b.length] ?? limit + 1;
  };
  const limit = Math.max(2, Math.floor(wanted.length / 4));
  return names.map((name) => ({ name, d: name.startsWith(wanted) || (name.length >= 6 && wanted.startsWith(name)) ? 1 : distance(wanted, name, limit) }))
    .filter((x) => x.d <= limit && x.name !== wanted).sort((a, b) => a.d - b.d || a.name.localeCompare(b.name)).slice(0, count).map((x) => x.name);
}
