/** Somebody else saved in the meantime: both sets of changes beside each other, and the ways out. */
import { useQuery } from '@tanstack/react-query';
import { diffDashboards } from '../../api/dashboard-edit';
import { getDashboard } from '../../api/dashboards';
import { mergeDashboards } from '../../model/dashboard/edit/merge';
import { object } from '../../model/json';
import { Dialog } from '../../ui/dialog';
import { ChangeList } from './ChangeList';
import type { Draft } from './draft';

interface ConflictProps {
  draft: Draft;
  busy: boolean;
  /** Saves this document over theirs. */
  onSave: (document: Record<string, unknown>) => void;
  onTheirs: () => void;
  onCopy: () => void;
  onClose: () => void;
}

export function Conflict({ draft, busy, onSave, onTheirs, onCopy, onClose }: ConflictProps) {
  const { uid, version } = draft.base.meta;
  const base = { unsavedDashboard: draft.base.raw };
  const { data, error } = useQuery({
    queryKey: ['conflict', uid, draft.history.past.length], staleTime: 0, gcTime: 0,
    queryFn: async ({ signal }) => {
      const newest = await getDashboard(uid, signal);
      const [theirs, mine] = await Promise.all([diffDashboards(base, { unsavedDashboard: newest.raw }, signal), diffDashboards(base, { unsavedDashboard: draft.history.raw }, signal)]);
      return { newest, theirs, mine, merged: mergeDashboards(draft.base.raw, draft.history.raw, newest.raw) };
    },
  });
  return (
    <Dialog title="Somebody else has saved this dashboard" className="wide" onClose={onClose}>
      <p>You began with version {version}{data ? `; by now it is version ${data.newest.meta.version}` : ''}. Nothing of yours is lost: choose what to do.</p>
      {error && <p className="field-error" role="alert">{error.message}</p>}
      {data && (
        <>
          <div className="conflict">
            <section aria-label="Your changes"><h3>Your changes</h3><ChangeList diff={data.mine} /></section>
            <section aria-label="Their changes"><h3>Their changes</h3><ChangeList diff={data.theirs} /></section>
          </div>
          {data.merged.conflicts.length > 0 && <div className="form-note" role="note"><p>Both of you changed the same. Putting both together takes yours here:</p><ul>{data.merged.conflicts.map((c) => <li key={c}>{c}</li>)}</ul></div>}
          <div className="dialog-foot">
            <button type="button" className="button" onClick={onTheirs}>Take theirs, drop mine</button>
            <button type="button" className="button" onClick={onCopy}>Save mine as a copy</button>
            <button type="button" className="button" disabled={busy} onClick={() => onSave(object(draft.history.raw))}>Save mine over theirs</button>
            <button type="button" className="button primary" disabled={busy} onClick={() => onSave(data.merged.raw)}>Put both together</button>
          </div>
        </>
      )}
    </Dialog>
  );
}
