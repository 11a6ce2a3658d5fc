/** The dashboard page: title row, variables, grid; or one panel at full size. */
import { Suspense, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { DashboardDoc } from '../../api/dashboards';
import type { Frame } from '../../model/frame';
import { layoutSections } from '../../model/dashboard/layout';
import { pageNotices } from '../../model/dashboard/notices';
import { shareQueries } from '../../model/dashboard/shared';
import { sectionsOfTab, tabsOf } from '../../model/dashboard/tabs';
import { shiftRange, zoomOut } from '../../model/time/range';
import { isKnown } from '../../panels/kinds';
import { lazyPart } from '../../ui/boundary';
import { useShortcuts } from '../../ui/keys';
import { useShell } from '../app/shell';
import { useEditing } from '../dashboard-edit/useEditing';
import { Later } from './Later';
import { PanelSection } from './PanelSection';
import { Sections } from './Sections';
import { Tabs } from './Tabs';
import { TitleRow } from './TitleRow';
import { isSupported, VariableBar } from './VariableBar';
import { useDashboard } from './useDashboard';
import { usePanelKeys } from './usePanelKeys';

const EditBar = lazyPart(() => import('../dashboard-edit/EditBar'));
const EditGrid = lazyPart(() => import('../dashboard-edit/EditGrid'));
const PanelEditor = lazyPart(() => import('../panel-editor/PanelEditor'));
const SettingsPage = lazyPart(() => import('../dashboard-settings/SettingsPage'));
const RestoreOffer = lazyPart(() => import('../dashboard-edit/RestoreOffer'));
const AnnotationDialog = lazyPart(async () => ({ default: (await import('./AnnotationDialog')).AnnotationDialog }));
const LibraryPanels = lazyPart(async () => ({ default: (await import('../dashboard-edit/LibraryPanels')).LibraryPanels }));
const ShareDialog = lazyPart(async () => ({ default: (await import('./ShareDialog')).ShareDialog }));

interface Props {
  doc: DashboardDoc;
  /** One panel and nothing else, as pages that embed it want it. */
  solo?: boolean;
  /** Data of panels that ask nothing, by their key: a snapshot's. */
  fixed?: ReadonlyMap<string, Frame[]> | undefined;
  /** Above the panels, such as where a snapshot comes from. */
  banner?: ReactNode;
}

export function DashboardBody({ doc, solo = false, fixed, banner }: Props) {
  const page = useDashboard(doc, fixed);
  const editing = useEditing(doc, page.address, page.setOverlay);
  const { draft, edits } = editing;
  const state = useMemo(() => ({ ...page, edits }), [page, edits]);
  const { view } = doc;
  const { address, moveRange, variables, refreshNow } = state;
  const { url, change } = address;
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [noticesOpen, setNoticesOpen] = useState(true);
  const setKiosk = useShell((s) => s.setKiosk);
  const grid = useRef<HTMLDivElement>(null);
  const bare = url.kiosk || solo;
  useEffect(() => {
    setKiosk(bare);
    return () => setKiosk(false);
  }, [bare, setKiosk]);

  const panelEdited = draft && url.editPanel !== undefined && url.editview === undefined ? Number(url.editPanel) : undefined;
  const inEditor = editing.allowed && (url.editPanel !== undefined || url.editview !== undefined);
  const arranging = draft?.arranging === true && url.viewPanel === undefined && !inEditor;
  const viewing = url.viewPanel !== undefined && !inEditor;
  const values = variables?.values;
  const sections = useMemo(() => layoutSections(shareQueries(view.panels), values ?? {}, toggled), [view.panels, values, toggled]);
  const tabs = useMemo(() => tabsOf(doc.raw, view.panels), [doc.raw, view.panels]);
  const tab = tabs.find((t) => t.slug === url.tab) ?? tabs[0];
  const shownSections = useMemo(() => (tab ? sectionsOfTab(sections, tab, tab === tabs[0]) : sections), [sections, tab, tabs]);
  const viewed = url.viewPanel === undefined ? undefined : sections.flatMap((s) => s.panels).find((p) => p.key === url.viewPanel || String(p.panel.id) === url.viewPanel);

  const notices = useMemo(() => pageNotices(view, isKnown, isSupported), [view]);

  const toggleRow = (key: string): void => setToggled((before) => {
    const next = new Set(before);
    if (!next.delete(key)) next.add(key);
    return next;
  });

  /** Moves the focus among the panels in reading order. */
  const walk = (by: 1 | -1): void => {
    const all = [...(grid.current?.querySelectorAll<HTMLElement>('section.panel') ?? [])];
    const at = all.findIndex((p) => p.contains(document.activeElement));
    const next = all[at < 0 ? (by === 1 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  };
  /** Moves the focus to the panel beside, at about the same height. */
  const sidestep = (by: 1 | -1): void => {
    const all = [...(grid.current?.querySelectorAll<HTMLElement>('section.panel') ?? [])];
    const from = all.find((p) => p.contains(document.activeElement));
    if (!from) {
      walk(by);
      return;
    }
    const a = from.getBoundingClientRect();
    const beside = all.map((p) => ({ p, b: p.getBoundingClientRect() })).filter(({ p, b }) => p !== from && (by === 1 ? b.left >= a.right - 1 : b.right <= a.left + 1) && b.top < a.bottom && b.bottom > a.top)
      .sort((x, y) => Math.abs(x.b.left - a.left) - Math.abs(y.b.left - a.left) || Math.abs(x.b.top - a.top) - Math.abs(y.b.top - a.top));
    beside[0]?.p.focus();
  };
  usePanelKeys();
  useShortcuts([
    { keys: 'r', label: 'Refresh', group: 'Dashboard', run: refreshNow },
    { keys: 't z', label: 'Zoom out the time range', group: 'Dashboard', run: () => moveRange(zoomOut) },
    { keys: 't left', label: 'Move the time range back', group: 'Dashboard', run: () => moveRange((r) => shiftRange(r, -1, Date.now())) },
    { keys: 't right', label: 'Move the time range forward', group: 'Dashboard', run: () => moveRange((r) => shiftRange(r, 1, Date.now())) },
    { keys: 'd k', label: 'Kiosk: only the panels', group: 'Dashboard', run: () => change({ kiosk: !url.kiosk }) },
    { keys: 'j', label: 'Next panel', group: 'Dashboard', run: () => walk(1) },
    { keys: 'k', label: 'Previous panel', group: 'Dashboard', run: () => walk(-1) },
    { keys: 'h', label: 'Panel to the left', group: 'Dashboard', run: () => sidestep(-1) },
    { keys: 'l', label: 'Panel to the right', group: 'Dashboard', run: () => sidestep(1) },
    { keys: 'd c', label: 'Compare with a day earlier', group: 'Dashboard', run: () => change({ compare: state.compare.ms > 0 ? undefined : '1d' }) },
    { keys: 'd x', label: 'Share the dashboard', group: 'Dashboard', run: () => state.setOverlay({ kind: 'share' }) },
    { keys: 'escape', label: 'Back to the whole dashboard', group: 'Dashboard', run: () => (solo ? undefined : url.viewPanel !== undefined ? change({ viewPanel: undefined }) : url.kiosk && change({ kiosk: false })) },
  ]);

  return (
    <div className={solo ? 'dashboard solo' : 'dashboard'}>
      {!bare && <TitleRow state={state} viewing={viewed?.panel.title} onEdit={editing.allowed && !draft ? editing.start : undefined} />}
      {draft && !bare && <Suspense fallback={null}><EditBar state={state} editing={editing} /></Suspense>}
      {editing.allowed && !bare && <Later runner={state.runner}><RestoreOffer doc={draft?.base ?? doc} zone={state.zone} /></Later>}
      {!solo && <VariableBar state={state} />}
      {banner}
      {noticesOpen && notices.length > 0 && !bare && (
        <div className="notice" role="note">
          <ul>{notices.map((n) => <li key={n}>{n}</li>)}</ul>
          <button type="button" className="button quiet" onClick={() => setNoticesOpen(false)}>Close</button>
        </div>
      )}
      {tab && !solo && url.viewPanel === undefined && <Tabs tabs={tabs} current={tab} state={state} />}
      <div className="dashboard-scroll" ref={grid}>
        {draft && panelEdited !== undefined && values && <Suspense fallback={null}><PanelEditor key={panelEdited} state={state} draft={draft} id={panelEdited} /></Suspense>}
        {draft && inEditor && url.editview !== undefined && <Suspense fallback={null}><SettingsPage state={state} draft={draft} page={url.editview} /></Suspense>}
        {viewing && values && (viewed
          ? <div className="view-panel"><PanelSection key={`view-${viewed.key}`} placed={viewed} state={state} viewing={!solo} first /></div>
          : <div className="state"><h2>This panel is not on the dashboard</h2><p>It may have been removed since the link was made.</p>{!solo && <p><button type="button" className="button" onClick={() => change({ viewPanel: undefined })}>Show the whole dashboard</button></p>}</div>)}
        {solo && url.viewPanel === undefined && <div className="state"><h2>No panel is named</h2><p>The address of a single panel ends with ?panelId= and its number.</p></div>}
        {arranging && draft && <Suspense fallback={null}><EditGrid state={state} draft={draft} /></Suspense>}
        {!solo && !viewing && !inEditor && !arranging && <Sections key={tab?.slug ?? ''} sections={shownSections} state={state} onToggle={toggleRow} />}
        {values && view.panels.length === 0 && !arranging && !inEditor && <div className="state"><h2>This dashboard has no panels</h2><p>{editing.allowed ? '“Edit” above puts the first one here.' : 'Panels appear here as soon as somebody adds them.'}</p></div>}
      </div>
      <Suspense fallback={null}>
        {state.overlay?.kind === 'annotation' && <AnnotationDialog task={state.overlay.task} dashboardUid={view.uid} zone={state.zone} canEdit={state.annotations.canEdit} reload={state.annotations.reload} onClose={() => state.setOverlay(undefined)} />}
        {state.overlay?.kind === 'library' && <LibraryPanels uid={doc.meta.uid} task={state.overlay.task} onClose={() => state.setOverlay(undefined)} />}
        {state.overlay?.kind === 'share' && <ShareDialog state={state} sections={sections} panel={state.overlay.panel} onClose={() => state.setOverlay(undefined)} />}
      </Suspense>
    </div>
  );
}
