/** One's own account: name, preferences, organisations, sessions, password. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { myOrgs, myPreferences, myProfile, mySessions, myTeams, revokeMySession, switchOrg, updatePreferences, updateProfile, type Preferences, type Profile } from '../../api/account';
import { boot } from '../../api/boot';
import { zoneNames } from '../../model/time/zone';
import { dashboardsQuery } from '../../query/dashboards';
import { SelectField, TextField, type Choice } from '../../ui/form';
import { useTheme, type ThemeChoice } from '../../ui/theme';
import { useShell } from '../app/shell';
import { useTitle } from '../app/title';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';
import { SessionRows } from '../parts/SessionRows';
import { useAct } from '../parts/act';

const themes: Choice[] = [['', 'As the organisation says'], ['system', 'As the system'], ['light', 'Light'], ['dark', 'Dark']];
const weeks: Choice[] = [['', 'As the browser says'], ['monday', 'Monday'], ['sunday', 'Sunday'], ['saturday', 'Saturday']];
const zones: Choice[] = [['', 'Default'], ['browser', "The browser's"], ['utc', 'UTC'], ...zoneNames().map((z) => [z, z] as const)];

function ProfileForm({ profile }: { profile: Profile }) {
  const [name, setName] = useState(profile.name);
  const [email, setEmail] = useState(profile.email);
  const [login, setLogin] = useState(profile.login);
  const act = useAct();
  return (
    <form className="form two" onSubmit={(e) => {
      e.preventDefault();
      void act(() => updateProfile({ login, name, email }), 'The profile is saved.', 'me');
    }}>
      <TextField label="Name" value={name} onChange={setName} maxLength={190} autoComplete="name" />
      <TextField label="Email" value={email} onChange={setEmail} type="email" autoComplete="email" />
      <TextField label="Login" value={login} onChange={setLogin} required maxLength={190} autoComplete="username" />
      <div className="wide"><button type="submit" className="button primary">Save</button></div>
    </form>
  );
}

function PreferencesForm({ preferences }: { preferences: Preferences }) {
  const act = useAct();
  const choose = useTheme((s) => s.choose);
  const dashboards = useQuery(dashboardsQuery);
  const set = (change: Partial<Preferences>): void => void act(() => updatePreferences(change), 'Saved. It holds from the next page that is loaded.', 'preferences');
  return (
    <div className="form two">
      <SelectField label="Theme" value={preferences.theme} choices={themes} onChange={(theme) => {
        if (theme !== '') choose(theme as ThemeChoice);
        set({ theme });
      }} />
      <SelectField label="Time zone" value={preferences.timezone} choices={zones} onChange={(timezone) => set({ timezone })} />
      <SelectField label="Week starts on" value={preferences.weekStart} choices={weeks} onChange={(weekStart) => set({ weekStart })} />
      <SelectField label="Home dashboard" value={preferences.homeDashboardUID} choices={[['', 'The default'], ...(dashboards.data ?? []).map((d) => [d.uid, d.title] as const)]} onChange={(homeDashboardUID) => set({ homeDashboardUID })} />
    </div>
  );
}

export default function ProfilePage() {
  useTitle('Profile');
  const act = useAct();
  const openPassword = useShell((s) => s.openPassword);
  const profile = useQuery({ queryKey: ['me'], queryFn: ({ signal }) => myProfile(signal) });
  const preferences = useQuery({ queryKey: ['preferences'], queryFn: ({ signal }) => myPreferences(signal) });
  const orgs = useQuery({ queryKey: ['my-orgs'], queryFn: ({ signal }) => myOrgs(signal) });
  const teams = useQuery({ queryKey: ['my-teams'], queryFn: ({ signal }) => myTeams(signal) });
  const sessions = useQuery({ queryKey: ['my-sessions'], staleTime: 0, queryFn: ({ signal }) => mySessions(signal) });
  const change = async (org: number): Promise<void> => {
    if (await act(() => switchOrg(org), '', 'my-orgs')) location.assign('/');
  };
  return (
    <div className="page">
      <header className="page-head tools"><h1>Profile</h1><button type="button" className="button" onClick={openPassword}>Change password</button><a className="button" href="/logout">Sign out</a></header>
      <section className="card block"><h2>You</h2><Loaded query={profile} what="your profile" who="people with an account">{(p) => <ProfileForm key={`${p.login}${p.name}${p.email}`} profile={p} />}</Loaded></section>
      <section className="card block"><h2>Preferences</h2><Loaded query={preferences} what="your preferences" who="people with an account">{(p) => <PreferencesForm preferences={p} />}</Loaded></section>
      <section className="card block"><h2>Organisations and teams</h2>
        <Loaded query={orgs} what="your organisations">
          {(all) => <Rows label="Your organisations" rows={all} id={(o) => o.orgId} text={(o) => o.name} empty="You are in none." columns={[
            { title: 'Organisation', cell: (o) => o.name },
            { title: 'Role', cell: (o) => o.role },
            { title: '', end: true, cell: (o) => (o.orgId === profile.data?.orgId ? <span className="chip on">You are here</span> : <button type="button" className="button" aria-label={`Go to ${o.name}`} onClick={() => void change(o.orgId)}>Go there</button>) },
          ]} />}
        </Loaded>
        <p className="quiet grant-form">{teams.data && teams.data.length > 0 ? `Teams: ${teams.data.map((t) => t.name).join(', ')}.` : 'You are in no team.'} {boot.user.orgRole !== 'Admin' && 'Only administrators of an organisation can change roles, teams and organisations; ask one of them.'} {boot.user.orgRole === 'Admin' && <Link to="/org/teams">All teams</Link>}</p>
      </section>
      <section className="card block"><h2>Sessions</h2><p className="quiet">Where you are signed in. One you do not know: end it and change your password.</p>
        <Loaded query={sessions} what="your sessions">{(all) => <SessionRows sessions={all} onRevoke={(s) => void act(() => revokeMySession(s.id), 'The session has ended.', 'my-sessions')} />}</Loaded>
      </section>
    </div>
  );
}
