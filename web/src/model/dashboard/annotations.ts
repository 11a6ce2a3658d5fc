/** The annotation queries of a dashboard: what its JSON says, and how samples become moments and stretches. Pure. */
import type { Cell, Frame, Labels } from '../frame';
import { timeField, valueFields } from '../frame';
import { flag, isObject, list, number, object, text } from '../json';
import { plainText, type Mark } from '../marks';
import { isRelative, type RawRange, type TimeRange } from '../time/range';
import type { DashboardView, DsRef } from './types';

export interface AnnotationQuery {
  /** Its name; unique on the dashboard by adding a number where files repeat one. */
  name: string;
  kind: 'stored' | 'prometheus' | 'saved' | 'other';
  /** On when the dashboard opens. */
  enable: boolean;
  /** No switch beside the variables. */
  hide: boolean;
  color: string;
  datasource: DsRef | null;
  /** Of stored ones: by dashboard or by tags. */
  byTags: boolean;
  tags: string[];
  anyTag: boolean;
  limit: number;
  expr: string;
  step: string;
  titleFormat: string;
  textFormat: string;
  tagKeys: string[];
  useValueForTime: boolean;
  /** Panels that show it: all, all but these, or only these. */
  only: { ids: number[]; exclude: boolean } | undefined;
  /** Marks of a snapshot. */
  saved: unknown[];
}

const usualColor = 'rgba(0, 211, 255, 1)';
export const annotationsMax = 1000;

/** The data source of a query, as files write it: a reference, or older ones its name. */
export function sourceOf(v: unknown): DsRef | null {
  if (typeof v === 'string') return v === '' ? null : { type: '', uid: v };
  return isObject(v) ? { type: text(v['type']), uid: text(v['uid']) } : null;
}

export const isStored = (ds: DsRef | null): boolean => ds !== null && (ds.type === 'grafana' || ds.type === 'datasource' || ds.uid === 'grafana' || /^-- .* --$/.test(ds.uid));

function readQuery(v: unknown): AnnotationQuery {
  const o = object(v);
  const target = object(o['target']);
  const ds = sourceOf(o['datasource']);
  const saved = list(o['snapshotData']);
  const expr = text(o['expr'] ?? target['expr']);
  const stored = o['builtIn'] === 1 || o['builtIn'] === true || isStored(ds);
  const filter = object(o['filter']);
  const ids = list(filter['ids']).map((id) => number(id) ?? -1).filter((id) => id >= 0);
  return {
    name: text(o['name'], 'Annotations'),
    kind: saved.length > 0 ? 'saved' : stored ? 'stored' : expr !== '' ? 'prometheus' : 'other',
    enable: flag(o['enable'], true),
    hide: flag(o['hide']),
    color: text(o['iconColor'], usualColor),
    datasource: ds,
    byTags: (target['type'] ?? o['type']) === 'tags',
    tags: list(target['tags'] ?? o['tags']).map((t) => text(t)).filter((t) => t !== ''),
    anyTag: flag(target['matchAny'] ?? o['matchAny']),
    limit: Math.min(annotationsMax, number(target['limit'] ?? o['limit']) ?? 100),
    expr,
    step: text(o['step'] ?? target['step']) || text(target['interval']) || '60s',
    titleFormat: text(o['titleFormat']),
    textFormat: text(o['textFormat']),
    tagKeys: text(o['tagKeys']).split(',').map((t) => t.trim()).filter((t) => t !== ''),
    useValueForTime: o['useValueForTime'] === true || o['useValueForTime'] === 'on',
    only: ids.length > 0 ? { ids, exclude: flag(filter['exclude']) } : undefined,
    saved,
  };
}

const builtIn = { builtIn: 1, name: 'Annotations & alerts', enable: true, hide: true, iconColor: usualColor, datasource: { type: 'grafana', uid: '-- Grafana --' }, type: 'dashboard' };

/** The queries in order; the dashboard's own annotations come with every dashboard, whether its file says so or not. */
export function annotationQueries(view: Pick<DashboardView, 'annotations'>): AnnotationQuery[] {
  const listed = view.annotations.map(readQuery);
  const all = listed.some((q) => q.kind === 'stored' && !q.byTags) ? listed : [readQuery(builtIn), ...listed];
  const seen = new Map<string, number>();
  return all.map((q) => {
    const count = (seen.get(q.name) ?? 0) + 1;
    seen.set(q.name, count);
    return count === 1 ? q : { ...q, name: `${q.name} ${count}` };
  });
}

export const showsIn = (query: AnnotationQuery, panelId: number): boolean => query.only === undefined || query.only.ids.includes(panelId) !== query.only.exclude;

/** Whether any of these panels may draw what the query finds. */
export const isDrawn = (query: AnnotationQuery, panels: readonly { id: number; type: string }[], drawsMarks: (type: string) => boolean): boolean => panels.some((p) => drawsMarks(p.type) && showsIn(query, p.id));

/** What makes it another question; `values` are those of the variables that may stand in it. The same one is asked again when time goes on. */
export function askedFor(query: AnnotationQuery, raw: RawRange, range: TimeRange, values: string): readonly (string | number)[] {
  const stretch = isRelative(raw) ? [raw.from, raw.to] : [range.from, range.to];
  return query.kind === 'prometheus' || query.byTags ? [...stretch, values] : stretch;
}

const fill = (format: string, labels: Labels): string => format.replace(/\{\{\s*([^}\s]+)\s*\}\}/g, (_, name: string) => labels[name] ?? '');

interface Point {
  t: number;
  value: Cell;
}

/** Neighbouring points that are not further apart than a step are one stretch. */
function stretches(points: readonly Point[], stepMs: number): [number, number][] {
  const out: [number, number][] = [];
  for (const { t, value } of points) {
    if (typeof value !== 'number' || !Number.isFinite(value) || value === 0) continue;
    const last = out.at(-1);
    if (last && t - last[1] <= stepMs) last[1] = t;
    else out.push([t, t]);
  }
  return out;
}

/** Marks from the series of a Prometheus query: each stretch of values that are not zero, or the moments the values name. */
export function marksOfFrames(query: AnnotationQuery, frames: readonly Frame[], stepMs: number): Mark[] {
  const marks: Mark[] = [];
  frames.forEach((frame, index) => {
    const times = timeField(frame)?.values ?? [];
    const field = valueFields(frame)[0];
    if (!field) return;
    const labels = field.labels ?? {};
    const points = field.values.map((value, i): Point => ({ t: Number(times[i]), value }));
    const moments: [number, number][] = query.useValueForTime
      // Many points name the same moment: it is told once.
      ? [...new Set(points.flatMap((p) => (typeof p.value === 'number' && p.value > 0 ? [Math.round(p.value)] : [])))].map((t) => [t, t])
      : stretches(points, stepMs);
    const words = plainText(fill(query.textFormat, labels));
    const title = plainText(fill(query.titleFormat === '' ? '{{alertname}}' : query.titleFormat, labels)).text || (query.titleFormat === '' && words.text === '' ? query.name : '');
    const tags = query.tagKeys.map((key) => labels[key] ?? '').filter((t) => t !== '');
    for (const [time, timeEnd] of moments) {
      if (marks.length >= annotationsMax) return;
      marks.push({ key: `${query.name}/${index}/${time}`, id: 0, time, timeEnd, title, text: words.text, links: words.links, source: '', tags, color: query.color, panelId: 0, login: '' });
    }
  });
  return marks;
}

interface StoredAnnotation {
  id: number;
  panelId: number;
  time: number;
  timeEnd: number;
  text: string;
  tags: readonly string[];
  login: string;
}

export function markOfStored(query: AnnotationQuery, a: StoredAnnotation): Mark {
  const words = plainText(a.text);
  // Found by tag it may be another dashboard's, whose panels have other numbers.
  return { key: `${query.name}/${a.id}/${a.time}`, id: a.id, time: a.time, timeEnd: Math.max(a.time, a.timeEnd), title: '', text: words.text, links: words.links, source: a.text, tags: a.tags, color: query.color, panelId: query.byTags ? 0 : a.panelId, login: a.login };
}

/** Marks that a snapshot keeps. */
export function marksOfSaved(query: AnnotationQuery): Mark[] {
  return query.saved.slice(0, annotationsMax).flatMap((v, i) => {
    const o = object(v);
    const time = number(o['time']);
    if (time === undefined) return [];
    const words = plainText(text(o['text']));
    return [{
      key: `${query.name}/${i}`, id: 0, time, timeEnd: Math.max(time, number(o['timeEnd']) ?? time), title: text(o['title']), text: words.text, links: words.links, source: '',
      tags: list(o['tags']).map((t) => text(t)), color: text(o['color']) || query.color, panelId: number(o['panelId']) ?? 0, login: '',
    }];
  });
}
