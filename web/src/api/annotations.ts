/** Annotations: notes of people and of programs at moments in time. */
import { getJson, send } from './http';
import { asking, deleting, reading, replacing } from './path';

export interface Annotation {
  id: number;
  dashboardUID: string;
  panelId: number;
  /** Unix ms; `timeEnd` is the same where it is a moment and not a stretch. */
  time: number;
  timeEnd: number;
  text: string;
  tags: string[];
  login: string;
}
interface AnnotationQuery {
  from?: number | undefined;
  to?: number | undefined;
  dashboardUid?: string | undefined;
  tags: readonly string[];
  /** True: one of the tags is enough. */
  anyTag?: boolean | undefined;
  limit: number;
}

/** Newest first; those of dashboards a person may not see are left out by the server. */
export async function findAnnotations(query: AnnotationQuery, signal?: AbortSignal): Promise<Annotation[]> {
  const p = new URLSearchParams({ limit: String(query.limit) });
  if (query.from !== undefined) p.append('from', String(Math.round(query.from)));
  if (query.to !== undefined) p.append('to', String(Math.round(query.to)));
  if (query.dashboardUid) p.append('dashboardUID', query.dashboardUid);
  for (const tag of query.tags) p.append('tags', tag);
  if (query.anyTag) p.append('matchAny', 'true');
  const found = await getJson<Partial<Annotation>[]>(`${reading('/api/annotations')}?${p.toString()}`, { signal });
  return found.map((a) => ({
    id: a.id ?? 0, dashboardUID: a.dashboardUID ?? '', panelId: a.panelId ?? 0, time: a.time ?? 0, timeEnd: a.timeEnd || (a.time ?? 0),
    text: a.text ?? '', tags: a.tags ?? [], login: a.login ?? '',
  }));
}

interface AnnotationDraft {
  dashboardUID: string;
  /** 0 for the whole dashboard. */
  panelId: number;
  time: number;
  timeEnd: number;
  text: string;
  tags: string[];
}

export async function addAnnotation(draft: AnnotationDraft): Promise<void> {
  await send(asking('/api/annotations'), { method: 'POST', body: draft });
}

export async function changeAnnotation(id: number, part: Pick<AnnotationDraft, 'time' | 'timeEnd' | 'text' | 'tags'>): Promise<void> {
  await send(replacing('/api/annotations/{id}', { id }), { method: 'PUT', body: part });
}

export async function deleteAnnotation(id: number): Promise<void> {
  await send(deleting('/api/annotations/{id}', { id }), { method: 'DELETE' });
}
