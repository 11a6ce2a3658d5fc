/** Options of the list of annotations, and where its entries lead. */
import type { Annotation } from '../../api/annotations';
import { flag, list, number, text } from '../../model/json';
import { parseDuration } from '../../model/time/parse';
import type { Options } from '../types';

interface AnnotationListOptions {
  here: boolean;
  inRange: boolean;
  tags: string[];
  limit: number;
  showUser: boolean;
  showTime: boolean;
  showTags: boolean;
  /** Ms shown before and after the annotation when its dashboard is opened. */
  before: number;
  after: number;
  toPanel: boolean;
}
const tenMinutes = 600_000;

export function annotationListOptions(o: Options): AnnotationListOptions {
  return {
    here: flag(o['onlyFromThisDashboard']), inRange: flag(o['onlyInTimeRange']),
    tags: list(o['tags']).map((t) => text(t)).filter((t) => t !== '').slice(0, 50),
    limit: Math.min(1000, Math.max(1, Math.round(number(o['limit']) ?? 10))),
    showUser: flag(o['showUser'], true), showTime: flag(o['showTime'], true), showTags: flag(o['showTags'], true),
    before: parseDuration(text(o['navigateBefore'], '10m')) ?? tenMinutes, after: parseDuration(text(o['navigateAfter'], '10m')) ?? tenMinutes,
    toPanel: flag(o['navigateToPanel'], true),
  };
}

/** The dashboard around the annotation's time; undefined for one of the whole organisation and no dashboard to show it on. */
export function annotationAddress(a: Annotation, here: string, o: Pick<AnnotationListOptions, 'before' | 'after' | 'toPanel'>): string | undefined {
  const uid = a.dashboardUID === '' ? here : a.dashboardUID;
  if (uid === '') return undefined;
  const p = new URLSearchParams({ from: String(Math.round(a.time - o.before)), to: String(Math.round(a.timeEnd + o.after)) });
  if (o.toPanel && a.panelId > 0) p.append('viewPanel', String(a.panelId));
  return `/d/${encodeURIComponent(uid)}?${p.toString()}`;
}
