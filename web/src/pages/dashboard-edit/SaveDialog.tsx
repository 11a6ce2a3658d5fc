/** Saving: with a message, as a copy, and what to do when somebody else was faster or the dashboard belongs to a file. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { diffDashboards, listFolders, saveDashboard } from '../../api/dashboard-edit';
import { ApiError } from '../../api/http';
import { object, text } from '../../model/json';
import { Dialog } from '../../ui/dialog';
import { toast } from '../../ui/toast';
import type { DashboardState } from '../dashboard/useDashboard';
import { ChangeList } from './ChangeList';
import { Conflict } from './Conflict';
import { draftSaved, dropDraft, replaceDocument, setArranging, type Draft } from './draft';

export function SaveDialog({ state, draft, onClose }: { state: DashboardState; draft: Draft; onClose: () => void }) {
  const { meta } = draft.base;
  const isNew = meta.uid === '';
  const raw = object(draft.history.raw);
  const [asCopy, setAsCopy] = useState(isNew);
  const [title, setTitle] = useState(isNew ? text(raw['title']) : `${text(raw['title'])} copy`);
  const [folder, setFolder] = useState('');
  const [message, setMessage] = useState('');
  const [keepRange, setKeepRange] = useState(false);
  const [problem, setProblem] = useState('');
  const [conflict, setConflict] = useState(false);
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const folders = useQuery({ queryKey: ['folders'], queryFn: ({ signal }) => listFolders(signal), enabled: asCopy });
  const diff = useQuery({
    queryKey: ['draft-diff', meta.uid, draft.history.past.length], enabled: !isNew, staleTime: 0, gcTime: 0,
    queryFn: ({ signal }) => diffDashboards({ unsavedDashboard: draft.base.raw }, { unsavedDashboard: draft.history.raw }, signal),
  });

  const save = async (document: Record<string, unknown>, overwrite: boolean): Promise<void> => {
    setBusy(true);
    setProblem('');
    const ranged = keepRange ? { ...document, time: { from: state.raw.from, to: state.raw.to }, refresh: state.refresh } : document;
    const { id: _id, uid: _uid, version: _version, ...copy } = ranged;
    // What is stored may lack its uid: without one a save would make another dashboard.
    const dashboard = asCopy ? { ...copy, title } : { ...ranged, uid: meta.uid, version: meta.version };
    try {
      const saved = await saveDashboard({ dashboard, message, overwrite, ...(asCopy ? { folderUid: folder } : {}) });
      await client.invalidateQueries({ queryKey: ['dashboards'] });
      if (asCopy) {
        dropDraft(meta.uid);
        navigate(saved.url);
        toast(isNew ? `“${title}” is saved.` : `Saved as “${title}”.`);
      } else {
        if (document !== raw || keepRange) replaceDocument(meta.uid, ranged, 'Take over what was saved');
        draftSaved(meta.uid, saved.version);
        setArranging(meta.uid, false);
        await client.invalidateQueries({ queryKey: ['dashboard', meta.uid] });
        toast(`Version ${saved.version} is saved.`);
        if (state.address.url.editPanel === undefined && state.address.url.editview === undefined) dropDraft(meta.uid);
      }
      onClose();
    } catch (error) {
      if (error instanceof ApiError && error.status === 412 && !asCopy) setConflict(true);
      else setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    void save(raw, false);
  };
  if (conflict) {
    return (
      <Conflict
        draft={draft} busy={busy} onClose={onClose} onCopy={() => { setConflict(false); setAsCopy(true); }}
        onSave={(document) => void save(document, true)}
        onTheirs={() => { dropDraft(meta.uid); void client.invalidateQueries({ queryKey: ['dashboard', meta.uid] }); onClose(); }}
      />
    );
  }
  return (
    <Dialog title={isNew ? 'Save the new dashboard' : asCopy ? 'Save as a copy' : 'Save the dashboard'} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        {!isNew && (
          <div className="segmented" role="group" aria-label="How to save">
            <button type="button" aria-pressed={!asCopy} onClick={() => setAsCopy(false)}>This dashboard</button>
            <button type="button" aria-pressed={asCopy} onClick={() => setAsCopy(true)}>As a copy</button>
          </div>
        )}
        {asCopy && <label>Title<input className="input" autoFocus required value={title} onChange={(e) => setTitle(e.target.value)} /></label>}
        {asCopy && (
          <label>Folder
            <select className="select" value={folder} onChange={(e) => setFolder(e.target.value)}>
              <option value="">General</option>
              {folders.data?.map((f) => <option key={f.uid} value={f.uid}>{f.title}</option>)}
            </select>
          </label>
        )}
        {meta.provisioned && !asCopy && (
          <p className="form-note" role="note">This dashboard comes from a file. If its provider allows saving, your edit is kept beside the file, and “Settings” shows how the two differ. If not, the server says so here: then save a copy, or take the JSON from “Settings” into the file.</p>
        )}
        {draft.lowered && !asCopy && <p className="form-note" role="note">It was stored in a form that cannot be edited in place. Saving writes it in the classic form.</p>}
        <label>What did you change? <span className="quiet">(optional, shown among the versions)</span><input className="input" autoFocus={!asCopy} maxLength={500} value={message} onChange={(e) => setMessage(e.target.value)} /></label>
        <label className="check"><input type="checkbox" checked={keepRange} onChange={(e) => setKeepRange(e.target.checked)} />Keep the time range and refresh of the page ({state.raw.from} to {state.raw.to}) as the dashboard’s own</label>
        {problem !== '' && <p className="field-error" role="alert">{problem}</p>}
        {!asCopy && diff.data && <ChangeList diff={diff.data} />}
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>Cancel</button>
          <button type="submit" className="button primary" disabled={busy || (asCopy && title.trim() === '')}>Save</button>
        </div>
      </form>
    </Dialog>
  );
}
