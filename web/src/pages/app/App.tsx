/** The shell: rail, routes, palette, help, toasts. */
import { Suspense, useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { boot } from '../../api/boot';
import { dashboardsQuery } from '../../query/dashboards';
import { Boundary, lazyPart, PageFailure } from '../../ui/boundary';
import { useShortcuts } from '../../ui/keys';
import { Palette, type Command } from '../../ui/palette';
import { adoptTheme, useTheme } from '../../ui/theme';
import { Toasts } from '../../ui/toast';
import { DashboardPage } from '../dashboard/DashboardPage';
import { KeyHelp } from './KeyHelp';
import { NotFound } from './NotFound';
import { PasswordDialog } from './PasswordDialog';
import { Rail } from './Rail';
import { useShell } from './shell';

const HomePage = lazyPart(async () => ({ default: (await import('../home/HomePage')).HomePage }));
const NewDashboardPage = lazyPart(async () => ({ default: (await import('../dashboard-edit/NewDashboardPage')).NewDashboardPage }));
const DashboardsPage = lazyPart(async () => ({ default: (await import('../dashboards/DashboardsPage')).DashboardsPage }));
const ExplorePage = lazyPart(() => import('../explore/ExplorePage'));
const SnapshotPage = lazyPart(async () => ({ default: (await import('../dashboard/SnapshotPage')).SnapshotPage }));

const SourcesPage = lazyPart(async () => ({ default: (await import('../datasources/SourcesPage')).SourcesPage }));
const ProfilePage = lazyPart(() => import('../profile/ProfilePage'));
const AdminPage = lazyPart(() => import('../admin/AdminPage'));
const SourcePage = lazyPart(async () => ({ default: (await import('../datasources/SourcePage')).SourcePage }));
const MetricsPage = lazyPart(() => import('../metrics/MetricsPage'));

adoptTheme(boot.settings.theme);

/** Pages that the palette knows besides those with a command of their own: address, name, keys. */
const places: readonly (readonly [to: string, label: string, hint?: string])[] = [
  ['/profile', 'Profile', 'g p'], ['/dashboard/import', 'Import a dashboard'],
  ...(boot.user.isGrafanaAdmin || ['Admin', 'Editor'].includes(boot.user.orgRole) ? [['/connections/datasources', 'Data sources', 'g s'] as const] : []),
  ...(boot.user.isGrafanaAdmin || boot.user.orgRole === 'Admin' ? [
    ['/connections/datasources/new', 'New data source'], ['/admin', 'Administration', 'g a'], ['/org/users', 'Members'], ['/org/teams', 'Teams'], ['/org/serviceaccounts', 'Service accounts and tokens'],
    ['/admin/access', 'Access: why can somebody see something'], ['/admin/audit', 'Audit log'], ['/org', 'Organisation'],
  ] as const : []),
  ...(boot.user.isGrafanaAdmin ? [['/admin/users', 'All users'], ['/admin/orgs', 'All organisations'], ['/admin/provisioning', 'Provisioning'], ['/admin/settings', 'Settings of the server'], ['/admin/stats', 'Statistics'], ['/admin/plugins', 'Plug-ins']] as const : []),
];

export function App() {
  const [path, navigate] = useLocation();
  const { palette, help, password, kiosk, openPalette, openHelp, openPassword, close } = useShell();
  const choose = useTheme((s) => s.choose);
  const dashboards = useQuery({ ...dashboardsQuery, enabled: palette });
  useShortcuts([
    { keys: 'mod+k', label: 'Open the command palette', group: 'Everywhere', run: openPalette },
    { keys: '?', label: 'Show all keys', group: 'Everywhere', run: openHelp },
    { keys: 'g h', label: 'Go to home', group: 'Everywhere', run: () => navigate('/') },
    { keys: 'g d', label: 'Go to dashboards', group: 'Everywhere', run: () => navigate('/dashboards') },
    { keys: 'g e', label: 'Go to Explore', group: 'Everywhere', run: () => navigate('/explore') },
    { keys: 'g m', label: 'Go to metrics', group: 'Everywhere', run: () => navigate('/explore/metrics') },
    { keys: 'g s', label: 'Go to data sources', group: 'Everywhere', run: () => navigate('/connections/datasources') },
    { keys: 'g a', label: 'Go to the administration', group: 'Everywhere', run: () => navigate('/admin') },
    { keys: 'g p', label: 'Go to your profile', group: 'Everywhere', run: () => navigate('/profile') },
  ]);
  const commands = useMemo((): Command[] => [
    { id: 'home', label: 'Home', group: 'Go to', hint: 'g h', run: () => navigate('/') },
    { id: 'dashboards', label: 'Dashboards', group: 'Go to', hint: 'g d', run: () => navigate('/dashboards') },
    { id: 'new-dashboard', label: 'New dashboard', group: 'Dashboards', run: () => navigate('/dashboard/new') },
    { id: 'explore', label: 'Explore', group: 'Go to', hint: 'g e', run: () => navigate('/explore') },
    { id: 'metrics', label: 'Metrics', group: 'Go to', hint: 'g m', run: () => navigate('/explore/metrics') },
    ...places.map(([to, label, hint]): Command => ({ id: `to-${to}`, label, group: 'Go to', ...(hint === undefined ? {} : { hint }), run: () => navigate(to) })),
    ...(dashboards.data ?? []).map((d): Command => ({ id: `d-${d.uid}`, label: d.title, group: d.folderTitle ? `Dashboard in ${d.folderTitle}` : 'Dashboard', run: () => navigate(d.url) })),
    { id: 'light', label: 'Theme: light', group: 'Switch', run: () => choose('light') },
    { id: 'dark', label: 'Theme: dark', group: 'Switch', run: () => choose('dark') },
    { id: 'system', label: 'Theme: as the system', group: 'Switch', run: () => choose('system') },
    { id: 'keys', label: 'Show all keys', group: 'Help', hint: '?', run: openHelp },
    { id: 'password', label: 'Change password', group: 'Account', run: openPassword },
    { id: 'logout', label: 'Sign out', group: 'Account', run: () => location.assign('/logout') },
  ], [dashboards.data, navigate, choose, openHelp, openPassword]);

  return (
    <div className={kiosk ? 'shell kiosk' : 'shell'}>
      {!kiosk && <Rail />}
      <main id="main" className="main" tabIndex={-1}>
        <Boundary subject={path} fallback={(error, retry) => <PageFailure error={error} retry={retry} />}><Suspense fallback={null}>
          <Switch>
            <Route path="/"><HomePage /></Route>
            <Route path="/dashboards"><DashboardsPage /></Route>
            <Route path="/dashboard/import"><DashboardsPage importing /></Route>
            <Route path="/dashboards/f/:folder/*?">{(params) => <DashboardsPage key={params.folder} folder={params.folder} />}</Route>
            <Route path="/dashboard/new"><NewDashboardPage /></Route>
            <Route path="/d/:uid/*?">{(params) => <DashboardPage key={params.uid} uid={params.uid} />}</Route>
            <Route path="/explore"><ExplorePage /></Route>
            <Route path="/d-solo/:uid/*?">{(params) => <DashboardPage key={params.uid} uid={params.uid} solo />}</Route>
            <Route path="/dashboard/snapshot/:key">{(params) => <SnapshotPage key={params.key} snapshot={params.key} />}</Route>
            <Route path="/connections/datasources"><SourcesPage /></Route>
            <Route path="/connections/datasources/new"><SourcesPage add /></Route>
            <Route path="/connections/datasources/edit/:uid">{(params) => <SourcePage key={params.uid} uid={params.uid} />}</Route>
            <Route path="/datasources/edit/:uid">{(params) => <Redirect to={`/connections/datasources/edit/${params.uid}`} />}</Route>
            <Route path="/datasources/new"><Redirect to="/connections/datasources/new" /></Route>
            <Route path="/datasources"><Redirect to="/connections/datasources" /></Route>
            <Route path="/connections"><Redirect to="/connections/datasources" /></Route>
            {/* The server's own figures are at /metrics, in the text format of Prometheus: a reload there would show those. */}
            <Route path="/metrics"><Redirect to="/explore/metrics" replace /></Route>
            <Route path="/explore/metrics"><MetricsPage /></Route>
            <Route path="/explore/metrics/:metric">{(params) => <MetricsPage metric={params.metric} />}</Route>
            <Route path="/profile"><ProfilePage /></Route>
            <Route path="/admin/*?"><AdminPage /></Route>
            <Route path="/org/*?"><AdminPage /></Route>
            <Route path="/plugins"><Redirect to="/admin/plugins" /></Route>
            <Route path="/home"><Redirect to="/" /></Route>
            <Route><NotFound /></Route>
          </Switch>
        </Suspense></Boundary>
      </main>
      {palette && <Palette commands={commands} onClose={close} />}
      {help && <KeyHelp onClose={close} />}
      {password && <PasswordDialog onClose={close} />}
      <Toasts />
    </div>
  );
}
