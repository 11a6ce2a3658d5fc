/** Transformations of columns: filterFieldsByName, renameByRegex, labelsToFields, joinByField, calculateField, convertFieldType. */
import { guessType, makeFrame, timeField, valueFields, type Cell, type Field, type FieldType, type Frame } from '../frame';
import { flag, isObject, list, number, object, text } from '../json';
import { readPattern } from '../fieldconfig/mappings';
import { reducer } from '../reduce';

const nameOf = (f: Field): string => f.legend ?? f.name;

function nameTest(spec: unknown): ((name: string) => boolean) | undefined {
  if (!isObject(spec)) return undefined;
  const names = list(spec['names']).map((n) => text(n));
  const pattern = typeof spec['pattern'] === 'string' && spec['pattern'] !== '' ? readPattern(spec['pattern']) : null;
  if (names.length === 0 && !pattern) return undefined;
  return (name) => names.includes(name) || (pattern?.test(name) ?? false);
}

export function filterFieldsByName(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const include = nameTest(options['include']);
  const exclude = nameTest(options['exclude']);
  return frames.map((f) => ({
    ...f, fields: f.fields.filter((field) => (!include || include(nameOf(field)) || include(field.name)) && !(exclude && (exclude(nameOf(field)) || exclude(field.name)))),
  })).filter((f) => f.fields.length > 0);
}

export function renameByRegex(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const re = readPattern(text(options['regex']));
  if (!re) return [...frames];
  const all = /^\/.*\/[a-z]*g[a-z]*$/s.test(text(options['regex'])) ? new RegExp(re.source, `${re.flags}g`) : re;
  const to = text(options['renamePattern']);
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((f) => (re.test(nameOf(f)) ? (f.legend === undefined ? { ...f, name: f.name.replace(all, to) } : { ...f, legend: f.legend.replace(all, to) }) : f)),
  }));
}

export function labelsToFields(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const keep = list(options['keepLabels']).map((k) => text(k));
  const valueLabel = text(options['valueLabel']);
  if (options['mode'] === 'rows') {
    return frames.flatMap((frame) => valueFields(frame).map((f) => {
      const names = Object.keys(f.labels ?? {}).filter((l) => keep.length === 0 || keep.includes(l));
      return makeFrame(frame.refId, [{ name: 'label', type: 'string', values: names }, { name: 'value', type: 'string', values: names.map((l) => f.labels?.[l] ?? null) }], { table: true, name: nameOf(f) });
    }));
  }
  const out = frames.map((frame): Frame => {
    const labels: Field[] = [];
    const fields = frame.fields.map((f): Field => {
      if (!f.labels) return f;
      for (const [l, value] of Object.entries(f.labels)) {
        if (l === '__name__' || l === valueLabel || (keep.length > 0 && !keep.includes(l)) || labels.some((x) => x.name === l)) continue;
        labels.push({ name: l, type: 'string', values: Array.from({ length: frame.length }, () => value) });
      }
      return { ...f, name: valueLabel !== '' ? (f.labels[valueLabel] ?? f.name) : f.name, legend: undefined, labels: undefined };
    });
    const time = fields.filter((f) => f.type === 'time');
    return { ...frame, table: true, fields: [...time, ...labels, ...fields.filter((f) => f.type !== 'time')] };
  });
  return out;
}

/** Puts frames side by side on a shared column, time by default. */
export function joinByField(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const wanted = text(options['byField']);
  const inner = options['mode'] === 'inner';
  const keyed = frames.map((frame) => ({ frame, key: wanted === '' ? timeField(frame) : frame.fields.find((f) => nameOf(f) === wanted || f.name === wanted) })).filter((k): k is { frame: Frame; key: Field } => k.key !== undefined);
  const first = keyed[0];
  if (!first) return [...frames];
  const places = keyed.map(({ key }) => new Map(key.values.map((v, i) => [v, i])));
  let keys: Cell[] = [...new Set(keyed.flatMap(({ key }) => key.values))];
  if (inner) keys = keys.filter((k) => places.every((p) => p.has(k)));
  if (first.key.type === 'time' || first.key.type === 'number') keys.sort((a, b) => Number(a) - Number(b));
  const fields: Field[] = [{ ...first.key, values: keys }];
  keyed.forEach(({ frame, key }, n) => {
    for (const f of frame.fields) {
      if (f === key) continue;
      fields.push({ ...f, values: keys.map((k) => { const at = places[n]?.get(k); return at === undefined ? null : (f.values[at] ?? null); }) });
    }
  });
  return [makeFrame(first.frame.refId, fields, { table: first.key.type !== 'time' })];
}

const operators: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b, '**': (a, b) => a ** b, '%': (a, b) => a % b,
};
const functions: Record<string, (v: number) => number> = { abs: Math.abs, exp: Math.exp, ln: Math.log, floor: Math.floor, ceil: Math.ceil, round: Math.round, negate: (v) => -v };

export function calculateField(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const mode = text(options['mode'], 'reduceRow');
  const alias = text(options['alias']);
  const source = mode === 'binary' && frames.length > 1 && frames.every((f) => timeField(f)) ? joinByField(frames, {}) : frames;
  return source.map((frame) => {
    const find = (name: string): Field | undefined => frame.fields.find((f) => nameOf(f) === name || f.name === name);
    let made: Field | undefined;
    if (mode === 'binary') {
      const b = object(options['binary']);
      const side = (v: unknown): ((i: number) => Cell) => {
        const spec = isObject(v) ? (object(v['matcher'])['options'] ?? v['fixed']) : v;
        const fixed = number(spec);
        const field = find(text(spec));
        return field ? (i) => field.values[i] ?? null : () => fixed ?? null;
      };
      const left = side(b['left']);
      const right = side(b['right']);
      const apply = operators[text(b['operator'], '+')];
      const label = (v: unknown): string => text(isObject(v) ? (object(v['matcher'])['options'] ?? v['fixed']) : v);
      if (apply) {
        made = { name: alias || `${label(b['left'])} ${text(b['operator'], '+')} ${label(b['right'])}`, type: 'number', values: Array.from({ length: frame.length }, (_, i) => {
          const x = left(i);
          const y = right(i);
          return typeof x === 'number' && typeof y === 'number' ? apply(x, y) : null;
        }) };
      }
    } else if (mode === 'unary') {
      const u = object(options['unary']);
      const field = find(text(isObject(u['fieldName']) ? '' : u['fieldName']));
      const apply = functions[text(u['operator'], 'abs')];
      if (field && apply) made = { name: alias || `${text(u['operator'])}(${nameOf(field)})`, type: 'number', values: field.values.map((v) => (typeof v === 'number' ? apply(v) : null)) };
    } else if (mode === 'index') {
      made = { name: alias || 'Row', type: 'number', values: Array.from({ length: frame.length }, (_, i) => i) };
    } else {
      const r = object(options['reduce']);
      const calc = text(r['reducer'], 'sum');
      const names = list(r['include']).map((n) => text(n));
      const members = valueFields(frame).filter((f) => names.length === 0 || names.includes(nameOf(f)) || names.includes(f.name));
      made = { name: alias || (reducer(calc)?.label ?? calc), type: 'number', values: Array.from({ length: frame.length }, (_, i) => reducer(calc)?.calc(members.map((f) => f.values[i] ?? null)) ?? null) };
    }
    if (!made) return frame;
    return { ...frame, fields: flag(options['replaceFields']) ? [...frame.fields.filter((f) => f.type === 'time'), made] : [...frame.fields, made] };
  });
}

export function convertFieldType(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const rules = list(options['conversions']).map(object);
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((f): Field => {
      const rule = rules.find((r) => r['targetField'] === nameOf(f) || r['targetField'] === f.name);
      const to = text(rule?.['destinationType']) as FieldType;
      if (to === 'number') return { ...f, type: to, values: f.values.map((v) => (v === null || v === '' || Number.isNaN(Number(v)) ? null : Number(v))) };
      if (to === 'string') return { ...f, type: to, values: f.values.map((v) => (v === null ? null : String(v))) };
      if (to === 'boolean') return { ...f, type: to, values: f.values.map((v) => (v === null ? null : v === 'false' ? false : Boolean(v))) };
      if (to === 'time') return { ...f, type: to, values: f.values.map((v) => (typeof v === 'number' ? v : Number.isNaN(Date.parse(String(v))) ? null : Date.parse(String(v)))) };
      return f;
    }),
  }));
}

/** rowsToFields: each row becomes a column, named by one field and valued by another. */
export function rowsToFields(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const mappings = list(options['mappings']).map(object);
  return frames.map((frame) => {
    const byHandler = (key: string): Field | undefined => frame.fields.find((f) => mappings.some((m) => m['handlerKey'] === key && m['fieldName'] === nameOf(f)));
    const names = byHandler('field.name') ?? frame.fields.find((f) => f.type === 'string');
    const values = byHandler('field.value') ?? frame.fields.find((f) => f.type === 'number');
    if (!names || !values) return frame;
    return makeFrame(frame.refId, names.values.map((n, i): Field => ({ name: String(n ?? ''), type: guessType(values.values), values: [values.values[i] ?? null] })), { name: frame.name });
  });
}
