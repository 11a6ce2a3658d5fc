/** Turns what the stream carries into frames: one per series, or one table of instant vectors. */
import { perBucket } from '../model/buckets/bounds';
import { cellsFrame, nativeText, type Natives } from '../model/buckets/native';
import type { Cell, Field, Frame, Labels } from '../model/frame';
import { isUnnamed } from '../model/seriesnames';
import type { WireFrame, WireValue } from '../api/query';

function cell(value: WireValue): Cell {
  if (value === 'NaN') return NaN;
  if (value === '+Inf') return Infinity;
  if (value === '-Inf') return -Infinity;
  return value;
}

/** The values of a series; the same array where nothing is written in words. */
const cells = (values: WireValue[]): Cell[] => (values.some((v) => typeof v === 'string') ? values.map(cell) : values);

interface FrameShape {
  refId: string;
  format: 'time_series' | 'table' | 'heatmap';
  /** True when the panel has several queries: the value column is then called `Value #A`. */
  several: boolean;
  /** How the query names its series; without it they are named as they are. */
  legendFormat?: string | undefined;
}

/** Label columns, then the value: how instant vectors become a table. */
function labelTable(refId: string, rows: { t: number; labels: Labels; value: Cell }[], several: boolean): Frame {
  const names = [...new Set(rows.flatMap((r) => Object.keys(r.labels)))].sort();
  const fields: Field[] = [
    { name: 'Time', type: 'time', values: rows.map((r) => r.t) },
    ...names.map((name): Field => ({ name, type: 'string', values: rows.map((r) => r.labels[name] ?? null) })),
    { name: several ? `Value #${refId}` : 'Value', type: 'number', values: rows.map((r) => r.value) },
  ];
  return { refId, fields, length: rows.length, table: true };
}

/** A heatmap's buckets carry the bound as `le`, which is the name to show. */
const bucketName = (labels: Labels, name: string): string => labels['le'] ?? name;

/** Series of a heatmap that carry a bound come as running totals; what lies in each bucket is shown. */
function bucketed(series: { name: string; labels: Labels; values: Cell[] }[], refId: string, times: Cell[], length: number): Frame[] {
  return perBucket(series).map((s): Frame => ({
    refId, name: s.name, length, buckets: true,
    fields: [{ name: 'Time', type: 'time', values: times }, { name: 'Value', type: 'number', values: s.values, labels: s.labels, legend: bucketName(s.labels, s.name) }],
  }));
}
const areBuckets = (format: string, series: readonly { labels: Labels }[]): boolean => format === 'heatmap' && series.length > 0 && series.every((s) => s.labels['le'] !== undefined);

const exact = (value: WireValue): number => Number(cell(value) ?? NaN);

function natives(time: { t0: number; step: number; n: number }, points: readonly [number, WireValue, WireValue, WireValue[]][]): Natives {
  return {
    times: points.map((p) => time.t0 + p[0] * time.step), counts: points.map((p) => exact(p[1])), sums: points.map((p) => (p[2] === null ? null : exact(p[2]))),
    buckets: points.map((p) => p[3].map(exact)), step: time.n > 1 ? time.step : 0,
  };
}

/** Native histograms: a frame of cells each series; as a table, a cell of words each. */
function histograms(wire: Extract<WireFrame, { kind: 'histograms' }>, { refId, format, several }: FrameShape): Frame[] {
  const all = wire.series.map((s) => ({ ...s, natives: natives(wire.time, s.points) }));
  if (format !== 'table') return all.map((s) => cellsFrame({ refId, name: s.name, labels: s.labels }, s.natives));
  const table = labelTable(refId, all.flatMap((s) => s.natives.times.map((t, i) => ({ t, labels: s.labels, value: nativeText(s.natives, i) }))), several);
  return [{ ...table, fields: table.fields.map((f) => (f.type === 'number' ? { ...f, type: 'string' } : f)) }];
}

/** What a series is called, and whether nobody called it so. */
function called(s: { name: string; labels: Labels }, { format, legendFormat = '' }: FrameShape): Pick<Field, 'labels' | 'legend' | 'unnamed'> {
  if (format === 'heatmap') return { labels: s.labels, legend: bucketName(s.labels, s.name) };
  return { labels: s.labels, legend: s.name, ...(isUnnamed(s.name, s.labels, legendFormat) ? { unnamed: true } : {}) };
}

export function toFrames(wire: WireFrame, shape: FrameShape): Frame[] {
  const { refId, format, several } = shape;
  if (wire.kind === 'histograms') return histograms(wire, shape);
  if (wire.kind === 'instant') {
    if (format === 'table') return [labelTable(refId, wire.series.map((s) => ({ t: wire.t, labels: s.labels, value: cell(s.value) })), several)];
    if (areBuckets(format, wire.series)) return bucketed(wire.series.map((s) => ({ ...s, values: [cell(s.value)] })), refId, [wire.t], 1);
    return wire.series.map((s): Frame => ({
      refId, name: s.name, length: 1,
      fields: [{ name: 'Time', type: 'time', values: [wire.t] }, { name: 'Value', type: 'number', values: [cell(s.value)], ...called(s, shape) }],
    }));
  }
  const { t0, step, n } = wire.time;
  const times: number[] = [];
  for (let i = 0; i < n; i += 1) times.push(t0 + i * step);
  if (format === 'table') {
    const rows = wire.series.flatMap((s) => s.values.map((v, i) => ({ t: times[i] ?? 0, labels: s.labels, value: cell(v) })).filter((r) => r.value !== null));
    return [labelTable(refId, rows, several)];
  }
  if (areBuckets(format, wire.series)) return bucketed(wire.series.map((s) => ({ ...s, values: cells(s.values) })), refId, times, n);
  return wire.series.map((s): Frame => ({
    refId, name: s.name, length: n,
    fields: [
      { name: 'Time', type: 'time', values: times },
      { name: 'Value', type: 'number', values: cells(s.values), ...called(s, shape) },
    ],
  }));
}
