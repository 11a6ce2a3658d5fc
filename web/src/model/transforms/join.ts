/** Transformations that put frames side by side: joinByField, joinByLabels, concatenate. */
import { makeFrame, timeField, type Cell, type Field, type Frame } from '../frame';
import { list, text } from '../json';
import { isNamed, joinedRefId, numbered, type Options } from './fields';

interface Keyed {
  frame: Frame;
  key: Field;
  fields: Field[];
}

/** Fields of a joined frame carry the name of the frame they came from; a time is one column among others. */
function carried(frame: Frame, f: Field): Field {
  if (frame.name === undefined) return f.type === 'time' ? { ...f, labels: f.labels ?? {} } : f;
  if (f.name === 'Value') return { ...f, name: frame.name };
  return f.labels?.['name'] === undefined ? { ...f, labels: { ...f.labels, name: frame.name } } : f;
}

function outer(parts: readonly Keyed[], refId: string): Frame {
  const first = parts[0] as Keyed;
  const keys: Cell[] = [...new Set(parts.flatMap((p) => p.key.values))];
  const same = parts.every((p) => p.key.values.length === keys.length && p.key.values.every((v, i) => v === first.key.values[i]));
  if (!same || first.key.type !== 'string') keys.sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : first.key.type === 'string' ? 0 : Number(a) - Number(b)));
  const place = new Map(keys.map((k, i) => [k, i]));
  const fields: Field[] = [{ ...first.key, values: keys }];
  for (const { key, fields: own } of parts) {
    for (const f of own) {
      const values: Cell[] = Array.from({ length: keys.length }, () => null);
      key.values.forEach((k, i) => {
        const at = place.get(k);
        if (at !== undefined) values[at] = f.values[i] ?? null;
      });
      fields.push({ ...f, values });
    }
  }
  return makeFrame(refId, fields, { table: first.key.type !== 'time' });
}

/** Every row of the left with every row of the right that has its key; `open` keeps those that found none. */
function tabular(parts: readonly Keyed[], refId: string, open: boolean): Frame {
  const [first, ...others] = parts as [Keyed, ...Keyed[]];
  let key: Cell[] = [...first.key.values];
  let columns: { field: Field; values: Cell[] }[] = first.fields.map((field) => ({ field, values: [...field.values] }));
  for (const right of others) {
    const index = new Map<string, number[]>();
    right.key.values.forEach((v, i) => {
      const rows = index.get(String(v));
      if (rows) rows.push(i);
      else index.set(String(v), [i]);
    });
    const matched: [number, number][] = [];
    const left: [number, number][] = [];
    const used = new Set<string>();
    key.forEach((v, i) => {
      const rows = v === null ? undefined : index.get(String(v));
      if (rows) {
        used.add(String(v));
        for (const r of rows) matched.push([i, r]);
      } else left.push([i, -1]);
    });
    const lonely: [number, number][] = open ? [...index].filter(([k]) => !used.has(k)).flatMap(([, rows]) => rows.map((r): [number, number] => [-1, r])) : [];
    const pairs = open ? [...matched, ...left, ...lonely] : matched;
    const leftKey = key;
    key = pairs.map(([l, r]) => (l >= 0 ? (leftKey[l] ?? null) : (right.key.values[r] ?? null)));
    columns = [
      ...columns.map((c) => ({ field: c.field, values: pairs.map(([l]) => (l >= 0 ? (c.values[l] ?? null) : null)) })),
      ...right.fields.map((field) => ({ field, values: pairs.map(([, r]) => (r >= 0 ? (field.values[r] ?? null) : null)) })),
    ];
  }
  return makeFrame(refId, [{ ...first.key, values: key }, ...columns.map((c): Field => ({ ...c.field, values: c.values }))], { table: true });
}

/** Puts frames side by side on a shared column, time by default. */
export function joinByField(frames: readonly Frame[], options: Options): Frame[] {
  if (frames.length < 2) return [...frames];
  const wanted = text(options['byField']);
  const common = (): string => frames[0]?.fields.find((f) => f.type === 'number' && frames.every((x) => x.fields.some((g) => g.name === f.name)))?.name ?? '';
  const name = wanted !== '' ? wanted : frames[0] && timeField(frames[0]) ? '' : common();
  const parts: Keyed[] = [];
  for (const frame of frames) {
    const key = name === '' ? timeField(frame) : frame.fields.find((f) => isNamed(f, name));
    if (key) parts.push({ frame, key, fields: frame.fields.filter((f) => f !== key).map((f) => carried(frame, f)) });
  }
  const first = parts[0];
  if (!first) return [...frames];
  const refId = joinedRefId('joinByField', frames);
  if (options['mode'] === 'inner') {
    if (parts.length < frames.length) return [makeFrame(refId, parts.flatMap((p, i) => [...(i === 0 ? [p.key] : []), ...p.fields]).map((f): Field => ({ ...f, values: [] })), { table: true })];
    return [numbered(tabular(parts, refId, false))];
  }
  if (options['mode'] === 'outerTabular') return [numbered(tabular(parts, refId, true))];
  return [numbered(outer(parts, refId))];
}

/** Frames of time series in one table when they agree on the time column: what calculations over columns need. */
export function ensureColumns(frames: readonly Frame[]): Frame[] {
  const names = new Set(frames.map((f) => timeField(f)?.name));
  const [name] = names;
  return frames.length > 1 && names.size === 1 && name !== undefined ? joinByField(frames, { byField: name }) : [...frames];
}

/** All fields of all frames in one, short ones filled up. */
export function concatenate(frames: readonly Frame[], options: Options): Frame[] {
  if (frames.length < 2) return [...frames];
  const mode = text(options['frameNameMode'], 'field');
  const label = text(options['frameNameLabel'], 'frame');
  const length = frames.reduce((n, f) => Math.max(n, f.length), 0);
  const fields = frames.flatMap((frame) => frame.fields.map((f): Field => {
    const values = f.values.length === length ? f.values : Array.from({ length }, (_, i) => f.values[i] ?? null);
    const copy: Field = { ...f, values };
    if (frame.name === undefined || mode === 'drop') return copy;
    if (mode === 'label') return { ...copy, labels: { ...f.labels, [label]: frame.name } };
    return { ...copy, name: f.name === '' || f.name === 'Value' ? frame.name : `${frame.name} · ${f.name}` };
  }));
  return [numbered(makeFrame(frames[0]?.refId ?? 'A', fields, { length, table: !timeField(frames[0] as Frame) }))];
}

/** Values that share their labels become a row; the values of one label become the columns. */
export function joinByLabels(frames: readonly Frame[], options: Options): Frame[] {
  const valueLabel = text(options['value']);
  const valued = frames.flatMap((frame) => frame.fields.filter((f) => f.type === 'number' && f.labels?.[valueLabel] !== undefined).map((field) => ({ frame, field })));
  if (valueLabel === '' || valued.length === 0) return [...frames];
  const asked = list(options['join']).map((l) => text(l)).filter((l) => l !== '');
  const join = asked.length > 0 ? asked : [...new Set(valued.flatMap(({ field }) => Object.keys(field.labels ?? {})))].filter((l) => l !== valueLabel && l !== '__name__').sort();
  const columns = [...new Set(valued.map(({ field }) => field.labels?.[valueLabel] ?? ''))];
  interface Row { keys: string[]; cells: Map<string, Cell> }
  const rows: Row[] = [];
  const open = new Map<string, Row[]>();
  for (const { field } of valued) {
    const keys = join.map((l) => field.labels?.[l] ?? '');
    const name = field.labels?.[valueLabel] ?? '';
    const id = JSON.stringify(keys);
    const mine = open.get(id) ?? [];
    open.set(id, mine);
    field.values.forEach((value, i) => {
      // Later values of the same column start a row of their own.
      let row = mine[i];
      if (!row) {
        row = { keys, cells: new Map() };
        mine.push(row);
        rows.push(row);
      }
      row.cells.set(name, value);
    });
  }
  return [makeFrame(joinedRefId('joinByLabels', frames), [
    ...join.map((l, n): Field => ({ name: l, type: 'string', values: rows.map((r) => r.keys[n] ?? '') })),
    ...columns.map((name): Field => ({ name, type: 'number', values: rows.map((r) => r.cells.get(name) ?? null) })),
  ], { table: true })];
}

