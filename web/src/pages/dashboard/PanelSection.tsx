/** A panel on the page: chrome, states in words, and the plug-in's own drawing inside. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore, type KeyboardEvent } from 'react';
import type { PlacedPanel } from '../../model/dashboard/layout';
import { countPoints } from '../../model/frame';
import { object, text } from '../../model/json';
import { zoomOut } from '../../model/time/range';
import { interpolate } from '../../model/variables/interpolate';
import { isKnown, pluginFor } from '../../panels/registry';
import type { PanelInput } from '../../panels/types';
import { sequencePending } from '../../ui/keys';
import { useTheme } from '../../ui/theme';
import { useShell } from '../app/shell';
import { DataTable } from './DataTable';
import { Inspect } from './Inspect';
import { PanelHeader } from './PanelHeader';
import { PanelState, type StateKind } from './PanelState';
import { once, preparePanel } from './prepare';
import { panelRange, panelRequest } from './request';
import type { DashboardState } from './useDashboard';
import { usePanelView } from './usePanelView';
import { usePanelActions, useStableActions } from './usePanelKeys';

const none: readonly never[] = [];

export function PanelSection({ placed, state, viewing = false }: { placed: PlacedPanel; state: DashboardState; viewing?: boolean }) {
  const { panel, key, scoped } = placed;
  const { runner, range: pageRange, now, zone, sources, context } = state;
  const theme = useTheme((s) => s.theme);
  const plugin = pluginFor(panel.type);
  const section = useRef<HTMLElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<{ width: number; height: number }>();
  const [asTable, setAsTable] = useState(false);
  const [inspecting, setInspecting] = useState(false);

  const ctx = useMemo(() => ({ ...context, scoped }), [context, scoped]);
  const { range, note } = useMemo(() => panelRange(panel, pageRange, ctx, now, zone), [panel, pageRange, ctx, now, zone]);
  const needsSources = panel.targets.some((t) => { const uid = (t.datasource ?? panel.datasource)?.uid ?? ''; return uid === '' || uid === 'default' || uid.includes('$'); });
  const ready = size !== undefined && state.variables !== undefined && (!needsSources || sources !== undefined);
  const width = size ? Math.ceil(size.width / 50) * 50 : 0;
  const request = useMemo(() => (ready && plugin.wants !== 'none' ? panelRequest(panel, range, width, ctx, sources ?? []) : undefined), [ready, plugin, panel, range, width, ctx, sources]);
  useLayoutEffect(() => runner.setRequest(key, request), [runner, key, request]);
  const data = useSyncExternalStore(useCallback((f) => runner.subscribe(key, f), [runner, key]), () => runner.data(key));
  useEffect(() => () => runner.forget(key), [runner, key]);

  useEffect(() => {
    const element = section.current;
    const body = host.current;
    if (!element || !body) return undefined;
    const seen = new IntersectionObserver((entries) => runner.setVisible(key, entries.some((e) => e.isIntersecting)), { rootMargin: '300px' });
    seen.observe(element);
    const measure = new ResizeObserver(() => {
      const next = { width: body.clientWidth, height: body.clientHeight };
      setSize((before) => (before?.width === next.width && before.height === next.height ? before : next));
    });
    measure.observe(body);
    return () => {
      seen.disconnect();
      measure.disconnect();
      runner.setVisible(key, false);
    };
  }, [runner, key]);

  const fill = useCallback((text: string) => interpolate(text, ctx), [ctx]);
  // Columns of labels make sense of instant vectors in a table; other panels take them one by one.
  const prepared = useMemo(() => preparePanel(panel, data.frames, { theme, zone, wantsRange: plugin.wantsRange, interpolate: fill }), [panel, data.frames, theme, zone, plugin, fill]);
  const points = plugin.wants === 'none' ? 1 : countPoints(prepared.frames);
  const recent = useShell((s) => s.recent);
  const page = useMemo(() => ({ uid: state.doc.meta.uid, asked: now, recent }), [state.doc.meta.uid, now, recent]);
  const kind: StateKind = plugin.wants === 'none' || points > 0 ? 'ready' : !data.answered ? 'loading' : data.problems.length > 0 ? 'error' : 'empty';
  const input = useMemo((): PanelInput | undefined => (size && kind === 'ready' ? {
    frames: prepared.frames, options: panel.options, size, theme, zone, range: data.range.to > 0 ? data.range : range, interpolate: fill, page: plugin.wants === 'none' ? page : undefined,
  } : undefined), [size, kind, prepared, panel, theme, zone, data.range, range, fill, plugin, page]);
  const { module, walk } = usePanelView(host, plugin, asTable ? undefined : input, {
    cursor: state.cursor,
    onRange: (from, to) => state.setRange({ from: String(Math.round(from)), to: String(Math.round(to)) }),
    onZoomOut: () => state.setRange(zoomOut(pageRange)),
  });

  // The panel type knows what its picture says as rows; made when somebody looks, once per answer.
  const table = useMemo(() => once(() => (module && plugin.wants !== 'none' && points > 0 ? module.toTable(prepared.frames, panel.options) : prepared.table())), [module, plugin, points, prepared, panel]);

  const [spoken, setSpoken] = useState('');
  const onKeyDown = (e: KeyboardEvent<HTMLElement>): void => {
    if (e.target !== section.current || e.ctrlKey || e.metaKey || e.altKey || sequencePending()) return;
    const step = e.shiftKey ? 10 : 1;
    const moves: Record<string, [number, number]> = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], '[': [0, -1], ']': [0, 1] };
    const move = moves[e.key];
    const words = move && walk(move[0], move[1]);
    if (words === undefined) return;
    e.preventDefault();
    setSpoken(words);
  };
  const title = fill(panel.title);
  const toggleView = (): void => state.address.change({ viewPanel: viewing ? undefined : key });
  const toggleTable = (): void => setAsTable((on) => !on);
  const actions = useStableActions({ onView: toggleView, onTable: toggleTable, onInspect: () => setInspecting(true), table, edit: state.edits?.(panel.id) });
  usePanelActions(section, actions);
  const problems = kind === 'error' ? none : data.problems;
  const links = useMemo(() => panel.links.map(object).map((l) => ({ title: fill(text(l['title'])), url: fill(text(l['url'])) })).filter((l) => /^(https?:|\/(?!\/))/.test(l.url)), [panel, fill]);
  const notices = useMemo(() => [...data.notices, ...prepared.notices, ...(isKnown(panel.type) ? [] : [`Panels of type “${panel.originalType || panel.type}” are not drawn yet: here is the data as a table.`])], [data.notices, prepared.notices, panel]);
  const titleId = `panel-title-${key}`;
  return (
    <section
      ref={section} className={`panel${panel.transparent ? ' transparent' : ''}${title === '' ? ' untitled' : ''}`} tabIndex={0} data-panel-id={panel.id} data-panel-type={panel.type}
      data-state={kind} data-points={points} data-loading={data.loading} aria-labelledby={titleId} aria-busy={data.loading} onKeyDown={onKeyDown}
    >
      {data.loading && <div className="progress" aria-hidden="true" />}
      <PanelHeader
        titleId={titleId} title={title} description={fill(panel.description)} note={note} problems={problems} notices={notices}
        viewing={viewing} asTable={asTable} hasData={plugin.wants !== 'none'} zone={zone} panelKey={key} actions={actions} links={links}
      />
      <div className="panel-body">
        <div ref={host} className="panel-host" role="group" />
        {asTable && kind === 'ready' && <div className="panel-cover"><DataTable table={table()} zone={zone} /></div>}
        {kind !== 'ready' && <div className="panel-cover"><PanelState kind={kind} data={data} hasQueries={panel.targets.some((t) => !t.hide && t.expr.trim() !== '')} zone={zone} onInspect={() => setInspecting(true)} /></div>}
      </div>
      <span className="visually-hidden" aria-live="polite">{spoken}</span>
      {inspecting && <Inspect title={title} data={data} table={table()} panel={panel} zone={zone} onClose={() => setInspecting(false)} />}
    </section>
  );
}
