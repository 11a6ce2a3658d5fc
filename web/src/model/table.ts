/** Frames as one plain table: what the key `t`, the inspector and the CSV download show. */
import { csvText } from './csv';
import { timeField, valueFields, type Cell, type Field, type Frame } from './frame';
import { showValue } from './fieldconfig/display';
import { formatTime } from './time/format';

export interface Column {
  title: string;
  field: Field;
  numeric: boolean;
}
export interface Table {
  columns: Column[];
  rows: Cell[][];
}

export function frameTable(frame: Frame): Table {
  const columns = frame.fields.map((field): Column => ({ title: field.title ?? field.name, field, numeric: field.type === 'number' }));
  const rows: Cell[][] = [];
  for (let i = 0; i < frame.length; i += 1) rows.push(frame.fields.map((f) => f.values[i] ?? null));
  return { columns, rows };
}

/** Time series side by side: one row per moment, newest first. */
export function seriesTable(frames: readonly Frame[]): Table {
  const moments = new Set<number>();
  const columns: Column[] = [];
  let timeColumn: Column | undefined;
  const lookups: Map<number, Cell>[] = [];
  for (const frame of frames) {
    const time = timeField(frame);
    if (!time) continue;
    timeColumn ??= { title: 'Time', field: time, numeric: false };
    for (const field of valueFields(frame)) {
      const lookup = new Map<number, Cell>();
      time.values.forEach((t, i) => {
        if (typeof t !== 'number') return;
        moments.add(t);
        lookup.set(t, field.values[i] ?? null);
      });
      lookups.push(lookup);
      columns.push({ title: field.title ?? field.name, field, numeric: true });
    }
  }
  const order = [...moments].sort((a, b) => b - a);
  const rows = order.map((t): Cell[] => [t, ...lookups.map((l) => l.get(t) ?? null)]);
  return timeColumn ? { columns: [timeColumn, ...columns], rows } : { columns, rows };
}

/** One table for whatever there is: a single frame as it stands, several time series joined on time. */
export function framesTable(frames: readonly Frame[]): Table {
  const first = frames[0];
  if (!first) return { columns: [], rows: [] };
  if (frames.length === 1 && (first.table || !timeField(first))) return frameTable(first);
  if (frames.every((f) => timeField(f) && !f.table)) return seriesTable(frames);
  return frameTable(first);
}

/** The cell as a person reads it. */
export function cellText(column: Column, value: Cell, zone: string): string {
  if (column.field.display) return showValue(column.field.display(value));
  if (value === null) return '';
  if (column.field.type === 'time' && typeof value === 'number') return formatTime(value, zone, true);
  return String(value);
}

/** With exact numbers, and times as a person reads them. */
export function toCsv(table: Table, zone: string): string {
  const cell = (value: Cell, i: number): string | number => {
    if (value === null) return '';
    if (typeof value !== 'number') return String(value);
    return table.columns[i]?.field.type === 'time' ? formatTime(value, zone, true) : value;
  };
  return csvText([table.columns.map((c) => c.title), ...table.rows.map((row) => row.map(cell))]);
}
