/** One panel of the draft: reading and changing parts of its JSON, each change one step that can be undone. */
import { useMemo } from 'react';
import { locate } from '../../model/dashboard/edit/panels';
import { at, type Patch, type Path } from '../../model/dashboard/edit/patch';
import { object } from '../../model/json';
import { draftOf, edit, type Draft } from '../dashboard-edit/draft';

export interface PanelDraft {
  id: number;
  /** The panel's JSON as it stands. */
  json: Record<string, unknown>;
  get: (path: Path) => unknown;
  set: (path: Path, value: unknown, label?: string) => void;
  remove: (path: Path, label?: string) => void;
  /** Several changes as one step; paths begin at the panel. */
  apply: (steps: Patch, label: string) => void;
}

export function usePanelDraft(uid: string, draft: Draft, id: number): PanelDraft | undefined {
  const { raw } = draft.history;
  return useMemo(() => {
    const path = locate(raw, id);
    if (!path) return undefined;
    const apply = (make: (base: Path) => Patch, label: string, merge: string): void => {
      // The place may have moved since this was drawn.
      const base = locate(draftOf(uid)?.history.raw, id);
      if (base) edit(uid, { label, patch: make(base), merge });
    };
    return {
      id,
      json: object(at(raw, path)),
      get: (part) => at(raw, [...path, ...part]),
      set: (part, value, label = `Change ${part.join('.')}`) => apply((base) => [{ op: 'set', path: [...base, ...part], value }], label, `${id} ${part.join('.')}`),
      apply: (steps, label) => apply((base) => steps.map((s) => ({ ...s, path: [...base, ...s.path] })), label, ''),
      remove: (part, label = `Reset ${part.join('.')}`) => apply((base) => [{ op: 'remove', path: [...base, ...part] }], label, ''),
    };
  }, [uid, raw, id]);
}

/** The path of an option that is written with dots. */
export const dotted = (text: string): Path => text.split('.');
