/** Transformations of values: convertFieldType, convertFrameType, formatTime, formatString. */
import type { Cell, Field, Frame } from '../frame';
import { list, number, object, text } from '../json';
import { readPatternTime } from '../time/read';
import { formatPattern } from '../time/format';
import { isNamed, nameOf, type Options, type TransformContext } from './fields';

const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3,})?(?:Z|[-+]\d{2}:?\d{2})$/;

function toTime(f: Field, pattern: string, zone: string): Field {
  const first = f.values.find((v) => v !== null);
  // Numbers are taken for moments as they are, but for Unix seconds.
  if (typeof first === 'number' && (pattern !== 'X' || f.type === 'time')) return { ...f, type: 'time' };
  return {
    ...f, type: 'time', values: f.values.map((v) => {
      if (v === null || v === '' || v === 0 || typeof v === 'boolean') return null;
      if (pattern === 'X' && Number.isFinite(Number(v))) return Number(v) * 1000;
      const at = iso.test(String(v)) ? Date.parse(String(v)) : readPatternTime(String(v), pattern, zone);
      return at === undefined || Number.isNaN(at) ? null : at;
    }),
  };
}

function toNumber(f: Field): Field {
  return {
    ...f, type: 'number', values: f.values.map((v) => {
      const plain = typeof v === 'string' ? v.replace(/,/g, '') : v;
      return plain === null || plain === '' || !Number.isFinite(Number(plain)) ? null : Number(plain);
    }),
  };
}

const timePattern = 'YYYY-MM-DD HH:mm:ss';
function toText(f: Field, pattern: string, zone: string, joinWith: string): Field {
  const words = (v: Cell): Cell => {
    if (v === null) return null;
    if (f.type === 'time' && typeof v === 'number') return formatPattern(v, pattern === '' ? timePattern : pattern, zone);
    if (f.type === 'other' && joinWith !== '') {
      const parts = parseJson(String(v));
      if (Array.isArray(parts)) return parts.join(joinWith);
    }
    return String(v);
  };
  return { ...f, type: 'string', values: f.values.map(words) };
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch {
    return undefined;
  }
}

/** Words of a list become their place in it, which a mapping shows as the word again. */
function toEnum(f: Field, config: Record<string, unknown>): Field {
  const words = list(config['text']).map((t) => text(t));
  if (words.length === 0) return f;
  const colors = list(config['color']).map((c) => text(c));
  const results = Object.fromEntries(words.map((w, i) => [String(i), { text: w, ...(colors[i] ? { color: colors[i] } : {}) }]));
  return { ...f, type: 'number', values: f.values.map((v) => { const at = words.indexOf(String(v)); return at < 0 ? null : at; }), given: { ...f.given, mappings: [{ type: 'value', options: results }] } };
}

export function convertFieldType(frames: readonly Frame[], options: Options, context: TransformContext): Frame[] {
  const rules = list(options['conversions']).map(object).filter((r) => text(r['targetField']) !== '');
  const convert = (f: Field, rule: Record<string, unknown>): Field => {
    const pattern = text(rule['dateFormat']);
    const zone = text(rule['timezone']) || context.zone || 'browser';
    switch (rule['destinationType']) {
      case 'time': return toTime(f, pattern, zone);
      case 'number': return toNumber(f);
      case 'string': return toText(f, pattern, zone, text(rule['joinWith']));
      case 'boolean': return { ...f, type: 'boolean', values: f.values.map(Boolean) };
      case 'enum': return toEnum(f, object(rule['enumConfig']));
      case 'other': return { ...f, type: 'other', values: f.values.map((v) => (parseJson(String(v)) === undefined ? null : String(v))) };
      default: return f;
    }
  };
  return frames.map((frame) => ({ ...frame, fields: rules.reduce((fields, rule) => fields.map((f) => (isNamed(f, text(rule['targetField'])) ? convert(f, rule) : f)), frame.fields) }));
}

/** Frames may be turned into exemplars, which charts draw as marks and not as series. */
export const convertFrameType = (frames: readonly Frame[], options: Options): Frame[] =>
  (options['targetType'] === 'exemplar' ? frames.map((f) => ({ ...f, name: 'exemplar' })) : [...frames]);

export function formatTimeField(frames: readonly Frame[], options: Options, context: TransformContext): Frame[] {
  const name = text(options['timeField']);
  const pattern = text(options['outputFormat']);
  const zone = text(options['timezone']) || context.zone || 'browser';
  return frames.map((frame) => ({ ...frame, fields: frame.fields.map((f) => (nameOf(f) === name ? toText(f, pattern, zone, '') : f)) }));
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
const cases: Record<string, (s: string, options: Options) => string> = {
  'Upper Case': (s) => s.toUpperCase(),
  'Lower Case': (s) => s.toLowerCase(),
  'Sentence Case': (s) => s.charAt(0).toUpperCase() + s.slice(1),
  'Title Case': (s) => s.split(' ').map(capital).join(' '),
  'Pascal Case': (s) => s.split(' ').map(capital).join(''),
  'Camel Case': (s) => { const all = s.split(' ').map(capital).join(''); return all.charAt(0).toLowerCase() + all.slice(1); },
  'Snake Case': (s) => s.toLowerCase().split(' ').join('_'),
  'Kebab Case': (s) => s.toLowerCase().split(' ').join('-'),
  Trim: (s) => s.trim(),
  Substring: (s, o) => s.substring(number(o['substringStart']) ?? 0, number(o['substringEnd'])),
};

export function formatString(frames: readonly Frame[], options: Options): Frame[] {
  const name = text(options['stringField']);
  const apply = cases[text(options['outputFormat'], 'Upper Case')];
  if (!apply || name === '') return [...frames];
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((f): Field => (isNamed(f, name) ? { ...f, type: 'string', values: f.values.map((v) => (v === null ? null : apply(String(v), options))) } : f)),
  }));
}
