/** merge: lays several tables over each other; rows whose shared columns agree become one row. */
import { makeFrame, type Cell, type Field, type Frame } from '../frame';

export function merge(frames: readonly Frame[]): Frame[] {
  const usable = frames.filter((f) => f.fields.length > 0);
  const first = usable[0];
  if (!first || usable.length === 1) return [...frames];
  const columns: Field[] = [];
  const index = new Map<string, number>();
  const columnKey = (f: Field): string => f.legend ?? f.name;
  for (const frame of usable) {
    for (const field of frame.fields) {
      if (index.has(columnKey(field))) continue;
      index.set(columnKey(field), columns.length);
      columns.push({ ...field, values: [] });
    }
  }
  const inAll = [...index.keys()].filter((key) => usable.every((frame) => frame.fields.some((f) => columnKey(f) === key)));
  const rows = new Map<string, (Cell | undefined)[]>();
  const out: (Cell | undefined)[][] = [];
  usable.forEach((frame) => {
    for (let r = 0; r < frame.length; r += 1) {
      const cells = new Map(frame.fields.map((f) => [columnKey(f), f.values[r] ?? null]));
      const key = JSON.stringify(inAll.map((name) => cells.get(name)));
      const found = rows.get(key);
      const fits = found !== undefined && [...cells].every(([name, value]) => {
        const there = found[index.get(name) ?? -1];
        return there === undefined || there === value;
      });
      const row = fits && found ? found : Array.from<Cell | undefined>({ length: columns.length });
      for (const [name, value] of cells) row[index.get(name) ?? -1] = value;
      if (row !== found) {
        out.push(row);
        rows.set(key, row);
      }
    }
  });
  const fields = columns.map((column, c): Field => ({ ...column, values: out.map((row) => row[c] ?? null) }));
  return [makeFrame(first.refId, fields, { table: true })];
}
