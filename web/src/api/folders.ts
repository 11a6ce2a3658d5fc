/** Folders, and the search through folders and dashboards. */
import type { DashboardHit } from './dashboards';
import { getJson, send } from './http';
import { asking, deleting, reading, replacing } from './path';

export const hitsMax = 5000;
/** Folders and dashboards alike. */
export const searchEverything = (signal?: AbortSignal): Promise<DashboardHit[]> => getJson(`${reading('/api/search')}?limit=${hitsMax}`, { signal });

export interface SearchFor {
  query: string;
  tag: string;
  starred: boolean;
  sort: string;
}
/** Dashboards that fit, as the server ranks and sorts them. */
export function searchFor(wanted: SearchFor, signal?: AbortSignal): Promise<DashboardHit[]> {
  const p = new URLSearchParams({ type: 'dash-db', limit: '1000', authors: 'true' });
  if (wanted.query !== '') p.set('query', wanted.query);
  if (wanted.tag !== '') p.set('tag', wanted.tag);
  if (wanted.starred) p.set('starred', 'true');
  if (wanted.sort !== '') p.set('sort', wanted.sort);
  return getJson(`${reading('/api/search')}?${p.toString()}`, { signal });
}

export interface FolderInfo {
  uid: string;
  title: string;
  version: number;
  canEdit: boolean;
  canAdmin: boolean;
  parents?: { uid: string; title: string }[];
}
export const getFolder = (uid: string, signal?: AbortSignal): Promise<FolderInfo> => getJson(reading('/api/folders/{uid}', { uid }), { signal });
export const createFolder = (title: string, parentUid: string): Promise<FolderInfo> => getJson(asking('/api/folders'), { method: 'POST', body: { title, parentUid } });
export const renameFolder = (uid: string, title: string, version: number): Promise<unknown> => send(replacing('/api/folders/{uid}', { uid }), { method: 'PUT', body: { title, version } });
export const moveFolder = (uid: string, parentUid: string): Promise<unknown> => send(asking('/api/folders/{uid}/move', { uid }), { method: 'POST', body: { parentUid } });
export const deleteFolder = (uid: string): Promise<unknown> => send(deleting('/api/folders/{uid}', { uid }), { method: 'DELETE' });
export const folderCounts = (uid: string, signal?: AbortSignal): Promise<{ folder: number; dashboard: number }> => getJson(reading('/api/folders/{uid}/counts', { uid }), { signal });
export const deleteDashboard = (uid: string): Promise<unknown> => send(deleting('/api/dashboards/uid/{uid}', { uid }), { method: 'DELETE' });

/** As received, for putting it elsewhere or bringing it back. */
export const rawDashboard = (uid: string, signal?: AbortSignal): Promise<{ dashboard: Record<string, unknown>; meta: { folderUid: string; version: number } }> => getJson(reading('/api/dashboards/uid/{uid}', { uid }), { signal });
export const putDashboard = (dashboard: unknown, folderUid: string, message: string): Promise<unknown> => send(asking('/api/dashboards/db'), { method: 'POST', body: { dashboard, folderUid, message, overwrite: true } });

export interface ImportInput {
  name: string;
  type: string;
  pluginId: string;
  value: string;
}
export const importDashboard = (body: { dashboard: unknown; inputs: ImportInput[]; folderUid: string; overwrite: boolean }): Promise<{ importedUrl: string; title: string }> => getJson(asking('/api/dashboards/import'), { method: 'POST', body });
