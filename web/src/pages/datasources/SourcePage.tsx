/** One data source: settings, who may use it, and how it leads to others. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { myRights } from '../../api/access';
import { deleteDataSource, getDataSource, type SourceHealth } from '../../api/datasources';
import { sourcesQuery, useSources } from '../../query/sources';
import { FormDialog } from '../../ui/form';
import { useTitle } from '../app/title';
import { GrantList } from '../parts/GrantList';
import { Loaded } from '../parts/Loaded';
import { useSend } from '../parts/act';
import { Correlations } from './Correlations';
import { SourceForm } from './SourceForm';

const tabs = ['Settings', 'Permissions', 'Correlations'] as const;

export function SourcePage({ uid }: { uid: string }) {
  const [tab, setTab] = useState<(typeof tabs)[number]>('Settings');
  const [deleting, setDeleting] = useState(false);
  // Kept here: saving gives the form a new version to start from.
  const [health, setHealth] = useState<SourceHealth>();
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const send = useSend();
  const query = useQuery({ queryKey: ['source', uid], queryFn: ({ signal }) => getDataSource(uid, signal) });
  const sources = useSources();
  const rights = useQuery({ queryKey: ['rights'], queryFn: ({ signal }) => myRights(signal) });
  useTitle(query.data?.name ?? 'Data source');
  const canWrite = rights.data?.['datasources:write'] === true;
  const saved = async (): Promise<void> => {
    await Promise.all([client.invalidateQueries({ queryKey: ['source', uid] }), client.invalidateQueries({ queryKey: sourcesQuery.queryKey }), client.invalidateQueries({ queryKey: ['source-health', uid] })]);
  };
  return (
    <div className="page">
      <Loaded query={query} what="this data source" who="editors and administrators">
        {(record) => (
          <>
            <header className="page-head tools">
              <h1><Link to="/connections/datasources">Data sources</Link> / {record.name}</h1>
              {record.type === 'prometheus' && <Link className="button" to={`/explore?ds=${encodeURIComponent(uid)}`}>Explore</Link>}
              {canWrite && !record.readOnly && <button type="button" className="button danger" onClick={() => setDeleting(true)}>Delete</button>}
            </header>
            {record.readOnly && <p className="banner" role="note">{record.url === '' ? 'This source is part of the server, so it cannot be changed or deleted here.' : 'This source comes from a provisioning file that does not allow edits. Change the file, or set editable: true there; the server reads it again by itself.'}</p>}
            {!record.readOnly && !canWrite && rights.data && <p className="banner" role="note">Only administrators of the organisation may change data sources. You may look at this one and test it.</p>}
            <div className="tab-line" role="tablist" aria-label="Parts of the data source">{tabs.map((t) => <button key={t} type="button" role="tab" aria-selected={t === tab} onClick={() => setTab(t)}>{t}</button>)}</div>
            {tab === 'Settings' && rights.data && <SourceForm key={record.version} record={record} sources={sources.data ?? []} canWrite={canWrite} health={health} onHealth={setHealth} onSaved={saved} />}
            {tab === 'Permissions' && <section className="card block"><h2>Who may use it</h2><p className="quiet">Without permissions of its own, everybody of the organisation may query it. As soon as one is given, only those who are named, and administrators.</p><GrantList kind="datasources" uid={uid} /></section>}
            {tab === 'Correlations' && <Correlations uid={uid} sources={sources.data ?? []} locked={record.readOnly || !canWrite} />}
            {deleting && (
              <FormDialog title={`Delete “${record.name}”?`} action="Delete the data source" danger onClose={() => setDeleting(false)} onSubmit={async () => {
                await send(() => deleteDataSource(uid), `“${record.name}” is deleted.`, 'datasources');
                navigate('/connections/datasources');
              }}>
                <p>Panels and variables that ask it will show an error. Its data stays where it is. This cannot be undone.</p>
              </FormDialog>
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}
