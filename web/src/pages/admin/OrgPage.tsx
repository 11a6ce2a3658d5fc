/** This organisation: name, tenant, label policy, and how much it has of everything. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { boot } from '../../api/boot';
import { currentOrg, orgQuotas, renameOrg, updateOrg, type Org } from '../../api/orgs';
import { TextField } from '../../ui/form';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';
import { useAct } from '../parts/act';

const names: Record<string, string> = { org_user: 'Members', dashboard: 'Dashboards', folder: 'Folders', data_source: 'Data sources', annotation: 'Annotations', correlation: 'Correlations', library_element: 'Library panels', snapshot: 'Snapshots', playlist: 'Playlists', short_url: 'Short links' };

export function OrgForm({ org }: { org: Org }) {
  const [name, setName] = useState(org.name);
  const [tenant, setTenant] = useState(org.tenant);
  const [labelPolicy, setPolicy] = useState(org.labelPolicy);
  const act = useAct();
  const ofServer = boot.user.isGrafanaAdmin;
  return (
    <form className="form" onSubmit={(e) => {
      e.preventDefault();
      void act(() => (ofServer ? updateOrg(org.id, { name, tenant, labelPolicy }) : renameOrg(name)), 'The organisation is saved.', 'org', 'orgs');
    }}>
      <TextField label="Name" value={name} onChange={setName} required maxLength={190} />
      <TextField label="Tenant" value={tenant} onChange={setTenant} disabled={!ofServer} hint="Whose metrics its members see and send." />
      <TextField label="Label policy" value={labelPolicy} onChange={setPolicy} disabled={!ofServer} placeholder={'{env!="secret"}'} hint="A selector that is added to every query. Empty: everything of the tenant." />
      {!ofServer && <p className="quiet">Tenant and label policy decide whose data is seen, so only administrators of the server may change them.</p>}
      <div><button type="submit" className="button primary">Save</button></div>
    </form>
  );
}

export function OrgPage() {
  const org = useQuery({ queryKey: ['org'], queryFn: ({ signal }) => currentOrg(signal) });
  const quotas = useQuery({ queryKey: ['org-quotas'], queryFn: ({ signal }) => orgQuotas(signal) });
  return (
    <>
      <section className="card block"><h2>Organisation</h2><Loaded query={org} what="the organisation">{(o) => <OrgForm key={`${o.name}${o.tenant}${o.labelPolicy}`} org={o} />}</Loaded></section>
      <section className="card block"><h2>How much there is</h2>
        <Loaded query={quotas} what="the quotas">
          {(all) => <Rows label="Quotas" rows={all.map((q) => ({ ...q, name: names[q.target] ?? q.target }))} id={(q) => q.target} text={(q) => q.name} empty="Nothing." columns={[
            { title: 'What', cell: (q) => q.name },
            { title: 'Used', end: true, cell: (q) => <span className="num">{q.used.toLocaleString('en')}</span> },
            { title: 'At most', end: true, cell: (q) => <span className="num">{q.limit < 0 ? 'No limit' : q.limit.toLocaleString('en')}</span> },
          ]} />}
        </Loaded>
      </section>
    </>
  );
}
