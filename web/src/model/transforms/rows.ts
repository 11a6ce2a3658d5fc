/** Transformations of rows: sortBy, limit, filterByValue, groupBy, seriesToRows. */
import { guessType, makeFrame, timeField, valueFields, type Cell, type Field, type Frame } from '../frame';
import { flag, isObject, list, number, object, text } from '../json';
import { readPattern } from '../fieldconfig/mappings';
import { reducer } from '../reduce';

const nameOf = (f: Field): string => f.legend ?? f.name;
const findField = (frame: Frame, name: string): Field | undefined => frame.fields.find((f) => nameOf(f) === name || f.name === name);
const pick = (frame: Frame, rows: readonly number[]): Frame => ({ ...frame, length: rows.length, fields: frame.fields.map((f) => ({ ...f, values: rows.map((r) => f.values[r] ?? null) })) });
const indices = (frame: Frame): number[] => Array.from({ length: frame.length }, (_, i) => i);

export function compare(a: Cell, b: Cell): number {
  if (a === null) return b === null ? 0 : 1;
  if (b === null) return -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

export function sortBy(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const rule = object(list(options['sort'])[0]);
  return frames.map((frame) => {
    const field = findField(frame, text(rule['field']));
    if (!field) return frame;
    const sign = flag(rule['desc']) ? -1 : 1;
    return pick(frame, indices(frame).sort((a, b) => sign * compare(field.values[a] ?? null, field.values[b] ?? null)));
  });
}

export function limit(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const n = number(options['limitField']) ?? 10;
  return frames.map((f) => (f.length > Math.abs(n) ? pick(f, n >= 0 ? indices(f).slice(0, n) : indices(f).slice(n)) : f));
}

type Test = (value: Cell) => boolean;
function valueTest(config: Record<string, unknown>): Test {
  const o = object(config['options']);
  const limitValue = o['value'];
  const n = Number(limitValue);
  switch (config['id']) {
    case 'isNull': return (v) => v === null;
    case 'isNotNull': return (v) => v !== null;
    case 'greater': return (v) => v !== null && Number(v) > n;
    case 'greaterOrEqual': return (v) => v !== null && Number(v) >= n;
    case 'lower': return (v) => v !== null && Number(v) < n;
    case 'lowerOrEqual': return (v) => v !== null && Number(v) <= n;
    case 'equal': return (v) => String(v) === String(limitValue);
    case 'notEqual': return (v) => String(v) !== String(limitValue);
    case 'between': return (v) => v !== null && Number(v) >= Number(o['from']) && Number(v) <= Number(o['to']);
    case 'substring': return (v) => String(v).toLowerCase().includes(String(limitValue).toLowerCase());
    case 'notSubstring': return (v) => !String(v).toLowerCase().includes(String(limitValue).toLowerCase());
    case 'regex': {
      const re = readPattern(String(limitValue));
      return (v) => re !== null && re.test(String(v));
    }
    default: return () => true;
  }
}

export function filterByValue(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const rules = list(options['filters']).map((f) => ({ name: text(object(f)['fieldName']), test: valueTest(object(object(f)['config'])) }));
  const all = options['match'] === 'all';
  const exclude = options['type'] === 'exclude';
  return frames.map((frame) => {
    const active = rules.map((r) => ({ field: findField(frame, r.name), test: r.test })).filter((r) => r.field !== undefined);
    if (active.length === 0) return frame;
    const hit = (i: number): boolean => {
      const check = (r: (typeof active)[number]): boolean => r.test(r.field?.values[i] ?? null);
      return all ? active.every(check) : active.some(check);
    };
    return pick(frame, indices(frame).filter((i) => hit(i) !== exclude));
  });
}

export function groupBy(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const config = object(options['fields']);
  return frames.flatMap((frame) => {
    const keys = frame.fields.filter((f) => object(config[nameOf(f)])['operation'] === 'groupby');
    if (keys.length === 0) return [frame];
    const groups = new Map<string, number[]>();
    for (const i of indices(frame)) {
      const key = JSON.stringify(keys.map((k) => k.values[i]));
      const rows = groups.get(key);
      if (rows) rows.push(i);
      else groups.set(key, [i]);
    }
    const rows = [...groups.values()];
    const fields: Field[] = keys.map((k) => ({ ...k, values: rows.map((r) => k.values[r[0] ?? 0] ?? null) }));
    for (const f of frame.fields) {
      const c = object(config[nameOf(f)]);
      if (c['operation'] !== 'aggregate') continue;
      for (const calc of list(c['aggregations']).map((a) => text(a))) {
        const values = rows.map((r) => reducer(calc)?.calc(r.map((i) => f.values[i] ?? null)) ?? null);
        fields.push({ name: `${nameOf(f)} (${calc})`, type: guessType(values) === 'string' ? f.type : guessType(values), values });
      }
    }
    return [makeFrame(frame.refId, fields, { table: true })];
  });
}

export function seriesToRows(frames: readonly Frame[]): Frame[] {
  const rows = frames.flatMap((frame) => {
    const time = timeField(frame);
    if (!time) return [];
    return valueFields(frame).flatMap((f) => f.values.map((v, i) => ({ t: time.values[i] ?? null, name: nameOf(f) === 'Value' ? (frame.name ?? 'Value') : nameOf(f), v })));
  }).sort((a, b) => Number(b.t) - Number(a.t));
  if (rows.length === 0) return [...frames];
  return [makeFrame(frames[0]?.refId ?? 'A', [
    { name: 'Time', type: 'time', values: rows.map((r) => r.t) },
    { name: 'Metric', type: 'string', values: rows.map((r) => r.name) },
    { name: 'Value', type: 'number', values: rows.map((r) => r.v) },
  ], { table: true })];
}

/** filterByRefId keeps the frames of some queries. */
export function filterByRefId(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const spec = isObject(options['include']) ? object(options['include'])['options'] : options['include'];
  const re = readPattern(`/^(?:${text(spec)})$/`);
  return re ? frames.filter((f) => re.test(f.refId)) : [...frames];
}
