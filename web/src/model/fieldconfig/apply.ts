/** Applies a panel's field options and overrides to its frames: config, title, colour and display function of every field. */
import { valueFields, type Field, type Frame } from '../frame';
import { list, object, text } from '../json';
import { reduceField } from '../reduce';
import { readPattern } from './mappings';
import { fieldColor, makeDisplay, type DisplayContext } from './display';
import { fieldTitle } from './names';
import { parseFieldConfig, setProperty, type FieldConfig } from './types';

export interface FieldConfigSource {
  defaults: unknown;
  overrides: readonly unknown[];
}
type Matcher = (field: Field, frame: Frame, title: string) => boolean;

/** Reads a matcher; one that is not known matches nothing. */
export function makeMatcher(v: unknown): Matcher {
  const m = object(v);
  const options = m['options'];
  switch (m['id']) {
    case 'byName':
      return (field, _frame, title) => title === options || field.name === options;
    case 'byNames': {
      const names = Array.isArray(options) ? options : list(object(options)['names']);
      return (field, _frame, title) => names.includes(title) || names.includes(field.name);
    }
    case 'byRegexp':
    case 'byRegexpOrNames': {
      const re = readPattern(text(typeof options === 'object' ? object(options)['pattern'] : options));
      return (field, _frame, title) => re !== null && (re.test(title) || re.test(field.name));
    }
    case 'byType':
      return (field) => field.type === options;
    case 'byTypes':
      return (field) => list(object(options)['types'] ?? options).includes(field.type);
    case 'byFrameRefID':
      return (_field, frame) => frame.refId === options;
    case 'numeric':
      return (field) => field.type === 'number';
    case 'time':
      return (field) => field.type === 'time';
    case 'byValue': {
      const o = object(options);
      const limit = Number(o['value']);
      return (field) => {
        const v = Number(reduceField(field, text(o['reducer'], 'lastNotNull')) ?? NaN);
        const op = o['op'];
        return op === 'gte' ? v >= limit : op === 'gt' ? v > limit : op === 'lte' ? v <= limit : op === 'lt' ? v < limit : op === 'neq' ? v !== limit : v === limit;
      };
    }
    default:
      return () => false;
  }
}

const cloneConfig = (c: FieldConfig): FieldConfig => ({ ...c, custom: { ...c.custom } });
const lastNumber = (field: Field): number => Number(reduceField(field, 'lastNotNull') ?? NaN);

/** Lowest and highest number over all value fields: stands in for a missing min and max, so colours agree across series. */
function globalRange(frames: readonly Frame[]): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const frame of frames) {
    for (const field of valueFields(frame)) {
      for (const v of field.values) {
        if (typeof v === 'number' && Number.isFinite(v)) {
          if (v < min) min = v;
          if (v > max) max = v;
        }
      }
    }
  }
  return Number.isFinite(min) ? { min, max } : { min: 0, max: 100 };
}

export interface ApplyOptions extends DisplayContext {
  /** True for panels that place values between min and max and would otherwise take the data's own range. */
  wantsRange: boolean;
  /** Fills dashboard variables into names and link addresses. */
  interpolate?: (text: string) => string;
}

/** New frames with config, title, colour and display set; the values are shared with the old ones. */
export function applyFieldConfig(frames: readonly Frame[], source: FieldConfigSource, options: ApplyOptions): Frame[] {
  const defaults = parseFieldConfig(source.defaults);
  const overrides = source.overrides.map((o) => ({ matches: makeMatcher(object(o)['matcher']), properties: list(object(o)['properties']).map(object) }));
  const range = globalRange(frames);
  let seriesIndex = 0;
  return frames.map((frame) => {
    const out: Frame = { ...frame, fields: [] };
    for (const original of frame.fields) {
      const field: Field = { ...original, labels: original.labels };
      const config = cloneConfig(defaults);
      // Units and limits of the values mean nothing for the time column, and thresholds nothing for words.
      if (field.type === 'time') config.unit = undefined;
      if (field.type === 'number') {
        field.seriesIndex = seriesIndex;
        seriesIndex += 1;
      }
      const plainTitle = fieldTitle(field, frame, config);
      for (const override of overrides) {
        if (!override.matches(field, frame, plainTitle)) continue;
        for (const p of override.properties) setProperty(config, text(p['id']), p['value']);
      }
      if (config.displayName !== undefined && options.interpolate) {
        // Field references are filled in later and must survive the variables' round.
        config.displayName = options.interpolate(config.displayName);
      }
      field.title = fieldTitle(field, frame, config);
      if (options.wantsRange && field.type === 'number') {
        config.min ??= range.min;
        config.max ??= range.max;
      }
      config.range = { min: config.min ?? range.min, max: config.max ?? range.max };
      field.config = config;
      field.color = field.type === 'number' ? fieldColor(field, config, options, lastNumber) : undefined;
      field.display = makeDisplay(field, config, options);
      out.fields.push(field);
    }
    return out;
  });
}
