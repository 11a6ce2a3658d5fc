/** The panel editor: the panel as it will look, its queries and transformations below, its options at the right. */
import { ChevronDown } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { isLinked, libraryLink } from '../../model/dashboard/edit/library';
import { shareQueries } from '../../model/dashboard/shared';
import { modernise, rawPanel } from '../../model/dashboard/edit/panels';
import type { Step } from '../../model/dashboard/edit/patch';
import { object } from '../../model/json';
import { applyTransforms } from '../../model/transforms';
import { panelTypes } from '../../panels/kinds';
import { pluginFor } from '../../panels/registry';
import { schemaOf } from '../../panels/schema';
import { QueryRunner } from '../../query/runner';
import { useShortcuts } from '../../ui/keys';
import { edit, type Draft } from '../dashboard-edit/draft';
import { PanelSection } from '../dashboard/PanelSection';
import type { DashboardState } from '../dashboard/useDashboard';
import { LibraryNote } from './LibraryNote';
import { Offer, offerOf } from './offer';
import { OptionsPane } from './OptionsPane';
import { QueriesTab } from './QueriesTab';
import { TransformTab } from './TransformTab';
import { usePanelDraft } from './usePanelDraft';
import { VizPicker } from './VizPicker';
import './editor.css';

type Tab = 'queries' | 'transform';

export default function PanelEditor({ state, draft, id }: { state: DashboardState; draft: Draft; id: number }) {
  const { uid } = state.doc.meta;
  const [tab, setTab] = useState<Tab>('queries');
  const [choosing, setChoosing] = useState(false);
  const [runner] = useState(() => new QueryRunner());
  useEffect(() => () => runner.destroy(), [runner]);
  const panel = usePanelDraft(uid, draft, id);
  const view = draft.view.panels.find((p) => p.id === id);
  const shown = useMemo(() => shareQueries(draft.view.panels).find((p) => p.id === id), [draft.view.panels, id]);
  const key = `edit-${id}`;
  const data = useSyncExternalStore(useCallback((f) => runner.subscribe(key, f), [runner, key]), () => runner.data(key));
  useEffect(() => {
    // A panel of an old type is edited as what it has become.
    const raw = rawPanel(draft.history.raw, id);
    // What the library keeps is not this dashboard's to change.
    if (!view || (raw && isLinked(raw))) return;
    const patch = modernise(draft.history.raw, view);
    if (patch.length > 0) edit(uid, { label: `Bring “${view.title}” up to date`, patch });
    // oxlint-disable-next-line react/exhaustive-deps -- once, when the panel is there
  }, [uid, view?.id, view?.type]);
  // The preview is the panel as it stands on the dashboard; from here it cannot be opened alone.
  const own = useMemo((): DashboardState => ({
    ...state, runner, edits: undefined, address: { ...state.address, change: (part, replace) => ('viewPanel' in part ? undefined : state.address.change(part, replace)) },
  }), [state, runner]);
  const run = (): void => void runner.refresh();
  useShortcuts([
    { keys: 'mod+enter', label: 'Run the queries', group: 'Editing', run },
    { keys: 'escape', label: 'Back to the dashboard', group: 'Editing', run: () => state.address.change({ editPanel: undefined }) },
  ]);
  const offer = useMemo(() => offerOf(applyTransforms(data.frames, view?.transformations ?? []).frames), [data.frames, view?.transformations]);
  const fields = useMemo(() => offer.fields.map((f) => f.name), [offer]);
  if (!panel || !view) {
    return panel ? null : <div className="state"><h2>This panel is not on the dashboard</h2><p>It may have been removed.</p><p><button type="button" className="button" onClick={() => state.address.change({ editPanel: undefined })}>Back to the dashboard</button></p></div>;
  }
  const schema = schemaOf(view.type);
  const plugin = pluginFor(view.type);
  const library = libraryLink(panel.json);
  const linked = isLinked(panel.json);
  const choose = (type: string): void => {
    setChoosing(false);
    if (type === view.type) return;
    const next = schemaOf(type);
    // What the new type knows of the old options stays; the rest would only be dead weight in the file.
    const known = (at: string, name: string): boolean => next === undefined || next.options.some((o) => o.at === at && o.path.split('.')[0] === name);
    const options = Object.fromEntries(Object.entries(view.options).filter(([name]) => known('options', name)));
    const custom = Object.fromEntries(Object.entries(object(object(view.fieldConfig.defaults)['custom'])).filter(([name]) => known('custom', name)));
    const steps: Step[] = [{ op: 'set', path: ['type'], value: type }, { op: 'set', path: ['options'], value: options }, { op: 'set', path: ['fieldConfig', 'defaults', 'custom'], value: custom }];
    panel.apply(steps, `Show as ${panelTypes.find((p) => p.type === type)?.title ?? type}`);
  };
  return (
    <div className="panel-editor">
      <div className="panel-editor-main">
        <div className="panel-editor-preview"><PanelSection key={`${key} ${view.type}`} placed={{ key, panel: shown ?? view, scoped: {} }} state={own} /></div>
        {plugin.wants !== 'none' && !linked && (
          <div className="panel-editor-tabs">
            <div className="segmented" role="group" aria-label="What to edit">
              <button type="button" aria-pressed={tab === 'queries'} onClick={() => setTab('queries')}>Queries <span className="count">{view.targets.length}</span></button>
              <button type="button" aria-pressed={tab === 'transform'} onClick={() => setTab('transform')}>Transformations <span className="count">{view.transformations.length}</span></button>
            </div>
            {tab === 'queries' ? <QueriesTab panel={panel} state={own} data={data} onRun={run} /> : <TransformTab panel={panel} frames={data.frames} zone={state.zone} />}
          </div>
        )}
      </div>
      <aside className="panel-editor-side" aria-label="Options of the panel">
        {library && <LibraryNote uid={uid} id={id} link={library} linked={linked} />}
        {linked ? null : choosing
          ? <VizPicker panel={view} frames={data.frames} state={own} onChoose={choose} onClose={() => setChoosing(false)} />
          : (
            <>
              <button type="button" className="button viz-button" aria-expanded={choosing} onClick={() => setChoosing(true)}><span>{panelTypes.find((p) => p.type === view.type)?.title ?? view.type}</span><ChevronDown size={16} strokeWidth={1.75} aria-hidden /></button>
              <Offer value={offer}><OptionsPane panel={panel} schema={schema} variables={draft.view.variables} fields={fields} /></Offer>
            </>
          )}
      </aside>
    </div>
  );
}
