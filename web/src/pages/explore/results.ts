/** From the answers of a pane to what it shows: the graph's options, one table of all instant answers, the list of series. */
import { nativeText, type Natives } from '../../model/buckets/native';
import type { Panel } from '../../model/dashboard/types';
import type { GraphStyle } from '../../model/explore';
import { timeField, valueFields, writtenOut, type Cell, type Field, type Frame, type Labels } from '../../model/frame';

export interface SeriesLine {
  refId: string;
  /** As Prometheus prints a series. */
  text: string;
  labels: Labels;
  value: Cell;
  /** Unix ms of the value. */
  at: number;
}

/** A native histogram's newest value is its buckets in words. */
function nativeLine(frame: Frame, natives: Natives): SeriesLine {
  const labels = frame.fields.find((f) => f.labels)?.labels ?? {};
  const last = natives.times.length - 1;
  return { refId: frame.refId, text: writtenOut(labels) || (frame.name ?? ''), labels, value: last < 0 ? null : nativeText(natives, last), at: natives.times[last] ?? 0 };
}

/** Every series with its newest value. */
export function seriesLines(frames: readonly Frame[]): SeriesLine[] {
  return frames.flatMap((frame) => (frame.natives ? [nativeLine(frame, frame.natives)] : valueFields(frame).map((field): SeriesLine => {
    const labels = field.labels ?? {};
    let last = field.values.length - 1;
    while (last > 0 && (field.values[last] === null || field.values[last] === undefined)) last -= 1;
    const at = timeField(frame)?.values[last];
    return { refId: frame.refId, text: writtenOut(labels) || (field.legend ?? field.name), labels, value: field.values[last] ?? null, at: typeof at === 'number' ? at : 0 };
  })));
}

/** One row for each set of labels, one value column for each query: the same series of two queries stand in one row. */
export function instantTable(frames: readonly Frame[]): Frame[] {
  const lines = seriesLines(frames);
  const first = lines[0];
  if (!first) return [];
  const refIds = [...new Set(lines.map((l) => l.refId))];
  const names = [...new Set(lines.flatMap((l) => Object.keys(l.labels)))].sort((a, b) => (a === '__name__' ? -1 : b === '__name__' ? 1 : a.localeCompare(b)));
  const rows = new Map<string, { line: SeriesLine; values: Map<string, Cell> }>();
  for (const line of lines) {
    const key = line.text;
    const row = rows.get(key) ?? { line, values: new Map<string, Cell>() };
    row.values.set(line.refId, line.value);
    rows.set(key, row);
  }
  const all = [...rows.values()];
  const fields: Field[] = [
    { name: 'Time', type: 'time', values: all.map((r) => r.line.at) },
    ...names.map((name): Field => ({ name: name === '__name__' ? 'Metric' : name, type: 'string', values: all.map((r) => r.line.labels[name] ?? null) })),
    ...refIds.map((refId): Field => {
      const values = all.map((r) => r.values.get(refId) ?? null);
      return { name: refIds.length > 1 ? `Value #${refId}` : 'Value', type: values.some((v) => typeof v === 'string') ? 'string' : 'number', values };
    }),
  ];
  return [{ refId: first.refId, fields, length: all.length, table: true }];
}

/** The table as text, one series a line, in the form of Prometheus' own exposition. */
export const seriesText = (lines: readonly SeriesLine[]): string => lines.map((l) => `${l.text} ${l.value === null ? '' : String(l.value)}`.trimEnd()).join('\n');

const styles: Record<GraphStyle, Record<string, unknown>> = {
  lines: { drawStyle: 'line', lineWidth: 1.5, fillOpacity: 0, showPoints: 'auto' },
  bars: { drawStyle: 'bars', lineWidth: 1, fillOpacity: 60 },
  points: { drawStyle: 'points', pointSize: 5 },
  stacked_lines: { drawStyle: 'line', lineWidth: 1, fillOpacity: 45, stacking: { mode: 'normal', group: 'A' } },
  stacked_bars: { drawStyle: 'bars', lineWidth: 1, fillOpacity: 70, stacking: { mode: 'normal', group: 'A' } },
};
export const styleNames: Record<GraphStyle, string> = { lines: 'Lines', bars: 'Bars', points: 'Points', stacked_lines: 'Stacked lines', stacked_bars: 'Stacked bars' };

export const graphOptions = (style: GraphStyle): Pick<Panel, 'options' | 'fieldConfig'> => ({
  options: { legend: { showLegend: true, displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  fieldConfig: { defaults: { custom: styles[style], color: { mode: 'palette-classic' } }, overrides: [] },
});

/** A panel as the drawing code takes it. */
export function plainPanel(type: string, title: string, look: Pick<Panel, 'options' | 'fieldConfig'>): Panel {
  return {
    id: 0, type, originalType: type, title, description: '', transparent: true, gridPos: { x: 0, y: 0, w: 24, h: 8 }, datasource: null, targets: [], ...look, transformations: [], interval: '',
    maxDataPoints: null, timeFrom: '', timeShift: '', hideTimeOverride: false, repeat: '', repeatDirection: 'h', maxPerRow: 0, links: [], rowId: null, collapsed: false,
  };
}
