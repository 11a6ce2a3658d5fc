/** States as a table and in words: what stands behind the picture. */
import type { Field, Frame } from '../../model/frame';
import type { Cell } from '../../model/frame';
import type { Table } from '../../model/table';
import { timeField } from '../../model/frame';
import type { Row } from './states';
import { duration } from './states';

/** Where the data end: the last state is only known up to there. */
export function lastMoment(frames: readonly Frame[]): number {
  let last = 0;
  for (const frame of frames) for (const t of timeField(frame)?.values ?? []) if (typeof t === 'number' && t > last) last = t;
  return last;
}

const words = (name: string): Field => ({ name, type: 'string', values: [] });
const moment = (name: string): Field => ({ name, type: 'time', values: [] });

export function statesTable(rows: readonly Row[]): Table {
  const fields = [words('Name'), words('State'), moment('From'), moment('To'), words('Duration')];
  return {
    columns: fields.map((field) => ({ title: field.name, field, numeric: false })),
    rows: rows.flatMap((row) => row.states.map((s): Cell[] => [row.title, s.text, s.from, s.to, duration(s.to - s.from)])),
  };
}

const toldMax = 8;

export function describeRows(kind: string, rows: readonly Row[]): string {
  const parts = rows.slice(0, toldMax).map((row) => {
    const last = row.states.at(-1);
    if (!last) return `${row.title}: no value`;
    let changes = 0;
    for (let i = 1; i < row.states.length; i += 1) if (row.states[i]?.text !== row.states[i - 1]?.text) changes += 1;
    return `${row.title}: last ${last.text === '' ? 'without a name' : last.text}, ${changes === 0 ? 'no change' : changes === 1 ? 'one change' : `${changes} changes`}`;
  });
  return `${kind} with ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}. ${parts.join('; ')}${rows.length > toldMax ? '; and more' : ''}.`;
}
