/** Joins the page to its draft: entering and leaving edit mode, keys, and what may be done to a panel. */
import { useCallback, useEffect, useMemo } from 'react';
import type { DashboardDoc } from '../../api/dashboards';
import { isChanged } from '../../model/dashboard/edit/history';
import { wordsOf } from '../../model/errors';
import { useShortcuts } from '../../ui/keys';
import { toast } from '../../ui/toast';
import type { PanelEdits } from '../dashboard/usePanelKeys';
import type { Address } from '../dashboard/useAddress';
import type { Overlay } from '../dashboard/useDashboard';
import { copyPanel, duplicate, remove } from './actions';
import { unlink } from './library';
import { beginDraft, redoEdit, undoEdit, useDrafts, type Draft } from './draft';

export interface Editing {
  draft: Draft | undefined;
  changed: boolean;
  /** May this person edit at all? */
  allowed: boolean;
  /** Begins to arrange the panels. */
  start: () => void;
  edits: ((id: number) => PanelEdits) | undefined;
}

export function useEditing(doc: DashboardDoc, address: Address, setOverlay: (overlay: Overlay | undefined) => void): Editing {
  const { uid, canEdit } = doc.meta;
  // A snapshot has no uid, as a new dashboard has none: its draft is not the snapshot's.
  const draft = useDrafts((s) => (canEdit ? s.drafts[uid] : undefined));
  const changed = draft !== undefined && isChanged(draft.history);
  const { url, change } = address;
  const wantsDraft = canEdit && (url.editPanel !== undefined || url.editview !== undefined);
  useEffect(() => {
    // An address that leads into the editor, from a bookmark or after a reload.
    if (wantsDraft) beginDraft(doc);
  }, [wantsDraft, doc]);
  const start = useCallback(() => void beginDraft(doc, true), [doc]);
  const edits = useMemo(() => (canEdit ? (id: number): PanelEdits => {
    const arranging = (): void => void beginDraft(doc, true);
    return {
      open: () => {
        beginDraft(doc);
        change({ editPanel: String(id), viewPanel: undefined });
      },
      duplicate: () => {
        arranging();
        duplicate(uid, id);
      },
      copy: () => {
        beginDraft(doc);
        copyPanel(uid, id);
      },
      remove: () => {
        arranging();
        remove(uid, id);
      },
      putIntoLibrary: () => {
        arranging();
        setOverlay({ kind: 'library', task: { id, what: 'create' } });
      },
      libraryUses: () => {
        beginDraft(doc);
        setOverlay({ kind: 'library', task: { id, what: 'uses' } });
      },
      unlink: () => {
        arranging();
        unlink(uid, id).then(() => toast('From now on the panel is this dashboard’s alone.'), (error: unknown) => toast(wordsOf(error), 'error'));
      },
    };
  } : undefined), [canEdit, doc, change, uid, setOverlay]);
  useShortcuts([
    ...(canEdit ? [{ keys: 'd s', label: 'Settings of the dashboard', group: 'Dashboard', run: () => change({ editview: 'settings', editPanel: undefined }) }, { keys: 'd e', label: 'Edit the dashboard', group: 'Dashboard', run: start }] : []),
    ...(draft ? [
      { keys: 'mod+z', label: 'Undo the last edit', group: 'Editing', run: (e: KeyboardEvent) => (e.shiftKey ? redoEdit(uid) : undoEdit(uid)) },
      { keys: 'mod+y', label: 'Do it again', group: 'Editing', run: () => redoEdit(uid) },
    ] : []),
  ]);
  return { draft, changed, allowed: canEdit, start, edits };
}
