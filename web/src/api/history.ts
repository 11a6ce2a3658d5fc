/** Query history: what this person has asked; nobody else sees it. */
import { getJson, send } from './http';
import { asking, deleting, patching, reading } from './path';

export interface HistoryEntry {
  uid: string;
  datasourceUid: string;
  /** Unix seconds. */
  createdAt: number;
  comment: string;
  queries: unknown;
  starred: boolean;
}
export interface HistorySearch {
  text: string;
  starred: boolean;
  /** Uid; empty: of all sources. */
  source: string;
  oldestFirst: boolean;
  page: number;
}
/** Entries of one page. */
export const historyPage = 50;

export async function searchHistory(s: HistorySearch, signal?: AbortSignal): Promise<{ entries: HistoryEntry[]; total: number }> {
  const p = new URLSearchParams({ limit: String(historyPage), page: String(s.page), sort: s.oldestFirst ? 'time-asc' : 'time-desc' });
  if (s.text !== '') p.append('searchString', s.text);
  if (s.starred) p.append('onlyStarred', 'true');
  if (s.source !== '') p.append('datasourceUid', s.source);
  const { result } = await getJson<{ result: { queryHistory: HistoryEntry[]; totalCount: number } }>(`${reading('/api/query-history')}?${p.toString()}`, { signal });
  return { entries: result.queryHistory, total: result.totalCount };
}

export const rememberQuery = (datasourceUid: string, queries: readonly unknown[]): Promise<unknown> => send(asking('/api/query-history'), { method: 'POST', body: { datasourceUid, queries } });
export const commentQuery = (uid: string, comment: string): Promise<unknown> => send(patching('/api/query-history/{uid}', { uid }), { method: 'PATCH', body: { comment } });
export const forgetQuery = (uid: string): Promise<unknown> => send(deleting('/api/query-history/{uid}', { uid }), { method: 'DELETE' });
export const starQuery = (uid: string, on: boolean): Promise<unknown> => {
  const star = '/api/query-history/star/{uid}';
  return send(on ? asking(star, { uid }) : deleting(star, { uid }), { method: on ? 'POST' : 'DELETE' });
};
