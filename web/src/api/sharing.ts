/** Short links and snapshots. */
import { getJson, send } from './http';
import { asking, deleting, reading } from './path';

/** A short link to a path of this portal; the address comes complete. */
export async function shorten(path: string): Promise<string> {
  const { url } = await getJson<{ url: string }>(asking('/api/short-urls'), { method: 'POST', body: { path: path.replace(/^\/+/, '') } });
  // The portal may be reached by another name than it knows: what counts is the name this page was opened with.
  const made = new URL(url, location.href);
  return new URL(made.pathname + made.search, location.origin).href;
}

interface MadeSnapshot {
  key: string;
  deleteKey: string;
  url: string;
}

/** `expires` in seconds, 0 for never. */
export async function makeSnapshot(name: string, dashboard: unknown, expires: number): Promise<MadeSnapshot> {
  const made = await getJson<MadeSnapshot>(asking('/api/snapshots'), { method: 'POST', body: { name, dashboard, expires } });
  return { ...made, url: new URL(`/dashboard/snapshot/${encodeURIComponent(made.key)}`, location.origin).href };
}

export const getSnapshot = (key: string, signal?: AbortSignal): Promise<{ meta: { created: string; expires: string }; dashboard: unknown }> =>
  getJson(reading('/api/snapshots/{key}', { key }), { signal });

export async function deleteSnapshot(key: string): Promise<void> {
  await send(deleting('/api/snapshots/{key}', { key }), { method: 'DELETE' });
}
