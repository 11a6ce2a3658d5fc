/** All data sources as cards: type, address, whether each answers and how fast. */
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, Lock, Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { createDataSource, sourceHealth, type DataSource } from '../../api/datasources';
import { myRights } from '../../api/access';
import { useSources } from '../../query/sources';
import { FormDialog, SelectField, TextField } from '../../ui/form';
import { useTitle } from '../app/title';
import { Loaded } from '../parts/Loaded';
import { useSend } from '../parts/act';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
const sourceTypes = [['prometheus', 'Prometheus'], ['loki', 'Loki'], ['tempo', 'Tempo'], ['alertmanager', 'Alertmanager']] as const;

function Health({ uid }: { uid: string }) {
  const { data, error } = useQuery({ queryKey: ['source-health', uid], queryFn: ({ signal }) => sourceHealth(uid, signal), refetchInterval: 60_000 });
  if (error) return <p className="health-line quiet">{error.message}</p>;
  if (!data) return <p className="health-line quiet">Asking…</p>;
  return (
    <>
      <p><span className={data.ok ? 'state-word good' : 'state-word bad'}>{data.ok ? <CircleCheck {...icon} /> : <CircleAlert {...icon} />}{data.ok ? 'Works' : 'Down'}</span> <span className="quiet num">in {Math.max(1, Math.round(data.ms))} ms</span></p>
      {!data.ok && <p className="health-line quiet">{data.message}</p>}
    </>
  );
}

function Card({ source }: { source: DataSource }) {
  return (
    <li className="card source-card">
      <h2><Link to={`/connections/datasources/edit/${encodeURIComponent(source.uid)}`}>{source.name}</Link>{source.isDefault && <span className="chip on">Default</span>}{source.readOnly && <span className="chip"><Lock size={12} aria-hidden /> Locked</span>}</h2>
      <p className="quiet">{source.typeName}</p>
      <p className="url">{source.url || 'Inside this server'}</p>
      <Health uid={source.uid} />
    </li>
  );
}

function NewSource({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [type, setType] = useState('prometheus');
  const [url, setUrl] = useState('');
  const [, navigate] = useLocation();
  const send = useSend();
  return (
    <FormDialog title="New data source" action="Create" onClose={onClose} onSubmit={async () => {
      let uid = '';
      await send(async () => { uid = await createDataSource({ name, type, url }); }, `“${name}” is created.`, 'datasources');
      navigate(`/connections/datasources/edit/${encodeURIComponent(uid)}`);
    }}>
      <SelectField label="Type" value={type} choices={sourceTypes} onChange={setType} />
      <TextField label="Name" value={name} onChange={setName} required maxLength={190} />
      <TextField label="URL" value={url} onChange={setUrl} placeholder="http://prometheus:9090" hint="As seen from this server, not from the browser." />
    </FormDialog>
  );
}

export function SourcesPage({ add = false }: { add?: boolean }) {
  useTitle('Data sources');
  const [adding, setAdding] = useState(add);
  const query = useSources({ fresh: true });
  const rights = useQuery({ queryKey: ['rights'], queryFn: ({ signal }) => myRights(signal) });
  return (
    <div className="page">
      <header className="page-head tools">
        <h1>Data sources</h1>
        {rights.data?.['datasources:create'] === true && <button type="button" className="button primary" onClick={() => setAdding(true)}><Plus {...icon} />New data source</button>}
      </header>
      <Loaded query={query} what="the data sources" who="editors and administrators">
        {(sources) => (sources.length === 0 ? <div className="state"><h2>No data sources yet</h2><p>A data source tells dashboards where to ask. Create one, or put a file into the provisioning folder.</p></div>
          : <ul className="source-grid">{[...sources].sort((a, b) => Number(b.isDefault) - Number(a.isDefault) || a.name.localeCompare(b.name)).map((s) => <Card key={s.uid} source={s} />)}</ul>)}
      </Loaded>
      {adding && <NewSource onClose={() => setAdding(false)} />}
    </div>
  );
}
