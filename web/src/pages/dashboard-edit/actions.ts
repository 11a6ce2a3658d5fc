/** What a person may do to the panels of a draft: the same from menus, keys and the bar. */
import { duplicatePanel, addPanel, rawPanel, removePanel, freshPanel, freshRow, type RawPanel } from '../../model/dashboard/edit/panels';
import { isObject, text } from '../../model/json';
import { toast } from '../../ui/toast';
import { draftOf, edit } from './draft';

const clipboard = 'orrery.panel';

const nameOf = (panel: RawPanel | undefined): string => text(panel?.['title']) || 'the panel';

export function duplicate(uid: string, id: number): void {
  const draft = draftOf(uid);
  const made = draft && duplicatePanel(draft.history.raw, id);
  if (!made) return;
  edit(uid, { label: 'Duplicate the panel', patch: made.patch });
  toast('The copy stands beside the panel or below it.');
}

export function remove(uid: string, id: number, withContent = false): void {
  const draft = draftOf(uid);
  if (!draft) return;
  const name = nameOf(rawPanel(draft.history.raw, id));
  edit(uid, { label: `Remove “${name}”`, patch: removePanel(draft.history.raw, id, withContent) });
  toast(`“${name}” is removed. Ctrl+Z brings it back.`);
}

export function copyPanel(uid: string, id: number): void {
  const panel = draftOf(uid) && rawPanel(draftOf(uid)?.history.raw, id);
  if (!panel) return;
  try {
    localStorage.setItem(clipboard, JSON.stringify(panel));
    toast('Copied. “Add” pastes it on this dashboard or another.');
  } catch {
    toast('The browser keeps nothing for this page, so the panel cannot be copied.', 'error');
  }
}

/** The panel that was copied last. */
export function copied(): RawPanel | undefined {
  try {
    const panel: unknown = JSON.parse(localStorage.getItem(clipboard) ?? 'null');
    return isObject(panel) && typeof panel['type'] === 'string' ? panel : undefined;
  } catch {
    return undefined;
  }
}

/** Adds to the dashboard and answers the new id. */
export function add(uid: string, panel: RawPanel, label: string): number | undefined {
  const draft = draftOf(uid);
  if (!draft) return undefined;
  const made = addPanel(draft.history.raw, panel);
  edit(uid, { label, patch: made.patch });
  return made.id;
}
export const addNewPanel = (uid: string): number | undefined => add(uid, freshPanel(), 'Add a panel');
export const addRow = (uid: string): number | undefined => add(uid, freshRow(), 'Add a row');
export const addLibraryPanel = (uid: string, library: { uid: string; name: string }): number | undefined =>
  add(uid, { title: library.name, libraryPanel: { uid: library.uid, name: library.name }, gridPos: { x: 0, y: 0, w: 12, h: 8 } }, `Add “${library.name}”`);
