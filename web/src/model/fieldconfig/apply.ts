/** Applies a panel's field options and overrides to its frames: config, title, colour and display function of every field. */
import { valueFields, type Field, type Frame } from '../frame';
import { list, object, text } from '../json';
import { reduceField } from '../reduce';
import { makeMatcher } from './matchers';
import { fieldColor, makeDisplay, type DisplayContext } from './display';
import { fieldTitle } from './names';
import { parseFieldConfig, setProperty, type FieldConfig } from './types';

export { makeMatcher } from './matchers';

interface FieldConfigSource {
  defaults: unknown;
  overrides: readonly unknown[];
}
const cloneConfig = (c: FieldConfig): FieldConfig => ({ ...c, custom: { ...c.custom } });
const lastNumber = (field: Field): number => Number(reduceField(field, 'lastNotNull') ?? NaN);

/** Lowest and highest number of some fields: stands in for a missing min and max, so colours agree across series. */
function rangeOf(fields: readonly Field[]): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const field of fields) {
    for (const v of field.values) {
      if (typeof v === 'number' && Number.isFinite(v)) {
        if (v < min) min = v;
        if (v > max) max = v;
      }
    }
  }
  return Number.isFinite(min) ? { min, max } : { min: 0, max: 100 };
}

export interface ApplyOptions extends DisplayContext {
  /** True for panels that place values between min and max and would otherwise take the data's own range. */
  wantsRange: boolean;
  /** How values are coloured where the dashboard does not say: panels of series tell the series apart. Thresholds if undefined. */
  colorMode?: string | undefined;
  /** Fills dashboard variables into names and link addresses. */
  interpolate?: (text: string) => string;
}

/** New frames with config, title, colour and display set; the values are shared with the old ones. */
export function applyFieldConfig(frames: readonly Frame[], source: FieldConfigSource, options: ApplyOptions): Frame[] {
  const defaults = parseFieldConfig(source.defaults);
  if (options.colorMode !== undefined) defaults.color ??= { mode: options.colorMode };
  const overrides = source.overrides.map((o) => ({ matches: makeMatcher(object(o)['matcher']), properties: list(object(o)['properties']).map(object) }));
  // Looked for only where it is needed: a table of a hundred thousand rows need not be gone through for its words.
  let found: { min: number; max: number } | undefined;
  const range = (): { min: number; max: number } => (found ??= rangeOf(frames.flatMap((frame) => valueFields(frame))));
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
      for (const [id, value] of Object.entries(field.given ?? {})) setProperty(config, id, value);
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
      if (field.type === 'number') {
        const span = config.min !== undefined && config.max !== undefined ? { min: config.min, max: config.max } : config.ownRange === true ? rangeOf([field]) : range();
        if (options.wantsRange) {
          config.min ??= span.min;
          config.max ??= span.max;
        }
        config.range = { min: config.min ?? span.min, max: config.max ?? span.max };
      }
      field.config = config;
      field.color = field.type === 'number' ? fieldColor(field, config, options, lastNumber) : undefined;
      field.display = makeDisplay(field, config, options);
      out.fields.push(field);
    }
    return out;
  });
}
