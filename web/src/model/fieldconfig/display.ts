/** From a cell to what is shown: text with unit, colour, and its share of the range from min to max. */
import type { Cell, Field } from '../frame';
import { formatValue, joinValue } from '../units/format';
import { formatTime } from '../time/format';
import { colorByName, isContinuous, scaleColor, seriesColor } from '../color/palette';
import { mix, resolveColor, type Theme } from '../color/names';
import { activeThreshold, standardThresholds } from './thresholds';
import { mapValue } from './mappings';
import type { FieldConfig } from './types';

export interface DisplayValue {
  text: string;
  prefix?: string | undefined;
  suffix?: string | undefined;
  color?: string | undefined;
  /** NaN when the cell is not a number. */
  numeric: number;
  /** Share of min to max, 0 to 1; NaN without a number. */
  percent: number;
}

export const showValue = (v: DisplayValue): string => joinValue({ text: v.text, prefix: v.prefix ?? '', suffix: v.suffix ?? '' });

export interface DisplayContext {
  theme: Theme;
  zone: string;
}

const rangeOf = (config: FieldConfig): { min: number; max: number } => config.range ?? { min: config.min ?? 0, max: config.max ?? 100 };

/** The colour of a series as a whole, from its place among the panel's series and, by thresholds, from its last value. */
export function fieldColor(field: Field, config: FieldConfig, ctx: DisplayContext, calc: (field: Field) => number): string {
  const mode = config.color?.mode ?? 'thresholds';
  const index = field.seriesIndex ?? 0;
  switch (mode) {
    case 'fixed':
    case 'gradient': return resolveColor(config.color?.fixedColor ?? 'blue', ctx.theme);
    case 'shades': return mix(resolveColor(config.color?.fixedColor ?? 'blue', ctx.theme), ctx.theme === 'dark' ? '#ffffff' : '#000000', (index % 6) * 0.12);
    case 'palette-classic-by-name': return colorByName(field.title ?? field.name, ctx.theme);
    default:
      // All palettes of series are one here: its colours can be told apart under colour-blind sight.
      if (mode.startsWith('palette-')) return seriesColor(index, ctx.theme);
      return valueColor(calc(field), config, ctx) ?? seriesColor(index, ctx.theme);
  }
}

/** The colour one value gets where colour follows the value; undefined where it follows the series. */
function valueColor(value: number, config: FieldConfig, ctx: DisplayContext): string | undefined {
  const mode = config.color?.mode ?? 'thresholds';
  const { min, max } = rangeOf(config);
  if (isContinuous(mode)) return scaleColor(mode, max > min ? (value - min) / (max - min) : 0, ctx.theme);
  if (mode !== 'thresholds') return undefined;
  const step = activeThreshold(value, config.thresholds ?? standardThresholds, min, max);
  return step ? resolveColor(step.color, ctx.theme) : undefined;
}

const asNumber = (value: Cell): number => (typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : NaN);

/** A function that shows the field's cells; made once per field, called per cell. */
export function makeDisplay(field: Field, config: FieldConfig, ctx: DisplayContext): (value: Cell) => DisplayValue {
  const isTime = field.type === 'time';
  const unit = config.unit;
  return (value) => {
    const numeric = asNumber(value);
    const mapped = mapValue(value, config.mappings);
    let out: DisplayValue;
    if (value === null || value === undefined) out = { text: config.noValue ?? '', numeric, percent: NaN };
    else if (isTime && typeof value === 'number' && (unit === undefined || unit === '')) out = { text: formatTime(value, ctx.zone, true), numeric, percent: NaN };
    else if (typeof value === 'number') {
      const shown = formatValue(value, unit, config.decimals, ctx.zone);
      const { min, max } = rangeOf(config);
      const color = Number.isNaN(value) ? undefined : (valueColor(value, config, ctx) ?? field.color);
      out = { ...shown, numeric, percent: max > min ? (value - min) / (max - min) : 0, color };
    } else out = { text: value === '' ? (config.noValue ?? '') : String(value), numeric, percent: NaN, color: field.color };
    if (mapped?.text !== undefined) {
      out.text = mapped.text;
      out.prefix = undefined;
      out.suffix = undefined;
    }
    if (mapped?.color !== undefined) out.color = resolveColor(mapped.color, ctx.theme);
    return out;
  };
}
