/** The draft of the dashboard on the page: what was changed, how to take it back, and the view that the server makes of it. */
import { create } from 'zustand';
import type { DashboardDoc } from '../../api/dashboards';
import { viewOf } from '../../api/dashboard-edit';
import { commit, isChanged, markSaved, redo, startHistory, undo, type Change, type History } from '../../model/dashboard/edit/history';
import { editable } from '../../model/dashboard/edit/panels';
import { wordsOf } from '../../model/errors';
import { object, text } from '../../model/json';
import type { DashboardView, GridPos } from '../../model/dashboard/types';
import { toast } from '../../ui/toast';
import { forgetKept, keep, type KeptDraft } from './kept';

export interface Draft {
  /** What was loaded; its version is the one a save must find. */
  base: DashboardDoc;
  history: History;
  view: DashboardView;
  /** Arranging panels on the grid. */
  arranging: boolean;
  /** The dashboard had to be written anew in the classic form. */
  lowered: boolean;
  /** Why the server cannot make a view of the draft. */
  problem: string;
  /** JSON of the whole dashboard that was typed and not taken over yet. */
  typed?: string | undefined;
}

interface DraftState {
  /** By uid; a new dashboard's is empty. */
  drafts: Record<string, Draft>;
}
export const useDrafts = create<DraftState>(() => ({ drafts: {} }));
export const draftOf = (uid: string): Draft | undefined => useDrafts.getState().drafts[uid];

const put = (uid: string, part: Partial<Draft>): void => {
  const now = draftOf(uid);
  if (now) useDrafts.setState((s) => ({ drafts: { ...s.drafts, [uid]: { ...now, ...part } } }));
};

const asking = new Map<string, AbortController>();
const waiting = new Map<string, ReturnType<typeof setTimeout>>();
/** Typing asks for a new view when it pauses this long. */
const pauseMs = 120;
const keepMs = 800;
const keeping = new Map<string, ReturnType<typeof setTimeout>>();

function askView(uid: string): void {
  clearTimeout(waiting.get(uid));
  waiting.set(uid, setTimeout(() => {
    const draft = draftOf(uid);
    if (!draft) return;
    asking.get(uid)?.abort();
    const controller = new AbortController();
    asking.set(uid, controller);
    viewOf(draft.history.raw, controller.signal).then(
      (view) => put(uid, { view: { ...view, uid }, problem: '' }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        put(uid, { problem: wordsOf(error) });
      },
    );
  }, pauseMs));
}

/** Beside what earlier visits have kept, which is offered and stays until it is answered. */
async function keepNow(uid: string): Promise<boolean> {
  clearTimeout(keeping.get(uid));
  const draft = draftOf(uid);
  if (draft && isChanged(draft.history)) return keep({ uid, version: draft.base.meta.version, base: draft.base.raw, raw: draft.history.raw, at: Date.now() });
  await forgetKept(uid);
  return false;
}

function remember(uid: string): void {
  clearTimeout(keeping.get(uid));
  keeping.set(uid, setTimeout(() => void keepNow(uid), keepMs));
}

function take(uid: string, history: History, view?: DashboardView): void {
  put(uid, { history, ...(view ? { view } : {}) });
  askView(uid);
  remember(uid);
}

/** Begins a draft; one that is there already goes on. */
export function beginDraft(doc: DashboardDoc, arranging = false): Draft {
  const { uid } = doc.meta;
  const there = draftOf(uid);
  if (there) {
    if (arranging && !there.arranging) put(uid, { arranging });
    return draftOf(uid) ?? there;
  }
  const { raw, lowered } = editable(doc.raw, doc.view);
  const draft: Draft = { base: doc, history: startHistory(raw), view: doc.view, arranging, lowered, problem: '' };
  useDrafts.setState((s) => ({ drafts: { ...s.drafts, [uid]: draft } }));
  if (lowered || JSON.stringify(raw) !== JSON.stringify(doc.raw)) askView(uid);
  return draft;
}

export function setArranging(uid: string, arranging: boolean): void {
  put(uid, { arranging });
}

/** Makes one step that can be undone. */
export function edit(uid: string, change: Change): void {
  const draft = draftOf(uid);
  if (draft && change.patch.length > 0) take(uid, commit(draft.history, change));
}

/** Moves at once on the screen: the server's view follows. */
export function editPlaces(uid: string, change: Change, places: ReadonlyMap<number, GridPos>): void {
  const draft = draftOf(uid);
  if (!draft || change.patch.length === 0) return;
  const panels = draft.view.panels.map((p) => {
    const gridPos = places.get(p.id);
    return gridPos ? { ...p, gridPos } : p;
  });
  take(uid, commit(draft.history, change), { ...draft.view, panels });
}

export function undoEdit(uid: string): void {
  const draft = draftOf(uid);
  const last = draft?.history.past[draft.history.past.length - 1];
  if (!draft || !last) return;
  take(uid, undo(draft.history));
  toast(`Undone: ${last.label}.`);
}
export function redoEdit(uid: string): void {
  const draft = draftOf(uid);
  const next = draft?.history.future[0];
  if (!draft || !next) return;
  take(uid, redo(draft.history));
  toast(`Done again: ${next.label}.`);
}

/** The whole document at once: from the JSON editor, from a kept draft. */
function replaceDocument(uid: string, raw: unknown, label: string): void {
  edit(uid, { label, patch: [{ op: 'set', path: [], value: raw }] });
}

/**
 * Takes up edits of an earlier visit. They are on the version they were made on: when the server has a newer one by now, saving
 * them is a conflict, and what others changed is compared with what these edits began from. Resolves when they are kept as this visit's.
 */
export function resumeDraft(doc: DashboardDoc, kept: KeptDraft): Promise<void> {
  const { uid } = doc.meta;
  const base = { ...doc, raw: kept.base ?? doc.raw, meta: { ...doc.meta, version: kept.version } };
  beginDraft(base, true);
  put(uid, { base, arranging: true });
  replaceDocument(uid, kept.raw, 'Take up the edits of before');
  // From now on they are this visit's.
  return keepNow(uid).then((taken) => (taken ? forgetKept(uid, kept.visit) : undefined));
}

/** What stands in the JSON editor without being taken over; undefined when that is the draft itself. */
export function setTyped(uid: string, typed: string | undefined): void {
  if (draftOf(uid)?.typed !== typed) put(uid, { typed });
}

/** Something would be lost with this draft. */
export const isUnsaved = (draft: Draft | undefined): boolean => draft !== undefined && (isChanged(draft.history) || draft.typed !== undefined);

/** Edits since the last save, as far as they are counted; at least one where something would be lost. */
export function unsavedSteps(draft: Draft): number {
  const { past, saved } = draft.history;
  return Math.max(1, Math.abs(past.length - Math.max(0, saved)) + (draft.typed === undefined ? 0 : 1));
}

/** Throws the draft away; the page shows what is saved. */
export function dropDraft(uid: string): void {
  clearTimeout(waiting.get(uid));
  clearTimeout(keeping.get(uid));
  asking.get(uid)?.abort();
  useDrafts.setState((s) => {
    const { [uid]: _gone, ...drafts } = s.drafts;
    return { drafts };
  });
  void forgetKept(uid);
}

/**
 * The server has it: what was loaded is now what was saved. `edited` is the draft as it was when the save began, `stored` what was
 * sent of it, which may be more: the other side of a merge, the page's time range. Edits made meanwhile stay unsaved; where they
 * do not contain all that was stored, the version stays the old one, so that saving them is a conflict and loses nothing.
 */
export function draftSaved(uid: string, version: number, edited: unknown, stored: unknown): void {
  const draft = draftOf(uid);
  if (!draft) return;
  const goesOn = draft.history.raw !== edited;
  if (goesOn && stored !== edited) return;
  if (!goesOn && stored !== edited) replaceDocument(uid, stored, 'Take over what was saved');
  const { history, base } = draftOf(uid) ?? draft;
  const raw = { ...object(stored), version };
  put(uid, { history: goesOn ? { ...history, saved: -1 } : markSaved(history), base: { ...base, raw, meta: { ...base.meta, version, title: text(object(raw)['title']) } } });
  if (goesOn) remember(uid);
  else {
    clearTimeout(keeping.get(uid));
    void forgetKept(uid);
  }
}

/** Leaving the page with unsaved edits asks first. */
addEventListener('beforeunload', (e) => {
  if (Object.values(useDrafts.getState().drafts).some(isUnsaved)) e.preventDefault();
});
