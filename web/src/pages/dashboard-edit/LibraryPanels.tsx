/** Dialogs about one panel and the library: put it there, see who uses it. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { listFolders } from '../../api/dashboard-edit';
import { createLibraryPanel, libraryUses } from '../../api/library';
import { dashboardCount, libraryLink, libraryModel } from '../../model/dashboard/edit/library';
import { text } from '../../model/json';
import { Dialog } from '../../ui/dialog';
import { FormDialog, SelectField, TextField } from '../../ui/form';
import { toast } from '../../ui/toast';
import { panelOf, relink } from './library';

/** Makes a library panel of a dashboard's panel, which then stands for it. */
function Create({ uid, id, onClose }: { uid: string; id: number; onClose: () => void }) {
  const [name, setName] = useState(() => text(panelOf(uid, id)?.['title']));
  const [folder, setFolder] = useState('');
  const folders = useQuery({ queryKey: ['folders'], queryFn: ({ signal }) => listFolders(signal) });
  const create = async (): Promise<void> => {
    const panel = panelOf(uid, id);
    if (!panel) throw new Error('The panel is no longer on the dashboard.');
    const made = await createLibraryPanel(name.trim(), folder, { ...libraryModel(panel), libraryPanel: undefined });
    relink(uid, id, { uid: made.uid, name: made.name }, `Put “${made.name}” into the library`);
    toast(`“${made.name}” is in the library. Save the dashboard to keep the link.`);
  };
  return (
    <FormDialog title="Put the panel into the library" action="Put into the library" onClose={onClose} onSubmit={create}>
      <p className="quiet">Other dashboards can then show it too, and an edit in the library changes all of them.</p>
      <TextField label="Name in the library" value={name} onChange={setName} required maxLength={128} />
      <SelectField label="Folder" value={folder} choices={[['', 'General'], ...(folders.data ?? []).map((f) => [f.uid, f.title] as const)]} onChange={setFolder} hint="Who may see and edit the folder may see and edit the panel." />
    </FormDialog>
  );
}

function Uses({ uid, id, onClose }: { uid: string; id: number; onClose: () => void }) {
  const link = libraryLink(panelOf(uid, id) ?? {});
  const { data, error } = useQuery({ queryKey: ['library-uses', link?.uid], queryFn: ({ signal }) => libraryUses(link?.uid ?? '', signal), enabled: link !== undefined });
  return (
    <Dialog title={`Where “${link?.name ?? ''}” is used`} onClose={onClose}>
      {error && <p className="field-error" role="alert">{error.message}</p>}
      {data && <p className="quiet">{data.length === 0 ? 'No saved dashboard that you see uses it yet.' : `It is on ${dashboardCount(data.length)} that you see.`}</p>}
      <ul className="pick-list">{data?.map((d) => <li key={d.uid}><Link className="menu-item" to={d.url} onClick={onClose}><span className="menu-label">{d.title}</span><span className="quiet">{d.folder}</span></Link></li>)}</ul>
    </Dialog>
  );
}

export function LibraryPanels({ uid, task, onClose }: { uid: string; task: { id: number; what: 'create' | 'uses' }; onClose: () => void }) {
  return task.what === 'create' ? <Create uid={uid} id={task.id} onClose={onClose} /> : <Uses uid={uid} id={task.id} onClose={onClose} />;
}
