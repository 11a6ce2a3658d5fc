/** The values of panels that show single numbers (stat, gauge, bar gauge): one per field, or one per row. */
import { ghostOrigin } from '../model/compare';
import { showValue, type DisplayValue } from '../model/fieldconfig/display';
import { timeField, type Cell, type Field, type Frame } from '../model/frame';
import { flag, list, number, object, text } from '../model/json';
import type { LinkPlace } from '../model/links';
import { reduceField, reducer } from '../model/reduce';
import { formatValue, joinValue } from '../model/units/format';
import { readPattern } from '../model/fieldconfig/mappings';
import { h } from './dom';
import type { Options } from './types';

export interface ShownValue {
  title: string;
  value: DisplayValue;
  field: Field;
  /** The history behind the value, where there is one. */
  history: Cell[];
  times: Cell[];
  /** What links of the value are filled from: its field with this one value, and the other fields of the row. */
  place: LinkPlace;
  /** The same value of an earlier time, where one compares. */
  earlier?: Earlier | undefined;
}
interface Earlier {
  value: DisplayValue;
  /** `1 day earlier`. */
  words: string;
  /** How far the present lies above it, as a share of it; undefined where that has no meaning. */
  change: number | undefined;
}

/** One row of a frame as fields of a single value; the value itself may be a calculation over them all. */
function placeOf(frame: Frame, field: Field, value: Cell, row: number): LinkPlace {
  const own: Field = { ...field, values: [value] };
  const time = timeField(frame)?.values[row];
  return { field: own, row: 0, fields: frame.fields.map((f) => (f === field ? own : { ...f, values: [f.values[row] ?? null] })), time: typeof time === 'number' ? time : undefined };
}

/** Which fields count: by default numbers; a pattern in slashes, or a name. */
function fieldFilter(spec: string): (field: Field) => boolean {
  if (spec === '' || spec === '/^numeric$/') return (f) => f.type === 'number';
  const re = /^\/.*\/[a-z]*$/s.test(spec) ? readPattern(spec) : null;
  if (re) return (f) => re.test(f.title ?? f.name) || re.test(f.name);
  return (f) => (f.title ?? f.name) === spec || f.name === spec;
}

/** The value each title had earlier: ghosts carry it under a longer one. */
function earlierValues(frames: readonly Frame[], calc: string, accepts: (field: Field) => boolean): (title: string, now: DisplayValue) => Earlier | undefined {
  const known = new Map<string, { value: DisplayValue; words: string }>();
  for (const frame of frames) {
    const words = frame.ghost;
    if (words === undefined) continue;
    for (const field of frame.fields) {
      const title = ghostOrigin(field.title ?? field.name, words);
      if (field.type === 'time' || !field.display || known.has(title) || !accepts({ ...field, title })) continue;
      known.set(title, { value: field.display(reduceField(field, calc)), words });
    }
  }
  return (title, now) => {
    const found = known.get(title);
    if (!found) return undefined;
    const [a, b] = [found.value.numeric, now.numeric];
    return { ...found, change: Number.isFinite(a) && Number.isFinite(b) && a !== 0 ? (b - a) / Math.abs(a) : undefined };
  };
}

/** `1 day earlier: 42 ms ↑ 12.0 %` */
export function earlierText(e: Earlier): string {
  const change = e.change === undefined ? '' : ` ${e.change > 0 ? '↑' : e.change < 0 ? '↓' : '='} ${joinValue(formatValue(Math.abs(e.change), 'percentunit', 1))}`;
  return `${e.words}: ${showValue(e.value)}${change}`;
}

/** What a panel of single values shows when the data have none for it. */
export function nothingToShow(options: Options): HTMLElement {
  const wanted = text(object(options['reduceOptions'])['fields']);
  return h('p', { class: 'nothing', text: wanted === '' ? 'The data have no numbers.' : `No field fits “${wanted}”.` });
}

/** All values in words, for people who do not see the picture. */
export const valuesInWords = (frames: readonly Frame[], options: Options): string =>
  shownValues(frames, options).map((v) => `${v.title}: ${showValue(v.value)}${v.earlier ? ` (${earlierText(v.earlier)})` : ''}`).join('; ');

export function shownValues(frames: readonly Frame[], options: Options): ShownValue[] {
  const o = object(options['reduceOptions']);
  const calc = text(list(o['calcs'])[0], 'lastNotNull');
  const accepts = fieldFilter(text(o['fields']));
  const limit = number(o['limit']) ?? 25;
  const out: ShownValue[] = [];
  const earlier = earlierValues(frames, calc, accepts);
  const fields = frames.filter((f) => f.ghost === undefined).flatMap((frame) => frame.fields.map((field) => ({ frame, field })));
  // A time is shown where it is asked for by name.
  let candidates = fields.filter(({ field }) => (field.type !== 'time' || text(o['fields']) !== '') && accepts(field));
  if (candidates.length === 0 && text(o['fields']) === '') candidates = fields.filter(({ field }) => field.type === 'string').slice(0, 1);
  for (const { frame, field } of candidates) {
    const display = field.display;
    if (!display) continue;
    const title = field.title ?? field.name;
    if (flag(o['values'])) {
      // Rows of a table: the row's words are its name.
      const names = frame.fields.filter((f) => f.type === 'string');
      for (let i = 0; i < Math.min(frame.length, limit - out.length); i += 1) {
        const words = names.map((f) => f.values[i]).filter((v) => v !== null && v !== undefined).join(' ');
        out.push({ title: words === '' ? title : words, value: display(field.values[i] ?? null), field, history: [], times: [], place: placeOf(frame, field, field.values[i] ?? null, i) });
      }
    } else {
      const reduced = reduceField(field, calc);
      const value = display(reduced);
      if (reducer(calc)?.keepsUnit === false && typeof reduced === 'number') {
        value.text = calc === 'diffperc' ? reduced.toFixed(1) : String(reduced);
        value.suffix = calc === 'diffperc' ? '%' : undefined;
        value.prefix = undefined;
      }
      out.push({ title, value, field, history: frame.length > 1 ? field.values : [], times: timeField(frame)?.values ?? [], place: placeOf(frame, field, reduced, Math.max(0, frame.length - 1)), earlier: earlier(title, value) });
    }
  }
  return out;
}

/**
 * Arranges `count` tiles so that what stands in them gets biggest; `direction` forces a row or a column. `size` says how big that is
 * in a tile of so many pixels; empty places count against an arrangement.
 */
export function tileGrid(count: number, width: number, height: number, direction: 'auto' | 'horizontal' | 'vertical', size: (width: number, height: number) => number): { columns: number; rows: number } {
  if (direction === 'horizontal') return { columns: 1, rows: count };
  if (direction === 'vertical') return { columns: count, rows: 1 };
  let best = { columns: count, rows: 1 };
  let score = -Infinity;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const empty = 1 - count / (columns * rows);
    const s = size(width / columns, height / rows) * (1 - empty / 2);
    if (s > score) {
      score = s;
      best = { columns, rows };
    }
  }
  return best;
}
