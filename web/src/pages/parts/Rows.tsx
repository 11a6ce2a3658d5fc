/** A plain table of things, with a field that narrows it down when there are many. */
import { useState, type ReactNode } from 'react';

interface RowColumn<T> {
  title: string;
  cell: (row: T) => ReactNode;
  end?: boolean;
}
/** Rows that are drawn; more are reached by the field. */
const drawnMax = 300;
const searchFrom = 8;

export function Rows<T>({ label, rows, columns, id, text, empty }: { label: string; rows: readonly T[]; columns: readonly RowColumn<T>[]; id: (row: T) => string | number; text: (row: T) => string; empty: string }) {
  const [wanted, setWanted] = useState('');
  const words = wanted.toLowerCase().split(/\s+/).filter((w) => w !== '');
  const fitting = words.length === 0 ? rows : rows.filter((r) => words.every((w) => text(r).toLowerCase().includes(w)));
  return (
    <>
      {rows.length >= searchFrom && <input className="input" type="search" placeholder="Narrow down" aria-label={`Narrow down ${label}`} value={wanted} onChange={(e) => setWanted(e.target.value)} />}
      {fitting.length === 0 ? <p className="quiet">{rows.length === 0 ? empty : 'Nothing fits.'}</p> : (
        <div className="rows-scroll" tabIndex={0} role="region" aria-label={label}>
          <table className="rows">
            <thead><tr>{columns.map((c) => <th key={c.title} className={c.end ? 'end' : undefined}>{c.title === '' ? <span className="visually-hidden">Actions</span> : c.title}</th>)}</tr></thead>
            <tbody>{fitting.slice(0, drawnMax).map((r) => <tr key={id(r)}>{columns.map((c) => <td key={c.title} className={c.end ? 'end' : undefined}>{c.cell(r)}</td>)}</tr>)}</tbody>
          </table>
        </div>
      )}
      {fitting.length > drawnMax && <p className="quiet">The first {drawnMax} of {fitting.length}; narrow the list down to see others.</p>}
    </>
  );
}
