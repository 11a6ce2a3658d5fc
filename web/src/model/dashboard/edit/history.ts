/** A document with the steps that led to it: undo, redo, and whether it differs from what is saved. Pure. */
import { applyPatch, type Patch } from './patch';

interface Entry {
  label: string;
  /** Edits of one kind in a row (typing in one field) are undone at once. */
  merge: string;
  undo: Patch;
  redo: Patch;
}
export interface History {
  raw: unknown;
  past: readonly Entry[];
  future: readonly Entry[];
  /** Where in `past` the saved state is; -1 when it can no longer be reached. */
  saved: number;
}

/** Older steps are forgotten. */
const stepsMax = 200;

export const startHistory = (raw: unknown): History => ({ raw, past: [], future: [], saved: 0 });

export const isChanged = (h: History): boolean => h.saved !== h.past.length;

export interface Change {
  /** In words: “Delete panel”. */
  label: string;
  patch: Patch;
  merge?: string;
}

export function commit(h: History, { label, patch, merge = '' }: Change): History {
  if (patch.length === 0) return h;
  const { value, undo } = applyPatch(h.raw, patch);
  const last = h.past[h.past.length - 1];
  let { saved } = h;
  if (saved > h.past.length) saved = -1;
  if (last && merge !== '' && last.merge === merge && h.future.length === 0 && saved !== h.past.length) {
    const joined: Entry = { ...last, undo: [...undo, ...last.undo], redo: [...last.redo, ...patch] };
    return { raw: value, past: [...h.past.slice(0, -1), joined], future: [], saved };
  }
  const past = [...h.past, { label, merge, undo, redo: patch }];
  const dropped = Math.max(0, past.length - stepsMax);
  return { raw: value, past: past.slice(dropped), future: [], saved: saved < dropped ? -1 : saved - dropped };
}

export function undo(h: History): History {
  const last = h.past[h.past.length - 1];
  if (!last) return h;
  const { value, undo: redo } = applyPatch(h.raw, last.undo);
  return { ...h, raw: value, past: h.past.slice(0, -1), future: [{ ...last, redo }, ...h.future] };
}

export function redo(h: History): History {
  const next = h.future[0];
  if (!next) return h;
  const { value, undo: back } = applyPatch(h.raw, next.redo);
  return { ...h, raw: value, past: [...h.past, { ...next, merge: '', undo: back }], future: h.future.slice(1) };
}

export const markSaved = (h: History): History => ({ ...h, saved: h.past.length });
