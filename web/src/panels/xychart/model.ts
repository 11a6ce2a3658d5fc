/** From frames to points: which fields are x, y, size and colour of each series, chosen by hand or found. Pure. */
import type { Cell, Field, Frame } from '../../model/frame';
import type { Theme } from '../../model/color/names';
import { isContinuous, scaleColor } from '../../model/color/palette';
import { makeMatcher } from '../../model/fieldconfig/apply';
import { makeFrameMatcher } from '../../model/fieldconfig/matchers';
import type { FieldConfig } from '../../model/fieldconfig/types';
import { isObject, list, number, object, oneOf, text } from '../../model/json';
import type { Options } from '../types';

/** Points drawn at most; the rest is left out, and the panel says so. */
export const pointsMax = 20_000;
/** Series drawn at most. */
const seriesMax = 100;

interface XyStyle {
  points: boolean;
  lines: boolean;
  square: boolean;
  /** Diameter in pixels: of all points, and the limits where a field decides. */
  fixed: number;
  min: number;
  max: number;
  stroke: number;
  fill: number;
  lineWidth: number;
  dash: number[];
}
export interface XyPoint {
  row: number;
  x: number;
  y: number;
  diameter: number;
  color: string;
}
export interface XySeries {
  title: string;
  frame: Frame;
  x: Field;
  y: Field;
  size: Field | undefined;
  colorBy: Field | undefined;
  config: FieldConfig;
  style: XyStyle;
  color: string;
  points: XyPoint[];
}
export interface XyModel {
  series: XySeries[];
  dropped: number;
  problem: string | undefined;
}

const blank: FieldConfig = { mappings: [], links: [], custom: {} };

export function xyStyle(config: FieldConfig): XyStyle {
  const c = config.custom;
  const show = oneOf(c['show'], ['points', 'lines', 'points+lines'] as const, 'points');
  const fixed = number(c['pointSize.fixed']) ?? number(c['pointSize']) ?? 5;
  const line = object(c['lineStyle']);
  return {
    points: show !== 'lines', lines: show !== 'points', square: c['pointShape'] === 'square',
    fixed: Math.min(200, Math.max(1, fixed)), min: Math.max(0, number(c['pointSize.min']) ?? 1), max: Math.min(200, number(c['pointSize.max']) ?? 50),
    stroke: Math.min(10, Math.max(0, number(c['pointStrokeWidth']) ?? 1)), fill: Math.min(1, Math.max(0, (number(c['fillOpacity']) ?? 50) / 100)),
    lineWidth: number(c['lineWidth']) ?? 2,
    dash: line['fill'] === 'dash' ? list(line['dash']).map((n) => number(n) ?? 10) : line['fill'] === 'dot' ? [1, 5] : [],
  };
}

const isAxis = (f: Field): boolean => f.type === 'number' || f.type === 'time';
const nameOf = (f: Field): string => f.title ?? f.name;

/** A field named by a matcher, by its plain name, or by `{field: name}` as older panels have it. */
function pick(frame: Frame, spec: unknown): Field | undefined {
  if (typeof spec === 'string') return spec === '' ? undefined : frame.fields.find((f) => nameOf(f) === spec || f.name === spec);
  const o = object(spec);
  if (isObject(o['matcher'])) {
    const matches = makeMatcher(o['matcher']);
    return frame.fields.find((f) => matches(f, frame, nameOf(f)));
  }
  return typeof o['field'] === 'string' ? pick(frame, o['field']) : undefined;
}

/** Numbers before time: a time is the x axis only where there is nothing else to lay the values along. */
function findX(frame: Frame): Field | undefined {
  const numbers = frame.fields.filter((f) => f.type === 'number');
  return numbers.length > 1 ? numbers[0] : frame.fields.find((f) => f.type === 'time');
}

interface Wanted {
  frame: Frame;
  x: Field;
  y: Field;
  size: Field | undefined;
  colorBy: Field | undefined;
  name: string;
}

/** Frames that a series takes its fields from: by number or matcher, otherwise all. */
function framesOf(frames: readonly Frame[], spec: unknown): readonly Frame[] {
  const index = number(spec);
  const matches = index === undefined ? makeFrameMatcher(object(spec)['matcher']) : (_: Frame, i: number) => i === index;
  return matches ? frames.filter(matches) : frames;
}

function chosen(frames: readonly Frame[], specs: readonly unknown[]): Wanted[] {
  return specs.map(object).flatMap((s) => framesOf(frames, s['frame']).flatMap((frame): Wanted[] => {
    const x = pick(frame, s['x']) ?? (s['x'] === undefined ? findX(frame) : undefined);
    const size = pick(frame, s['size'] ?? s['pointSize']);
    const colorBy = pick(frame, s['color'] ?? s['pointColor']);
    const y = pick(frame, s['y']) ?? (s['y'] === undefined ? frame.fields.find((f) => f.type === 'number' && f !== x && f !== size && f !== colorBy) : undefined);
    if (!x || !y || !isAxis(x) || y.type !== 'number') return [];
    return [{ frame, x, y, size, colorBy, name: text(isObject(s['name']) ? s['name']['fixed'] : s['name']) }];
  }));
}

function found(frames: readonly Frame[], options: Options): Wanted[] {
  const hints = object(list(options['series'])[0]);
  const dims = object(options['dims']);
  const excluded = new Set(list(dims['exclude']).map((n) => text(n)));
  return framesOf(frames, hints['frame']).flatMap((frame) => {
    const x = pick(frame, hints['x'] ?? dims['x']) ?? findX(frame);
    const size = pick(frame, hints['size']);
    const colorBy = pick(frame, hints['color']);
    if (!x || !isAxis(x)) return [];
    return frame.fields.filter((f) => f.type === 'number' && f !== x && f !== size && f !== colorBy && !excluded.has(nameOf(f))).map((y) => ({ frame, x, y, size, colorBy, name: '' }));
  });
}

function range(values: readonly Cell[]): [number, number] {
  let min = Infinity;
  let max = -Infinity;
  for (const v of values) {
    if (typeof v !== 'number' || !Number.isFinite(v)) continue;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  return [min, max];
}

/** Colours by a field of its own: along a scale they span that field's values, not those of the whole panel. */
function colorsBy(field: Field | undefined, theme: Theme): (row: number) => string | undefined {
  if (!field) return () => undefined;
  const mode = field.config?.color?.mode ?? '';
  const [low, high] = range(field.values);
  const from = field.config?.min ?? low;
  const to = field.config?.max ?? high;
  return (row) => {
    const value = field.values[row] ?? null;
    if (isContinuous(mode) && typeof value === 'number') return scaleColor(mode, to > from ? (value - from) / (to - from) : 0, theme);
    return field.display?.(value).color;
  };
}

function points(w: Wanted, style: XyStyle, color: string, room: number, theme: Theme): XyPoint[] {
  const colorOf = colorsBy(w.colorBy, theme);
  const [low, high] = w.size ? range(w.size.values) : [0, 0];
  const out: XyPoint[] = [];
  for (let row = 0; row < w.frame.length && out.length < room; row += 1) {
    const x = w.x.values[row];
    const y = w.y.values[row];
    if (typeof x !== 'number' || typeof y !== 'number' || !Number.isFinite(x) || !Number.isFinite(y)) continue;
    const size = w.size?.values[row];
    const share = typeof size === 'number' && Number.isFinite(size) ? (high > low ? (size - low) / (high - low) : 1) : undefined;
    const diameter = w.size ? (share === undefined ? style.min : style.min + (style.max - style.min) * share) : style.fixed;
    const by = colorOf(row);
    // Colour by value, where the y field's own colours follow its values.
    const own = w.y.config?.color?.mode;
    const value = !w.colorBy && (own === 'thresholds' || own?.startsWith('continuous-')) ? w.y.display?.(y).color : undefined;
    out.push({ row, x, y, diameter: Math.max(1, diameter), color: by ?? value ?? color });
  }
  return out;
}

export function xyModel(frames: readonly Frame[], options: Options, theme: Theme = 'light'): XyModel {
  const manual = (options['mapping'] ?? options['seriesMapping']) === 'manual' && list(options['series']).length > 0;
  const wanted = manual ? chosen(frames, list(options['series'])) : found(frames, options);
  const series: XySeries[] = [];
  let left = pointsMax;
  let dropped = 0;
  for (const w of wanted.slice(0, seriesMax)) {
    const config = w.y.config ?? blank;
    const style = xyStyle(config);
    const color = w.y.color ?? '#888888';
    const made = points(w, style, color, left, theme);
    left -= made.length;
    dropped += left <= 0 ? Math.max(0, w.frame.length - made.length) : 0;
    series.push({ title: w.name === '' ? nameOf(w.y) : w.name, frame: w.frame, x: w.x, y: w.y, size: w.size, colorBy: w.colorBy, config, style, color, points: made });
  }
  const problem = series.length > 0 ? undefined
    : manual ? 'None of the fields that this panel’s series name is in the data.'
      : 'An XY chart needs two fields of numbers in one table, or a time and a number: this data has neither.';
  return { series, dropped, problem };
}
