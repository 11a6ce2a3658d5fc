/** Editing dashboards: the view of a draft, saving, versions, comparing, drift from a provisioned file, permissions. */
import type { DashboardView } from '../model/dashboard/types';
import { text } from '../model/json';
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
  /** Name of the provider. */
  managedBy: string;
}
interface ResourceList {
  metadata: { continue?: string };
  items: { metadata: { name: string; annotations?: Record<string, string> }; spec?: { title?: unknown } }[];
}
/** The resources come whole: few at a time. */
const resourcesPage = 100;
const pagesMax = 50;

/** Dashboards of the organisation that come from files; the list of resources names each one's keeper. */
export async function listManaged(signal?: AbortSignal): Promise<ManagedDashboard[]> {
  const { id } = await getJson<{ id: number }>(reading('/api/org'), { signal });
  const list = reading('/apis/dashboard.grafana.app/{api_version}/namespaces/{namespace}/dashboards', { api_version: 'v1', namespace: id === 1 ? 'default' : `org-${id}` });
  const out: ManagedDashboard[] = [];
  let next = '';
  for (let page = 0; page < pagesMax; page += 1) {
    const { metadata, items } = await getJson<ResourceList>(`${list}?limit=${resourcesPage}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`, { signal });
    for (const { metadata: { name, annotations }, spec } of items) {
      const managedBy = annotations?.['grafana.app/managerId'];
      if (managedBy !== undefined) out.push({ uid: name, title: text(spec?.title) || name, url: `/d/${encodeURIComponent(name)}`, managedBy });
    }
    next = metadata.continue ?? '';
    if (next === '') break;
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
