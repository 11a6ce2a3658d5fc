/** merge: lays several tables over each other; rows whose shared columns agree become one row. */
import { makeFrame, type Cell, type Field, type Frame } from '../frame';
import { joinedRefId } from './fields';

export function merge(frames: readonly Frame[]): Frame[] {
  const usable = frames.filter((f) => f.fields.length > 0);
  if (frames.length <= 1) return [...frames];
  const first = usable[0];
  if (!first) return frames[0] ? [frames[0]] : [];
  const columns: Field[] = [];
  const index = new Map<string, number>();
  for (const frame of usable) {
    for (const field of frame.fields) {
      if (index.has(field.name)) continue;
      index.set(field.name, columns.length);
      const { displayName: _, ...given } = field.given ?? {};
      columns.push({ ...field, labels: undefined, given: Object.keys(given).length > 0 ? given : undefined, values: [] });
    }
  }
  const places = usable.map((frame) => new Map(frame.fields.map((f, i) => [f.name, i])));
  const shared = [...index.keys()].filter((name) => places.every((p) => p.has(name)));
  if (shared.length === 0) return [...frames];
  type Row = (Cell | undefined)[];
  const byKey = new Map<string, Row[]>();
  const out: Row[] = [];
  usable.forEach((frame, n) => {
    const place = places[n] ?? new Map<string, number>();
    for (let r = 0; r < frame.length; r += 1) {
      const cells: Row = Array.from({ length: columns.length });
      for (const [name, at] of place) cells[index.get(name) ?? -1] = frame.fields[at]?.values[r] ?? null;
      const key = JSON.stringify(shared.map((name) => String(cells[index.get(name) ?? -1])));
      const rows = byKey.get(key) ?? [];
      if (rows.length === 0) byKey.set(key, rows);
      const fits = rows.filter((row) => cells.every((v, i) => v === undefined || row[i] === undefined || row[i] === null || row[i] === v));
      for (const row of fits) cells.forEach((v, i) => { if (v !== undefined) row[i] = v; });
      if (fits.length === 0) {
        rows.push(cells);
        out.push(cells);
      }
    }
  });
  // One frame of one legend would carry it to everybody's values.
  const legends = new Map(columns.map((c) => [c.name, new Set(usable.flatMap((f) => f.fields.filter((x) => x.name === c.name).map((x) => x.legend)))]));
  const fields = columns.map((c, i): Field => ({ ...c, legend: (legends.get(c.name)?.size ?? 0) > 1 ? undefined : c.legend, values: out.map((row) => row[i] ?? null) }));
  return [makeFrame(joinedRefId('merge', usable), fields, { table: true })];
}
