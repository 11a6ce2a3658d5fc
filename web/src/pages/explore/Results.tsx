/** What a pane shows: notices, graph, table of instant answers or the list of series, frames of other sources; or why there is nothing. */
import { Check, Copy, Inbox, TriangleAlert } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ExplorePane, GraphStyle } from '../../model/explore';
import { graphStyles, isBlank } from '../../model/explore';
import { frameTable } from '../../model/table';
import { formatTime } from '../../model/time/format';
import type { RawRange } from '../../model/time/range';
import type { CursorBus } from '../../query/cursor';
import type { PanelData } from '../../query/runner';
import { toast } from '../../ui/toast';
import { DataTable } from '../dashboard/DataTable';
import { PanelHost } from './PanelHost';
import { graphOptions, instantTable, plainPanel, seriesLines, seriesText, styleNames, type SeriesLine } from './results';
import type { PaneRun } from './usePaneRun';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
const heatPanel = plainPanel('heatmap', '', { options: { color: { mode: 'scheme', scheme: 'Oranges', steps: 64 }, tooltip: { mode: 'single', yHistogram: true } }, fieldConfig: { defaults: {}, overrides: [] } });
const tableLook = { options: {}, fieldConfig: { defaults: {}, overrides: [{ matcher: { id: 'byName', options: 'Time' }, properties: [{ id: 'custom.width', value: 215 }] }] } };
/** Lines of the raw list shown at once. */
const linesStep = 200;

function Notices({ data }: { data: readonly PanelData[] }) {
  const all = [...new Set(data.flatMap((d) => d.notices))];
  if (all.length === 0) return null;
  return <ul className="explore-notices" aria-label="Notices">{all.map((n) => <li key={n}><TriangleAlert {...icon} />{n}</li>)}</ul>;
}

function RawList({ lines }: { lines: readonly SeriesLine[] }) {
  const [shown, setShown] = useState(linesStep);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(seriesText(lines));
      toast(`${lines.length} series are copied.`);
    } catch {
      toast('The browser does not allow copying here. Mark the lines and copy them.', 'error');
    }
  };
  return (
    <div className="explore-raw">
      <button type="button" className="button quiet" onClick={() => void copy()}><Copy {...icon} />Copy all</button>
      <ol tabIndex={0} aria-label="Series">
        {/* oxlint-disable-next-line react/no-array-index-key -- two queries may answer the same series, and lines never move */}
        {lines.slice(0, shown).map((l, i) => <li key={`${l.refId} ${l.text} ${i}`}><code>{l.text}</code><span className="num">{l.value === null ? '' : String(l.value)}</span></li>)}
      </ol>
      {shown < lines.length && <button type="button" className="button" onClick={() => setShown(shown + linesStep)}>Show more ({(lines.length - shown).toLocaleString('en-US')} left)</button>}
    </div>
  );
}

function Nothing({ pane, run, zone }: { pane: ExplorePane; run: PaneRun; zone: string }) {
  const { graph, table } = run;
  if (isBlank(pane)) return <div className="explore-nothing"><Inbox {...icon} /><p>Choose a metric or write a query, then run it.</p></div>;
  if (pane.queries.every((q) => q.hide || q.expr.trim() === '')) return <div className="explore-nothing"><Inbox {...icon} /><p>All queries are hidden.</p></div>;
  if (run.busy || graph.loading || table.loading) return <div className="explore-nothing waiting"><p>Waiting for data…</p></div>;
  if (graph.problems.length + table.problems.length > 0) return null;
  if (!graph.answered && !table.answered) return null;
  return <div className="explore-nothing" role="status"><Inbox {...icon} /><p>No series from {formatTime(run.range.from, zone)} to {formatTime(run.range.to, zone)}. Check names and labels, or choose a longer range.</p></div>;
}

interface ResultsProps {
  pane: ExplorePane;
  run: PaneRun;
  prometheus: boolean;
  zone: string;
  cursor: CursorBus;
  onRange: (raw: RawRange) => void;
  onStyle: (style: GraphStyle) => void;
}

export function Results({ pane, run, prometheus, zone, cursor, onRange, onStyle }: ResultsProps) {
  const { graph, table } = run;
  const [view, setView] = useState<'table' | 'raw'>('table');
  const panel = useMemo(() => plainPanel('timeseries', '', graphOptions(pane.style)), [pane.style]);
  const tablePanel = useMemo(() => plainPanel('table', '', tableLook), []);
  const rows = useMemo(() => instantTable(table.frames), [table.frames]);
  const [plain, cells] = useMemo(() => [graph.frames.filter((f) => !f.natives), graph.frames.filter((f) => f.natives)], [graph.frames]);
  const lines = useMemo(() => seriesLines(table.frames.length > 0 ? table.frames : graph.frames), [table.frames, graph.frames]);
  if (!prometheus) {
    const { answers, failure, loading } = run.other;
    const frames = answers.flatMap((a) => a.frames);
    return (
      <div className="explore-results">
        {failure !== undefined && <p className="explore-failure" role="alert">{failure}</p>}
        {loading && <div className="explore-nothing waiting"><p>Waiting for data…</p></div>}
        {/* oxlint-disable-next-line react/no-array-index-key -- frames have no identity but their place */}
        {frames.map((f, i) => <section key={`${f.refId} ${i}`} className="explore-block"><h3>{f.name || `Query ${f.refId}`} <span className="quiet num">{f.length.toLocaleString('en-US')} rows</span></h3><DataTable table={frameTable(f)} zone={zone} /></section>)}
        {!loading && answers.length > 0 && frames.length === 0 && answers.every((a) => a.error === undefined) && <div className="explore-nothing"><Inbox {...icon} /><p>The source found nothing.</p></div>}
        {isBlank(pane) && <div className="explore-nothing"><Inbox {...icon} /><p>Write a query, then run it. Answers of this kind of source are shown as tables.</p></div>}
      </div>
    );
  }
  return (
    <div className="explore-results" aria-busy={run.busy}>
      {run.busy && <div className="progress" aria-hidden="true" />}
      <Notices data={[graph, table]} />
      {plain.length > 0 && (
        <section className="explore-block" aria-label="Graph">
          <div className="explore-block-head">
            <h3>Graph <span className="quiet num">{plain.length.toLocaleString('en-US')} series</span></h3>
            <div className="segmented" role="group" aria-label="How the graph is drawn">
              {graphStyles.map((s) => <button key={s} type="button" aria-pressed={pane.style === s} onClick={() => onStyle(s)}>{styleNames[s]}</button>)}
            </div>
          </div>
          <PanelHost panel={panel} frames={plain} range={graph.range.to > 0 ? graph.range : run.range} zone={zone} cursor={cursor} onRange={onRange} label="Graph of the answer" className="explore-graph" />
        </section>
      )}
      {cells.length > 0 && (
        <section className="explore-block" aria-label="Native histograms">
          <div className="explore-block-head"><h3>Native histograms <span className="quiet num">{cells.length.toLocaleString('en-US')} series together</span></h3></div>
          <PanelHost panel={heatPanel} frames={cells} range={graph.range.to > 0 ? graph.range : run.range} zone={zone} cursor={cursor} onRange={onRange} label="Heatmap of the answer" className="explore-graph" />
        </section>
      )}
      {lines.length > 0 && (
        <section className="explore-block" aria-label="Series">
          <div className="explore-block-head">
            <h3>{table.frames.length > 0 ? 'At the end of the range' : 'Series'} <span className="quiet num">{lines.length.toLocaleString('en-US')} series</span></h3>
            <div className="segmented" role="group" aria-label="How the series are shown">
              <button type="button" aria-pressed={view === 'table'} onClick={() => setView('table')}>{view === 'table' && <Check size={14} aria-hidden />}Table</button>
              <button type="button" aria-pressed={view === 'raw'} onClick={() => setView('raw')}>{view === 'raw' && <Check size={14} aria-hidden />}Raw</button>
            </div>
          </div>
          {view === 'table'
            ? <PanelHost panel={tablePanel} frames={rows.length > 0 ? rows : instantTable(graph.frames)} range={run.range} zone={zone} cursor={cursor} onRange={onRange} label="Table of the answer" className="explore-table" />
            : <RawList lines={lines} />}
        </section>
      )}
      {graph.frames.length === 0 && lines.length === 0 && <Nothing pane={pane} run={run} zone={zone} />}
    </div>
  );
}
