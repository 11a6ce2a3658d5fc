/** Saving a draft: what is sent, one save at a time, and a conflict with whatever was saved since the version that was seen. */
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { saveDashboard, type SaveRequest } from '../../api/dashboard-edit';
import { ApiError } from '../../api/http';
import { wordsOf } from '../../model/errors';
import { object } from '../../model/json';
import { toast } from '../../ui/toast';
import type { DashboardState } from '../dashboard/useDashboard';
import { draftSaved, dropDraft, isUnsaved, draftOf, setArranging, type Draft } from './draft';

interface SavePlan {
  document: Record<string, unknown>;
  /** The version this save replaces: what its author has seen. Another one on the server is a conflict. */
  seen: number;
  message: string;
  /** Title and folder of a copy; undefined where the dashboard itself is saved. */
  copy?: { title: string; folder: string } | undefined;
}

/** The request of a save. None of them overwrites blindly: the server compares `version` with what it has. */
export function saveRequest({ document, seen, message, copy }: SavePlan, uid: string): SaveRequest {
  const { id, uid: _uid, version: _version, ...rest } = document;
  if (copy) return { dashboard: { ...rest, title: copy.title }, message, folderUid: copy.folder, overwrite: false };
  // What is stored may lack its uid: without one a save would make another dashboard.
  return { dashboard: { ...rest, ...(id === undefined ? {} : { id }), uid, version: seen }, message, overwrite: false };
}

interface Saving {
  busy: boolean;
  /** Why it was not saved, in words; empty for a conflict. */
  problem: string;
  /** How often the server had another version than the one that was seen. */
  conflicts: number;
  save: (plan: SavePlan) => Promise<void>;
  /** Drops the draft for what is saved. */
  takeTheirs: () => Promise<void>;
  /** Goes on without deciding the conflict. */
  settle: () => void;
}

export function useSaving(state: DashboardState, draft: Draft, onClose: () => void): Saving {
  const { uid } = draft.base.meta;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [conflicts, setConflicts] = useState(0);
  /** Two presses in one turn find the state as it was: this they see. */
  const running = useRef(false);
  const client = useQueryClient();
  const [, navigate] = useLocation();

  const alone = async (act: () => Promise<void>): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setProblem('');
    try {
      await act();
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  const save = (plan: SavePlan): Promise<void> => alone(async () => {
    const edited = draft.history.raw;
    try {
      const saved = await saveDashboard(saveRequest(plan, uid));
      await client.invalidateQueries({ queryKey: ['dashboards'] });
      if (plan.copy) {
        dropDraft(uid);
        navigate(saved.url);
        toast(uid === '' ? `“${plan.copy.title}” is saved.` : `Saved as “${plan.copy.title}”.`);
      } else {
        draftSaved(uid, saved.version, edited, plan.document);
        setArranging(uid, false);
        await client.invalidateQueries({ queryKey: ['dashboard', uid] });
        toast(`Version ${saved.version} is saved.`);
        if (state.address.url.editPanel === undefined && state.address.url.editview === undefined && !isUnsaved(draftOf(uid))) dropDraft(uid);
      }
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 412 || plan.copy) throw error;
      setConflicts((n) => n + 1);
    }
  });
  const takeTheirs = (): Promise<void> => alone(async () => {
    // What is saved comes first: with an editor open, a new draft would begin on what was loaded before.
    await client.invalidateQueries({ queryKey: ['dashboard', uid] });
    dropDraft(uid);
    onClose();
  });
  return { busy, problem, conflicts, save, takeTheirs, settle: () => setConflicts(0) };
}

/** The document with the page's time range and refresh as its own. */
export const withRange = (document: unknown, state: Pick<DashboardState, 'raw' | 'refresh'>): Record<string, unknown> =>
  ({ ...object(document), time: { from: state.raw.from, to: state.raw.to }, refresh: state.refresh });
