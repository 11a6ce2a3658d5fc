/** The values of panels that show single numbers (stat, gauge, bar gauge): one per field, or one per row. */
import type { DisplayValue } from '../model/fieldconfig/display';
import { timeField, type Cell, type Field, type Frame } from '../model/frame';
import { flag, list, number, object, text } from '../model/json';
import type { LinkPlace } from '../model/links';
import { reduceField, reducer } from '../model/reduce';
import { readPattern } from '../model/fieldconfig/mappings';
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

export function shownValues(frames: readonly Frame[], options: Options): ShownValue[] {
  const o = object(options['reduceOptions']);
  const calc = text(list(o['calcs'])[0], 'lastNotNull');
  const accepts = fieldFilter(text(o['fields']));
  const limit = number(o['limit']) ?? 25;
  const out: ShownValue[] = [];
  const fields = frames.flatMap((frame) => frame.fields.map((field) => ({ frame, field })));
  let candidates = fields.filter(({ field }) => field.type !== 'time' && accepts(field));
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
      out.push({ title, value, field, history: frame.length > 1 ? field.values : [], times: timeField(frame)?.values ?? [], place: placeOf(frame, field, reduced, Math.max(0, frame.length - 1)) });
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
