/** One team: its members, name and label policy. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { lookupPeople } from '../../api/access';
import { addMember, deleteTeam, listMembers, listTeams, removeMember, setMember, updateTeam, type Team } from '../../api/teams';
import { FormDialog, SelectField, TextField } from '../../ui/form';
import { NotFound } from '../app/NotFound';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';
import { useAct, useSend } from '../parts/act';

function TeamSettings({ team }: { team: Team }) {
  const [name, setName] = useState(team.name);
  const [email, setEmail] = useState(team.email);
  const [labelPolicy, setPolicy] = useState(team.labelPolicy);
  const act = useAct();
  return (
    <section className="card block"><h2>Settings</h2>
      <form className="form" onSubmit={(e) => {
        e.preventDefault();
        void act(() => updateTeam(team.id, { name, email, labelPolicy }), 'The team is saved.', 'teams');
      }}>
        <TextField label="Name" value={name} onChange={setName} required maxLength={190} />
        <TextField label="Email" value={email} onChange={setEmail} type="email" />
        <TextField label="Label policy" value={labelPolicy} onChange={setPolicy} placeholder={'{team="payments"}'} hint="A selector that is added to every query of the members, so that they see only these series. Empty: everything." />
        <div><button type="submit" className="button">Save</button></div>
      </form>
    </section>
  );
}

function Members({ team }: { team: Team }) {
  const [who, setWho] = useState('');
  const act = useAct();
  const query = useQuery({ queryKey: ['team-members', team.id], queryFn: ({ signal }) => listMembers(team.id, signal) });
  const people = useQuery({ queryKey: ['people'], queryFn: ({ signal }) => lookupPeople(signal) });
  const others = (people.data ?? []).filter((p) => !query.data?.some((m) => m.userId === p.userId));
  const chosen = others.some((p) => String(p.userId) === who) ? who : String(others[0]?.userId ?? '');
  return (
    <section className="card block"><h2>Members</h2>
      <Loaded query={query} what="the members">
        {(members) => <Rows label="Members of the team" rows={members} id={(m) => m.userId} text={(m) => `${m.login} ${m.name}`} empty="Nobody yet." columns={[
          { title: 'Login', cell: (m) => m.login },
          { title: 'Name', cell: (m) => m.name },
          { title: 'In the team', cell: (m) => <select className="select small" aria-label={`What ${m.login} is in the team`} value={String(m.permission)} onChange={(e) => void act(() => setMember(team.id, m.userId, Number(e.target.value)), `${m.login} is changed.`, 'team-members')}><option value="0">Member</option><option value="4">Administers it</option></select> },
          { title: '', end: true, cell: (m) => <button type="button" className="button" aria-label={`Remove ${m.login}`} onClick={() => void act(() => removeMember(team.id, m.userId), `${m.login} is out.`, 'team-members', 'teams')}>Remove</button> },
        ]} />}
      </Loaded>
      <form className="filter-bar grant-form" onSubmit={(e) => {
        e.preventDefault();
        if (chosen !== '') void act(() => addMember(team.id, Number(chosen)), 'Added to the team.', 'team-members', 'teams');
      }}>
        <SelectField label="Add" value={chosen} choices={others.length === 0 ? [['', 'Everybody is in it']] : others.map((p) => [String(p.userId), p.login] as const)} onChange={setWho} />
        <button type="submit" className="button" disabled={chosen === ''}>Add to the team</button>
      </form>
    </section>
  );
}

export function TeamPage({ id }: { id: number }) {
  const [deleting, setDeleting] = useState(false);
  const [, navigate] = useLocation();
  const send = useSend();
  const query = useQuery({ queryKey: ['teams'], queryFn: ({ signal }) => listTeams(signal) });
  return (
    <Loaded query={query} what="this team">
      {(teams) => {
        const team = teams.find((t) => t.id === id);
        if (!team) return <NotFound title="There is no such team" />;
        return (
          <>
            <div className="page-head tools"><h2 className="crumb"><Link to="/org/teams">Teams</Link> / {team.name}</h2><button type="button" className="button danger" onClick={() => setDeleting(true)}>Delete</button></div>
            <Members team={team} />
            <TeamSettings key={`${team.name}${team.labelPolicy}`} team={team} />
            {deleting && (
              <FormDialog title={`Delete “${team.name}”?`} action="Delete the team" danger onClose={() => setDeleting(false)} onSubmit={async () => {
                await send(() => deleteTeam(id), `“${team.name}” is deleted.`, 'teams');
                navigate('/org/teams');
              }}><p>Its permissions go with it; its members keep their accounts.</p></FormDialog>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
