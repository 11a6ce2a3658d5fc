/** Home: what needs you. Health of ingestion from the built-in metrics, starred and recent dashboards. */
import { useQuery } from '@tanstack/react-query';
import { Clock3, Star } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { dashboardsQuery } from '../../query/dashboards';
import { useStarred } from '../../query/stars';
import { formatAgo } from '../../model/time/format';
import { useShell } from '../app/shell';
import { useTitle } from '../app/title';
import { HealthTiles } from './HealthTiles';
import { FirstSteps, NeedsYou } from './NeedsYou';

export function HomePage() {
  useTitle('Home');
  const { recent, mustChange, openPassword } = useShell();
  const [now] = useState(() => Date.now());
  const { data } = useQuery(dashboardsQuery);
  const all = useStarred(data);
  const starred = useMemo(() => all.filter((d) => d.isStarred), [all]);
  const others = useMemo(() => all.filter((d) => !d.isStarred && !recent.some((r) => r.uid === d.uid)).slice(0, 8), [all, recent]);
  return (
    <div className="page home">
      <header className="page-head"><h1>What needs you</h1></header>
      {mustChange && (
        <div className="notice home-notice" role="note">
          <p>This account still has the password Orrery starts with. Anybody who can reach this page knows it.</p>
          <button type="button" className="button" onClick={openPassword}>Change password</button>
        </div>
      )}
      <HealthTiles />
      <NeedsYou />
      {recent.length === 0 && <FirstSteps />}
      <div className="home-columns">
        <section className="card" aria-labelledby="home-recent">
          <h2 id="home-recent"><Clock3 size={16} strokeWidth={1.75} aria-hidden /> Recent</h2>
          {recent.length === 0 ? <p className="quiet">Dashboards you open are listed here.</p> : (
            <ul>{recent.map((r) => <li key={r.uid}><Link to={r.url}>{r.title}</Link><span className="num quiet">{formatAgo(r.at, now)}</span></li>)}</ul>
          )}
        </section>
        <section className="card" aria-labelledby="home-starred">
          <h2 id="home-starred"><Star size={16} strokeWidth={1.75} aria-hidden /> {starred.length > 0 ? 'Starred' : 'Dashboards'}</h2>
          <ul>{[...starred, ...(starred.length > 0 ? [] : others)].map((d) => <li key={d.uid}><Link to={d.url}>{d.title}</Link><span className="quiet">{d.folderTitle ?? ''}</span></li>)}</ul>
          {data?.length === 0 && <p className="quiet">No dashboards yet. Put dashboard JSON into a provisioned folder and it appears here by itself.</p>}
        </section>
      </div>
    </div>
  );
}
