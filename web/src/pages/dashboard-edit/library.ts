/** What a person does with a panel of the library: each an edit of the draft, some a request to the library as well. */
import { getLibraryPanel, updateLibraryPanel, type LibraryElement } from '../../api/library';
import { isLinked, libraryLink, libraryModel, linkedTo, openCopy, unlinked, type LibraryLink } from '../../model/dashboard/edit/library';
import { locate, rawPanel, type RawPanel } from '../../model/dashboard/edit/panels';
import { at, type Path } from '../../model/dashboard/edit/patch';
import { object } from '../../model/json';
import { draftOf, edit } from './draft';

interface Found {
  path: Path;
  panel: RawPanel;
  link: LibraryLink | undefined;
}
function find(uid: string, id: number): Found | undefined {
  const raw = draftOf(uid)?.history.raw;
  const path = locate(raw, id);
  const panel = path ? object(at(raw, path)) : undefined;
  return path && panel ? { path, panel, link: libraryLink(panel) } : undefined;
}

export const panelOf = (uid: string, id: number): RawPanel | undefined => rawPanel(draftOf(uid)?.history.raw, id);

/** Brings the library's picture into the dashboard, to be changed and sent back. */
export async function openForEditing(uid: string, id: number): Promise<void> {
  const found = find(uid, id);
  if (!found?.link) return;
  const element = await getLibraryPanel(found.link.uid);
  // The dashboard may have been edited meanwhile: the panel is elsewhere, or stands for something else.
  const again = find(uid, id);
  if (!again || again.link?.uid !== found.link.uid || !isLinked(again.panel)) return;
  edit(uid, { label: `Open “${element.name}” of the library`, patch: openCopy(again.path, again.panel, element.model, element.version) });
}

/** From now on the panel is this dashboard's alone. */
export async function unlink(uid: string, id: number): Promise<void> {
  const found = find(uid, id);
  if (!found?.link) return;
  const model = isLinked(found.panel) ? (await getLibraryPanel(found.link.uid)).model : undefined;
  const again = find(uid, id);
  if (again?.link?.uid !== found.link.uid) return;
  edit(uid, { label: `Unlink “${found.link.name}” from the library`, patch: unlinked(again.path, again.panel, isLinked(again.panel) ? model : undefined) });
}

/** The library's picture again, whatever was changed here. */
export function relink(uid: string, id: number, link: LibraryLink, label: string): void {
  const found = find(uid, id);
  if (found) edit(uid, { label, patch: linkedTo(found.path, found.panel, link) });
}

/** Gives the library the panel as it stands here; every dashboard that uses it shows that from now on. Refused where the library has another version than the one that was `seen`. */
export async function saveToLibrary(uid: string, id: number, seen: number): Promise<LibraryElement | undefined> {
  const found = find(uid, id);
  if (!found?.link) return undefined;
  const saved = await updateLibraryPanel(found.link.uid, seen, libraryModel(found.panel));
  relink(uid, id, { uid: saved.uid, name: saved.name }, `Save “${saved.name}” to the library`);
  return saved;
}
