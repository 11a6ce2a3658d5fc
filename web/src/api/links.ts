/** Short links: `/goto/…` leads to a path of this server. */
import { getJson } from './http';
import { asking } from './path';

/** The address of a short link to `path` (with or without its leading slash), on the host this page came from. */
export async function shorten(path: string): Promise<string> {
  const { uid, url } = await getJson<{ uid: string; url: string }>(asking('/api/short-urls'), { method: 'POST', body: { path: path.replace(/^\/+/, '') } });
  const query = /\?.*$/.exec(url)?.[0] ?? '';
  return `${location.origin}/goto/${encodeURIComponent(uid)}${query}`;
}
