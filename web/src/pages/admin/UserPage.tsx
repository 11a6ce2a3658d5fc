/** One user: profile, password, rights on the server, organisations, sessions. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { listOrgs } from '../../api/orgs';
import { addToOrg, deleteUser, getUser, removeFromOrg, revokeUserSession, setDisabled, setPassword, setRoleInOrg, setServerAdmin, signOutUser, updateUser, userOrgs, userSessions } from '../../api/users';
import { FormDialog, SelectField, SwitchField, TextField } from '../../ui/form';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';
import { SessionRows } from '../parts/SessionRows';
import { useAct, useSend } from '../parts/act';
import { roles } from './times';

type Account = Awaited<ReturnType<typeof getUser>>;

function Profile({ user }: { user: Account }) {
  const [login, setLogin] = useState(user.login);
  const [name, setName] = useState(user.name);
  const [email, setEmail] = useState(user.email);
  const act = useAct();
  return (
    <section className="card block"><h2>Profile</h2>
      <form className="form two" onSubmit={(e) => {
        e.preventDefault();
        void act(() => updateUser(user.id, { login, name, email }), 'The profile is saved.', 'user', 'users');
      }}>
        <TextField label="Login" value={login} onChange={setLogin} required maxLength={190} />
        <TextField label="Name" value={name} onChange={setName} />
        <TextField label="Email" value={email} onChange={setEmail} type="email" />
        <div className="wide"><button type="submit" className="button">Save</button></div>
      </form>
    </section>
  );
}

function Orgs({ user }: { user: Account }) {
  const [org, setOrg] = useState('');
  const [role, setRole] = useState('Viewer');
  const act = useAct();
  const mine = useQuery({ queryKey: ['user-orgs', user.id], queryFn: ({ signal }) => userOrgs(user.id, signal) });
  const all = useQuery({ queryKey: ['orgs'], queryFn: ({ signal }) => listOrgs(signal) });
  const others = (all.data ?? []).filter((o) => !mine.data?.some((m) => m.orgId === o.id));
  const chosen = org !== '' && others.some((o) => String(o.id) === org) ? org : String(others[0]?.id ?? '');
  return (
    <section className="card block"><h2>Organisations</h2>
      <Loaded query={mine} what="the organisations">
        {(list) => <Rows label="Organisations" rows={list} id={(m) => m.orgId} text={(m) => m.name} empty="In none: this user sees nothing." columns={[
          { title: 'Organisation', cell: (m) => m.name },
          { title: 'Role', cell: (m) => <select className="select small" aria-label={`Role in ${m.name}`} value={m.role} onChange={(e) => void act(() => setRoleInOrg(m.orgId, user.id, e.target.value), `${m.name}: ${e.target.value}.`, 'user-orgs', 'members')}>{roles.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select> },
          { title: '', end: true, cell: (m) => <button type="button" className="button" onClick={() => void act(() => removeFromOrg(m.orgId, user.id), `Removed from ${m.name}.`, 'user-orgs', 'members')}>Remove</button> },
        ]} />}
      </Loaded>
      {others.length > 0 && (
        <form className="filter-bar grant-form" onSubmit={(e) => {
          e.preventDefault();
          void act(() => addToOrg(Number(chosen), user.login, role), 'Added.', 'user-orgs', 'members');
        }}>
          <SelectField label="Add to" value={chosen} choices={others.map((o) => [String(o.id), o.name] as const)} onChange={setOrg} />
          <SelectField label="As" value={role} choices={roles} onChange={setRole} />
          <button type="submit" className="button">Add</button>
        </form>
      )}
    </section>
  );
}

export function UserPage({ id }: { id: number }) {
  const [asking, setAsking] = useState<'password' | 'delete' | ''>('');
  const [password, setNew] = useState('');
  const [, navigate] = useLocation();
  const act = useAct();
  const send = useSend();
  const query = useQuery({ queryKey: ['user', id], queryFn: ({ signal }) => getUser(id, signal) });
  const sessions = useQuery({ queryKey: ['user-sessions', id], queryFn: ({ signal }) => userSessions(id, signal) });
  return (
    <Loaded query={query} what="this user" who="administrators of the server">
      {(user) => (
        <>
          <div className="page-head tools">
            <h2 className="crumb"><Link to="/admin/users">Users</Link> / {user.login}</h2>
            <button type="button" className="button" onClick={() => setAsking('password')}>Set a password</button>
            <button type="button" className="button" onClick={() => void act(() => setDisabled(id, !user.isDisabled), user.isDisabled ? 'May sign in again.' : 'Disabled and signed out.', 'user', 'users', 'user-sessions')}>{user.isDisabled ? 'Enable' : 'Disable'}</button>
            <button type="button" className="button danger" onClick={() => setAsking('delete')}>Delete</button>
          </div>
          {user.isDisabled && <p className="banner warn" role="note">This user is disabled and cannot sign in. What they own stays.</p>}
          <Profile key={`${user.login}${user.email}${user.name}`} user={user} />
          <section className="card block"><h2>Rights on the server</h2>
            <SwitchField label="Administrator of the server" checked={user.isGrafanaAdmin} onChange={(on) => void act(() => setServerAdmin(id, on), on ? 'Administers the server now.' : 'No longer administers the server.', 'user', 'users')} hint="Sees every organisation, all users, settings and the whole audit log." />
          </section>
          <Orgs user={user} />
          <section className="card block"><h2>Sessions</h2>
            <Loaded query={sessions} what="the sessions">{(list) => <SessionRows sessions={list} onRevoke={(s) => void act(() => revokeUserSession(id, s.id), 'The session has ended.', 'user-sessions')} />}</Loaded>
            <p className="grant-form"><button type="button" className="button" onClick={() => void act(() => signOutUser(id), 'Signed out everywhere.', 'user-sessions')}>Sign out everywhere</button></p>
          </section>
          {asking === 'password' && (
            <FormDialog title={`New password for ${user.login}`} action="Set the password" onClose={() => setAsking('')} onSubmit={() => send(() => setPassword(id, password), 'The password is set.', 'user')}>
              <TextField label="New password" value={password} onChange={setNew} type="password" autoComplete="new-password" required />
            </FormDialog>
          )}
          {asking === 'delete' && (
            <FormDialog title={`Delete ${user.login}?`} action="Delete the user" danger onClose={() => setAsking('')} onSubmit={async () => {
              await send(() => deleteUser(id), `${user.login} is deleted.`, 'users', 'members');
              navigate('/admin/users');
            }}>
              <p>The account, its stars and its permissions go. Dashboards stay. This cannot be undone; “Disable” can.</p>
            </FormDialog>
          )}
        </>
      )}
    </Loaded>
  );
}
