/** A panel on the page: chrome, states in words, and the plug-in's own drawing inside. */
import { memo, Suspense, useCallback, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useLocation } from 'wouter';
import { exploreUrl } from '../../model/dashboard/share';
import type { PlacedPanel } from '../../model/dashboard/layout';
import { countPoints } from '../../model/frame';
import { parseLinks } from '../../model/fieldconfig/types';
import { shownLink } from '../../model/links';
import { zoomOut } from '../../model/time/range';
import { interpolate, interpolateTitle } from '../../model/variables/interpolate';
import { isKnown } from '../../panels/kinds';
import { pluginFor } from '../../panels/registry';
import type { PanelInput } from '../../panels/types';
import { Boundary, lazyPart } from '../../ui/boundary';
import { sequencePending } from '../../ui/keys';
import { useTheme } from '../../ui/theme';
import { useShell } from '../app/shell';
import { DataTable } from './DataTable';
import { PanelHeader } from './PanelHeader';
import { Broken, PanelState, type StateKind } from './PanelState';
import { once } from './prepare';
import { StatsTable } from './StatsTable';
import type { DashboardState } from './useDashboard';
import { useInSight } from './useInSight';
import { usePanelData } from './usePanelData';
import { usePanelView } from './usePanelView';
import { usePanelActions, useStableActions } from './usePanelKeys';

const Inspect = lazyPart(async () => ({ default: (await import('./Inspect')).Inspect }));
const none: readonly never[] = [];

interface Props {
  placed: PlacedPanel;
  state: DashboardState;
  viewing?: boolean;
  /** It stands in sight from the start, as far as the layout says: it does not wait to be told so. */
  first?: boolean;
}

/** Stands where a panel is about to come. */
export const ComingPanel = memo(function ComingPanel({ placed: { panel } }: { placed: PlacedPanel }) {
  return <section className="panel" data-panel-id={panel.id} data-panel-type={panel.type} data-state="loading" data-points={0} data-loading={false} aria-label={panel.title || 'Panel'} />;
});

/** The panel, drawn anew when what it is given changes; when its own code throws, a sentence stands in its place and the page goes on. */
export const PanelSection = memo(function PanelSection(props: Props) {
  const { panel } = props.placed;
  return (
    <Boundary
      subject={panel} fallback={(error, retry) => (
        <section className="panel" tabIndex={0} data-panel-id={panel.id} data-panel-type={panel.type} data-state="error" data-points={0} data-loading={false} aria-label={panel.title || 'Panel'}>
          <Broken failure={{ kind: 'draw', error }} retry={retry} />
        </section>
      )}
    >
      <PanelContent {...props} />
    </Boundary>
  );
});

function PanelContent({ placed, state, viewing = false, first = false }: Props) {
  const { panel, key } = placed;
  const { runner, range: pageRange, now, zone, annotations } = state;
  const theme = useTheme((s) => s.theme);
  const plugin = pluginFor(panel.type);
  const section = useRef<HTMLElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const [asTable, setAsTable] = useState(false);
  const [inspecting, setInspecting] = useState(false);
  const { size, near } = useInSight(section, host, runner, key, first);
  const { data, prepared, frames, exemplars, range, shown, note, context, drawn } = usePanelData(placed, state, plugin, size);

  const fill = useCallback((text: string) => interpolate(text, context), [context]);
  const fillDrawn = useCallback((text: string) => interpolate(text, drawn), [drawn]);
  const points = plugin.wants === 'none' ? 1 : countPoints(prepared.frames);
  // Only panels without queries look at it: the others are not drawn anew for it.
  const recent = useShell((s) => (plugin.wants === 'none' ? s.recent : none));
  const page = useMemo(() => ({ uid: state.doc.meta.uid, asked: now, recent }), [state.doc.meta.uid, now, recent]);
  const kind: StateKind = plugin.wants === 'none' || points > 0 ? 'ready' : !data.answered ? 'loading' : data.problems.length > 0 ? 'error' : 'empty';
  const marks = annotations.of(panel.id);
  const input = useMemo((): PanelInput | undefined => (size && kind === 'ready' ? {
    frames, options: panel.options, size, theme, zone, range: shown, interpolate: fillDrawn, page: plugin.wants === 'none' ? page : undefined, marks, exemplars,
  } : undefined), [size, kind, frames, panel, theme, zone, shown, fillDrawn, plugin, page, marks, exemplars]);
  const title = interpolateTitle(panel.title, context, data.stats[0]?.stepMs);
  // Two windows away nobody sees the picture: its canvas is given back, the data stays.
  const { module, walk, rescale, failure, retry } = usePanelView(host, plugin, asTable || !near ? undefined : input, {
    cursor: state.cursor,
    onRange: (from, to) => state.setRange({ from: String(Math.round(from)), to: String(Math.round(to)) }),
    onZoomOut: () => state.moveRange(zoomOut),
    onAnnotate: annotations.canEdit ? (from, to) => state.setOverlay({ kind: 'annotation', task: { kind: 'add', from, to, panelId: panel.id, panelTitle: title } }) : undefined,
    onMarks: (opened) => state.setOverlay({ kind: 'annotation', task: { kind: 'show', marks: opened } }),
  });

  // A range of its own does not follow the page's; one that lies earlier keeps its distance.
  const follows = panel.timeFrom.trim() === '';
  const shift = range.from - pageRange.from;
  useLayoutEffect(() => (follows ? state.spans.subscribe(({ from, to }) => rescale({ from: from + shift, to: to + shift }), () => runner.inSight(key)) : undefined), [follows, shift, state.spans, rescale, runner, key]);

  // A panel that has nothing to draw says why instead, and its table needs no picture.
  const broken = kind === 'ready' && !asTable ? failure : undefined;

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
  const toggleView = (): void => state.address.change({ viewPanel: viewing ? undefined : key });
  const [, navigate] = useLocation();
  const explore = (): void => {
    const first = data.queries[0];
    if (first) navigate(exploreUrl(data.queries, first.datasource, state.raw));
  };
  const toggleTable = (): void => setAsTable((on) => !on);
  const share = (): void => state.setOverlay({ kind: 'share', panel: { key, title } });
  const actions = useStableActions({ onView: toggleView, onTable: toggleTable, onInspect: () => setInspecting(true), onShare: share, onExplore: explore, table, edit: state.edits?.(panel.id) });
  usePanelActions(section, actions);
  const problems = kind === 'error' ? none : data.problems;
  const links = useMemo(() => parseLinks(panel.links).flatMap((l) => shownLink({ ...l, title: fill(l.title), url: fill(l.url) }) ?? []), [panel, fill]);
  const notices = useMemo(() => [...data.notices, ...prepared.notices, ...(isKnown(panel.type) ? [] : [`Panels of type “${panel.originalType || panel.type}” are not drawn yet: here is the data as a table.`])], [data.notices, prepared.notices, panel]);
  const titleId = `panel-title-${key}`;
  return (
    <section
      ref={section} className={`panel${panel.transparent ? ' transparent' : ''}${title === '' ? ' untitled' : ''}`} tabIndex={0} data-panel-id={panel.id} data-panel-type={panel.type}
      data-state={broken ? 'error' : kind} data-points={points} data-loading={data.loading} aria-labelledby={titleId} aria-busy={data.loading} onKeyDown={onKeyDown}
    >
      {data.loading && <div className="progress" aria-hidden="true" />}
      <PanelHeader
        titleId={titleId} title={title} description={fill(panel.description)} note={note} problems={problems} notices={notices}
        viewing={viewing} asTable={asTable} hasData={plugin.wants !== 'none'} canExplore={data.queries.length > 0} zone={zone} panelKey={key} actions={actions} links={links} library={typeof panel.libraryPanel === 'string'}
      />
      <div className="panel-body">
        <div ref={host} className="panel-host" role="group" />
        {asTable && kind === 'ready' && <div className="panel-cover"><DataTable table={table()} zone={zone} /></div>}
        {broken && <div className="panel-cover"><Broken failure={broken} retry={retry} /></div>}
        {kind !== 'ready' && <div className="panel-cover"><PanelState kind={kind} data={data} panel={panel} state={state} near={near} onInspect={() => setInspecting(true)} /></div>}
      </div>
      <span className="visually-hidden" aria-live="polite">{spoken}</span>
      {viewing && kind === 'ready' && plugin.wants === 'series' && <StatsTable frames={prepared.frames} />}
      {inspecting && <Suspense fallback={null}><Inspect title={title} data={data} frames={prepared.frames} table={table()} panel={panel} zone={zone} onClose={() => setInspecting(false)} /></Suspense>}
    </section>
  );
}
