/** The server's own pages: settings in force, statistics, provisioning, plug-ins. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, Route, Switch } from 'wouter';
import { discardEdits, writeBack } from '../../api/dashboard-edit';
import { listPlugins, reloadProvisioning, serverStats } from '../../api/server';
import { compareWithFiles, comparedMax } from '../../query/drift';
import { NotFound } from '../app/NotFound';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';
import { Settings } from './Settings';
import { useAct } from '../parts/act';

const words = (key: string): string => {
  const text = key.replace(/([A-Z])/g, ' $1').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
};

function Stats() {
  const query = useQuery({ queryKey: ['stats'], queryFn: ({ signal }) => serverStats(signal) });
  return <Loaded query={query} what="the statistics" who="administrators of the server">{(all) => <div className="figures">{Object.entries(all).map(([key, n]) => <div className="card" key={key}><span className="quiet">{words(key)}</span><strong className="num">{n.toLocaleString('en')}</strong></div>)}</div>}</Loaded>;
}

function Plugins() {
  const query = useQuery({ queryKey: ['plugins'], queryFn: ({ signal }) => listPlugins(signal) });
  return (
    <section className="card block"><h2>Plug-ins</h2><p className="quiet">All are part of the server; nothing is downloaded or run from elsewhere.</p>
      <Loaded query={query} what="the plug-ins">
        {(all) => <Rows label="Plug-ins" rows={all} id={(p) => `${p.type}/${p.id}`} text={(p) => `${p.name} ${p.id} ${p.type}`} empty="None." columns={[
          { title: 'Name', cell: (p) => p.name },
          { title: 'Kind', cell: (p) => ({ datasource: 'Data source', panel: 'Panel', app: 'App' })[p.type] ?? p.type },
          { title: 'Id', cell: (p) => <code>{p.id}</code> },
          { title: 'About', cell: (p) => p.info.description },
        ]} />}
      </Loaded>
    </section>
  );
}

function Provisioning() {
  const act = useAct();
  const [drifted, setDrifted] = useState(false);
  const query = useQuery({ queryKey: ['provisioned'], queryFn: ({ signal }) => compareWithFiles(signal) });
  return (
    <section className="card block"><h2>Provisioning</h2><p className="quiet">Files are read at the start and when they change. Here they are read again at once, and dashboards that were edited in the browser are compared with their files.</p>
      <div className="filter-bar">
        <button type="button" className="button" onClick={() => void act(() => reloadProvisioning('dashboards'), 'Dashboards are read again.', 'provisioned', 'dashboards')}>Reload dashboards</button>
        <button type="button" className="button" onClick={() => void act(() => reloadProvisioning('datasources'), 'Data sources are read again.', 'datasources')}>Reload data sources</button>
        <button type="button" className="button" aria-pressed={drifted} onClick={() => setDrifted(!drifted)}>{drifted ? 'Show all' : 'Only those that differ'}</button>
      </div>
      <Loaded query={query} what="the provisioned dashboards">
        {({ dashboards: all, total }) => <>{total > comparedMax && <p className="quiet">The first {comparedMax} of {total} dashboards from files are compared.</p>}<Rows label="Provisioned dashboards" rows={drifted ? all.filter((d) => d.drifted) : all} id={(d) => d.uid} text={(d) => `${d.title} ${d.path}`} empty={drifted ? 'All are as their files say.' : 'No dashboard comes from a file.'} columns={[
          { title: 'Dashboard', cell: (d) => <Link to={d.url}>{d.title}</Link> },
          { title: 'File', cell: (d) => <code>{d.path}</code> },
          { title: 'State', cell: (d) => (d.problem !== '' ? <span className="state-word bad">{d.problem}</span> : d.drifted ? <span className="state-word bad">{d.differences.length} differences</span> : <span className="state-word good">As the file</span>) },
          { title: '', end: true, cell: (d) => d.drifted && <><button type="button" className="button" aria-label={`Write ${d.title} back to its file`} onClick={() => void act(() => writeBack(d.uid), 'Written to its file.', 'provisioned')}>Write back</button> <button type="button" className="button danger" aria-label={`Discard the edits of ${d.title}`} onClick={() => void act(() => discardEdits(d.uid), 'As its file says again.', 'provisioned')}>Discard edits</button></> },
        ]} /></>}
      </Loaded>
    </section>
  );
}

export function ServerPages() {
  return (
    <Switch>
      <Route path="/admin/settings"><Settings /></Route>
      <Route path="/admin/stats"><Stats /></Route>
      <Route path="/admin/plugins"><Plugins /></Route>
      <Route path="/admin/provisioning"><Provisioning /></Route>
      <Route><NotFound /></Route>
    </Switch>
  );
}
