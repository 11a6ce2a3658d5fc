/** Transformations of which fields and frames there are and what they are called: filters, rename, order, organize. */
import type { Field, Frame } from '../frame';
import { isObject, list, object, text } from '../json';
import { makeFrameMatcher, makeMatcher, type Matcher } from '../fieldconfig/matchers';
import { readPattern } from '../fieldconfig/mappings';
import { nameOf, renamed, type Options } from './fields';

/** Fields that the first matcher takes and the second does not; frames left without a field go. */
function keepFields(frames: readonly Frame[], include: Matcher | undefined, exclude: Matcher | undefined): Frame[] {
  if (!include && !exclude) return [...frames];
  return frames.map((frame) => ({
    ...frame, fields: frame.fields.filter((f) => !(exclude?.(f, frame, nameOf(f)) ?? false) && (include?.(f, frame, nameOf(f)) ?? true)),
  })).filter((frame) => frame.fields.length > 0);
}

export const filterFields = (frames: readonly Frame[], options: Options): Frame[] =>
  keepFields(frames, isObject(options['include']) ? makeMatcher(options['include']) : undefined, isObject(options['exclude']) ? makeMatcher(options['exclude']) : undefined);

function nameRule(spec: unknown, byVariable: boolean): Matcher | undefined {
  if (!isObject(spec)) return undefined;
  const variable = text(spec['variable']);
  if (byVariable && variable !== '') {
    // A variable of several values comes as {a,b}.
    const names = (/^\{.*\}$/s.test(variable) ? variable.slice(1, -1) : variable).split(',');
    return makeMatcher({ id: 'byNames', options: { names } });
  }
  const names = list(spec['names']);
  const pattern = text(spec['pattern']);
  if (names.length === 0 && pattern === '') return undefined;
  return makeMatcher({ id: 'byRegexpOrNames', options: { names, pattern } });
}

export const filterFieldsByName = (frames: readonly Frame[], options: Options): Frame[] =>
  keepFields(frames, nameRule(options['include'], options['byVariable'] === true), nameRule(options['exclude'], options['byVariable'] === true));

export function filterFrames(frames: readonly Frame[], options: Options): Frame[] {
  const include = makeFrameMatcher(options['include']);
  const exclude = makeFrameMatcher(options['exclude']);
  return frames.filter((f, i) => !(exclude?.(f, i) ?? false) && (include?.(f, i) ?? true));
}

export function filterByRefId(frames: readonly Frame[], options: Options): Frame[] {
  const rule = (v: unknown): unknown => (typeof v === 'string' && v !== '' ? { id: 'byRefId', options: v } : isObject(v) ? v : undefined);
  return filterFrames(frames, { include: rule(options['include']), exclude: rule(options['exclude']) });
}

export function renameByRegex(frames: readonly Frame[], options: Options): Frame[] {
  const source = text(options['regex'], '(.*)');
  const re = readPattern(source);
  if (!re) return [...frames];
  const all = /^\/.*\/[a-z]*g[a-z]*$/s.test(source) ? new RegExp(re.source, `${re.flags}g`) : re;
  const to = text(options['renamePattern'], '$1');
  return frames.map((frame) => ({ ...frame, fields: frame.fields.map((f) => (re.test(nameOf(f)) ? renamed(f, nameOf(f).replace(all, to)) : f)) }));
}

export function rename(frames: readonly Frame[], options: Options): Frame[] {
  const names = object(options['renameByName']);
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((f): Field => {
      const to = names[nameOf(f)];
      return typeof to === 'string' && to !== '' ? renamed(f, to) : f;
    }),
  }));
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

export function order(frames: readonly Frame[], options: Options): Frame[] {
  const places = object(options['indexByName']);
  const rules = list(options['orderBy']).map(object);
  const automatic = options['orderByMode'] === 'auto';
  const place = (f: Field): number => {
    const at = places[nameOf(f)];
    return typeof at === 'number' && Number.isInteger(at) ? at : Number.MAX_SAFE_INTEGER;
  };
  const part = (f: Field, rule: Record<string, unknown>): string => (rule['type'] === 'label' ? (f.labels?.[text(rule['name'])] ?? '') : nameOf(f));
  return frames.map((frame) => {
    const time = frame.fields.find((f) => f.type === 'time');
    const byRules = (a: Field, b: Field): number => {
      if (a === time || b === time) return a === time ? -1 : 1;
      for (const rule of rules) {
        const result = collator.compare(part(a, rule), part(b, rule)) * (rule['desc'] === true ? -1 : 1);
        if (result !== 0) return result;
      }
      return 0;
    };
    return { ...frame, fields: [...frame.fields].sort(automatic ? byRules : (a, b) => place(a) - place(b)) };
  });
}

/** organize hides, orders and renames columns by name. */
export function organize(frames: readonly Frame[], options: Options): Frame[] {
  const chosen = (v: unknown): string[] => Object.entries(object(v)).filter(([, on]) => on === true).map(([name]) => name);
  const include = chosen(options['includeByName']);
  const kept = keepFields(frames,
    include.length > 0 ? makeMatcher({ id: 'byNames', options: { names: include } }) : undefined,
    makeMatcher({ id: 'byNames', options: { names: chosen(options['excludeByName']) } }));
  return rename(order(kept, options), options);
}
