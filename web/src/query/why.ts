/** Why a query has no answer: asks the source, step by step, until something that is missing has a name. */
import { labelValues, listSeries, momentsWithValue } from '../api/prometheus';
import { findSelectors, matchesEmpty, printMatcher, printSelector, similarNames, type Matcher, type Selector } from '../model/promql/selectors';
import type { TimeRange } from '../model/time/range';

export type Reason =
  | { kind: 'no-metric'; metric: string; similar: string[] }
  | { kind: 'no-label'; metric: string; matcher: Matcher; values: string[] }
  | { kind: 'no-combination'; selector: string }
  | { kind: 'ended'; selector: string; at: number }
  | { kind: 'begins'; selector: string; at: number }
  | { kind: 'not-then'; selector: string }
  | { kind: 'future' }
  | { kind: 'empty-result'; selectors: string[] }
  | { kind: 'unknown' };

/** Selectors looked at: a long expression has its first ones. */
const selectorsMax = 6;
const namesMax = 5000;
const valuesShown = 8;
const day = 86_400_000;
/** How far before and after the range the samples are searched for. */
const searchMs = 32 * day;
const points = 200;

interface Asking {
  source: string;
  range: TimeRange;
  now: number;
  signal: AbortSignal;
}

async function exists(selector: string, { source, signal }: Asking, range?: TimeRange): Promise<boolean> {
  return (await listSeries({ source, match: [selector], range, limit: 1 }, signal)).series.length > 0;
}

/** The last (or first) moment between two at which the selector has a sample, to a minute; found in two steps. */
async function edge(selector: string, asking: Asking, from: number, to: number, which: 'first' | 'last'): Promise<number | undefined> {
  const { source, signal } = asking;
  const look = async (a: number, b: number): Promise<{ at: number | undefined; step: number }> => {
    const step = Math.max(60_000, Math.ceil((b - a) / points / 60_000) * 60_000);
    const seen = await momentsWithValue(source, `count(present_over_time(${selector}[${step / 1000}s]))`, { from: a, to: b }, step, signal);
    return { at: which === 'last' ? seen.at(-1) : seen[0], step };
  };
  const coarse = await look(from, to);
  if (coarse.at === undefined || coarse.step <= 60_000) return coarse.at;
  // A window that ends at `at` has a sample somewhere in it.
  const fine = await look(coarse.at - coarse.step, coarse.at);
  return fine.at ?? coarse.at;
}

async function missingMatcher(s: Selector, asking: Asking): Promise<Reason> {
  for (const matcher of s.matchers) {
    // By itself it would ask for all series there are, which no source answers.
    if (s.metric === '' && matchesEmpty(matcher)) continue;
    if (await exists(printSelector({ metric: s.metric, matchers: [matcher] }), asking)) continue;
    const base = s.metric === '' ? undefined : [printSelector({ metric: s.metric, matchers: [] })];
    const { names } = await labelValues(matcher.label, { source: asking.source, match: base, limit: 200 }, asking.signal);
    return { kind: 'no-label', metric: s.metric, matcher, values: names.slice(0, valuesShown) };
  }
  return { kind: 'no-combination', selector: printSelector(s) };
}

async function whyNot(s: Selector, asking: Asking): Promise<Reason | undefined> {
  const { range, now } = asking;
  const selector = printSelector(s);
  if (await exists(selector, asking, range)) {
    // The list of series is kept by blocks and may name what ended shortly before: the samples decide.
    const step = Math.max(60_000, Math.ceil((range.to - range.from) / points / 60_000) * 60_000);
    const seen = await momentsWithValue(asking.source, `count(present_over_time(${selector}[${step / 1000}s]))`, { from: Math.min(range.to, range.from + step), to: range.to }, step, asking.signal);
    if (seen.length > 0) return undefined;
  }
  const bare = printSelector({ metric: s.metric, matchers: [] });
  if (s.metric !== '' && !(await exists(bare, asking))) {
    const { names } = await labelValues('__name__', { source: asking.source, limit: namesMax }, asking.signal);
    return { kind: 'no-metric', metric: s.metric, similar: similarNames(s.metric, names, 3) };
  }
  if (s.matchers.length > 0 && !(await exists(selector, asking))) return missingMatcher(s, asking);
  const before = await edge(selector, asking, range.from - searchMs, range.from, 'last');
  if (before !== undefined) return { kind: 'ended', selector, at: before };
  if (range.to < now) {
    const after = await edge(selector, asking, range.to, Math.min(now, range.to + searchMs), 'first');
    if (after !== undefined) return { kind: 'begins', selector, at: after };
  }
  return { kind: 'not-then', selector };
}

/** The reason for the first part of the expression that has no samples in the range. */
export async function explainEmpty(source: string, expr: string, range: TimeRange, now: number, signal: AbortSignal): Promise<Reason> {
  if (range.from > now) return { kind: 'future' };
  const selectors = findSelectors(expr).slice(0, selectorsMax);
  if (selectors.length === 0) return { kind: 'unknown' };
  const asking: Asking = { source, range, now, signal };
  for (const s of selectors) {
    const reason = await whyNot(s, asking);
    if (reason) return reason;
  }
  return { kind: 'empty-result', selectors: selectors.map(printSelector) };
}

export { printMatcher };
