/** The inspector: the data as a table, the queries with their cost, the panel's JSON. */
import { useState } from 'react';
import type { Panel } from '../../model/dashboard/types';
import type { Table } from '../../model/table';
import type { PanelData } from '../../query/runner';
import { Dialog } from '../../ui/dialog';
import { formatValue, joinValue } from '../../model/units/format';
import { DataTable } from './DataTable';

type Tab = 'data' | 'queries' | 'json';
const tabs: [Tab, string][] = [['data', 'Data'], ['queries', 'Queries'], ['json', 'Panel JSON']];

function Queries({ data }: { data: PanelData }) {
  if (data.queries.length === 0) return <p className="quiet">This panel asks for nothing.</p>;
  return (
    <ul className="inspect-queries">
      {data.queries.map((q) => {
        const stats = data.stats.find((s) => s.refId === q.refId);
        const problem = data.problems.find((p) => p.refId === q.refId);
        return (
          <li key={q.refId}>
            <h3>Query {q.refId} <span className="quiet">{q.instant && !q.range ? 'at one moment' : 'over the range'}, source {q.datasource}</span></h3>
            <pre>{q.expr}</pre>
            {problem && <p className="field-error">{problem.message}</p>}
            {stats && (
              <p className="quiet num">
                {joinValue(formatValue(stats.ms, 'ms'))} · {stats.series.toLocaleString('en-US')} series · {stats.samples.toLocaleString('en-US')} samples
                {stats.stepMs > 0 ? ` · a point every ${joinValue(formatValue(stats.stepMs, 'ms'))}` : ''}
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}

export function Inspect({ title, data, table, panel, zone, onClose }: { title: string; data: PanelData; table: Table; panel: Panel; zone: string; onClose: () => void }) {
  const [tab, setTab] = useState<Tab>(table.rows.length > 0 ? 'data' : 'queries');
  return (
    <Dialog title={`Inspect: ${title || 'panel'}`} className="wide" onClose={onClose}>
      <div className="inspect">
        <div className="segmented" role="group" aria-label="What to show">
          {tabs.map(([id, label]) => <button key={id} type="button" aria-pressed={tab === id} onClick={() => setTab(id)}>{label}</button>)}
        </div>
        {tab === 'data' && (table.rows.length > 0 ? <DataTable table={table} zone={zone} /> : <p className="quiet">There is no data to show.</p>)}
        {tab === 'queries' && <Queries data={data} />}
        {tab === 'json' && <pre className="inspect-json" tabIndex={0}>{JSON.stringify(panel, null, 2)}</pre>}
      </div>
    </Dialog>
  );
}
