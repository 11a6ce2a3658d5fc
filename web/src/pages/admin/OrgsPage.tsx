/** All organisations of the server. */
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { createOrg, deleteOrg, getOrg, listOrgs } from '../../api/orgs';
import { Dialog } from '../../ui/dialog';
import { FormDialog, TextField } from '../../ui/form';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';
import { useSend } from '../parts/act';
import { OrgForm } from './OrgPage';

function EditOrg({ id, onClose }: { id: number; onClose: () => void }) {
  const query = useQuery({ queryKey: ['org', id], queryFn: ({ signal }) => getOrg(id, signal) });
  return <Dialog title={query.data?.name ?? 'Organisation'} onClose={onClose}><Loaded query={query} what="the organisation">{(o) => <OrgForm key={`${o.name}${o.tenant}${o.labelPolicy}`} org={o} />}</Loaded></Dialog>;
}

function NewOrg({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const send = useSend();
  return <FormDialog title="New organisation" action="Create" onClose={onClose} onSubmit={() => send(() => createOrg(name), `“${name}” is created, and you administer it.`, 'orgs')}><TextField label="Name" value={name} onChange={setName} required maxLength={190} /></FormDialog>;
}

export function OrgsPage() {
  const [open, setOpen] = useState<number>();
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<{ id: number; name: string }>();
  const send = useSend();
  const query = useQuery({ queryKey: ['orgs'], queryFn: ({ signal }) => listOrgs(signal) });
  return (
    <>
      <div className="filter-bar"><p className="quiet grow">An organisation has its own dashboards, sources and people, and sees the metrics of its tenant.</p><button type="button" className="button primary" onClick={() => setAdding(true)}><Plus size={16} strokeWidth={1.75} aria-hidden />New organisation</button></div>
      <section className="card block">
        <Loaded query={query} what="the organisations" who="administrators of the server">
          {(all) => <Rows label="Organisations" rows={all} id={(o) => o.id} text={(o) => o.name} empty="None." columns={[
            { title: 'Name', cell: (o) => o.name },
            { title: 'Number', cell: (o) => <span className="num">{o.id}</span> },
            { title: '', end: true, cell: (o) => <><button type="button" className="button" aria-label={`Edit ${o.name}`} onClick={() => setOpen(o.id)}>Edit</button> {o.id !== 1 && <button type="button" className="button danger" aria-label={`Delete ${o.name}`} onClick={() => setDeleting(o)}>Delete</button>}</> },
          ]} />}
        </Loaded>
      </section>
      {open !== undefined && <EditOrg id={open} onClose={() => setOpen(undefined)} />}
      {adding && <NewOrg onClose={() => setAdding(false)} />}
      {deleting && <FormDialog title={`Delete “${deleting.name}”?`} action="Delete the organisation" danger onClose={() => setDeleting(undefined)} onSubmit={() => send(() => deleteOrg(deleting.id), `“${deleting.name}” is deleted.`, 'orgs')}><p>Its dashboards, sources, teams and permissions go with it. The metrics of its tenant stay. This cannot be undone.</p></FormDialog>}
    </>
  );
}
