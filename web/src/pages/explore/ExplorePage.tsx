/** Explore: panes side by side, each with queries and answers; history, short links, one state in the address. */
import { useQueryClient } from '@tanstack/react-query';
import { ChevronDown, History, Link, RefreshCw } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { boot } from '../../api/boot';
import type { DataSource } from '../../api/datasources';
import { rememberQuery, type HistoryEntry } from '../../api/history';
import { usualEditor } from '../../model/datasource';
import { isBlank, newPane, nextPaneId, readQueries, writeQuery, type ExploreQuery } from '../../model/explore';
import { historyKey, historyTexts } from '../../model/history';
import { shiftRange, zoomOut, type RawRange } from '../../model/time/range';
import { CursorBus } from '../../query/cursor';
import { useSources } from '../../query/sources';
import { useShortcuts } from '../../ui/keys';
import { Menu } from '../../ui/popover';
import { useTitle } from '../app/title';
import { HistoryDrawer } from './HistoryDrawer';
import { Pane, type PaneHandle } from './Pane';
import { ShareLink } from './ShareLink';
import { useExplore } from './useExplore';
import './explore.css';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
const intervals = ['5s', '10s', '30s', '1m', '5m', '15m'];
const recentMax = 20;

/** Sources one can look into from here: metrics, and those that answer text queries with tables. */
const explorable = (s: DataSource): boolean => ['prometheus', 'loki', 'tempo'].includes(s.type);

export default function ExplorePage() {
  useTitle('Explore');
  const { url, blank, change, changePane } = useExplore();
  const { panes } = url;
  const sourceList = useSources();
  const sources = sourceList.data?.filter(explorable);
  const client = useQueryClient();
  const [cursor] = useState(() => new CursorBus(1));
  const [synced, setSynced] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const [recent, setRecent] = useState<string[]>([]);
  const [asked, setAsked] = useState(0);
  const lastKept = useRef('');
  const handles = useRef(new Map<string, PaneHandle>());
  const zone = url.timezone ?? (boot.settings.timezone || 'browser');

  // An empty address is given its state at once, so that Back leads out of Explore and not to nowhere.
  useEffect(() => {
    if (!blank || !sources) return;
    const source = sources.find((s) => s.isDefault) ?? sources.find((s) => s.type === 'prometheus');
    change((u) => ({ ...u, panes: u.panes.map((p) => ({ ...p, datasource: source?.uid ?? '', queries: p.queries.map((q) => ({ ...q, editorMode: usualEditor(source) })) })) }), true);
  }, [blank, sources, change]);

  const setRange = (id: string, raw: RawRange): void => {
    if (synced) change((u) => ({ ...u, panes: u.panes.map((p) => ({ ...p, range: raw })) }));
    else changePane(id, { range: raw });
  };
  const moveAll = (how: (range: { from: number; to: number }) => RawRange): void => change((u) => ({ ...u, panes: u.panes.map((p, i) => {
    const range = handles.current.get(p.id)?.range;
    return range && (i === 0 || synced) ? { ...p, range: how(range) } : p;
  }) }));
  const runAll = (): void => {
    for (const handle of handles.current.values()) handle.run();
  };
  const keep = useCallback((source: DataSource | undefined, queries: readonly ExploreQuery[]): void => {
    const body = queries.map((q) => writeQuery(q, source));
    const key = historyKey(source?.uid ?? '', body);
    if (body.length === 0 || key === lastKept.current) return;
    lastKept.current = key;
    setRecent((before) => [...new Set([...queries.map((q) => q.expr), ...before])].slice(0, recentMax));
    // The history is a comfort: a run must not fail over it.
    void rememberQuery(source?.uid ?? '', body).then(() => setAsked((n) => n + 1), () => undefined);
  }, []);
  const hold = useCallback((id: string, handle: PaneHandle | undefined): void => {
    if (handle) handles.current.set(id, handle);
    else handles.current.delete(id);
  }, []);
  const split = (from: string): void => change((u) => {
    const pane = u.panes.find((p) => p.id === from) ?? newPane('p1');
    return { ...u, panes: [...u.panes, { ...pane, id: nextPaneId(u.panes) }] };
  });
  const runEntry = (entry: HistoryEntry): void => {
    const first = panes[0];
    if (!first || historyTexts(entry.queries).length === 0) return;
    const queries = Array.isArray(entry.queries) ? entry.queries : [entry.queries];
    changePane(first.id, { datasource: entry.datasourceUid, queries: readQueries(queries) });
  };
  useShortcuts([
    { keys: 'mod+enter', label: 'Run all queries', group: 'Explore', run: runAll },
    { keys: 'r', label: 'Run all queries', group: 'Explore', run: runAll },
    { keys: 't z', label: 'Zoom out the time range', group: 'Explore', run: () => moveAll(zoomOut) },
    { keys: 't left', label: 'Move the time range back', group: 'Explore', run: () => moveAll((r) => shiftRange(r, -1, Date.now())) },
    { keys: 't right', label: 'Move the time range forward', group: 'Explore', run: () => moveAll((r) => shiftRange(r, 1, Date.now())) },
  ]);
  const refresh = url.refresh ?? '';
  return (
    <div className={drawer ? 'explore with-history' : 'explore'}>
      <header className="explore-top">
        <h1>Explore</h1>
        <span className="explore-space" />
        {panes.length > 1 && <button type="button" className={synced ? 'button on' : 'button'} aria-pressed={synced} title="One time range for all panes" onClick={() => {
          setSynced(!synced);
          const range = panes[0]?.range;
          if (!synced && range) change((u) => ({ ...u, panes: u.panes.map((p) => ({ ...p, range })) }));
        }}><Link {...icon} />Same times</button>}
        <Menu
          label={`Run by itself: ${refresh === '' ? 'off' : refresh}`} align="end" triggerClass="button" trigger={<><RefreshCw {...icon} />{refresh !== '' && <span className="num">{refresh}</span>}<ChevronDown size={14} strokeWidth={1.75} aria-hidden /></>}
          items={[{ label: 'Off', checked: refresh === '', run: () => change((u) => ({ ...u, refresh: undefined })) }, ...intervals.map((i) => ({ label: `Every ${i}`, checked: i === refresh, run: () => change((u) => ({ ...u, refresh: i })) }))]}
        />
        <ShareLink url={url} zone={zone} />
        <button type="button" className={drawer ? 'button on' : 'button'} aria-label="History" aria-expanded={drawer} onClick={() => {
          setDrawer(!drawer);
          void client.invalidateQueries({ queryKey: ['query-history'] });
        }}><History {...icon} /><span className="explore-wide">History</span></button>
      </header>
      {url.problem !== undefined && <p className="explore-failure" role="alert">{url.problem}</p>}
      {sourceList.data && sources?.length === 0 && <p className="explore-failure" role="alert">There is no data source of metrics, logs or traces. Add one under data sources.</p>}
      <div className="explore-body">
        <div className={`explore-panes of-${panes.length}`}>
          {panes.map((p, i) => (
            <Pane
              key={p.id} pane={p} index={i} count={panes.length} sources={sources} ready={sourceList.isSuccess || sourceList.isError} zone={zone} refresh={refresh} cursor={cursor} recent={recent}
              onChange={(part) => changePane(p.id, part, isBlank(p) && part.queries?.every((q) => q.expr === '') === true)} onRange={(raw) => setRange(p.id, raw)} onZone={(timezone) => change((u) => ({ ...u, timezone }))}
              onAsked={keep} onSplit={() => split(p.id)} onClose={() => change((u) => ({ ...u, panes: u.panes.filter((x) => x.id !== p.id) }))} handle={hold}
            />
          ))}
        </div>
        {drawer && <HistoryDrawer sources={sourceList.data ?? []} zone={zone} asked={asked} onRun={runEntry} onClose={() => setDrawer(false)} />}
      </div>
    </div>
  );
}
