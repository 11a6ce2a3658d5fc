/** The inspector, a drawer beside the dashboard: data and CSV, the queries as they were sent with their cost, frames, the panel's JSON. */
import { Copy, Download } from 'lucide-react';
import { useState } from 'react';
import './share.css';
import type { Panel } from '../../model/dashboard/types';
import type { Frame } from '../../model/frame';
import { toCsv, type Table } from '../../model/table';
import { formatTimeZoned } from '../../model/time/format';
import { formatValue, joinValue } from '../../model/units/format';
import type { PanelData } from '../../query/runner';
import { Dialog } from '../../ui/dialog';
import { EngineFigures, ServerAccount } from '../parts/QueryCost';
import { DataTable } from './DataTable';
import { copyText, download, fileName } from '../parts/download';

type Tab = 'data' | 'queries' | 'frames' | 'json';
const tabs: [Tab, string][] = [['data', 'Data'], ['queries', 'Queries'], ['frames', 'Frames'], ['json', 'Panel JSON']];
/** Values of a field written out in the list of frames. */
const framesShown = 200;
const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;

const ms = (n: number): string => joinValue(formatValue(n, 'ms'));
const count = (n: number): string => n.toLocaleString('en-US');

function Queries({ data, zone }: { data: PanelData; zone: string }) {
  if (data.queries.length === 0) return <p className="quiet">This panel asks for nothing.</p>;
  const total = data.stats.reduce((sum, s) => ({ ms: Math.max(sum.ms, s.ms), series: sum.series + s.series, samples: sum.samples + s.samples }), { ms: 0, series: 0, samples: 0 });
  const cost = data.stats.reduce((sum, { engine: e }) => (e ? { steps: sum.steps + e.steps, cached: sum.cached + e.stepsCached, read: sum.read + e.samplesRead } : sum), { steps: 0, cached: 0, read: 0 });
  return (
    <div className="inspect-pane">
      <dl className="inspect-figures">
        <div><dt>Slowest query</dt><dd>{ms(total.ms)}</dd></div>
        <div><dt>Series</dt><dd>{count(total.series)}</dd></div>
        <div><dt>Samples</dt><dd>{count(total.samples)}</dd></div>
        {cost.steps > 0 && <div><dt>From the cache</dt><dd>{Math.round((cost.cached / cost.steps) * 100)} %</dd></div>}
        {cost.read > 0 && <div><dt>Samples read</dt><dd>{count(cost.read)}</dd></div>}
        <div><dt>Values received</dt><dd>{count(data.frames.reduce((n, f) => n + f.length * Math.max(0, f.fields.length - 1), 0))}</dd></div>
      </dl>
      <p className="quiet num">{formatTimeZoned(data.range.from, zone)} to {formatTimeZoned(data.range.to, zone)}</p>
      <ul className="inspect-queries">
        {data.queries.map((q) => {
          const instant = q.instant && !q.range;
          const stats = data.stats.find((s) => s.refId === q.refId);
          const problem = data.problems.find((p) => p.refId === q.refId);
          return (
            <li key={q.refId}>
              <h3>Query {q.refId} <span className="quiet">{instant ? 'at one moment' : 'over the range'}, source {q.datasource}</span></h3>
              <pre>{q.expr}</pre>
              {problem && <p className="field-error">{problem.message}</p>}
              <p className="quiet num">
                {stats ? `${ms(stats.ms)} · ${count(stats.series)} series · ${count(stats.samples)} samples${!instant && stats.stepMs > 0 ? ` · a point every ${ms(stats.stepMs)}` : ''}` : ''}
              </p>
              {stats?.engine && <EngineFigures engine={stats.engine} />}
              <p className="inspect-tools">
              <button type="button" className="button" onClick={() => void copyText(q.expr, 'The query is copied.')}><Copy {...icon} />Copy query</button>
              </p>
              {stats && <ServerAccount source={q.datasource} expr={q.expr} range={data.range} instant={instant} stats={stats} />}
            </li>
          );
        })}
      </ul>
      {data.notices.length > 0 && <ul className="quiet">{data.notices.map((n) => <li key={n}>{n}</li>)}</ul>}
    </div>
  );
}

/** Frames as text: names, types and labels whole, values cut. */
function framesText(frames: readonly Frame[]): string {
  return JSON.stringify(frames.slice(0, framesShown).map((f) => ({
    refId: f.refId, name: f.name, length: f.length,
    fields: f.fields.map((x) => ({ name: x.name, title: x.title, type: x.type, labels: x.labels, values: x.values.slice(0, framesShown) })),
  })), null, 1);
}

interface Props {
  title: string;
  data: PanelData;
  frames: readonly Frame[];
  table: Table;
  panel: Panel;
  zone: string;
  onClose: () => void;
}

export function Inspect({ title, data, frames, table, panel, zone, onClose }: Props) {
  const [tab, setTab] = useState<Tab>(table.rows.length > 0 ? 'data' : 'queries');
  const json = (): string => JSON.stringify(panel, null, 2);
  return (
    <Dialog title={`Inspect: ${title || 'panel'}`} className="drawer" onClose={onClose}>
      <div className="inspect">
        <div className="inspect-bar">
          <div className="segmented" role="group" aria-label="What to show">
            {tabs.map(([id, label]) => <button key={id} type="button" aria-pressed={tab === id} onClick={() => setTab(id)}>{label}</button>)}
          </div>
          {tab === 'data' && table.rows.length > 0 && <button type="button" className="button" onClick={() => download(`${fileName(title, 'panel')}.csv`, toCsv(table, zone), 'text/csv')}><Download {...icon} />CSV</button>}
          {tab === 'json' && <button type="button" className="button" onClick={() => void copyText(json(), 'The JSON is copied.')}><Copy {...icon} />Copy</button>}
        </div>
        {tab === 'data' && (table.rows.length > 0 ? <DataTable table={table} zone={zone} /> : <p className="quiet">There is no data to show.</p>)}
        {tab === 'queries' && <Queries data={data} zone={zone} />}
        {tab === 'frames' && <pre className="inspect-json" tabIndex={0}>{framesText(frames)}</pre>}
        {tab === 'json' && <pre className="inspect-json" tabIndex={0}>{json()}</pre>}
      </div>
    </Dialog>
  );
}
