/** Calculations over one field ("last not null", "mean", …): ids as dashboards name them, with a label each. Missing values are left out. */
import type { Cell, Field } from './frame';

type Calc = (values: readonly Cell[], times?: readonly Cell[]) => Cell;
export interface Reducer {
  id: string;
  label: string;
  calc: Calc;
  /** False where the result is not in the field's unit (a count, a percentage). */
  keepsUnit: boolean;
}

const numbers = (values: readonly Cell[]): number[] => values.filter((v): v is number => typeof v === 'number' && !Number.isNaN(v));
const fold = (values: readonly Cell[], f: (a: number, b: number) => number): Cell => {
  const n = numbers(values);
  return n.length === 0 ? null : n.reduce((a, b) => f(a, b));
};
const sum = (n: readonly number[]): number => n.reduce((a, b) => a + b, 0);

function quantile(values: readonly Cell[], q: number): Cell {
  const n = numbers(values).sort((a, b) => a - b);
  return n[Math.min(n.length - 1, Math.floor(n.length * q))] ?? null;
}

function median(values: readonly Cell[]): Cell {
  const n = numbers(values).sort((a, b) => a - b);
  const upper = n[Math.floor(n.length / 2)];
  const lower = n[Math.floor((n.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}

function variance(values: readonly Cell[]): Cell {
  const n = numbers(values);
  if (n.length === 0) return null;
  const mean = sum(n) / n.length;
  return sum(n.map((v) => (v - mean) ** 2)) / n.length;
}

function steps(values: readonly Cell[]): number[] {
  const n = numbers(values);
  return n.slice(1).map((v, i) => v - (n[i] ?? 0));
}

const firstThat = (values: readonly Cell[], ok: (v: Cell) => boolean): Cell => values.find(ok) ?? null;
const there = (v: Cell): boolean => v !== null && v !== undefined && !(typeof v === 'number' && Number.isNaN(v));

const make = (id: string, label: string, calc: Calc, keepsUnit = true): Reducer => ({ id, label, calc, keepsUnit });
export const reducers: readonly Reducer[] = [
  make('lastNotNull', 'Last *', (v) => v.findLast(there) ?? null),
  make('last', 'Last', (v) => v.at(-1) ?? null),
  make('firstNotNull', 'First *', (v) => firstThat(v, there)),
  make('first', 'First', (v) => v[0] ?? null),
  make('min', 'Min', (v) => fold(v, Math.min)),
  make('max', 'Max', (v) => fold(v, Math.max)),
  make('mean', 'Mean', (v) => (numbers(v).length === 0 ? null : sum(numbers(v)) / numbers(v).length)),
  make('median', 'Median', median),
  make('sum', 'Total', (v) => sum(numbers(v))),
  make('count', 'Count', (v) => v.filter(there).length, false),
  make('range', 'Range', (v) => { const n = numbers(v); return n.length === 0 ? null : n.reduce((a, b) => Math.max(a, b)) - n.reduce((a, b) => Math.min(a, b)); }),
  make('delta', 'Delta', (v) => (numbers(v).length === 0 ? null : sum(steps(v).filter((s) => s > 0)))),
  make('step', 'Step', (v) => (steps(v).length === 0 ? null : steps(v).reduce((a, b) => Math.min(a, b)))),
  make('diff', 'Difference', (v) => { const n = v.filter(there); const a = n[0]; const b = n.at(-1); return typeof a === 'number' && typeof b === 'number' ? b - a : null; }),
  make('diffperc', 'Difference percent', (v) => { const n = v.filter(there); const a = n[0]; const b = n.at(-1); return typeof a === 'number' && typeof b === 'number' && a !== 0 ? ((b - a) / a) * 100 : null; }, false),
  make('logmin', 'Min (above zero)', (v) => { const n = numbers(v).filter((x) => x > 0); return n.length === 0 ? null : n.reduce((a, b) => Math.min(a, b)); }),
  make('allIsZero', 'All zeros', (v) => v.every((x) => x === 0), false),
  make('allIsNull', 'All nulls', (v) => v.every((x) => !there(x)), false),
  make('changeCount', 'Change count', (v) => v.filter(there).filter((x, i, all) => i > 0 && x !== all[i - 1]).length, false),
  make('distinctCount', 'Distinct count', (v) => new Set(v.filter(there)).size, false),
  make('stdDev', 'Standard deviation', (v) => { const x = variance(v); return typeof x === 'number' ? Math.sqrt(x) : null; }),
  make('variance', 'Variance', variance, false),
  ...[1, 5, 10, 20, 25, 50, 75, 80, 90, 95, 99].map((p) => make(`p${p}`, `${p}th %`, (v) => quantile(v, p / 100))),
];

const byId = new Map(reducers.map((r) => [r.id, r]));
const aliases: Record<string, string> = { current: 'lastNotNull', avg: 'mean', total: 'sum', average: 'mean' };

export const reducer = (id: string): Reducer | undefined => byId.get(aliases[id] ?? id);
/** Result of a calculation over a field; null if there is nothing to calculate or the id is unknown. */
export const reduceField = (field: Field, id: string): Cell => reducer(id)?.calc(field.values) ?? null;
