/** What a table shows of a frame: its columns, and its rows in order: filtered, sorted, and cut into pages. Pure. */
import type { Cell, Field, Frame } from '../../model/frame';
import { showValue } from '../../model/fieldconfig/display';
import { flag, list, number, object, text } from '../../model/json';
import { reduceField, reducer } from '../../model/reduce';
import { formatValue, joinValue } from '../../model/units/format';
import type { Options } from '../types';
import { cellText, type Column } from '../../model/table';

export interface Sort {
  title: string;
  desc: boolean;
}

export interface ShownColumn extends Column {
  /** Key of what a person changed: width, filter, order. */
  kind: string;
  mode: string;
  /** `left`, `center` or `right`. */
  align: string;
  width: number | undefined;
  minWidth: number;
  filterable: boolean;
  inspectable: boolean;
  wrap: boolean;
}

const legacyKinds: Record<string, [string, string]> = {
  'color-background-solid': ['color-background', 'basic'], 'gradient-gauge': ['gauge', 'gradient'], 'lcd-gauge': ['gauge', 'lcd'], basic: ['gauge', 'basic'],
};

export const custom = (field: Field): Record<string, unknown> => field.config?.custom ?? {};

function shownColumn(field: Field): ShownColumn {
  const c = custom(field);
  const named = text(c['cellOptions.type'] ?? c['displayMode'], 'auto');
  const [kind, mode] = legacyKinds[named] ?? [named, text(c['cellOptions.mode'])];
  const numeric = field.type === 'number';
  const align = text(c['align'], 'auto');
  const isGauge = kind === 'gauge' || kind === 'sparkline' || field.type === 'frame';
  return {
    title: field.title ?? field.name, field, numeric, kind: field.type === 'frame' && kind === 'auto' ? 'sparkline' : kind, mode,
    align: align !== 'auto' ? align : numeric && !isGauge ? 'right' : 'left',
    width: number(c['width']), minWidth: number(c['minWidth']) ?? 60,
    filterable: flag(c['filterable']) || field.config?.filterable === true,
    inspectable: flag(c['inspect']),
    wrap: flag(c['wrapText']) || flag(c['cellOptions.wrapText']) || kind === 'markdown',
  };
}

const isHidden = (field: Field): boolean => field.type === 'nested' || flag(custom(field)['hidden']) || object(custom(field)['hideFrom'])['viz'] === true;

export const shownColumns = (frame: Frame): ShownColumn[] => frame.fields.filter((f) => !isHidden(f)).map(shownColumn);

/** The order a dashboard was saved with. */
export const savedSort = (options: Options): Sort[] =>
  list(options['sortBy']).map(object).filter((s) => typeof s['displayName'] === 'string').map((s) => ({ title: text(s['displayName']), desc: flag(s['desc']) }));

/** A press on a header: down, up, off; with `add` it joins the other columns. */
export function pressSort(sorts: readonly Sort[], title: string, add: boolean): Sort[] {
  const before = sorts.find((s) => s.title === title);
  const others = add ? sorts.filter((s) => s.title !== title) : [];
  if (!before) return [...others, { title, desc: true }];
  return before.desc ? [...others, { title, desc: false }] : others;
}

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
const missing = (v: Cell): boolean => v === null || v === undefined || v === '' || (typeof v === 'number' && Number.isNaN(v));

/** Order of two cells; what is missing comes last. */
function compareCells(a: Cell, b: Cell): number {
  if (missing(a) || missing(b)) return missing(a) ? (missing(b) ? 0 : 1) : -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return words.compare(String(a), String(b));
}

/** A rank for every row, so that the words of a hundred thousand rows are compared once and not at every step of the sort. */
function ranks(field: Field, length: number): Float64Array {
  const out = new Float64Array(length);
  const allNumbers = field.values.every((v) => typeof v === 'number' || v === null);
  if (allNumbers) {
    for (let i = 0; i < length; i += 1) {
      const v = field.values[i];
      out[i] = typeof v === 'number' ? v : NaN;
    }
    return out;
  }
  const distinct = [...new Set(field.values)].sort(compareCells);
  const place = new Map(distinct.map((v, i) => [v, missing(v) ? NaN : i]));
  for (let i = 0; i < length; i += 1) out[i] = place.get(field.values[i] ?? null) ?? NaN;
  return out;
}

/** A condition of a person on a column. */
export interface Filter {
  /** Words to find, or a comparison such as `>= 5`. */
  search: string;
  /** Texts that stay; undefined for all. */
  chosen: ReadonlySet<string> | undefined;
}

const comparison = /^\s*(>=|<=|!=|=|>|<)\s*(-?\d+(?:\.\d+)?)\s*$/;

/** Reads what was typed: a comparison of numbers, or words the text must have. */
export function searchTest(search: string): (shown: string, value: Cell) => boolean {
  const m = comparison.exec(search);
  if (!m) {
    const wanted = search.trim().toLowerCase();
    return (shown) => wanted === '' || shown.toLowerCase().includes(wanted);
  }
  const limit = Number(m[2]);
  const operator = m[1];
  return (_shown, value) => {
    if (typeof value !== 'number') return false;
    switch (operator) {
      case '>': return value > limit;
      case '>=': return value >= limit;
      case '<': return value < limit;
      case '<=': return value <= limit;
      case '=': return value === limit;
      default: return value !== limit;
    }
  };
}

/** Row numbers in the order they are shown. */
export function orderedRows(frame: Frame, columns: readonly ShownColumn[], sorts: readonly Sort[], filters: ReadonlyMap<string, Filter>, zone: string): number[] {
  const active = columns.flatMap((column) => {
    const filter = filters.get(column.title);
    return filter ? [{ column, test: searchTest(filter.search), chosen: filter.chosen }] : [];
  });
  const rows: number[] = [];
  for (let i = 0; i < frame.length; i += 1) {
    const keep = active.every(({ column, test, chosen }) => {
      const value = column.field.values[i] ?? null;
      const shown = cellText(column, value, zone);
      return test(shown, value) && (chosen === undefined || chosen.has(shown));
    });
    if (keep) rows.push(i);
  }
  const keys = sorts.flatMap((s) => {
    const column = columns.find((c) => c.title === s.title);
    return column ? [{ rank: ranks(column.field, frame.length), sign: s.desc ? -1 : 1 }] : [];
  });
  if (keys.length === 0) return rows;
  return rows.sort((a, b) => {
    for (const { rank, sign } of keys) {
      const x = rank[a] ?? NaN;
      const y = rank[b] ?? NaN;
      if (Number.isNaN(x) || Number.isNaN(y)) {
        if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
      } else if (x !== y) return sign * (x - y);
    }
    return a - b;
  });
}

interface FooterCell {
  label: string;
  value: string;
}

/** The calculations below a column: the panel's own for all of its columns, or each column's. */
export function footerCells(column: ShownColumn, rows: readonly number[], options: Options, zone: string): FooterCell[] {
  const footer = object(options['footer']);
  const own = object(custom(column.field)['footer']);
  const names = list(footer['fields']).map((f) => text(f));
  const panelWide = flag(footer['show']) && column.numeric && (names.length === 0 || names.includes(column.title) || names.includes(column.field.name));
  const calcs = [...list(own['reducers']), ...(panelWide && list(own['reducers']).length === 0 ? list(footer['reducer']).length > 0 ? list(footer['reducer']) : ['sum'] : [])].map((c) => text(c));
  return calcs.flatMap((id): FooterCell[] => {
    const calc = reducer(id);
    if (!calc) return [];
    const value = reduceField({ ...column.field, values: rows.map((r) => column.field.values[r] ?? null) }, id);
    if (value === null) return [];
    const shown = typeof value === 'number' && !calc.keepsUnit ? joinValue(formatValue(value, id === 'diffperc' ? 'percent' : 'none'))
      : column.field.display ? showValue(column.field.display(value)) : cellText(column, value, zone);
    return [{ label: calc.label, value: shown }];
  });
}

/** Whether the rows are counted at the foot instead. */
export function footerCount(options: Options): boolean {
  const footer = object(options['footer']);
  return flag(footer['show']) && flag(footer['countRows']) && list(footer['reducer']).includes('count');
}

export const isPaged = (options: Options): boolean => flag(options['enablePagination']) || flag(object(options['footer'])['enablePagination']);

/** Widths that fill the room: fixed ones stay, the others share what is left by what they hold. */
export function columnWidths(wanted: readonly { fixed: number | undefined; natural: number; least: number }[], room: number): number[] {
  const base = wanted.map((w) => w.fixed ?? Math.max(w.least, w.natural));
  const left = room - base.reduce((a, b) => a + b, 0);
  const flexible = wanted.map((w, i) => (w.fixed === undefined ? (base[i] ?? 0) : 0));
  const share = flexible.reduce((a, b) => a + b, 0);
  if (left <= 0 || share === 0) return base;
  return base.map((w, i) => Math.floor(w + (left * (flexible[i] ?? 0)) / share));
}
