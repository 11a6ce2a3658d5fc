/** Panels of the library: one of them, making and changing them, and the dashboards that use them. */
import { getJson } from './http';
import { asking, patching, reading } from './path';
import { searchDashboards } from './dashboards';

export interface LibraryElement {
  uid: string;
  name: string;
  version: number;
  folderUid: string;
  model: Record<string, unknown>;
  meta: { folderName: string; connectedDashboards: number };
}
interface Answer {
  result: LibraryElement;
}
const panelKind = 1;

export const getLibraryPanel = async (uid: string, signal?: AbortSignal): Promise<LibraryElement> => (await getJson<Answer>(reading('/api/library-elements/{uid}', { uid }), { signal })).result;

export const createLibraryPanel = async (name: string, folderUid: string, model: unknown): Promise<LibraryElement> =>
  (await getJson<Answer>(asking('/api/library-elements'), { method: 'POST', body: { name, folderUid, model, kind: panelKind } })).result;

/** Refused with 412 when somebody has changed it since that version. */
export const updateLibraryPanel = async (uid: string, version: number, model: unknown): Promise<LibraryElement> =>
  (await getJson<Answer>(patching('/api/library-elements/{uid}', { uid }), { method: 'PATCH', body: { model, version, kind: panelKind } })).result;

interface LibraryUse {
  uid: string;
  title: string;
  url: string;
  folder: string;
}
/** The dashboards that use it and that this person sees, by title. */
export async function libraryUses(uid: string, signal?: AbortSignal): Promise<LibraryUse[]> {
  const [used, all] = await Promise.all([
    getJson<{ result: { connectionUid: string }[] }>(reading('/api/library-elements/{uid}/connections', { uid }), { signal }),
    searchDashboards(signal),
  ]);
  const known = new Map(all.map((d) => [d.uid, d]));
  return used.result.map((c): LibraryUse => {
    const d = known.get(c.connectionUid);
    return { uid: c.connectionUid, title: d?.title ?? c.connectionUid, url: d?.url ?? `/d/${c.connectionUid}`, folder: d?.folderTitle ?? 'General' };
  }).sort((a, b) => a.title.localeCompare(b.title));
}
