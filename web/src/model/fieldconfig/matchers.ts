/** Which fields and which frames a rule means: the matchers of overrides and transformations. */
import type { Field, Frame } from '../frame';
import { isObject, list, number, object, text } from '../json';
import { reduceField } from '../reduce';
import { isNamed } from '../transforms/fields';
import { readPattern } from './mappings';

export type Matcher = (field: Field, frame: Frame, title: string) => boolean;
type FrameMatcher = (frame: Frame, index: number) => boolean;

function compare(left: unknown, op: unknown, right: unknown): boolean {
  const missing = left === null || left === undefined || right === null || right === undefined;
  const l = left ?? 'null';
  const r = right ?? 'null';
  switch (op) {
    case 'neq': return String(l) !== String(r);
    case 'gt': return !missing && Number(l) > Number(r);
    case 'gte': return missing ? String(l) === String(r) : Number(l) >= Number(r);
    case 'lt': return !missing && Number(l) < Number(r);
    case 'lte': return missing ? String(l) === String(r) : Number(l) <= Number(r);
    default: return String(l) === String(r);
  }
}

const named = (field: Field, title: string, name: string): boolean => title === name || isNamed(field, name);

/** Reads a field matcher; one that is not known matches nothing. */
export function makeMatcher(v: unknown): Matcher {
  const m = object(v);
  const options = m['options'];
  switch (m['id']) {
    case 'byName':
      return (field, _frame, title) => named(field, title, text(options));
    case 'byNames': {
      const names = (Array.isArray(options) ? options : list(object(options)['names'])).map((n) => text(n));
      const exclude = object(options)['mode'] === 'exclude';
      return (field, _frame, title) => names.some((n) => named(field, title, n)) !== exclude;
    }
    case 'byRegexp': {
      const re = readPattern(text(options));
      return (_field, _frame, title) => re !== null && text(options) !== '' && re.test(title);
    }
    case 'byRegexpOrNames': {
      const pattern = text(object(options)['pattern']);
      const re = pattern === '' ? null : readPattern(pattern);
      const names = list(object(options)['names']).map((n) => text(n));
      return (field, _frame, title) => names.some((n) => named(field, title, n)) || (re?.test(title) ?? false);
    }
    case 'byType':
      return (field) => field.type === options;
    case 'byTypes':
      return (field) => list(object(options)['types'] ?? options).includes(field.type);
    case 'byFrameRefID':
      return (_field, frame) => frame.refId === options;
    case 'byIndex':
      return (field, frame) => text(options) !== '' && frame.fields[Number(options)] === field;
    case 'numeric':
      return (field) => field.type === 'number';
    case 'time':
      return (field) => field.type === 'time';
    case 'first':
      return (field, frame) => frame.fields[0] === field;
    case 'firstTimeField':
      return (field, frame) => field.type === 'time' && frame.fields.find((f) => f.type === 'time') === field;
    case 'byValue': {
      const o = object(options);
      const calc = text(o['reducer']);
      if (calc === '') return () => false;
      const isFlag = calc === 'allIsZero' || calc === 'allIsNull';
      return (field) => {
        const value = reduceField(field, calc);
        return isFlag ? value === true : compare(value, o['op'], o['value']);
      };
    }
    default:
      return () => false;
  }
}

/** A pattern in slashes, several ids with bars between them, or one id. */
function refIdTest(spec: string): (refId: string) => boolean {
  if (spec.startsWith('/')) {
    const re = readPattern(spec);
    return (refId) => re !== null && re.test(refId);
  }
  const ids = new Set(spec.includes('|') ? spec.split('|') : [spec]);
  return (refId) => ids.has(refId);
}

/** Reads a frame matcher; nothing when there is none. */
export function makeFrameMatcher(v: unknown): FrameMatcher | undefined {
  if (!isObject(v) || v['options'] === undefined || v['options'] === '') return undefined;
  const options = v['options'];
  switch (v['id']) {
    case 'byRefId': {
      const test = refIdTest(text(options));
      return (frame) => test(frame.refId);
    }
    case 'byName': {
      const re = readPattern(text(options));
      return (frame) => re !== null && re.test(frame.name ?? '');
    }
    case 'byIndex':
      return (_frame, index) => index === number(options);
    default:
      return () => false;
  }
}
