/** Calculations over one field ("last not null", "mean", …): ids as dashboards name them, with a label each. Missing values are left out. */
import type { Cell, Field, FieldType } from './frame';

/** The type matters where words and numbers count differently; it is guessed when it is not given. */
type Calc = (values: readonly Cell[], type?: FieldType) => Cell;
interface Reducer {
  id: string;
  label: string;
  calc: Calc;
  /** False where the result is not in the field's unit (a count, a percentage). */
  keepsUnit: boolean;
}

const numbers = (values: readonly Cell[]): number[] => values.filter((v): v is number => typeof v === 'number' && !Number.isNaN(v));
/** Over numbers alone; null where there is none. */
const over = (f: (n: number[]) => number | null): Calc => (values) => {
  const n = numbers(values);
  return n.length === 0 ? null : f(n);
};
const sum = (n: readonly number[]): number => n.reduce((a, b) => a + b, 0);
const least = (n: readonly number[]): number => n.reduce((a, b) => (b < a ? b : a));
const most = (n: readonly number[]): number => n.reduce((a, b) => (b > a ? b : a));
const there = (v: Cell): boolean => v !== null && v !== undefined && !(typeof v === 'number' && Number.isNaN(v));
const present = (v: Cell): boolean => v !== null && v !== undefined;

const quantile = (share: number): Calc => over((n) => [...n].sort((a, b) => a - b)[Math.round((n.length - 1) * share)] ?? null);

function middle(n: number[]): number {
  const sorted = [...n].sort((a, b) => a - b);
  return ((sorted[Math.floor(sorted.length / 2)] ?? 0) + (sorted[Math.floor((sorted.length - 1) / 2)] ?? 0)) / 2;
}

/** As Welford adds it up, so that large numbers of small spread keep their digits. */
function variance(values: readonly Cell[]): number {
  let mean = 0;
  let squares = 0;
  let count = 0;
  for (const v of values) {
    if (typeof v !== 'number') continue;
    count += 1;
    const before = mean;
    mean += (v - before) / count;
    squares += (v - before) * (v - mean);
  }
  return count === 0 ? 0 : squares / count;
}

/** What a counter grew by: a fall is a restart, and the step after it is not counted, for it started somewhere else. */
function growth(n: readonly number[]): number {
  let grown = 0;
  let rising = true;
  for (let i = 1; i < n.length; i += 1) {
    const step = (n[i] ?? 0) - (n[i - 1] ?? 0);
    if (step >= 0 && rising) grown += step;
    rising = step >= 0;
  }
  return grown;
}

function ends(values: readonly Cell[]): [number, number] | undefined {
  const first = values.find(there);
  const last = values.findLast(there);
  return typeof first === 'number' && typeof last === 'number' ? [first, last] : undefined;
}

const isNumeric = (values: readonly Cell[], type: FieldType | undefined): boolean => (type === undefined ? values.some((v) => typeof v === 'number') : type === 'number' || type === 'time');
const ordinal = (n: number): string => (n > 3 && n < 21 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'));

const make = (id: string, label: string, calc: Calc, keepsUnit = true): Reducer => ({ id, label, calc, keepsUnit });
export const reducers: readonly Reducer[] = [
  make('lastNotNull', 'Last *', (v) => v.findLast(there) ?? null),
  make('last', 'Last', (v) => v.at(-1) ?? null),
  make('firstNotNull', 'First *', (v) => v.find(there) ?? null),
  make('first', 'First', (v) => v[0] ?? null),
  make('min', 'Min', over(least)),
  make('max', 'Max', over(most)),
  make('mean', 'Mean', over((n) => sum(n) / n.length)),
  make('median', 'Median', over(middle)),
  make('variance', 'Variance', (v, type) => (isNumeric(v, type) ? variance(v) : 0)),
  make('stdDev', 'StdDev', (v, type) => (isNumeric(v, type) ? Math.sqrt(variance(v)) : 0)),
  make('sum', 'Total', (v) => sum(numbers(v))),
  make('count', 'Count', (v) => v.filter(present).length, false),
  make('countAll', 'Count all', (v) => v.length, false),
  make('range', 'Range', over((n) => most(n) - least(n))),
  make('delta', 'Delta', (v) => growth(numbers(v))),
  make('step', 'Step', over((n) => (n.length < 2 ? null : least(n.slice(1).map((x, i) => x - (n[i] ?? 0)))))),
  make('diff', 'Difference', (v) => { const e = ends(v); return e ? e[1] - e[0] : null; }),
  make('logmin', 'Min (above zero)', over((n) => { const above = n.filter((x) => x > 0); return above.length === 0 ? null : least(above); })),
  make('allIsZero', 'All Zeros', (v) => v.some(there) && v.every((x) => !there(x) || x === 0), false),
  make('allIsNull', 'All Nulls', (v) => v.every((x) => !there(x)), false),
  make('changeCount', 'Change Count', (v) => { const p = v.filter(present); return p.filter((x, i) => i > 0 && x !== p[i - 1]).length; }, false),
  make('distinctCount', 'Distinct Count', (v) => new Set(v.filter(present)).size, false),
  make('diffperc', 'Difference percent', (v) => { const e = ends(v); return e ? ((e[1] - e[0]) / e[0]) * 100 : null; }, false),
  make('allValues', 'All values', (v) => JSON.stringify(v), false),
  make('uniqueValues', 'All unique values', (v) => JSON.stringify([...new Set(v)]), false),
  ...Array.from({ length: 99 }, (_, i) => make(`p${i + 1}`, `${i + 1}${ordinal(i + 1)} %`, quantile((i + 1) / 100))),
];

const byId = new Map(reducers.map((r) => [r.id, r]));
const aliases: Record<string, string> = { current: 'lastNotNull', avg: 'mean', total: 'sum', average: 'mean' };

export const reducer = (id: string): Reducer | undefined => byId.get(aliases[id] ?? id);
/** Result of a calculation over a field; null if there is nothing to calculate or the id is unknown. */
export const reduceField = (field: Field, id: string): Cell => reducer(id)?.calc(field.values, field.type) ?? null;
