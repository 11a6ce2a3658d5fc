/** Permissions on one folder, dashboard or data source: what each role, team and person was given, and giving more. */
import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { listGrants, lookupPeople, setGrant, type AccessKind, type Grant } from '../../api/access';
import { listTeams } from '../../api/teams';
import { SelectField, type Choice } from '../../ui/form';
import { Loaded } from './Loaded';
import { Rows } from './Rows';
import { useAct } from './act';

type SubjectKind = 'users' | 'teams' | 'builtInRoles';
const subjectOf = (g: Grant): { kind: SubjectKind; id: string | number; name: string; what: string } => {
  if (g.builtInRole !== undefined) return { kind: 'builtInRoles', id: g.builtInRole, name: `Everybody from ${g.builtInRole} on`, what: 'Role' };
  if (g.teamId !== undefined) return { kind: 'teams', id: g.teamId, name: g.team ?? String(g.teamId), what: 'Team' };
  return { kind: 'users', id: g.userId ?? 0, name: g.userLogin ?? String(g.userId), what: 'Person' };
};

export function GrantList({ kind, uid }: { kind: AccessKind; uid: string }) {
  const act = useAct();
  const levels: Choice[] = kind === 'datasources' ? [['Query', 'Query'], ['Edit', 'Edit'], ['Admin', 'Admin']] : [['View', 'View'], ['Edit', 'Edit'], ['Admin', 'Admin']];
  const [subjectKind, setSubjectKind] = useState<SubjectKind>('teams');
  const [subject, setSubject] = useState('');
  const [level, setLevel] = useState(levels[0]?.[0] ?? 'View');
  const query = useQuery({ queryKey: ['grants', kind, uid], queryFn: ({ signal }) => listGrants(kind, uid, signal) });
  const teams = useQuery({ queryKey: ['teams'], queryFn: ({ signal }) => listTeams(signal) });
  const people = useQuery({ queryKey: ['people'], queryFn: ({ signal }) => lookupPeople(signal) });
  const choices: Choice[] = subjectKind === 'builtInRoles' ? [['Viewer', 'Viewer'], ['Editor', 'Editor']]
    : subjectKind === 'teams' ? (teams.data ?? []).map((t) => [String(t.id), t.name] as const)
      : (people.data ?? []).map((p) => [String(p.userId), p.login] as const);
  const chosen = choices.some(([v]) => v === subject) ? subject : (choices[0]?.[0] ?? '');
  const change = (g: { kind: SubjectKind; id: string | number; name: string }, permission: string): Promise<boolean> =>
    act(() => setGrant(kind, uid, g.kind, g.id, permission), permission === '' ? `${g.name}: taken away.` : `${g.name}: ${permission}.`, 'grants');
  return (
    <Loaded query={query} what="these permissions" who="those who administer this thing">
      {(grants) => (
        <>
          {grants.every((g) => !g.isManaged) && <p className="quiet">No permissions of its own: what is listed follows from the roles or from the folder around it.</p>}
          <Rows label="Permissions" rows={grants} id={(g) => g.id} text={(g) => subjectOf(g).name} empty="Nobody but administrators." columns={[
            { title: 'Who', cell: (g) => subjectOf(g).name },
            { title: 'Kind', cell: (g) => subjectOf(g).what },
            { title: 'May', cell: (g) => <select className="select small" aria-label={`What ${subjectOf(g).name} may do`} value={g.permission} onChange={(e) => void change(subjectOf(g), e.target.value)}>{levels.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select> },
            { title: '', end: true, cell: (g) => (g.isManaged ? <button type="button" className="icon-button small" aria-label={`Take the permission of ${subjectOf(g).name} away`} onClick={() => void change(subjectOf(g), '')}><Trash2 size={16} strokeWidth={1.75} aria-hidden /></button> : <span className="quiet">From the role</span>) },
          ]} />
          <form className="filter-bar grant-form" onSubmit={(e) => {
            e.preventDefault();
            const name = choices.find(([v]) => v === chosen)?.[1] ?? chosen;
            if (chosen !== '') void change({ kind: subjectKind, id: chosen, name }, level);
          }}>
            <SelectField label="Give to" value={subjectKind} choices={[['teams', 'A team'], ['users', 'A person'], ['builtInRoles', 'A role']]} onChange={(v) => setSubjectKind(v as SubjectKind)} />
            <SelectField label="Which" value={chosen} choices={choices.length === 0 ? [['', 'There is none']] : choices} onChange={setSubject} />
            <SelectField label="May" value={level} choices={levels} onChange={setLevel} />
            <button type="submit" className="button" disabled={chosen === ''}>Give</button>
          </form>
        </>
      )}
    </Loaded>
  );
}
