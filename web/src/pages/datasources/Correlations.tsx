/** Ways from a field of this source's answers to a query of another source, or to an address. */
import { useQuery } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { createCorrelation, deleteCorrelation, listCorrelations, type DataSource } from '../../api/datasources';
import { FormDialog, SelectField, TextField } from '../../ui/form';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';
import { useAct, useSend } from '../parts/act';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;

function NewCorrelation({ uid, sources, onClose }: { uid: string; sources: readonly DataSource[]; onClose: () => void }) {
  const [label, setLabel] = useState('');
  const [target, setTarget] = useState('');
  const [field, setField] = useState('');
  const [value, setValue] = useState('');
  const send = useSend();
  const external = target === '';
  return (
    <FormDialog title="New correlation" action="Create" onClose={onClose} onSubmit={() => send(
      () => createCorrelation(uid, { label, type: external ? 'external' : 'query', ...(external ? {} : { targetUID: target }), config: { field, target: external ? { url: value } : { expr: value } } }),
      `“${label}” is created.`, 'correlations',
    )}>
      <TextField label="Label of the link" value={label} onChange={setLabel} required />
      <TextField label="Field it starts from" value={field} onChange={setField} required placeholder="traceID" />
      <SelectField label="Leads to" value={target} choices={[['', 'An address'], ...sources.map((s) => [s.uid, s.name] as const)]} onChange={setTarget} />
      <TextField label={external ? 'Address' : 'Query'} value={value} onChange={setValue} required placeholder={external ? 'https://tickets.example/?q=${__value.raw}' : '{trace_id="${traceID}"}'} hint="${name} stands for the value of a field." />
    </FormDialog>
  );
}

export function Correlations({ uid, sources, locked }: { uid: string; sources: readonly DataSource[]; locked: boolean }) {
  const [adding, setAdding] = useState(false);
  const query = useQuery({ queryKey: ['correlations', uid], queryFn: ({ signal }) => listCorrelations(uid, signal) });
  const act = useAct();
  return (
    <section className="card block">
      <h2>Correlations</h2>
      <p className="quiet">A correlation turns a field of an answer into a link: from a log line to its trace, from a series to its logs.</p>
      <Loaded query={query} what="the correlations">
        {(all) => <Rows label="Correlations" rows={all} id={(c) => c.uid} text={(c) => `${c.label} ${c.config.field}`} empty="None yet." columns={[
          { title: 'Label', cell: (c) => c.label },
          { title: 'Field', cell: (c) => <code>{c.config.field}</code> },
          { title: 'Leads to', cell: (c) => (c.targetUID === null ? 'An address' : (sources.find((s) => s.uid === c.targetUID)?.name ?? c.targetUID)) },
          { title: '', end: true, cell: (c) => (c.provisioned ? <span className="quiet">From a file</span> : !locked && <button type="button" className="icon-button small" aria-label={`Delete ${c.label}`} onClick={() => void act(() => deleteCorrelation(uid, c.uid), `“${c.label}” is deleted.`, 'correlations')}><Trash2 {...icon} /></button>) },
        ]} />}
      </Loaded>
      {locked ? <p className="quiet">Correlations of a source that cannot be changed here come from its file.</p> : <button type="button" className="button" onClick={() => setAdding(true)}><Plus {...icon} />New correlation</button>}
      {adding && <NewCorrelation uid={uid} sources={sources} onClose={() => setAdding(false)} />}
    </section>
  );
}
