/** Asks for the annotations of a dashboard: the stored ones by the portal's API, others by their own query. */
import { findAnnotations } from '../api/annotations';
import type { DataSource } from '../api/datasources';
import { streamQuery } from '../api/query';
import { marksOfFrames, marksOfSaved, markOfStored, type AnnotationQuery } from '../model/dashboard/annotations';
import type { Frame } from '../model/frame';
import type { Mark } from '../model/marks';
import { parseDuration } from '../model/time/parse';
import type { TimeRange } from '../model/time/range';
import { interpolate, type InterpolationContext } from '../model/variables/interpolate';
import { toFrames } from './frames';
import { resolveSource } from './variables';

/** Points of an annotation query at most, so that a long range does not ask for every minute of it. */
const pointsMax = 5000;

interface AnnotationInput {
  range: TimeRange;
  context: InterpolationContext;
  sources: readonly DataSource[];
  dashboardUid: string;
}

async function askPrometheus(query: AnnotationQuery, input: AnnotationInput, signal: AbortSignal): Promise<Mark[]> {
  const { range, context, sources } = input;
  const asked = parseDuration(interpolate(query.step, context)) ?? 60_000;
  const stepMs = Math.max(asked, Math.ceil((range.to - range.from) / pointsMax / 1000) * 1000, 1000);
  const expr = interpolate(query.expr, context, 'prometheus');
  const datasource = resolveSource(interpolate(query.datasource?.uid ?? '', context), query.datasource?.type, sources);
  const frames: Frame[] = [];
  let problem: string | undefined;
  let step = stepMs;
  await streamQuery({
    range: { from: Math.round(range.from), to: Math.round(range.to) },
    panels: [{ id: 'annotations', maxDataPoints: pointsMax, intervalMs: stepMs, queries: [{ refId: 'Anno', datasource, expr, instant: false, range: true, format: 'time_series', legendFormat: '__auto', interval: `${Math.round(stepMs / 1000)}s` }] }],
  }, signal, (line) => {
    if ('frame' in line) {
      if (line.frame.kind === 'tail') return;
      if (line.frame.kind === 'series') step = line.frame.time.step;
      frames.push(...toFrames(line.frame, { refId: 'Anno', format: 'time_series', several: false }));
    } else if ('error' in line) problem = line.error.message;
  });
  if (problem !== undefined) throw new Error(problem);
  return marksOfFrames(query, frames, step);
}

export async function askAnnotations(query: AnnotationQuery, input: AnnotationInput, signal: AbortSignal): Promise<Mark[]> {
  const { range, context } = input;
  switch (query.kind) {
    case 'saved': return marksOfSaved(query);
    case 'prometheus': return askPrometheus(query, input, signal);
    case 'stored': {
      const tags = query.byTags ? query.tags.map((t) => interpolate(t, context)).filter((t) => t !== '') : [];
      // By tag without a tag would be everything there is.
      if (query.byTags && tags.length === 0) return [];
      const found = await findAnnotations({ from: range.from, to: range.to, dashboardUid: query.byTags ? undefined : input.dashboardUid, tags, anyTag: query.anyTag, limit: query.limit }, signal);
      return found.map((a) => markOfStored(query, a));
    }
    default: throw new Error('This kind of annotation query is not supported.');
  }
}
