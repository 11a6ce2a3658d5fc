/** Dashboards: the list, one of them, stars. */
import type { DashboardView } from '../model/dashboard/types';
import { check, getJson, send } from './http';
import { asking, deleting, reading } from './path';

export interface DashboardHit {
  id: number;
  uid: string;
  title: string;
  url: string;
  type: string;
  tags: string[];
  isStarred: boolean;
  folderUid?: string;
  folderTitle?: string;
  /** With `authors`: when it was changed last (RFC 3339), by whom, and who made it; empty for the server. */
  updated?: string;
  updatedBy?: string;
  createdBy?: string;
}

export interface DashboardDoc {
  meta: { uid: string; title: string; url: string; folderTitle: string; folderUid: string; version: number; provisioned: boolean; canEdit: boolean; isStarred: boolean };
  raw: unknown;
  view: DashboardView;
}

declare global {
  interface Window {
    /** Set by the script in the page's head: the dashboard's fetch, started before the code was there. */
    orreryEarly?: { uid: string; url: string; answer: Promise<Response> };
  }
}

/** Hits the server returns at most; more means "type to narrow down". */
export const searchLimit = 1000;

export const searchDashboards = (signal?: AbortSignal): Promise<DashboardHit[]> => getJson(`${reading('/api/search')}?type=dash-db&limit=${searchLimit}`, { signal });

export interface DashboardSearch {
  text?: string;
  tags?: readonly string[];
  folderUid?: string;
  folderId?: number | undefined;
  starred?: boolean;
  limit: number;
}

/** The dashboards that fit, best first, at most `limit`. */
export function findDashboards(search: DashboardSearch, signal?: AbortSignal): Promise<DashboardHit[]> {
  const p = new URLSearchParams({ type: 'dash-db', limit: String(Math.min(searchLimit, Math.max(1, search.limit))) });
  if (search.text) p.append('query', search.text);
  for (const tag of search.tags ?? []) p.append('tag', tag);
  if (search.folderUid) p.append('folderUIDs', search.folderUid);
  else if (search.folderId) p.append('folderIds', String(search.folderId));
  if (search.starred) p.append('starred', 'true');
  return getJson(`${reading('/api/search')}?${p.toString()}`, { signal });
}

export async function getDashboard(uid: string, signal?: AbortSignal): Promise<DashboardDoc> {
  const url = reading('/api/ui/dashboards/{uid}', { uid });
  const early = window.orreryEarly;
  if (early?.url === url) {
    delete window.orreryEarly;
    const answer = await early.answer.catch(() => undefined);
    if (answer) return (await check(answer)).json() as Promise<DashboardDoc>;
  }
  return getJson(url, { signal });
}

export async function starDashboard(uid: string, on: boolean): Promise<void> {
  const star = '/api/user/stars/dashboard/uid/{uid}';
  await send(on ? asking(star, { uid }) : deleting(star, { uid }), { method: on ? 'POST' : 'DELETE' });
}
