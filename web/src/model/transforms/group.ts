/** Transformations that put rows together: groupBy, groupToNestedTable, groupingToMatrix, partitionByValues. */
import { makeFrame, type Cell, type Field, type FieldType, type Frame } from '../frame';
import { flag, list, object, text } from '../json';
import { makeMatcher, type Matcher } from '../fieldconfig/matchers';
import { reducer } from '../reduce';
import { column, findField, nameOf, pickRows, pickValues, rowKey, specialValue, type Options } from './fields';

/** Row numbers by the values of the key fields, in the order they first appear. */
export function groupRows(frame: Frame, keys: readonly Field[]): number[][] {
  const groups = new Map<string, number[]>();
  for (let i = 0; i < frame.length; i += 1) {
    const key = rowKey(keys, i);
    const rows = groups.get(key);
    if (rows) rows.push(i);
    else groups.set(key, [i]);
  }
  return [...groups.values()];
}

/** The kind of value a calculation gives. */
export function reducedType(calc: string, source: FieldType): FieldType {
  if (['count', 'countAll', 'distinctCount', 'changeCount'].includes(calc)) return 'number';
  if (calc === 'allIsNull' || calc === 'allIsZero') return 'boolean';
  if (calc === 'allValues' || calc === 'uniqueValues') return 'other';
  return source;
}

function aggregate(field: Field, groups: readonly (readonly number[])[], calcs: readonly string[]): Field[] {
  return calcs.filter((c) => reducer(c) !== undefined).map((calc): Field => ({
    name: `${nameOf(field)} (${calc})`, type: reducedType(calc, field.type),
    values: groups.map((rows) => reducer(calc)?.calc(rows.map((i) => field.values[i] ?? null), field.type) ?? null),
  }));
}

const keyFields = (keys: readonly Field[], groups: readonly (readonly number[])[]): Field[] =>
  keys.map((k) => ({ ...pickValues(k, groups.map((rows) => rows[0] ?? 0)), labels: undefined }));

export function groupBy(frames: readonly Frame[], options: Options): Frame[] {
  const config = object(options['fields']);
  const keyNames = Object.entries(config).filter(([, c]) => object(c)['operation'] === 'groupby').map(([name]) => name);
  if (keyNames.length === 0) return [...frames];
  const isKey = makeMatcher({ id: 'byNames', options: { names: keyNames } });
  return frames.flatMap((frame) => {
    const keys = frame.fields.filter((f) => isKey(f, frame, nameOf(f)));
    if (keys.length === 0) return [];
    const groups = groupRows(frame, keys);
    const fields = keyFields(keys, groups);
    for (const f of frame.fields) {
      const rule = object(config[nameOf(f)] ?? config[f.name]);
      const calcs = list(rule['aggregations']).map((a) => text(a));
      // A key may be counted as well.
      if (rule['operation'] === 'aggregate' || (rule['operation'] === 'groupby' && calcs.length === 1 && calcs[0] === 'count')) fields.push(...aggregate(f, groups, calcs));
    }
    return [makeFrame(frame.refId, fields, { table: true })];
  });
}

interface NestRule {
  matches: Matcher;
  operation: unknown;
  calcs: string[];
  /** Whether calculations are listed at all, even none. */
  counted: boolean;
  keep: boolean;
}

/** Groups become rows that open into a table of what they hold. Rules are named by field, or matched. */
export function groupToNestedTable(frames: readonly Frame[], options: Options): Frame[] {
  const listed: Record<string, unknown>[] = Array.isArray(options['rules'])
    ? list(options['rules']).map(object)
    : Object.entries(object(options['fields'])).map(([name, c]) => ({ matcher: { id: 'byName', options: name }, ...object(c) }));
  const rules = listed.map((r): NestRule => ({
    matches: makeMatcher(r['matcher']), operation: r['operation'], calcs: list(r['aggregations']).map((a) => text(a)), counted: Array.isArray(r['aggregations']) || !Array.isArray(options['rules']), keep: flag(r['keepNestedField']),
  }));
  if (!rules.some((r) => r.operation === 'groupby')) return [...frames];
  return frames.flatMap((frame) => {
    const ruleOf = (f: Field): NestRule | undefined => rules.find((r) => r.matches(f, frame, nameOf(f)));
    const keys = frame.fields.filter((f) => ruleOf(f)?.operation === 'groupby');
    if (keys.length === 0) return [];
    const groups = groupRows(frame, keys);
    const fields = keyFields(keys, groups);
    for (const f of frame.fields) {
      const rule = ruleOf(f);
      if (rule?.operation === 'aggregate') fields.push(...aggregate(f, groups, rule.calcs));
    }
    const inside = frame.fields.filter((f) => {
      const rule = ruleOf(f);
      return rule === undefined || !rule.counted || rule.operation === null || rule.operation === undefined || (rule.operation === 'aggregate' && (rule.calcs.length === 0 || rule.keep));
    });
    fields.push({
      name: '__nestedFrames', type: 'nested', values: groups.map((rows) => rows.length),
      inner: groups.map((rows) => [{ ...makeFrame(frame.refId, inside.map((f) => pickValues(f, rows)), { table: true }), headless: !flag(options['showSubframeHeaders'], true) }]),
    });
    return [makeFrame(frame.refId, fields, { table: true, expanded: flag(options['expandAllRows']) })];
  });
}

/** One column for each value of a field, one row for each of another. */
export function groupingToMatrix(frames: readonly Frame[], options: Options): Frame[] {
  const frame = frames[0];
  if (!frame || frames.length !== 1) return [...frames];
  const word = (key: string, fallback: string): string => text(options[key]) || fallback;
  const columnName = word('columnField', 'Time');
  const rowName = word('rowField', 'Time');
  const columns = findField(frame, columnName);
  const rows = findField(frame, rowName);
  const values = findField(frame, word('valueField', 'Value'));
  if (!columns || !rows || !values) return [...frames];
  const rowValues = [...new Set(rows.values)];
  const cells = new Map<Cell, Map<Cell, Cell>>();
  for (let i = 0; i < frame.length; i += 1) {
    const at = columns.values[i] ?? null;
    const of = cells.get(at) ?? new Map<Cell, Cell>();
    cells.set(at, of);
    of.set(rows.values[i] ?? null, values.values[i] ?? null);
  }
  const empty = specialValue(options['emptyValue']);
  return [makeFrame(frame.refId, [
    { name: `${rowName}\\${columnName}`, type: rows.type, values: rowValues, given: rows.given },
    ...[...cells].map(([name, of]): Field => ({ name: name === null ? '' : String(name), type: values.type, values: rowValues.map((r) => of.get(r) ?? empty) })),
  ], { table: true })];
}

/** A frame for each combination of values of some fields. */
export function partitionByValues(frames: readonly Frame[], options: Options): Frame[] {
  const names = list(options['fields']).map((n) => text(n));
  const frame = frames[0];
  if (names.length === 0 || !frame || frames.length !== 1) return [...frames];
  const keys = frame.fields.filter((f) => names.some((n) => findField({ ...frame, fields: [f] }, n) !== undefined));
  if (keys.length === 0) return [...frames];
  const naming = object(options['naming']);
  const asLabels = flag(naming['asLabels']);
  const withNames = flag(naming['withNames']);
  const keep = flag(options['keepFields']);
  return groupRows(frame, keys).map((rows) => {
    const parts = keys.map((k) => ({ name: nameOf(k), value: String(k.values[rows[0] ?? 0] ?? '') }));
    const title = parts.map((p) => (withNames ? `${p.name} ${p.value}` : p.value)).join(' ');
    const part = pickRows(frame, rows);
    const labels = Object.fromEntries(parts.map((p) => [p.name, p.value]));
    const fields = part.fields.filter((_, i) => keep || !keys.includes(frame.fields[i] ?? part.fields[i] as Field));
    return {
      ...part, ...(asLabels ? {} : { name: frame.name === undefined || !flag(naming['append']) ? title : `${frame.name} ${title}` }),
      fields: asLabels ? fields.map((f) => (f.type === 'time' ? f : { ...f, labels: { ...f.labels, ...labels } })) : fields,
    };
  });
}

/** Numbers of rows from a table that nobody can read any more. */
const tooMany = 50_000;

/** Rows and columns change places. */
export function transpose(frames: readonly Frame[], options: Options): Frame[] {
  const empty = specialValue(options['emptyValue']);
  const asText = (f: Field | undefined, row: number): string => { const v = f?.values[row] ?? null; return v === null ? String(empty ?? '') : String(v); };
  return frames.map((frame) => {
    const first = frame.fields[0];
    if (!first) return frame;
    const firstName = text(options['firstFieldName']) || 'Field';
    const restName = text(options['restFieldsName']) || 'Value';
    const headed = first.type === 'string' || first.type === 'time';
    const rows = headed ? frame.fields.slice(1) : frame.fields;
    const types = new Set(rows.map((f) => f.type));
    const type: FieldType = types.size === 1 ? ([...types][0] ?? 'string') : 'string';
    const count = Math.min(frame.length, tooMany);
    return makeFrame(`transpose-${frame.refId}`, [
      { name: firstName, type: 'string', values: rows.map(nameOf) },
      ...column(count, (i): Field => ({
        name: restName, type, labels: headed ? { [first.name]: asText(first, i) } : { row: String(i + 1) },
        given: { displayName: [...(restName === 'Value' ? [] : [restName]), headed ? asText(first, i) : String(i + 1)].join(' ') },
        values: rows.map((f) => (type === 'string' ? asText(f, i) : (f.values[i] ?? null))),
      })),
    ], { name: frame.name, table: true });
  });
}
