/** From frames to bars: what the categories are, which series stand in them, how they are stacked and on which axis. */
import { showValue } from '../../model/fieldconfig/display';
import { timeField, valueFields, type Cell, type Field, type Frame } from '../../model/frame';
import { formatTick } from '../../model/time/format';
import { sampleStep } from '../../model/time/step';
import { stackSpans, type Span } from '../canvas/bars';
import type { LegendSeries } from '../timeseries/legend';
import type { TooltipOptions } from '../timeseries/options';
import { barDraw, type BarChartOptions, type BarDraw } from './options';

export interface BarSeries extends LegendSeries {
  field: Field;
  draw: BarDraw;
  values: (number | null)[];
  spans: Span[];
  /** Colours of the single bars where they differ from the series'. */
  colors: (string | undefined)[];
  /** Series of one key share an axis. */
  scale: string;
}
export interface BarModel {
  x: Field | undefined;
  /** One per group of bars. */
  categories: Cell[];
  /** Moments in order, where the categories are times. */
  times: number[] | undefined;
  step: number;
  series: BarSeries[];
  /** Categories left out because there were too many. */
  cut: number;
}

/** More groups than this cannot be told apart. */
export const categoriesMax = 2000;
const seriesMax = 200;

const isNamed = (field: Field, name: string): boolean => field.title === name || field.name === name;

/** The chosen field, else the first words, else the time. */
function categoryField(frame: Frame, name: string): Field | undefined {
  return (name === '' ? undefined : frame.fields.find((f) => isNamed(f, name))) ?? frame.fields.find((f) => f.type === 'string' || f.type === 'boolean') ?? timeField(frame);
}

/** Lays several frames on the union of their categories; a single one keeps its rows, also those of the same name. */
function join(frames: readonly Frame[], xName: string): { x: Field | undefined; categories: Cell[]; columns: { field: Field; at: (i: number) => Cell }[]; extra: Field[] } {
  const parts = frames.map((frame) => ({ frame, x: categoryField(frame, xName) })).filter((p): p is { frame: Frame; x: Field } => p.x !== undefined);
  const first = parts[0];
  if (!first) return { x: undefined, categories: [], columns: [], extra: [] };
  const fieldsOf = (frame: Frame, x: Field): Field[] => valueFields(frame).filter((f) => f !== x);
  if (parts.length === 1) {
    return { x: first.x, categories: first.x.values.slice(0, first.frame.length), columns: fieldsOf(first.frame, first.x).map((field) => ({ field, at: (i) => field.values[i] ?? null })), extra: first.frame.fields };
  }
  const seen = new Map<Cell, number>();
  for (const { x } of parts) for (const v of x.values) if (!seen.has(v)) seen.set(v, seen.size);
  let categories = [...seen.keys()];
  if (first.x.type === 'time') categories = categories.sort((a, b) => Number(a) - Number(b));
  return {
    x: first.x, categories, extra: parts.flatMap((p) => p.frame.fields),
    columns: parts.flatMap(({ frame, x }) => {
      const rows = new Map<Cell, number>();
      x.values.forEach((v, i) => { if (!rows.has(v)) rows.set(v, i); });
      return fieldsOf(frame, x).map((field) => ({ field, at: (i: number): Cell => { const r = rows.get(categories[i] ?? null); return r === undefined ? null : (field.values[r] ?? null); } }));
    }),
  };
}

const finite = (v: Cell): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : null);

/** Which axis a series stands on: by unit, side and limits. */
function scaleKey(field: Field, draw: BarDraw, o: BarChartOptions): string {
  const c = field.config;
  return o.stacking === 'percent' ? 'percent' : [c?.unit ?? '', draw.axis === 'hidden' ? 'auto' : draw.axis, draw.label, c?.min ?? '', c?.max ?? '', draw.logBase].join('/');
}

export function buildBars(frames: readonly Frame[], o: BarChartOptions, hidden: ReadonlySet<string>): BarModel {
  const { x, categories: all, columns, extra } = join(frames, o.xField);
  const isTime = x?.type === 'time';
  // Of too many moments the last ones count, of too many names the first.
  const from = isTime ? Math.max(0, all.length - categoriesMax) : 0;
  const categories = all.slice(from, from + categoriesMax);
  const colorField = o.colorByField === '' ? undefined : extra.find((f) => isNamed(f, o.colorByField));
  const series = columns.filter(({ field }) => !barDraw(field.config).hideViz).slice(0, seriesMax).map(({ field, at }): BarSeries => {
    const values = categories.map((_, i) => finite(at(from + i)));
    const draw = barDraw(field.config);
    const title = field.title ?? field.name;
    const colors = values.map((v, i) => (colorField ? colorField.display?.(colorField.values[from + i] ?? null).color : v === null ? undefined : field.display?.(v).color));
    return { field, title, color: field.color ?? '#888888', dash: undefined, draw, values, spans: [], colors, scale: scaleKey(field, draw, o) };
  });
  const shown = series.filter((s) => !hidden.has(s.title));
  for (const key of new Set(shown.map((s) => s.scale))) {
    const members = shown.filter((s) => s.scale === key);
    stackSpans(members.map((s) => s.values), o.stacking).forEach((spans, i) => { const s = members[i]; if (s) s.spans = spans; });
  }
  const times = isTime ? categories.map(Number) : undefined;
  return { x, categories, times, step: times ? sampleStep(times) : 0, series, cut: all.length - categories.length };
}

/** Tick texts of the categories; `maxLength` cuts them. */
export function categoryTexts(model: BarModel, zone: string, maxLength: number): string[] {
  const { x, times, step } = model;
  const cut = (s: string): string => (maxLength > 0 && [...s].length > maxLength ? `${[...s].slice(0, maxLength).join('')}…` : s);
  if (times) return times.map((t, i) => cut(formatTick(t, step || 60_000, zone, i > 0 ? times[i - 1] : undefined).replace('\n', ' ')));
  return model.categories.map((v) => cut(x?.display ? showValue(x.display(v)) : String(v ?? '')));
}


/** The ends of an axis: what is on it, with zero, soft and hard limits. */
export function axisEnds(members: readonly BarSeries[]): { min: number; max: number; hardMin: boolean; hardMax: boolean } {
  let min = 0;
  let max = 0;
  for (const s of members) {
    for (const span of s.spans) {
      if (!span) continue;
      min = Math.min(min, span[0], span[1]);
      max = Math.max(max, span[0], span[1]);
    }
    min = Math.min(min, s.draw.softMin ?? min);
    max = Math.max(max, s.draw.softMax ?? max);
  }
  if (members.some((s) => s.draw.centered)) {
    const most = Math.max(-min, max);
    min = -most;
    max = most;
  }
  const first = members[0]?.field.config;
  return { min: first?.min ?? min, max: first?.max ?? max, hardMin: first?.min !== undefined, hardMax: first?.max !== undefined };
}

/** The series a tooltip tells of, in its order; `pointed` is the one alone where the tooltip is for a single bar. */
export function toldAt(series: readonly BarSeries[], category: number, { mode, sort, hideZeros }: Pick<TooltipOptions, 'mode' | 'sort' | 'hideZeros'>, pointed?: BarSeries): BarSeries[] {
  const value = (s: BarSeries): number => s.values[category] ?? 0;
  const told = series.filter((s) => !s.draw.hideTooltip && typeof s.values[category] === 'number' && !(hideZeros && s.values[category] === 0) && (mode !== 'single' || s === pointed));
  return mode === 'multi' && sort !== 'none' ? told.sort((a, b) => (sort === 'asc' ? 1 : -1) * (value(a) - value(b))) : told;
}
