/** Puts what a pane shows onto a dashboard, a new one or one that exists. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type FormEvent } from 'react';
import { Link } from 'wouter';
import { dashboardsQuery } from '../../query/dashboards';
import type { DataSource } from '../../api/datasources';
import { getJson } from '../../api/http';
import { saveDashboard } from '../../api/dashboard-edit';
import { reading } from '../../api/path';
import { appendPanel } from '../../model/dashboard/append';
import { writeQuery, type ExplorePane } from '../../model/explore';
import { fuzzyFilter } from '../../model/fuzzy';
import { Combobox } from '../../ui/combobox';
import { Dialog } from '../../ui/dialog';
import { graphOptions } from './results';

interface Saved {
  uid: string;
  url: string;
  title: string;
}
const schemaVersion = 41;

function panelJson(pane: ExplorePane, source: DataSource | undefined, title: string): Record<string, unknown> {
  const asked = pane.queries.filter((q) => q.expr.trim() !== '');
  const table = asked.every((q) => q.kind === 'instant');
  const ds = source && { type: source.type, uid: source.uid };
  return {
    type: table ? 'table' : 'timeseries', title, ...(ds ? { datasource: ds } : {}), ...(table ? { options: {}, fieldConfig: { defaults: {}, overrides: [] } } : graphOptions(pane.style)),
    targets: asked.map((q) => ({ ...writeQuery(q, ds), range: !table, instant: table, ...(table ? { format: 'table' } : {}) })),
  };
}

async function save(pane: ExplorePane, source: DataSource | undefined, title: string, where: { uid: string } | { title: string }): Promise<Saved> {
  const panel = panelJson(pane, source, title);
  let dashboard: unknown = { title: '', panels: [], schemaVersion, time: pane.range, tags: [] };
  let folderUid: string | undefined;
  if ('uid' in where) {
    const found = await getJson<{ dashboard: unknown; meta: { folderUid?: string } }>(reading('/api/dashboards/uid/{uid}', { uid: where.uid }));
    dashboard = found.dashboard;
    folderUid = found.meta.folderUid;
  } else dashboard = { ...(dashboard as object), title: where.title };
  const made = appendPanel(dashboard, panel);
  if ('problem' in made) throw new Error(made.problem);
  const { uid, url } = await saveDashboard({ dashboard: made.dashboard, message: `Added “${title}” from Explore`, ...(folderUid ? { folderUid } : {}), overwrite: false });
  return { uid, url, title: typeof made.dashboard['title'] === 'string' ? made.dashboard['title'] : 'the dashboard' };
}

export function AddToDashboard({ pane, source, onClose }: { pane: ExplorePane; source: DataSource | undefined; onClose: () => void }) {
  const id = useId();
  const [fresh, setFresh] = useState(true);
  const [title, setTitle] = useState('Panel from Explore');
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState('');
  const { data } = useQuery(dashboardsQuery);
  const label = (d: { title: string; folderTitle?: string }): string => (d.folderTitle ? `${d.title} (${d.folderTitle})` : d.title);
  const target = data?.find((d) => label(d) === chosen);
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => save(pane, source, title.trim(), fresh ? { title: name.trim() } : { uid: target?.uid ?? '' }),
    // The dashboard may be open elsewhere in this page's cache, and must not come back without the panel.
    onSuccess: ({ uid }) => Promise.all([['dashboard', uid], ['versions', uid], ['dashboards']].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  const ready = title.trim() !== '' && (fresh ? name.trim() !== '' : target !== undefined);
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    if (ready && !add.isPending) add.mutate();
  };
  return (
    <Dialog title="Add to a dashboard" onClose={onClose}>
      {add.data ? (
        <div className="explore-added" role="status">
          <p>The panel “{title}” is on “{add.data.title}”.</p>
          <p><Link className="button primary" to={add.data.url || `/d/${add.data.uid}`}>Open the dashboard</Link> <button type="button" className="button" onClick={onClose}>Stay here</button></p>
        </div>
      ) : (
        <form className="explore-form" onSubmit={submit}>
          <label htmlFor={`${id}-title`}>Title of the panel</label>
          <input id={`${id}-title`} className="input" value={title} maxLength={200} onChange={(e) => setTitle(e.target.value)} />
          <div className="segmented" role="group" aria-label="Where to">
            <button type="button" aria-pressed={fresh} onClick={() => setFresh(true)}>New dashboard</button>
            <button type="button" aria-pressed={!fresh} onClick={() => setFresh(false)}>Existing dashboard</button>
          </div>
          {fresh
            ? <><label htmlFor={`${id}-name`}>Name of the dashboard</label><input id={`${id}-name`} className="input" value={name} maxLength={200} onChange={(e) => setName(e.target.value)} /></>
            : <><span className="explore-label">Dashboard</span><Combobox label="Dashboard" placeholder="Type to search" value={chosen} onChange={setChosen} suggest={(typed) => fuzzyFilter(data ?? [], typed, label, 100).map((d) => ({ value: label(d) }))} /></>}
          {!fresh && chosen !== '' && !target && <p className="quiet">Choose one of the list.</p>}
          {add.error && <p className="field-error" role="alert">{add.error.message}</p>}
          <button type="submit" className="button primary" disabled={!ready || add.isPending}>{add.isPending ? 'Saving…' : 'Add the panel'}</button>
        </form>
      )}
    </Dialog>
  );
}
