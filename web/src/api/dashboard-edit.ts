/** Editing dashboards: the view of a draft, saving, versions, comparing, drift from a provisioned file, permissions. */
import type { DashboardView } from '../model/dashboard/types';
import { getJson, send } from './http';
import { asking, reading } from './path';

/** The view of a dashboard that is not saved, as the page will show it. */
export const viewOf = async (raw: unknown, signal?: AbortSignal): Promise<DashboardView> =>
  (await getJson<{ view: DashboardView }>('/api/ui/dashboard-view', { method: 'POST', body: raw, signal })).view;

export interface SaveRequest {
  dashboard: unknown;
  message: string;
  /** Undefined leaves it where it is. */
  folderUid?: string | undefined;
  overwrite?: boolean;
}
export interface Saved {
  uid: string;
  url: string;
  version: number;
}

/** Refused with 412 when somebody else has saved since, unless `overwrite`. */
export const saveDashboard = (request: SaveRequest): Promise<Saved> => getJson(asking('/api/dashboards/db'), { method: 'POST', body: request });

export interface Folder {
  uid: string;
  title: string;
}
export const listFolders = (signal?: AbortSignal): Promise<Folder[]> => getJson(`${reading('/api/folders')}?limit=1000`, { signal });

export interface Version {
  version: number;
  created: string;
  createdBy: string;
  message: string;
  restoredFrom: number;
}
export const versionsMax = 200;
export const listVersions = async (uid: string, signal?: AbortSignal): Promise<Version[]> =>
  (await getJson<{ versions: Version[] }>(`${reading('/api/dashboards/uid/{uid}/versions', { uid })}?limit=${versionsMax}`, { signal })).versions;
export const restoreVersion = async (uid: string, version: number): Promise<void> => {
  await send(asking('/api/dashboards/uid/{uid}/restore', { uid }), { method: 'POST', body: { version } });
};

export interface Change {
  path: string;
  change: 'added' | 'removed' | 'changed' | 'moved';
  old?: unknown;
  new?: unknown;
}
export interface PanelChange {
  id: number;
  title: string;
  change: 'added' | 'removed' | 'changed';
  changes: Change[];
}
export interface Diff {
  changes: Change[];
  summary: { panels: PanelChange[]; variables: unknown[]; settings: unknown[] };
}
export type DiffSide = { dashboardUid: string; version: number } | { unsavedDashboard: unknown };
export const diffDashboards = (base: DiffSide, next: DiffSide, signal?: AbortSignal): Promise<Diff> =>
  getJson(asking('/api/dashboards/calculate-diff'), { method: 'POST', body: { base, new: next, diffType: 'delta' }, signal });

export interface Drift {
  provider: string;
  path: string;
  drifted: boolean;
  differences: Change[];
}
export const getDrift = (uid: string, signal?: AbortSignal): Promise<Drift> => getJson(reading('/api/ui/dashboards/{uid}/drift', { uid }), { signal });

/** A dashboard that a file provider keeps. */
export interface ManagedDashboard {
  uid: string;
  title: string;
  url: string;
}
/** Hits on a page, the most the server gives, and pages at most. */
const managedPage = 5000;
const pagesMax = 10;

/** Dashboards of the organisation that come from files. */
export async function listManaged(signal?: AbortSignal): Promise<ManagedDashboard[]> {
  const out: ManagedDashboard[] = [];
  for (let page = 1; page <= pagesMax; page += 1) {
    const hits = await getJson<(ManagedDashboard & { provisioned?: boolean })[]>(`${reading('/api/search')}?type=dash-db&authors=true&limit=${managedPage}&page=${page}`, { signal });
    for (const { uid, title, url, provisioned } of hits) if (provisioned === true) out.push({ uid, title, url });
    if (hits.length < managedPage) break;
  }
  return out;
}
export const writeBack = async (uid: string): Promise<void> => {
  await send(asking('/api/ui/dashboards/{uid}/provisioned/write-back', { uid }), { method: 'POST', body: {} });
};
export const discardEdits = async (uid: string): Promise<void> => {
  await send(asking('/api/ui/dashboards/{uid}/provisioned/discard', { uid }), { method: 'POST', body: {} });
};

export interface LibraryPanel {
  uid: string;
  name: string;
  type: string;
  description: string;
  meta: { folderName: string; connectedDashboards: number };
}
export const listLibraryPanels = async (search: string, signal?: AbortSignal): Promise<LibraryPanel[]> =>
  (await getJson<{ result: { elements: LibraryPanel[] } }>(`${reading('/api/library-elements')}?kind=1&perPage=100&searchString=${encodeURIComponent(search)}`, { signal })).result.elements;
