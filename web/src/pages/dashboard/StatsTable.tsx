/** Figures of every series below a panel that is seen alone: last, smallest, mean, largest, how many. */
import { useMemo, useState } from 'react';
import { showValue } from '../../model/fieldconfig/display';
import { valueFields, type Field, type Frame } from '../../model/frame';
import { reduceField } from '../../model/reduce';

const columns: readonly { id: string; label: string; plain?: boolean }[] = [
  { id: 'lastNotNull', label: 'Last' }, { id: 'min', label: 'Min' }, { id: 'mean', label: 'Mean' }, { id: 'max', label: 'Max' }, { id: 'range', label: 'Range' }, { id: 'count', label: 'Points', plain: true },
];
/** Series shown before one asks for more. */
const shownFirst = 50;

function textOf(field: Field, value: unknown, plain: boolean): string {
  if (typeof value !== 'number') return '–';
  return plain || !field.display ? value.toLocaleString('en-US') : showValue(field.display(value));
}

export function StatsTable({ frames }: { frames: readonly Frame[] }) {
  const [sort, setSort] = useState<{ id: string; desc: boolean }>();
  const [shown, setShown] = useState(shownFirst);
  const rows = useMemo(() => frames.flatMap((f) => valueFields(f)).map((field) => ({ field, title: field.title ?? field.name, values: columns.map((c) => reduceField(field, c.id)) })), [frames]);
  const at = columns.findIndex((c) => c.id === sort?.id);
  const sorted = sort ? [...rows].sort((a, b) => (at < 0 ? a.title.localeCompare(b.title, undefined, { numeric: true }) : Number(a.values[at] ?? -Infinity) - Number(b.values[at] ?? -Infinity)) * (sort.desc ? -1 : 1)) : rows;
  if (rows.length === 0) return null;
  const head = (id: string, label: string, numeric: boolean) => (
    <th key={id} scope="col" className={numeric ? 'num' : ''} aria-sort={sort?.id === id ? (sort.desc ? 'descending' : 'ascending') : 'none'}>
      <button type="button" onClick={() => setSort(sort?.id === id ? (sort.desc ? { id, desc: false } : undefined) : { id, desc: true })}>{label}{sort?.id === id ? (sort.desc ? ' ↓' : ' ↑') : ''}</button>
    </th>
  );
  return (
    <div className="view-stats table-scroll" tabIndex={0} role="region" aria-label="Figures of the series">
      <table className="data-table sm">
        <thead><tr>{head('title', 'Series', false)}{columns.map((c) => head(c.id, c.label, true))}</tr></thead>
        <tbody>
          {sorted.slice(0, shown).map((row, i) => (
            <tr key={`${row.title} ${String(i)}`}><td>{row.title}</td>{columns.map((c, k) => <td key={c.id} className="num">{textOf(row.field, row.values[k], c.plain ?? false)}</td>)}</tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown && <button type="button" className="button quiet" onClick={() => setShown(shown + 500)}>Show more of {rows.length} series</button>}
    </div>
  );
}
