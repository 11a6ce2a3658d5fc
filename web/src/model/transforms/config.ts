/** Transformations that take options of fields from the data: configFromData, rowsToFields. */
import { guessType, makeFrame, type Cell, type Field, type Frame } from '../frame';
import { list, number, object, text } from '../json';
import { makeMatcher } from '../fieldconfig/matchers';
import { reduceField, reducer } from '../reduce';
import { nameOf, type Options } from './fields';

interface ConfigRule {
  field: string;
  handler: string;
  calc: string;
}

/** Handlers by the names columns are found by on their own. */
const automatic: Record<string, string> = {
  name: 'field.name', value: 'field.value', label: 'field.label', displayname: 'displayName', unit: 'unit', min: 'min', max: 'max', decimals: 'decimals',
  color: 'color', threshold1: 'threshold1', mappings: 'mappings', description: 'description',
};

const rulesOf = (v: unknown): ConfigRule[] => list(v).map(object).map((m) => ({ field: text(m['fieldName']), handler: text(m['handlerKey']), calc: text(m['reducerId'], 'lastNotNull') }));

/** Which handler a column goes to: by rule, else by its name. */
function handlerOf(f: Field, rules: readonly ConfigRule[], byItself: boolean): ConfigRule | undefined {
  const rule = rules.find((r) => r.field === nameOf(f) || r.field === f.name);
  if (rule) return rule.handler === '__ignore' || rule.handler === '' ? undefined : rule;
  const found = byItself ? automatic[nameOf(f).toLowerCase()] : undefined;
  return found === undefined ? undefined : { field: nameOf(f), handler: found, calc: 'lastNotNull' };
}

/** One option from one cell, as overrides would write it. */
function setting(handler: string, value: Cell, before: Record<string, unknown>): Record<string, unknown> {
  switch (handler) {
    case 'min': case 'max': case 'decimals': return number(value) === undefined ? {} : { [handler]: number(value) };
    case 'unit': case 'displayName': case 'description': return { [handler]: text(value) };
    case 'color': return { color: { mode: 'fixed', fixedColor: text(value) } };
    case 'threshold1': {
      if (number(value) === undefined) return {};
      const steps = list(object(before['thresholds'])['steps']);
      return { thresholds: { mode: 'absolute', steps: [...(steps.length > 0 ? steps : [{ value: null, color: 'green' }]), { value: number(value), color: 'red' }] } };
    }
    default: return {};
  }
}

/** Value mappings from three columns side by side: value, text and colour. */
function mappings(frame: Frame, rules: readonly ConfigRule[]): unknown[] {
  const of = (handler: string): Field | undefined => frame.fields.find((f) => handlerOf(f, rules, false)?.handler === handler);
  const values = of('mappings.value');
  const words = of('mappings.text');
  const colors = of('mappings.color');
  if (!values) return [];
  const options = Object.fromEntries(values.values.map((v, i) => [String(v ?? ''), { text: text(words?.values[i]), ...(colors ? { color: text(colors.values[i]) } : {}) }]));
  return [{ type: 'value', options }];
}

export function configFromData(frames: readonly Frame[], options: Options): Frame[] {
  const source = frames.find((f) => f.refId === text(options['configRefId'], 'config'));
  if (!source) return [...frames];
  const rules = rulesOf(options['mappings']);
  const given: Record<string, unknown> = {};
  for (const f of source.fields) {
    const rule = handlerOf(f, rules, true);
    if (rule && !rule.handler.startsWith('mappings') && !rule.handler.startsWith('field.')) Object.assign(given, setting(rule.handler, reduceField(f, reducer(rule.calc) ? rule.calc : 'lastNotNull'), given));
  }
  const mapped = mappings(source, rules);
  if (mapped.length > 0) given['mappings'] = mapped;
  const applies = object(options['applyTo'])['id'] === undefined ? makeMatcher({ id: 'numeric' }) : makeMatcher(options['applyTo']);
  return frames.filter((f) => f !== source).map((frame) => ({
    ...frame, fields: frame.fields.map((f) => (applies(f, frame, nameOf(f)) ? { ...f, given: { ...f.given, ...given } } : f)),
  }));
}

/** Rows of a table that become columns at most. */
const columnsMax = 1000;

/** rowsToFields: each row becomes a column, named and valued by two of its cells; the others are options or labels. */
export function rowsToFields(frames: readonly Frame[], options: Options): Frame[] {
  const rules = rulesOf(options['mappings']);
  return frames.map((frame) => {
    const handled = frame.fields.map((field) => ({ field, rule: handlerOf(field, rules, true) }));
    const names = handled.find((h) => h.rule?.handler === 'field.name')?.field ?? frame.fields.find((f) => f.type === 'string');
    const values = handled.find((h) => h.rule?.handler === 'field.value')?.field ?? frame.fields.find((f) => f.type === 'number');
    if (!names || !values) return frame;
    const others = handled.filter((h) => h.field !== names && h.field !== values && !rules.some((r) => r.field === nameOf(h.field) && r.handler === '__ignore'));
    const fields = names.values.slice(0, columnsMax).map((name, i): Field => {
      const given: Record<string, unknown> = {};
      const labels: Record<string, string> = {};
      for (const { field, rule } of others) {
        const value = field.values[i] ?? null;
        if (value === null) continue;
        if (rule && !rule.handler.startsWith('field.')) Object.assign(given, setting(rule.handler, value, given));
        else if (rule?.handler === 'field.label' || field.type === 'string') labels[nameOf(field)] = String(value);
      }
      return {
        name: String(name ?? ''), legend: String(name ?? ''), type: values.type === 'other' ? guessType(values.values) : values.type, values: [values.values[i] ?? null],
        ...(Object.keys(given).length > 0 ? { given } : {}), ...(Object.keys(labels).length > 0 ? { labels } : {}),
      };
    });
    return makeFrame(frame.refId, fields, { name: frame.name });
  });
}
