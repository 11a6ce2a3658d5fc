/** Who may do what with one folder, dashboard or data source, and why. */
import { useQuery, type QueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { listGrants, type AccessKind } from '../../api/access';
import { listMembers, listTeams } from '../../api/teams';
import { listMembersOfOrg } from '../../api/users';
import { explain, type Place, type Somebody } from '../../model/access';
import { treeQuery } from '../../query/folders';
import { sourcesQuery } from '../../query/sources';
import { Field, SelectField } from '../../ui/form';
import { GrantList } from '../parts/GrantList';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';

interface Thing {
  kind: AccessKind;
  uid: string;
  title: string;
  folderUid: string;
}
/** People the table explains at once; the choice names one of all. */
const peopleMax = 200;
/** Folders nest no deeper on the server. */
const depthMax = 8;
const kindWord = { folders: 'folder', dashboards: 'dashboard', datasources: 'datasource' } as const;

async function loadThings(client: QueryClient): Promise<Thing[]> {
  const [hits, sources] = await Promise.all([client.fetchQuery(treeQuery), client.fetchQuery(sourcesQuery)]);
  return [
    ...hits.map((h): Thing => ({ kind: h.type === 'dash-folder' ? 'folders' : 'dashboards', uid: h.uid, title: h.title, folderUid: h.folderUid ?? '' })),
    ...sources.map((s): Thing => ({ kind: 'datasources', uid: s.uid, title: s.name, folderUid: '' })),
  ];
}

/** The thing and the folders around it, each with what was given there. */
async function loadPlaces(thing: Thing, things: readonly Thing[], signal: AbortSignal): Promise<Place[]> {
  const chain = [thing];
  for (let up = thing.folderUid; up !== '' && chain.length <= depthMax;) {
    const folder = things.find((t) => t.kind === 'folders' && t.uid === up);
    if (!folder) break;
    chain.push(folder);
    up = folder.folderUid;
  }
  return Promise.all(chain.map(async (t): Promise<Place> => ({
    title: t.title, kind: kindWord[t.kind],
    given: (await listGrants(t.kind, t.uid, signal)).map((g) => ({ role: g.builtInRole, team: g.team, login: g.userLogin, permission: g.permission, managed: g.isManaged })),
  })));
}

async function loadPeople(signal: AbortSignal): Promise<Somebody[]> {
  const [members, teams] = await Promise.all([listMembersOfOrg(signal), listTeams(signal)]);
  const byTeam = await Promise.all(teams.slice(0, peopleMax).map(async (t) => ({ name: t.name, logins: (await listMembers(t.id, signal)).map((m) => m.login) })));
  return members.map((m) => ({ login: m.login, role: m.role, teams: byTeam.filter((t) => t.logins.includes(m.login)).map((t) => t.name) }));
}

export function AccessPage() {
  const [chosen, setChosen] = useState('');
  const [who, setWho] = useState('');
  const things = useQuery({ queryKey: ['things'], queryFn: ({ client }) => loadThings(client) });
  const people = useQuery({ queryKey: ['people-teams'], queryFn: ({ signal }) => loadPeople(signal) });
  const thing = things.data?.find((t) => `${t.kind}/${t.uid}` === chosen) ?? things.data?.[0];
  const places = useQuery({
    queryKey: ['grants', 'places', thing?.kind, thing?.uid], enabled: thing !== undefined,
    queryFn: ({ signal }) => (thing ? loadPlaces(thing, things.data ?? [], signal) : Promise.resolve([])),
  });
  const groups = [['folders', 'Folders'], ['dashboards', 'Dashboards'], ['datasources', 'Data sources']] as const;
  const shown = (people.data ?? []).filter((p) => who === '' || p.login === who).slice(0, peopleMax);
  return (
    <Loaded query={things} what="folders, dashboards and sources">
      {(all) => (
        <>
          <section className="card block"><h2>Why can somebody see something?</h2>
            <div className="filter-bar">
              <Field label="Thing">
                {(id) => <select id={id} className="select" value={thing ? `${thing.kind}/${thing.uid}` : ''} onChange={(e) => setChosen(e.target.value)}>{groups.map(([kind, name]) => <optgroup key={kind} label={name}>{all.filter((t) => t.kind === kind).map((t) => <option key={t.uid} value={`${kind}/${t.uid}`}>{t.title}</option>)}</optgroup>)}</select>}
              </Field>
              <SelectField label="Person" value={who} choices={[['', 'Everybody'], ...(people.data ?? []).map((p) => [p.login, p.login] as const)]} onChange={setWho} />
            </div>
            <Loaded query={places} what="the permissions">
              {(around) => <Rows label="Who may what, and why" rows={shown} id={(p) => p.login} text={(p) => `${p.login} ${p.role}`} empty="Nobody." columns={[
                { title: 'Person', cell: (p) => p.login },
                { title: 'Role', cell: (p) => p.role },
                { title: 'May', cell: (p) => explain(around, p).level || 'Nothing' },
                { title: 'Why', cell: (p) => <ul className="reasons">{explain(around, p).reasons.map((r) => <li key={r}>{r}</li>)}</ul> },
              ]} />}
            </Loaded>
          </section>
          {thing && <section className="card block"><h2>Permissions on “{thing.title}”</h2><GrantList key={`${thing.kind}/${thing.uid}`} kind={thing.kind} uid={thing.uid} /></section>}
        </>
      )}
    </Loaded>
  );
}
