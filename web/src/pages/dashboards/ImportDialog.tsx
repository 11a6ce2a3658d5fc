/** Importing a dashboard: a dropped file, a chosen one, or pasted JSON; then what of it maps, what it asks for, and where it goes. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, FileUp } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { viewOf } from '../../api/dashboard-edit';
import { importDashboard } from '../../api/folders';
import { ApiError } from '../../api/http';
import { importBytesMax, importReport, inputChoices, parseImport, type Parsed } from '../../model/dashboard/import';
import { wordsOf } from '../../model/errors';
import { isKnown } from '../../panels/kinds';
import { pluginFor } from '../../panels/registry';
import { useSources } from '../../query/sources';
import { Dialog } from '../../ui/dialog';
import { Field, FormDialog, SelectField, SwitchField, TextField, type Choice } from '../../ui/form';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;

function Choose({ onParsed, onClose }: { onParsed: (parsed: Parsed) => void; onClose: () => void }) {
  const [pasted, setPasted] = useState('');
  const [problem, setProblem] = useState('');
  const [over, setOver] = useState(false);
  const read = (source: string): void => {
    try {
      onParsed(parseImport(source));
    } catch (error) {
      setProblem(wordsOf(error));
    }
  };
  const take = (file: File | undefined): void => {
    if (!file) return;
    if (file.size > importBytesMax) setProblem(`${file.name} has more than 4 MiB, which is more than a dashboard can have.`);
    else void file.text().then(read, (error: unknown) => setProblem(wordsOf(error)));
  };
  return (
    <Dialog title="Import a dashboard" onClose={onClose}>
      <div className="form">
        <div
          className={over ? 'drop over' : 'drop'} onDragLeave={() => setOver(false)}
          onDragOver={(e) => {
            e.preventDefault();
            setOver(true);
          }}
          onDrop={(e) => {
            e.preventDefault();
            setOver(false);
            take(e.dataTransfer.files[0]);
          }}
        >
          <FileUp size={24} strokeWidth={1.5} aria-hidden />
          <p>Drop a dashboard's JSON file here, or choose one.</p>
          <input type="file" accept=".json,application/json" aria-label="Dashboard file" onChange={(e) => take(e.target.files?.[0])} />
        </div>
        <Field label="Or paste its JSON">{(id) => <textarea id={id} className="input" value={pasted} spellCheck={false} onChange={(e) => setPasted(e.target.value)} />}</Field>
        <p className="field-error" role="alert">{problem}</p>
        <div className="form-actions"><button type="button" className="button primary" disabled={pasted.trim() === ''} onClick={() => read(pasted)}>Look at it</button></div>
      </div>
    </Dialog>
  );
}

function Report({ parsed }: { parsed: Parsed }) {
  const { data, error } = useQuery({ queryKey: ['import-view', parsed.title, JSON.stringify(parsed.dashboard).length], gcTime: 0, staleTime: 0, queryFn: ({ signal }) => viewOf(parsed.dashboard, signal) });
  if (error) return <p className="banner warn">What maps could not be found out: {error.message}</p>;
  if (!data) return <p className="quiet" role="status">Looking at it…</p>;
  const lines = importReport(data, isKnown, (type) => pluginFor(type).title);
  return (
    <section aria-label="What maps and what does not">
      <ul className="map-list">{lines.map((l) => <li key={l.words}><span className={l.good ? 'state-word good' : 'state-word bad'}>{l.good ? <CircleCheck {...icon} aria-hidden={false} aria-label="Maps" role="img" /> : <CircleAlert {...icon} aria-hidden={false} aria-label="Does not map" role="img" />}</span>{l.words}</li>)}</ul>
      {lines.every((l) => l.good) && <p className="quiet">Everything maps.</p>}
    </section>
  );
}

function Place({ parsed, folders, startFolder, onClose }: { parsed: Parsed; folders: readonly Choice[]; startFolder: string; onClose: () => void }) {
  const [folder, setFolder] = useState(startFolder);
  const [overwrite, setOverwrite] = useState(false);
  const [present, setPresent] = useState(false);
  const [given, setGiven] = useState<Record<string, string>>({});
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const sources = useSources();
  const inputs = parsed.inputs.map((i) => {
    const { value, choices } = i.type === 'datasource' ? inputChoices(i, sources.data ?? []) : { value: i.value, choices: undefined };
    return { ...i, choices, value: given[i.name] ?? value };
  });
  const submit = async (): Promise<void> => {
    const missing = inputs.find((i) => i.value === '');
    if (missing) throw new Error(`“${missing.label}” needs a choice.`);
    try {
      const saved = await importDashboard({ dashboard: parsed.dashboard, folderUid: folder, overwrite, inputs: inputs.map(({ name, type, pluginId, value }) => ({ name, type, pluginId, value })) });
      await client.invalidateQueries({ queryKey: ['dashboards'] });
      navigate(saved.importedUrl);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 412) throw error;
      setPresent(true);
      throw new Error('A dashboard with this uid is here already. Tick “Replace” to overwrite it, or remove the uid from the file.', { cause: error });
    }
  };
  return (
    <FormDialog title={`Import “${parsed.title}”`} action="Import" onSubmit={submit} onClose={onClose}>
      <Report parsed={parsed} />
      {inputs.filter((i) => i.choices?.length !== 0).map((i) => (i.choices
        ? <SelectField key={i.name} label={i.label} value={i.value} choices={i.choices} onChange={(v) => setGiven({ ...given, [i.name]: v })} hint={`Stands for ${'${'}${i.name}} in the file.`} />
        : <TextField key={i.name} label={i.label} value={i.value} onChange={(v) => setGiven({ ...given, [i.name]: v })} />))}
      <SelectField label="Folder" value={folder} choices={folders} onChange={setFolder} />
      {present && <SwitchField label="Replace the dashboard that is here" checked={overwrite} onChange={setOverwrite} hint="Its versions stay, so that it can be restored." />}
    </FormDialog>
  );
}

export default function ImportDialog({ folders, folder, onClose }: { folders: readonly Choice[]; folder: string; onClose: () => void }) {
  const [parsed, setParsed] = useState<Parsed>();
  return parsed ? <Place parsed={parsed} folders={folders} startFolder={folder} onClose={onClose} /> : <Choose onParsed={setParsed} onClose={onClose} />;
}
