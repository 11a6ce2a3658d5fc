/** Entries of the query history: their texts, and whether a run is worth keeping. */
import { isObject, list, text } from './json';

/** The texts of an entry's queries, whatever their source calls them. */
export const historyTexts = (queries: unknown): string[] =>
  (isObject(queries) ? [queries] : list(queries)).filter(isObject).map((q) => text(q['expr']) || text(q['query']) || text(q['rawSql'])).filter((t) => t !== '');

/** What tells two runs apart: the same text run again is not kept again. */
export const historyKey = (source: string, queries: unknown): string => JSON.stringify([source, historyTexts(queries)]);
