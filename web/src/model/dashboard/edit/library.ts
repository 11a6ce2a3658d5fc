/** Panels of the library on a dashboard: linked (the library's picture), opened (a copy that differs), unlinked. Pure. */
import { number, object, text } from '../../json';
import type { RawPanel } from './panels';
import type { Patch, Path } from './patch';

export interface LibraryLink {
  uid: string;
  name: string;
  /** Of an opened copy: the library's version it was made of. What came after it must not be overwritten unseen. */
  opened?: number | undefined;
}
/** Where that stands beside the link, in the draft and, where a copy is saved as it is, in the dashboard. */
const openedKey = 'openedVersion';

/** What belongs to the panel's place on this dashboard and not to the library. */
const placeKeys = ['id', 'gridPos', 'repeat', 'repeatDirection', 'maxPerRow'];

export function libraryLink(panel: RawPanel): LibraryLink | undefined {
  const link = object(panel['libraryPanel']);
  const uid = text(link['uid']);
  return uid === '' ? undefined : { uid, name: text(link['name'], uid), opened: number(link[openedKey]) };
}

/** True where the dashboard keeps no picture of its own: it shows whatever the library says. */
export const isLinked = (panel: RawPanel): boolean => libraryLink(panel) !== undefined && text(panel['type']) === '';

const placeOf = (panel: RawPanel): RawPanel => Object.fromEntries(placeKeys.filter((k) => k in panel).map((k) => [k, panel[k]]));

/** What the library is to keep of a panel. */
export const libraryModel = (panel: RawPanel): RawPanel => Object.fromEntries(Object.entries(panel).filter(([k]) => !placeKeys.includes(k) && k !== 'libraryPanel'));

/** The panel as the library has it, to be changed here; it stays known as the library's. */
export const openCopy = (path: Path, panel: RawPanel, model: RawPanel, version: number): Patch =>
  [{ op: 'set', path, value: { ...libraryModel(model), ...placeOf(panel), libraryPanel: { ...object(panel['libraryPanel']), [openedKey]: version } } }];

/** The panel as the library has it, and from now on this dashboard's alone. */
export const unlinked = (path: Path, panel: RawPanel, model: RawPanel | undefined): Patch =>
  [{ op: 'set', path, value: { ...libraryModel(model ?? panel), ...placeOf(panel) } }];

/** From now on the library says what is shown here. */
export const linkedTo = (path: Path, panel: RawPanel, link: LibraryLink): Patch =>
  [{ op: 'set', path, value: { ...placeOf(panel), title: text(panel['title'], link.name), libraryPanel: { uid: link.uid, name: link.name } } }];

/** `one dashboard`, `4 dashboards`. */
export const dashboardCount = (n: number): string => (n === 1 ? 'one dashboard' : `${n.toLocaleString('en')} dashboards`);
