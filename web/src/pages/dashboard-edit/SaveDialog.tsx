/** Saving: with a message, as a copy (all that an unchanged dashboard can be), and what to do when somebody else was faster or it belongs to a file. */
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { diffDashboards, listFolders } from '../../api/dashboard-edit';
import { object, text } from '../../model/json';
import { Dialog } from '../../ui/dialog';
import type { DashboardState } from '../dashboard/useDashboard';
import { ChangeList } from './ChangeList';
import { Conflict } from './Conflict';
import type { Draft } from './draft';
import { useSaving, withRange } from './saving';

/** `copyOnly` for a dashboard without edits: there is nothing to save but a copy. */
export function SaveDialog({ state, draft, copyOnly = false, onClose }: { state: DashboardState; draft: Draft; copyOnly?: boolean; onClose: () => void }) {
  const { meta } = draft.base;
  const isNew = meta.uid === '';
  const raw = object(draft.history.raw);
  const [asCopy, setAsCopy] = useState(isNew || copyOnly);
  const [title, setTitle] = useState(isNew ? text(raw['title']) : `${text(raw['title'])} copy`);
  const [folder, setFolder] = useState('');
  const [message, setMessage] = useState('');
  const [keepRange, setKeepRange] = useState(false);
  const { busy, problem, conflicts, save, takeTheirs, settle } = useSaving(state, draft, onClose);
  const folders = useQuery({ queryKey: ['folders'], queryFn: ({ signal }) => listFolders(signal), enabled: asCopy });
  const diff = useQuery({
    queryKey: ['draft-diff', meta.uid, draft.history.past.length], enabled: !isNew && !copyOnly, staleTime: 0, gcTime: 0,
    queryFn: ({ signal }) => diffDashboards({ unsavedDashboard: draft.base.raw }, { unsavedDashboard: draft.history.raw }, signal),
  });

  const send = (document: Record<string, unknown>, seen: number): void =>
    void save({ document: keepRange ? withRange(document, state) : document, seen, message, copy: asCopy ? { title, folder } : undefined });
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    send(raw, meta.version);
  };
  if (conflicts > 0) {
    return (
      <Conflict
        draft={draft} zone={state.zone} busy={busy} problem={problem} round={conflicts} onClose={onClose} onSave={send} onTheirs={() => void takeTheirs()}
        onCopy={() => {
          settle();
          setAsCopy(true);
        }}
      />
    );
  }
  return (
    <Dialog title={isNew ? 'Save the new dashboard' : asCopy ? 'Save as a copy' : 'Save the dashboard'} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        {!isNew && !copyOnly && (
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
        {draft.typed !== undefined && <p className="form-note" role="note">What is typed in the JSON model of the settings is not part of this: apply it there first.</p>}
        {problem !== '' && <p className="field-error" role="alert">{problem}</p>}
        {!asCopy && diff.data && <ChangeList diff={diff.data} />}
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>Cancel</button>
          <button type="submit" className="button primary" disabled={busy || (asCopy && title.trim() === '')}>{busy ? 'Saving…' : 'Save'}</button>
        </div>
      </form>
    </Dialog>
  );
}
