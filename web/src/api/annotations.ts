/** Annotations: notes of people and of programs at moments in time. */
import { getJson } from './http';
import { reading } from './path';

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
export interface AnnotationQuery {
  from?: number | undefined;
  to?: number | undefined;
  dashboardUid?: string | undefined;
  tags: readonly string[];
  limit: number;
}

/** Newest first; those of dashboards a person may not see are left out by the server. */
export async function findAnnotations(query: AnnotationQuery, signal?: AbortSignal): Promise<Annotation[]> {
  const p = new URLSearchParams({ limit: String(query.limit) });
  if (query.from !== undefined) p.append('from', String(Math.round(query.from)));
  if (query.to !== undefined) p.append('to', String(Math.round(query.to)));
  if (query.dashboardUid) p.append('dashboardUID', query.dashboardUid);
  for (const tag of query.tags) p.append('tags', tag);
  const found = await getJson<Partial<Annotation>[]>(`${reading('/api/annotations')}?${p.toString()}`, { signal });
  return found.map((a) => ({
    id: a.id ?? 0, dashboardUID: a.dashboardUID ?? '', panelId: a.panelId ?? 0, time: a.time ?? 0, timeEnd: a.timeEnd || (a.time ?? 0),
    text: a.text ?? '', tags: a.tags ?? [], login: a.login ?? '',
  }));
}
