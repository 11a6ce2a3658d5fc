/** A plain table of a panel's data, in pages as one scrolls. */
/* oxlint-disable react/no-array-index-key -- rows and cells have no identity but their place, and never move */
import { useState } from 'react';
import { cellText, type Table } from '../../model/table';

const pageRows = 200;

export function DataTable({ table, zone }: { table: Table; zone: string }) {
  const [shown, setShown] = useState(pageRows);
  return (
    <div
      className="table-scroll" tabIndex={0} role="region" aria-label="Data"
      onScroll={(e) => {
        const el = e.currentTarget;
        if (el.scrollTop + el.clientHeight > el.scrollHeight - 200 && shown < table.rows.length) setShown(shown + pageRows);
      }}
    >
      <table className="data-table sm">
        <thead><tr>{table.columns.map((c, i) => <th key={`${c.title}-${String(i)}`} scope="col" className={c.numeric ? 'num' : ''}>{c.title}</th>)}</tr></thead>
        <tbody>
          {table.rows.slice(0, shown).map((row, r) => (
            <tr key={String(r)}>{row.map((value, i) => {
              const column = table.columns[i];
              return <td key={String(i)} className={column?.numeric ? 'num' : ''}>{column ? cellText(column, value, zone) : ''}</td>;
            })}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
