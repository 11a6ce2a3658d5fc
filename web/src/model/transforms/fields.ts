/** What transformations have in common: the name a field goes by, finding it by that name, and picking rows. */
import type { Cell, Field, Frame } from '../frame';
import { formatLabels } from '../frame';

/** What a transformation reads besides the frames. */
export interface TransformContext {
  /** Fills variables into the options. */
  interpolate?: ((text: string) => string) | undefined;
  zone?: string | undefined;
}
export type Options = Record<string, unknown>;
export type Transform = (frames: readonly Frame[], options: Options, context: TransformContext) => Frame[];

/** A transformation that cannot do what it is asked for; the message is for the person who wrote the dashboard. */
export class TransformError extends Error {}

/** The name a field is shown by before the panel's own options: given by a transformation, the query's legend, or built from labels. */
export function nameOf(f: Field): string {
  const given = f.given?.['displayName'];
  if (typeof given === 'string' && given !== '') return given;
  if (f.legend !== undefined) return f.legend;
  if (!f.labels) return f.name;
  const values = Object.values(f.labels);
  // A single label says enough by its value.
  const labels = values.length === 1 ? (values[0] ?? '') : formatLabels(f.labels);
  if (labels === '') return f.name;
  return f.name === '' || f.name === 'Value' ? labels : `${f.name} ${labels}`;
}

/** As `nameOf`, with the frame's name for a value that has none of its own, and a number where a name stands twice. */
export function shownName(f: Field, frame: Frame): string {
  const name = nameOf(f);
  if (name !== f.name || f.legend !== undefined) return name;
  if (name === 'Value' && frame.name !== undefined && frame.name !== '') return frame.name;
  if (f.type === 'time' && !f.labels) return name;
  const same = frame.fields.filter((x) => x.name === name);
  return same.length > 1 && same.includes(f) ? `${name} ${same.indexOf(f) + 1}` : name;
}

/**
 * Columns that came together under one name are told apart for good, as in `job 1`, `job 2`: other transformations and overrides know
 * them by these names, also when the others are gone. A series' name and a time of its own stay.
 */
export function numbered(frame: Frame): Frame {
  const names = frame.fields.map((f) => f.name);
  if (new Set(names).size === names.length) return frame;
  return { ...frame, fields: frame.fields.map((f) => { const name = shownName(f, frame); return name === f.name || name === nameOf(f) ? f : renamed(f, name); }) };
}

/** Whether a field is meant by a name: the one it is shown by, its own, or the two standard names of old dashboards. */
export function isNamed(f: Field, name: string): boolean {
  if (f.name === name || nameOf(f) === name) return true;
  if (name === 'Value') return f.labels?.['__name__'] !== undefined && f.labels['__name__'] === f.name;
  return (name === 'Time' || name === 'time') && f.type === 'time';
}

export const findField = (frame: Frame, name: string): Field | undefined =>
  name === '' ? undefined : (frame.fields.find((f) => nameOf(f) === name || f.name === name) ?? frame.fields.find((f) => isNamed(f, name)));

/** The field under another name to show. */
export const renamed = (f: Field, displayName: string): Field => ({ ...f, given: { ...f.given, displayName } });

export const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
export const column = <T>(n: number, make: (row: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

export const pickValues = (f: Field, rows: readonly number[]): Field => ({
  ...f, values: rows.map((r) => f.values[r] ?? null), ...(f.inner ? { inner: rows.map((r) => f.inner?.[r] ?? []) } : {}),
});
/** The frame with these rows, in this order. */
export const pickRows = (frame: Frame, rows: readonly number[]): Frame => ({ ...frame, length: rows.length, fields: frame.fields.map((f) => pickValues(f, rows)) });

/** A text that tells two rows apart exactly when one of these cells differs. */
export const rowKey = (fields: readonly Field[], row: number): string => JSON.stringify(fields.map((f) => keyCell(f.values[row] ?? null)));
const keyCell = (v: Cell): Cell => (typeof v === 'number' && !Number.isFinite(v) ? String(v) : v);

/** The refId of a frame that was made from others. */
export const joinedRefId = (id: string, frames: readonly Frame[]): string => `${id}-${frames.map((f) => f.refId).join('-')}`;

/** What stands in an empty cell, by the word options use. */
export function specialValue(word: unknown): Cell {
  switch (word) {
    case 'true': return true;
    case 'false': return false;
    case 'null': return null;
    case 'zero': return 0;
    default: return '';
  }
}

const words = new Intl.Collator('en', { sensitivity: 'base' });
/** Order of two cells of one column; what is missing comes last, also backwards. */
export function compareCells(a: Cell, b: Cell, backwards = false): number {
  const gone = (v: Cell): boolean => v === null || v === undefined || v === '' || (typeof v === 'number' && Number.isNaN(v));
  if (gone(a) || gone(b)) return gone(a) ? (gone(b) ? 0 : 1) : -1;
  return backwards ? compareThere(b, a) : compareThere(a, b);
}
function compareThere(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' || typeof b === 'boolean') return Number(Boolean(b)) - Number(Boolean(a));
  return words.compare(String(a), String(b));
}
