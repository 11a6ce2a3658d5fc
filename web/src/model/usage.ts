/** Where metrics are used: the names that stand in the queries of dashboards and rules. */
import { isObject } from './json';

/** Who uses a metric: a dashboard, or a rule. */
interface Usage {
  title: string;
  /** Empty for rules, which have no page of their own. */
  url: string;
  kind: 'dashboard' | 'rule';
}
export type UsageIndex = Map<string, Usage[]>;

const identifier = /[a-zA-Z_:][a-zA-Z0-9_:]*/g;
/** How deep dashboards are read. */
const depthMax = 12;
const queryFields = new Set(['expr', 'query', 'definition', 'rawQuery', 'target']);

/** Texts of all queries in a dashboard's view or JSON: targets, variables, annotations. */
export function queryTexts(value: unknown, depth = 0): string[] {
  if (depth > depthMax) return [];
  if (Array.isArray(value)) return value.flatMap((v) => queryTexts(v, depth + 1));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, v]) => (typeof v === 'string' ? (queryFields.has(key) ? [v] : []) : queryTexts(v, depth + 1)));
}

/** Every word of a query that could be a metric; too many is better than too few, since the caller looks names up. */
const wordsOf = (text: string): Set<string> => new Set(text.match(identifier));

/** Adds one user to the index. */
export function addUsage(index: UsageIndex, user: Usage, texts: readonly string[]): void {
  const words = new Set<string>();
  for (const text of texts) for (const w of wordsOf(text)) words.add(w);
  for (const w of words) {
    const users = index.get(w);
    if (users) users.push(user);
    else index.set(w, [user]);
  }
}

export const usersOf = (index: UsageIndex, metric: string): Usage[] => index.get(metric) ?? [];
