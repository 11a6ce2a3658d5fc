/** Transformations of rows: sortBy, limit, filterByValue, seriesToRows. */
import { makeFrame, timeField, type Cell, type Frame } from '../frame';
import { flag, list, number, object, text } from '../json';
import { compareCells, column, findField, indices, joinedRefId, nameOf, pickRows, type Options } from './fields';

export function sortBy(frames: readonly Frame[], options: Options): Frame[] {
  const rule = object(list(options['sort'])[0]);
  const at = number(rule['index']);
  return frames.map((frame) => {
    const field = at !== undefined ? frame.fields[at] : frame.fields.find((f) => nameOf(f) === text(rule['field'])) ?? findField(frame, text(rule['field']));
    if (!field) return frame;
    return pickRows(frame, indices(frame.length).sort((a, b) => compareCells(field.values[a] ?? null, field.values[b] ?? null, flag(rule['desc']))));
  });
}

/** The first rows; below zero the last ones. */
export function limit(frames: readonly Frame[], options: Options): Frame[] {
  const n = Math.trunc(number(options['limitField']) ?? 10);
  return frames.map((f) => (f.length > Math.abs(n) ? pickRows(f, n >= 0 ? indices(f.length).slice(0, n) : indices(f.length).slice(n)) : f));
}

type Test = (value: Cell) => boolean;
/** Reads a condition on one value; one that is not known lets everything through. */
function valueTest(config: Record<string, unknown>): Test {
  const o = object(config['options']);
  const wanted = o['value'];
  const n = Number(wanted);
  const compared = (ok: (v: number) => boolean): Test => (v) => v !== null && v !== '' && !Number.isNaN(Number(v)) && ok(Number(v));
  const lower = text(wanted).toLowerCase();
  switch (config['id']) {
    case 'isNull': return (v) => v === null || v === undefined;
    case 'isNotNull': return (v) => v !== null && v !== undefined;
    case 'greater': return compared((v) => v > n);
    case 'greaterOrEqual': return compared((v) => v >= n);
    case 'lower': return compared((v) => v < n);
    case 'lowerOrEqual': return compared((v) => v <= n);
    case 'equal': return (v) => sameValue(v, wanted);
    case 'notEqual': return (v) => !sameValue(v, wanted);
    case 'between': {
      const from = number(o['from']) ?? -Infinity;
      const to = number(o['to']) ?? Infinity;
      return compared((v) => v > from && v < to);
    }
    case 'substring': return (v) => lower === '' || (typeof v === 'string' && v.toLowerCase().includes(lower));
    case 'notSubstring': return (v) => typeof v === 'string' && v !== '' && lower !== '' && !v.toLowerCase().includes(lower);
    case 'regex': {
      let re: RegExp | null = null;
      try {
        re = new RegExp(text(wanted));
      } catch {
        re = null;
      }
      return (v) => v !== null && re !== null && re.test(String(v));
    }
    default: return () => true;
  }
}

/** Options come from forms, where numbers are text. */
function sameValue(v: Cell, wanted: unknown): boolean {
  if (v === null || v === undefined) return wanted === null || wanted === undefined;
  if (typeof v === 'number') return number(wanted) === v;
  return String(v) === text(wanted);
}

export function filterByValue(frames: readonly Frame[], options: Options): Frame[] {
  const rules = list(options['filters']).map((f) => ({ name: text(object(f)['fieldName']), test: valueTest(object(object(f)['config'])) }));
  if (rules.length === 0) return [...frames];
  const all = options['match'] === 'all';
  const exclude = options['type'] === 'exclude';
  return frames.map((frame) => {
    const active = rules.map((r) => ({ field: findField(frame, r.name), test: r.test }));
    const check = (i: number) => (r: (typeof active)[number]): boolean => r.field !== undefined && r.test(r.field.values[i] ?? null);
    const hit = (i: number): boolean => (all ? active.every(check(i)) : active.some(check(i)));
    return pickRows(frame, indices(frame.length).filter((i) => hit(i) !== exclude));
  });
}

/** All points below each other, newest first, with the name of their series. */
export function seriesToRows(frames: readonly Frame[]): Frame[] {
  const series = frames.filter((f) => f.length > 0);
  if (series.length === 0 || series.some((f) => !timeField(f) || f.fields.length < 2)) return [...frames];
  const rows = series.flatMap((frame) => {
    const time = timeField(frame);
    const value = frame.fields.find((f) => f !== time);
    const others = frame.fields.filter((f) => f.type !== 'time');
    const name = frame.name ?? others.map(nameOf).join(', ');
    return column(frame.length, (i) => ({ t: time?.values[i] ?? null, name, v: value?.values[i] ?? null }));
  }).sort((a, b) => Number(b.t) - Number(a.t));
  const value = series[0]?.fields.find((f) => f.type !== 'time');
  return [makeFrame(joinedRefId('seriesToRows', series), [
    { name: 'Time', type: 'time', values: rows.map((r) => r.t) },
    { name: 'Metric', type: 'string', values: rows.map((r) => r.name) },
    { name: 'Value', type: value?.type ?? 'number', values: rows.map((r) => r.v) },
  ], { table: true })];
}
