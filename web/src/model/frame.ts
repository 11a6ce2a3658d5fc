/** Columns of data on their way from a query to a panel. A frame is a list of fields of equal length. */
import type { FieldConfig } from './fieldconfig/types';
import type { DisplayValue } from './fieldconfig/display';
import type { Natives } from './buckets/native';

/** `other` holds JSON as text; `frame` a small series and `nested` a table in every cell. */
export type FieldType = 'time' | 'number' | 'string' | 'boolean' | 'other' | 'frame' | 'nested';
export type Labels = Record<string, string>;
/** A cell: time in Unix ms, numbers may be NaN or infinite, null is "no sample". */
export type Cell = number | string | boolean | null;

export interface Field {
  name: string;
  type: FieldType;
  values: Cell[];
  labels?: Labels | undefined;
  /** The name the query gave the series (its legend); a configured display name wins over it. */
  legend?: string | undefined;
  /** The query named no series: `legend` is its labels. */
  unnamed?: boolean | undefined;
  /** Options a transformation gave the field, by the ids overrides use; they win over the panel's defaults, overrides over them. */
  given?: Record<string, unknown> | undefined;
  /** The frames behind the cells of a `frame` (one each) or `nested` (several each) field. */
  inner?: Frame[][] | undefined;
  /** Set by `applyFieldConfig`. */
  config?: FieldConfig | undefined;
  /** Set by `applyFieldConfig`: the name to show. */
  title?: string | undefined;
  /** Set by `applyFieldConfig`: text, colour and share of one value. */
  display?: ((value: Cell) => DisplayValue) | undefined;
  /** Set by `applyFieldConfig`: colour of the series as a whole. */
  color?: string | undefined;
  /** Set by `applyFieldConfig`: index among the value fields of the panel, which picks the palette colour. */
  seriesIndex?: number | undefined;
}

export interface Frame {
  refId: string;
  name?: string | undefined;
  fields: Field[];
  length: number;
  /** True for a table of instant vectors: columns are labels, not points in time. */
  table?: boolean | undefined;
  /** Set on data of an earlier time that is drawn behind the present: how much earlier, in words. */
  ghost?: string | undefined;
  /** True for the rows of a histogram: what lies in each bucket, its upper bound in the label `le`. */
  buckets?: boolean | undefined;
  /** Set on the cells of native histograms (a row each bucket and moment). */
  natives?: Natives | undefined;
  /** Whether a nested table shows its column names, and whether rows that hold tables start open. */
  headless?: boolean | undefined;
  expanded?: boolean | undefined;
}

export const timeField = (frame: Frame): Field | undefined => frame.fields.find((f) => f.type === 'time');
export const valueFields = (frame: Frame): Field[] => frame.fields.filter((f) => f.type === 'number');

/** A frame whose length is that of its longest field. */
export function makeFrame(refId: string, fields: Field[], extra: Partial<Frame> = {}): Frame {
  return { refId, fields, length: fields.reduce((n, f) => Math.max(n, f.values.length), 0), ...extra };
}

/** Guesses a field's type from its first value that is there. */
export function guessType(values: readonly Cell[]): FieldType {
  const first = values.find((v) => v !== null && v !== undefined);
  if (typeof first === 'number') return 'number';
  if (typeof first === 'boolean') return 'boolean';
  return 'string';
}

/** How many values that are not missing the frames hold: what `data-points` shows. */
export function countPoints(frames: readonly Frame[]): number {
  let count = 0;
  for (const frame of frames) {
    for (const field of frame.fields) {
      if (field.type === 'time') continue;
      for (const value of field.values) if (value !== null && value !== undefined) count += 1;
    }
  }
  return count;
}

/** Labels as Prometheus prints them: `{a="b", c="d"}`. */
export function formatLabels(labels: Labels): string {
  const parts = Object.keys(labels).sort().filter((k) => k !== '__name__').map((k) => `${k}="${labels[k] ?? ''}"`);
  return parts.length > 0 ? `{${parts.join(', ')}}` : '';
}

/** The series itself written out, with the name of its metric: `up{job="a"}`. */
export const writtenOut = (labels: Labels): string => `${labels['__name__'] ?? ''}${formatLabels(labels)}`;
