/** From frames to rows of states: what stands where, from when to when, in which colour. */
import type { Theme } from '../../model/color/names';
import { resolveColor } from '../../model/color/names';
import { colorByName, seriesColor } from '../../model/color/palette';
import { showValue } from '../../model/fieldconfig/display';
import { mapValue } from '../../model/fieldconfig/mappings';
import { standardThresholds } from '../../model/fieldconfig/thresholds';
import type { FieldConfig } from '../../model/fieldconfig/types';
import { timeField, type Cell, type Field, type Frame } from '../../model/frame';
import { flag, number, object } from '../../model/json';
import { sampleStep } from '../../model/time/step';
import { formatValue, joinValue } from '../../model/units/format';

export interface State {
  from: number;
  to: number;
  value: Cell;
  text: string;
  color: string;
}
export interface Row {
  title: string;
  field: Field;
  /** In order of time, without overlap; where nothing was measured there is none. */
  states: State[];
}
interface StateKey {
  text: string;
  color: string;
}

const blank: FieldConfig = { mappings: [], links: [], custom: {} };
const noColor = '#888888';
const steady = (mode: string): boolean => mode === 'thresholds';

/** A threshold step as words: `< 80`, `80 – 90`, `≥ 90`. */
function stepTexts(config: FieldConfig, theme: Theme): StateKey[] {
  const thresholds = config.thresholds ?? standardThresholds;
  const unit = thresholds.mode === 'percentage' ? 'percent' : config.unit;
  const word = (v: number): string => joinValue(formatValue(v, unit, config.decimals));
  return thresholds.steps.map((step, i) => {
    const next = thresholds.steps[i + 1];
    const text = step.value === -Infinity ? (next ? `< ${word(next.value)}` : 'any') : next ? `${word(step.value)} – ${word(next.value)}` : `≥ ${word(step.value)}`;
    return { text, color: resolveColor(step.color, theme) };
  });
}

/** Gives words the colours of the palette in order of their first appearance, the same in every row. */
class WordColors {
  private readonly seen = new Map<string, number>();

  constructor(private readonly theme: Theme) {}

  of(word: string, config: FieldConfig): string {
    const mode = config.color?.mode ?? 'thresholds';
    if (mode === 'fixed') return resolveColor(config.color?.fixedColor ?? 'blue', this.theme);
    if (mode === 'palette-classic-by-name') return colorByName(word, this.theme);
    let index = this.seen.get(word);
    if (index === undefined) {
      index = this.seen.size;
      this.seen.set(word, index);
    }
    return seriesColor(index, this.theme);
  }
}

/** How one cell of a field reads as a state; undefined where there is none. */
function stateReader(field: Field, merge: boolean, theme: Theme, words: WordColors): (value: Cell) => StateKey | undefined {
  const config = field.config ?? blank;
  const { display } = field;
  const mode = config.color?.mode ?? 'thresholds';
  const thresholds = config.thresholds ?? standardThresholds;
  const steps = field.type === 'number' && merge && steady(mode) && thresholds.steps.length > 1 ? stepTexts(config, theme) : [];
  const cache = new Map<Cell, StateKey | undefined>();
  const read = (value: Cell): StateKey | undefined => {
    const mapped = mapValue(value, config.mappings);
    const missing = value === null || value === undefined;
    if (missing && mapped === undefined) return undefined;
    const shown = display?.(value);
    const text = shown ? showValue(shown) : String(value);
    if (mapped?.color !== undefined && shown?.color !== undefined) return { text, color: shown.color };
    if (typeof value === 'number') {
      if (mapped === undefined && steps.length > 0 && shown) {
        const { min, max } = config.range ?? { min: 0, max: 100 };
        const at = thresholds.mode === 'percentage' ? (max > min ? ((value - min) / (max - min)) * 100 : 0) : value;
        const reached = thresholds.steps.findLastIndex((s) => at >= s.value);
        const step = steps[Math.max(0, reached)];
        if (step && !Number.isNaN(value)) return step;
      }
      return { text, color: shown?.color ?? noColor };
    }
    if (missing) return { text, color: noColor };
    return { text, color: words.of(text, config) };
  };
  return (value) => {
    if (cache.has(value)) return cache.get(value);
    const state = read(value);
    cache.set(value, state);
    return state;
  };
}

/** The moments at which a field was measured, each with its state. */
interface Sample {
  t: number;
  value: Cell;
  state: StateKey | undefined;
}

interface RowOptions {
  /** Joins neighbours of the same state. */
  merge: boolean;
  theme: Theme;
  /** Where the last state ends. */
  end: number;
}

/** A gap joined by the field's "connect null values", or one made by "disconnect values" although both neighbours are there. */
function spans(config: FieldConfig, step: number): { joins: (ms: number) => boolean; breaks: (ms: number) => boolean } {
  const span = config.custom['spanNulls'];
  const insert = config.custom['insertNulls'];
  return {
    joins: (ms) => span === true || (typeof span === 'number' && ms < span),
    breaks: (ms) => (typeof insert === 'number' && ms > insert) || (insert === true && step > 0 && ms > step * 1.5),
  };
}

function toStates(samples: readonly Sample[], config: FieldConfig, options: RowOptions): State[] {
  const { joins, breaks } = spans(config, config.custom['insertNulls'] === true ? sampleStep(samples.map((s) => s.t)) : 0);
  const out: State[] = [];
  let open: State | undefined;
  let missingSince: number | undefined;
  let before = 0;
  for (const { t, value, state } of samples) {
    if (!state) {
      missingSince ??= t;
      continue;
    }
    const closed = missingSince !== undefined && !joins(t - before) ? missingSince : breaks(t - before) ? before : undefined;
    if (open) {
      if (closed !== undefined) open.to = Math.max(closed, open.from);
      const same = closed === undefined && options.merge && open.text === state.text && open.color === state.color;
      if (!same) {
        if (closed === undefined) open.to = t;
        open = undefined;
      }
    }
    if (!open) {
      open = { from: t, to: options.end, value, text: state.text, color: state.color };
      out.push(open);
    }
    missingSince = undefined;
    before = t;
  }
  if (open) open.to = Math.max(open.from, missingSince ?? options.end);
  return out;
}

const hideFrom = (field: Field, what: string): boolean => flag(object(field.config?.custom['hideFrom'])[what]);

/** Every field that is not the time is a row, except those hidden from the picture. */
function rowFields(frames: readonly Frame[]): { times: Cell[]; field: Field }[] {
  return frames.flatMap((frame) => {
    const time = timeField(frame);
    return time ? frame.fields.filter((f) => f.type !== 'time' && !hideFrom(f, 'viz')).map((field) => ({ times: time.values, field })) : [];
  });
}

const samplesOf = (times: readonly Cell[], field: Field, read: (value: Cell) => StateKey | undefined): Sample[] =>
  times.map((t, i): Sample => ({ t: Number(t), value: field.values[i] ?? null, state: read(field.values[i] ?? null) })).filter((s) => Number.isFinite(s.t)).sort((a, b) => a.t - b.t);

export function stateRows(frames: readonly Frame[], options: RowOptions): Row[] {
  const words = new WordColors(options.theme);
  return rowFields(frames).map(({ times, field }) => {
    const read = stateReader(field, options.merge, options.theme, words);
    return { title: field.title ?? field.name, field, states: toStates(samplesOf(times, field, read), field.config ?? blank, options) };
  });
}

/** Each sample as a state of its own around its moment, as wide as the distance of samples. */
export function sampleRows(frames: readonly Frame[], theme: Theme, whole: number): { rows: Row[]; step: number } {
  const words = new WordColors(theme);
  const fields = rowFields(frames);
  const step = fields.reduce((least, { times }) => {
    const s = sampleStep(times.map(Number));
    return s > 0 && (least === 0 || s < least) ? s : least;
  }, 0) || whole;
  return {
    step,
    rows: fields.map(({ times, field }) => {
      const read = stateReader(field, false, theme, words);
      const states = samplesOf(times, field, read).flatMap(({ t, value, state }): State[] => (state ? [{ from: t - step / 2, to: t + step / 2, value, text: state.text, color: state.color }] : []));
      return { title: field.title ?? field.name, field, states };
    }),
  };
}

/** At most so many entries in the key of states. */
const keysMax = 40;

/** What the legend explains: threshold steps whole, other states as they occur; a colour that runs along a scale needs no key. */
export function stateKeys(rows: readonly Row[], theme: Theme): StateKey[] {
  const out = new Map<string, StateKey>();
  const add = (key: StateKey): void => {
    if (key.text !== '' && out.size < keysMax) out.set(`${key.text}|${key.color}`, { text: key.text, color: key.color });
  };
  for (const row of rows) {
    if (hideFrom(row.field, 'legend')) continue;
    const config = row.field.config ?? blank;
    const mode = config.color?.mode ?? 'thresholds';
    if (row.field.type !== 'number') row.states.forEach(add);
    else {
      // In order of the values, which stays the same while states come and go.
      const mapped = new Map(row.states.filter((s) => mapValue(s.value, config.mappings) !== undefined).map((s) => [s.value, s]));
      [...mapped].sort(([a], [b]) => Number(a ?? Infinity) - Number(b ?? Infinity)).forEach(([, s]) => add(s));
      if (steady(mode) && (config.thresholds ?? standardThresholds).steps.length > 1 && row.states.some((s) => mapValue(s.value, config.mappings) === undefined)) stepTexts(config, theme).forEach(add);
      else if (!mode.startsWith('continuous') && !steady(mode) && config.mappings.length === 0) add({ text: row.title, color: row.field.color ?? noColor });
    }
  }
  return [...out.values()];
}

/** The state of a row at a moment. */
export function stateAt(row: Row, t: number): State | undefined {
  let low = 0;
  let high = row.states.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const s = row.states[middle];
    if (!s) return undefined;
    if (t < s.from) high = middle - 1;
    else if (t >= s.to) low = middle + 1;
    else return s;
  }
  return undefined;
}

/** A duration in words, in whole seconds, without a second unit that is zero. */
export function duration(ms: number): string {
  const whole = Math.max(0, ms < 1000 ? Math.round(ms) : Math.round(ms / 1000) * 1000);
  return joinValue(formatValue(whole, 'dtdurationms', 1)).replace(/, 0 \w+$/, '');
}

export const rowHeightOf = (options: Record<string, unknown>): number => Math.min(1, Math.max(0.05, number(options['rowHeight']) ?? 0.9));
