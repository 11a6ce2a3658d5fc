/** What options a panel type has, as data: the editor's form, its defaults and its search come from it. */
import type { FieldType } from '../../model/frame';

export type OptionKind = 'switch' | 'number' | 'text' | 'longtext' | 'select' | 'radio' | 'slider' | 'color' | 'calcs' | 'multi' | 'field' | 'frame' | 'query' | 'unit' | 'folder' | 'property' | 'words' | 'items';

export interface OptionSpec {
  /** Where it lies: the panel's `options`, or the field config's `custom` or own part. */
  at: 'options' | 'custom' | 'defaults';
  /** Below that, with dots. */
  path: string;
  label: string;
  group: string;
  kind: OptionKind;
  /** What holds when nothing is written down; undefined for "nothing". */
  initial?: unknown;
  choices?: readonly (readonly [value: string | number | boolean, label: string])[];
  min?: number;
  max?: number;
  step?: number;
  help?: string;
  /** Of a field: the types that may be chosen; all where it says nothing. */
  types?: readonly FieldType[];
  /** Of a property of shapes: its name, or one of the values of the property at this path beside it. */
  valuesOf?: string;
  /** How the value stands in the file, where that is not what the control shows. */
  codec?: { read: (stored: unknown) => unknown; write: (shown: unknown) => unknown };
  /** Of a list of things: the form of one of them. */
  items?: ItemForm;
  /** Shown only where this holds; `get` reads a path as `options.legend.showLegend`. */
  when?: (get: (path: string) => unknown) => boolean;
}

/** A form for the things of a list; paths of its options begin at the thing. */
export interface ItemForm {
  specs: readonly OptionSpec[];
  /** What one of them is called. */
  one: string;
  title: (item: Record<string, unknown>) => string;
  /** The first thing of the list is all there is: its form stands by itself. */
  single?: true;
  fresh: Record<string, unknown>;
}

/** The parts of the common field config that mean something to a type. */
export type Standard = 'unit' | 'range' | 'decimals' | 'name' | 'color' | 'novalue' | 'thresholds' | 'mappings' | 'links';
export interface PanelSchema {
  options: readonly OptionSpec[];
  standard: readonly Standard[];
}
export const allStandard: readonly Standard[] = ['unit', 'range', 'decimals', 'name', 'color', 'novalue', 'thresholds', 'mappings', 'links'];

type More = Partial<Omit<OptionSpec, 'at' | 'path' | 'label' | 'kind' | 'initial'>>;
const make = (at: OptionSpec['at']) => (group: string, path: string, label: string, kind: OptionKind, initial?: unknown, more: More = {}): OptionSpec => ({ at, group, path, label, kind, initial, ...more });
/** An option in the panel's `options`. */
export const option = make('options');
/** An option that overrides may change field by field. */
export const custom = make('custom');
/** `a:A word|b:Another` as choices. */
export const choices = (text: string): [string, string][] => text.split('|').map((part) => {
  const [value = '', label = value] = part.split(':');
  return [value, label];
});
