/** The bar of a dashboard that is being edited: add, undo, settings, save, leave. */
import { ClipboardPaste, LibraryBig, Plus, Redo2, Rows3, Save, Settings, SquarePlus, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useShortcuts } from '../../ui/keys';
import { Menu } from '../../ui/popover';
import type { DashboardState } from '../dashboard/useDashboard';
import { add, addNewPanel, addRow, copied } from './actions';
import { Discard } from './Discard';
import { dropDraft, isUnsaved, redoEdit, setArranging, undoEdit, unsavedSteps } from './draft';
import { LibraryDialog } from './LibraryDialog';
import { SaveDialog } from './SaveDialog';
import type { Editing } from './useEditing';
import './edit.css';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;

export default function EditBar({ state, editing }: { state: DashboardState; editing: Editing }) {
  const [dialog, setDialog] = useState<'save' | 'library' | 'discard'>();
  const [, navigate] = useLocation();
  const { draft, changed } = editing;
  const { address } = state;
  const { uid } = state.doc.meta;
  const unsaved = isUnsaved(draft);
  const savable = changed || uid === '';
  useShortcuts([{ keys: 'mod+s', label: 'Save the dashboard', group: 'Editing', run: () => setDialog('save') }]);
  if (!draft) return null;
  const { past, future } = draft.history;
  const back = (): void => address.change({ editPanel: undefined, editview: undefined });
  const inside = address.url.editPanel !== undefined || address.url.editview !== undefined;
  const leave = (): void => {
    if (unsaved) setDialog('discard');
    else if (uid === '') navigate('/dashboards');
    else {
      dropDraft(uid);
      back();
    }
  };
  const paste = copied();
  return (
    <div className="edit-bar" role="toolbar" aria-label="Editing">
      {inside
        ? <button type="button" className="button" onClick={() => { setArranging(uid, true); back(); }}>Back to the dashboard</button>
        : (
          <Menu
            label="Add" triggerClass="button" trigger={<><Plus {...icon} />Add</>}
            items={[
              { label: 'Panel', icon: <SquarePlus {...icon} />, run: () => { const id = addNewPanel(uid); if (id !== undefined) address.change({ editPanel: String(id) }); } },
              { label: 'Row', icon: <Rows3 {...icon} />, run: () => void addRow(uid) },
              { label: 'Panel from the library', icon: <LibraryBig {...icon} />, run: () => setDialog('library') },
              ...(paste ? [{ label: 'Paste the copied panel', icon: <ClipboardPaste {...icon} />, run: () => void add(uid, paste, 'Paste a panel') }] : []),
            ]}
          />
        )}
      <div className="button-group">
        <button type="button" className="button" aria-label="Undo" title={past.length > 0 ? `Undo: ${past[past.length - 1]?.label ?? ''}` : 'Nothing to undo'} disabled={past.length === 0} onClick={() => undoEdit(uid)}><Undo2 {...icon} /></button>
        <button type="button" className="button" aria-label="Do again" title={future[0] ? `Do again: ${future[0].label}` : 'Nothing to do again'} disabled={future.length === 0} onClick={() => redoEdit(uid)}><Redo2 {...icon} /></button>
      </div>
      {address.url.editview === undefined && <button type="button" className="button" onClick={() => address.change({ editview: 'settings', editPanel: undefined })}><Settings {...icon} />Settings</button>}
      <span className="edit-bar-state" role="status">{draft.problem !== '' ? <span className="field-error">{draft.problem}</span> : unsaved ? 'Not saved yet' : 'No changes'}</span>
      <button type="button" className="button" onClick={leave}>{unsaved ? 'Discard' : 'Done'}</button>
      <button type="button" className="button primary" onClick={() => setDialog('save')}><Save {...icon} />{savable ? 'Save' : 'Save as a copy'}</button>
      {dialog === 'save' && <SaveDialog state={state} draft={draft} copyOnly={!savable} onClose={() => setDialog(undefined)} />}
      {dialog === 'library' && <LibraryDialog uid={uid} onClose={() => setDialog(undefined)} />}
      {dialog === 'discard' && (
        <Discard
          count={unsavedSteps(draft)} onClose={() => setDialog(undefined)}
          onDiscard={() => {
            setDialog(undefined);
            dropDraft(uid);
            if (uid === '') navigate('/dashboards');
            else back();
          }}
        />
      )}
    </div>
  );
}
