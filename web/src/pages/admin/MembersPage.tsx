/** Members of this organisation and their roles. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { boot } from '../../api/boot';
import { addMemberToOrg, listMembersOfOrg, removeMemberFromOrg, setMemberRole } from '../../api/users';
import { FormDialog, SelectField, TextField } from '../../ui/form';
import { Link } from 'wouter';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';
import { useAct, useSend } from '../parts/act';
import { ago, roles } from './times';

function AddMember({ onClose }: { onClose: () => void }) {
  const [who, setWho] = useState('');
  const [role, setRole] = useState('Viewer');
  const send = useSend();
  return (
    <FormDialog title="Add somebody to this organisation" action="Add" onClose={onClose} onSubmit={() => send(() => addMemberToOrg(who, role), `${who} is a member now.`, 'members', 'people')}>
      <TextField label="Login or email" value={who} onChange={setWho} required hint={boot.user.isGrafanaAdmin ? 'Somebody who has an account already; new ones are made under “All users”.' : 'Somebody who has an account on this server; new accounts are made by its administrators.'} />
      <SelectField label="Role" value={role} choices={roles} onChange={setRole} />
    </FormDialog>
  );
}

export function MembersPage() {
  const [adding, setAdding] = useState(false);
  const act = useAct();
  const query = useQuery({ queryKey: ['members'], queryFn: ({ signal }) => listMembersOfOrg(signal) });
  return (
    <>
      <div className="filter-bar">
        <p className="quiet grow">Viewers see, editors also change dashboards, administrators also manage people, sources and permissions.</p>
        <button type="button" className="button primary" onClick={() => setAdding(true)}>Add a member</button>
        {boot.user.isGrafanaAdmin && <Link className="button" to="/admin/users">All users</Link>}
      </div>
      <section className="card block">
        <Loaded query={query} what="the members">
          {(members) => <Rows label="Members" rows={members} id={(m) => m.userId} text={(m) => `${m.login} ${m.name} ${m.email} ${m.role}`} empty="Nobody." columns={[
            { title: 'Login', cell: (m) => (boot.user.isGrafanaAdmin ? <Link to={`/admin/users/${m.userId}`}>{m.login}</Link> : m.login) },
            { title: 'Name', cell: (m) => m.name },
            { title: 'Email', cell: (m) => m.email },
            { title: 'Seen', cell: (m) => <span className="num">{ago(m.lastSeenAt)}</span> },
            { title: 'Role', cell: (m) => <select className="select small" aria-label={`Role of ${m.login}`} value={m.role} onChange={(e) => void act(() => setMemberRole(m.userId, e.target.value), `${m.login}: ${e.target.value}.`, 'members')}>{roles.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select> },
            { title: '', end: true, cell: (m) => <button type="button" className="button" aria-label={`Remove ${m.login}`} onClick={() => void act(() => removeMemberFromOrg(m.userId), `${m.login} is no longer a member.`, 'members', 'people')}>Remove</button> },
          ]} />}
        </Loaded>
      </section>
      {adding && <AddMember onClose={() => setAdding(false)} />}
    </>
  );
}
