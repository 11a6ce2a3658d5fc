/** extractFields: columns out of JSON, `key=value` pairs, separated lists or a pattern in one column. */
import { guessType, type Cell, type Field, type Frame } from '../frame';
import { flag, isObject, list, object, text } from '../json';
import { readPattern } from '../fieldconfig/mappings';
import { findField, type Options } from './fields';

/** Columns made out of one at most. */
const columnsMax = 500;
type Row = Map<string, unknown>;

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch {
    return undefined;
  }
}

/** `a=b, "c d"="e"`: separated by spaces, commas, semicolons or lines; `:` does as well as `=`. */
function pairs(source: string): Row {
  const out: Row = new Map();
  for (const m of source.matchAll(/("(?:[^"\\]|\\.)*"|[^\s,;&=:"']+)\s*[=:]\s*("(?:[^"\\]|\\.)*"|[^\s,;&]*)/g)) {
    const plain = (s: string): string => (s.startsWith('"') ? s.slice(1, -1).replace(/\\(.)/g, '$1') : s);
    out.set(plain(m[1] ?? ''), plain(m[2] ?? ''));
  }
  return out;
}

/** The value at `a.b[0].c`. */
function atPath(value: unknown, path: string): unknown {
  let at = value;
  for (const m of path.replace(/^\$\.?/, '').matchAll(/[^.[\]"']+/g)) {
    if (Array.isArray(at)) at = at[Number(m[0])];
    else if (isObject(at)) at = at[m[0]];
    else return undefined;
  }
  return at;
}

const fromObject = (v: unknown): Row => new Map(Object.entries(Array.isArray(v) ? Object.fromEntries(v.map((x, i) => [String(i), x as unknown])) : object(v)));

function reader(options: Options): (v: Cell) => Row {
  const paths = list(options['jsonPaths']).map(object).map((p) => ({ path: text(p['path']), alias: text(p['alias']) })).filter((p) => p.path !== '');
  const json = (v: Cell): Row => {
    const parsed = parseJson(String(v));
    if (paths.length === 0) return fromObject(parsed);
    return new Map(paths.map((p) => [p.alias === '' ? p.path : p.alias, atPath(parsed, p.path)]));
  };
  switch (options['format']) {
    case 'json': return json;
    case 'kvp': return (v) => pairs(String(v));
    case 'regexp': {
      const re = readPattern(text(options['regExp'], '/(?<NewField>.*)/'));
      return (v) => new Map(Object.entries(re?.exec(String(v))?.groups ?? {}));
    }
    case 'delimiter': {
      const by = text(options['delimiter'], ',') || ',';
      return (v) => new Map(String(v).split(by).map((part) => [part.trim(), 1] as const).filter(([name]) => name !== ''));
    }
    default: return (v) => {
      const s = String(v);
      return /^\s*[{[]/.test(s) && parseJson(s) !== undefined ? json(v) : pairs(s);
    };
  }
}

function toCell(v: unknown): Cell {
  if (v === undefined || v === null) return null;
  return typeof v === 'object' ? JSON.stringify(v) : (v as Cell);
}

export function extractFields(frames: readonly Frame[], options: Options): Frame[] {
  const name = text(options['source']);
  if (name === '') return [...frames];
  const read = reader(options);
  return frames.map((frame) => {
    const source = findField(frame, name);
    if (!source) return frame;
    const columns = new Map<string, Cell[]>();
    source.values.forEach((v, i) => {
      if (v === null) return;
      for (const [key, value] of read(v)) {
        let values = columns.get(key);
        if (!values) {
          if (columns.size >= columnsMax) return;
          values = Array.from({ length: frame.length }, () => null);
          columns.set(key, values);
        }
        values[i] = toCell(value);
      }
    });
    const made = [...columns].map(([key, values]): Field => ({ name: key, type: guessType(values), values }));
    if (!flag(options['replace'])) return { ...frame, fields: [...frame.fields, ...made] };
    const time = flag(options['keepTime']) ? frame.fields.filter((f) => f.type === 'time') : [];
    return { ...frame, fields: [...time, ...made] };
  });
}
