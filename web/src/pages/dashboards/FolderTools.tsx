/** What one can do with a folder: rename, move, say who may, delete. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { createFolder, deleteFolder, folderCounts, getFolder, moveFolder, renameFolder } from '../../api/folders';
import { below, folderChoices, type FolderNode } from '../../model/dashboard/folders';
import { Dialog } from '../../ui/dialog';
import { FormDialog, SelectField, TextField } from '../../ui/form';
import { GrantList } from '../parts/GrantList';
import { useSend } from '../parts/act';

export function NewFolder({ parent, onClose }: { parent: string; onClose: () => void }) {
  const [title, setTitle] = useState('');
  const [, navigate] = useLocation();
  const send = useSend();
  return (
    <FormDialog title={parent === '' ? 'New folder' : 'New folder in this one'} action="Create the folder" onClose={onClose} onSubmit={async () => {
      let uid = '';
      await send(async () => { uid = (await createFolder(title, parent)).uid; }, `“${title}” is created.`, 'dashboards');
      navigate(`/dashboards/f/${uid}`);
    }}><TextField label="Name" value={title} onChange={setTitle} required maxLength={190} /></FormDialog>
  );
}

function DeleteFolder({ folder, onClose }: { folder: FolderNode; onClose: () => void }) {
  const [, navigate] = useLocation();
  const send = useSend();
  const counts = useQuery({ queryKey: ['folder-counts', folder.uid], staleTime: 0, queryFn: ({ signal }) => folderCounts(folder.uid, signal) });
  return (
    <FormDialog title={`Delete “${folder.title}”?`} action="Delete the folder" danger onClose={onClose} onSubmit={async () => {
      await send(() => deleteFolder(folder.uid), `“${folder.title}” is deleted.`, 'dashboards');
      navigate('/dashboards');
    }}>
      <p>{counts.data ? `${counts.data.dashboard} dashboards and ${counts.data.folder} folders in it are deleted with it.` : 'Everything in it is deleted with it.'} This cannot be undone.</p>
    </FormDialog>
  );
}

export function FolderTools({ folder, tree }: { folder: FolderNode; tree: readonly FolderNode[] }) {
  const [open, setOpen] = useState<'rename' | 'move' | 'access' | 'delete' | 'new' | ''>('');
  const [title, setTitle] = useState(folder.title);
  const [target, setTarget] = useState(folder.parent);
  const send = useSend();
  const info = useQuery({ queryKey: ['folder', folder.uid], queryFn: ({ signal }) => getFolder(folder.uid, signal) });
  const close = (): void => setOpen('');
  if (!info.data?.canEdit) return null;
  const inside = below(tree, folder.uid);
  return (
    <div className="filter-bar" role="group" aria-label={`Folder ${folder.title}`}>
      <button type="button" className="button" onClick={() => setOpen('new')}>New folder inside</button>
      <button type="button" className="button" onClick={() => setOpen('rename')}>Rename</button>
      <button type="button" className="button" onClick={() => setOpen('move')}>Move</button>
      {info.data.canAdmin && <button type="button" className="button" onClick={() => setOpen('access')}>Permissions</button>}
      <button type="button" className="button danger" onClick={() => setOpen('delete')}>Delete</button>
      {open === 'new' && <NewFolder parent={folder.uid} onClose={close} />}
      {open === 'rename' && <FormDialog title="Rename the folder" action="Rename" onClose={close} onSubmit={() => send(() => renameFolder(folder.uid, title, info.data.version), 'Renamed.', 'dashboards', 'folder')}><TextField label="Name" value={title} onChange={setTitle} required maxLength={190} /></FormDialog>}
      {open === 'move' && <FormDialog title={`Move “${folder.title}”`} action="Move" onClose={close} onSubmit={() => send(() => moveFolder(folder.uid, target), 'Moved.', 'dashboards', 'folder')}><SelectField label="Into" value={target} choices={[['', 'The top'], ...folderChoices(tree.filter((f) => !inside.has(f.uid)))]} onChange={setTarget} /></FormDialog>}
      {open === 'access' && <Dialog title={`Who may see “${folder.title}”`} onClose={close}><GrantList kind="folders" uid={folder.uid} /></Dialog>}
      {open === 'delete' && <DeleteFolder folder={folder} onClose={close} />}
    </div>
  );
}
