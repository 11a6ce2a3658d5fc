/** All users of the server. */
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { createUser, searchUsers, setRoleInOrg, usersMax } from '../../api/users';
import { listOrgs } from '../../api/orgs';
import { FormDialog, SelectField, TextField } from '../../ui/form';
import { useSettled } from '../../ui/settled';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';
import { useSend } from '../parts/act';
import { ago, roles } from './times';

function NewUser({ onClose }: { onClose: () => void }) {
  const [login, setLogin] = useState('');
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState('Viewer');
  const orgs = useQuery({ queryKey: ['orgs'], queryFn: ({ signal }) => listOrgs(signal) });
  const [org, setOrg] = useState('1');
  const send = useSend();
  return (
    <FormDialog title="New user" action="Create the user" onClose={onClose} onSubmit={() => send(async () => {
      const { id } = await createUser({ login, name, email, password, orgId: Number(org) });
      await setRoleInOrg(Number(org), id, role);
    }, `“${login}” may sign in now.`, 'users', 'members', 'people')}>
      <TextField label="Login" value={login} onChange={setLogin} required maxLength={190} />
      <TextField label="Name" value={name} onChange={setName} />
      <TextField label="Email" value={email} onChange={setEmail} type="email" />
      <TextField label="Password" value={password} onChange={setPassword} type="password" autoComplete="new-password" required hint="The user can change it after signing in." />
      <SelectField label="Organisation" value={org} choices={(orgs.data ?? [{ id: 1, name: 'Main Org.' }]).map((o) => [String(o.id), o.name] as const)} onChange={setOrg} />
      <SelectField label="Role there" value={role} choices={roles} onChange={setRole} />
    </FormDialog>
  );
}

export function UsersPage() {
  const [text, setText] = useState('');
  const [adding, setAdding] = useState(false);
  const wanted = useSettled(text.trim());
  const query = useQuery({ queryKey: ['users', wanted], queryFn: ({ signal }) => searchUsers(wanted, signal), placeholderData: (before) => before });
  return (
    <>
      <div className="filter-bar">
        <input className="input grow" type="search" aria-label="Search users" placeholder="Search by login, name or email" value={text} onChange={(e) => setText(e.target.value)} />
        <button type="button" className="button primary" onClick={() => setAdding(true)}><Plus size={16} strokeWidth={1.75} aria-hidden />New user</button>
      </div>
      <section className="card block">
        <Loaded query={query} what="the users" who="administrators of the server">
          {({ users, totalCount }) => (
            <>
              <Rows label="Users" rows={users} id={(u) => u.id} text={(u) => `${u.login} ${u.name} ${u.email}`} empty="Nobody fits." columns={[
                { title: 'Login', cell: (u) => <Link to={`/admin/users/${u.id}`}>{u.login}</Link> },
                { title: 'Name', cell: (u) => u.name },
                { title: 'Email', cell: (u) => u.email },
                { title: 'Seen', cell: (u) => <span className="num">{ago(u.lastSeenAt)}</span> },
                { title: 'State', cell: (u) => <>{u.isAdmin && <span className="chip on">Server admin</span>} {u.isDisabled && <span className="chip">Disabled</span>}</> },
              ]} />
              {totalCount > usersMax && <p className="quiet">The first {usersMax} of {totalCount}; search to see others.</p>}
            </>
          )}
        </Loaded>
      </section>
      {adding && <NewUser onClose={() => setAdding(false)} />}
    </>
  );
}
