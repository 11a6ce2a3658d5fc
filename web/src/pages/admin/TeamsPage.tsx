/** Teams of the organisation. */
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { createTeam, listTeams } from '../../api/teams';
import { FormDialog, TextField } from '../../ui/form';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';
import { useSend } from '../parts/act';

function NewTeam({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [, navigate] = useLocation();
  const send = useSend();
  return (
    <FormDialog title="New team" action="Create the team" onClose={onClose} onSubmit={async () => {
      let id = 0;
      await send(async () => { id = (await createTeam({ name, email })).teamId; }, `“${name}” is created.`, 'teams');
      navigate(`/org/teams/${id}`);
    }}>
      <TextField label="Name" value={name} onChange={setName} required maxLength={190} />
      <TextField label="Email" value={email} onChange={setEmail} type="email" />
    </FormDialog>
  );
}

export function TeamsPage() {
  const [adding, setAdding] = useState(false);
  const query = useQuery({ queryKey: ['teams'], queryFn: ({ signal }) => listTeams(signal) });
  return (
    <>
      <div className="filter-bar">
        <p className="quiet grow">A team is given permissions once, for everybody in it; its label policy says whose series its members see.</p>
        <button type="button" className="button primary" onClick={() => setAdding(true)}><Plus size={16} strokeWidth={1.75} aria-hidden />New team</button>
      </div>
      <section className="card block">
        <Loaded query={query} what="the teams">
          {(teams) => <Rows label="Teams" rows={teams} id={(t) => t.id} text={(t) => `${t.name} ${t.email}`} empty="No teams yet." columns={[
            { title: 'Team', cell: (t) => <Link to={`/org/teams/${t.id}`}>{t.name}</Link> },
            { title: 'Members', cell: (t) => <span className="num">{t.memberCount}</span> },
            { title: 'Email', cell: (t) => t.email },
            { title: 'Label policy', cell: (t) => (t.labelPolicy === '' ? <span className="quiet">Everything</span> : <code>{t.labelPolicy}</code>) },
            { title: '', end: true, cell: (t) => t.isProvisioned && <span className="chip">From a file</span> },
          ]} />}
        </Loaded>
      </section>
      {adding && <NewTeam onClose={() => setAdding(false)} />}
    </>
  );
}
