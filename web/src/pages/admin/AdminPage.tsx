/** Administration: its parts, each at an address of its own, shown by what the visitor may do. */
import { useQuery } from '@tanstack/react-query';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { myRights } from '../../api/access';
import { useCurrentInSight } from '../../ui/current';
import { NotFound } from '../app/NotFound';
import { useTitle } from '../app/title';
import { Loaded, NotAllowed } from '../parts/Loaded';
import { AccessPage } from './AccessPage';
import { AuditPage } from './AuditPage';
import { MembersPage } from './MembersPage';
import { OrgPage } from './OrgPage';
import { OrgsPage } from './OrgsPage';
import { ServerPages } from './ServerPages';
import { ServiceAccountPage, ServiceAccountsPage } from './ServiceAccounts';
import { TeamPage } from './TeamPage';
import { TeamsPage } from './TeamsPage';
import { UserPage } from './UserPage';
import { UsersPage } from './UsersPage';

/** Address, name, and the right it takes. */
const parts = [
  ['/org/users', 'Members', 'org.users:read'], ['/org/teams', 'Teams', 'teams:read'], ['/org/serviceaccounts', 'Service accounts', 'serviceaccounts:read'],
  ['/admin/access', 'Access', 'org.users:write'], ['/admin/audit', 'Audit log', 'org.users:read'], ['/org', 'Organisation', 'org.users:read'],
  ['/admin/users', 'All users', 'users:read'], ['/admin/orgs', 'All organisations', 'users:read'], ['/admin/provisioning', 'Provisioning', 'settings:read'],
  ['/admin/settings', 'Settings', 'settings:read'], ['/admin/stats', 'Statistics', 'settings:read'], ['/admin/plugins', 'Plug-ins', 'settings:read'],
] as const;

export default function AdminPage() {
  const [path] = useLocation();
  const rights = useQuery({ queryKey: ['rights'], queryFn: ({ signal }) => myRights(signal) });
  const here = [...parts].sort((a, b) => b[0].length - a[0].length).find(([to]) => path === to || path.startsWith(`${to}/`));
  useTitle(here?.[1] ?? 'Administration');
  const line = useCurrentInSight<HTMLElement>(`${rights.isSuccess} ${here?.[0]}`);
  return (
    <div className="page">
      <header className="page-head"><h1>Administration</h1></header>
      <Loaded query={rights} what="your rights">
        {(held) => {
          const open = parts.filter(([, , right]) => held[right] === true);
          const first = open[0];
          if (!first) return <NotAllowed what="the administration" />;
          return (
            <>
              <nav className="tab-line" ref={line} aria-label="Parts of the administration">{open.map(([to, name]) => <Link key={to} to={to} aria-current={here?.[0] === to ? 'page' : undefined}>{name}</Link>)}</nav>
              {here && held[here[2]] !== true ? <NotAllowed what={`“${here[1]}”`} who={here[0].startsWith('/admin') && here[2] !== 'org.users:read' ? 'administrators of the server' : 'administrators of the organisation'} /> : (
                <Switch>
                  <Route path="/admin"><Redirect to={first[0]} /></Route>
                  <Route path="/org/users"><MembersPage /></Route>
                  <Route path="/org/teams"><TeamsPage /></Route>
                  <Route path="/org/teams/:id/*?">{(p) => <TeamPage key={p.id} id={Number(p.id)} />}</Route>
                  <Route path="/org/serviceaccounts"><ServiceAccountsPage /></Route>
                  <Route path="/org/serviceaccounts/:id">{(p) => <ServiceAccountPage key={p.id} id={Number(p.id)} />}</Route>
                  <Route path="/org"><OrgPage /></Route>
                  <Route path="/admin/access"><AccessPage /></Route>
                  <Route path="/admin/audit"><AuditPage /></Route>
                  <Route path="/admin/users"><UsersPage /></Route>
                  <Route path="/admin/users/:id">{(p) => <UserPage key={p.id} id={Number(p.id)} />}</Route>
                  <Route path="/admin/orgs"><OrgsPage /></Route>
                  <Route path="/admin/:what"><ServerPages /></Route>
                  <Route><NotFound /></Route>
                </Switch>
              )}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
