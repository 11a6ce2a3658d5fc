/** Which panel types suit the data, best first. Pure. */
import type { Frame } from '../model/frame';

export interface Shape {
  series: number;
  time: boolean;
  strings: number;
  points: number;
  /** Different values of the series that has most. */
  distinct: number;
  negative: boolean;
  /** Histogram buckets: series told apart by `le`. */
  buckets: boolean;
}

export function shapeOf(frames: readonly Frame[]): Shape {
  const fields = frames.flatMap((f) => f.fields);
  const numbers = fields.filter((f) => f.type === 'number');
  return {
    series: numbers.length, time: fields.some((f) => f.type === 'time') && frames.some((f) => f.length > 1), strings: fields.filter((f) => f.type === 'string').length,
    points: frames.reduce((n, f) => Math.max(n, f.length), 0), distinct: Math.max(0, ...numbers.slice(0, 8).map((f) => new Set(f.values.slice(0, 500)).size)),
    negative: numbers.some((f) => f.values.some((v) => typeof v === 'number' && v < 0)), buckets: frames.some((f) => f.natives) || numbers.length > 2 && numbers.every((f) => f.labels?.['le'] !== undefined),
  };
}

export function suggestTypes(s: Shape): string[] {
  if (s.series === 0) return s.points > 0 ? ['table'] : [];
  const scores: Record<string, number> = {
    timeseries: s.time ? 1 : 0,
    stat: s.series <= 12 ? 0.9 - s.series / 50 : 0.2,
    gauge: s.series <= 6 ? 0.8 - s.series / 30 : 0.1,
    bargauge: s.series > 1 && s.series <= 30 ? 0.75 : 0.3,
    table: s.time ? 0.5 : 0.85,
    piechart: !s.negative && s.series > 1 && s.series <= 10 ? 0.6 : 0.05,
    barchart: !s.time && s.strings > 0 ? 0.95 : 0,
    heatmap: s.buckets ? 1.1 : 0.05,
    histogram: s.time && s.points > 20 ? 0.4 : 0,
    'state-timeline': s.time && s.distinct <= 5 && s.series <= 40 ? 0.7 : 0,
    'status-history': s.time && s.distinct <= 5 && s.series <= 40 && s.points < 200 ? 0.55 : 0,
  };
  return Object.entries(scores).filter(([, n]) => n >= 0.2).sort((a, b) => b[1] - a[1]).map(([type]) => type);
}
