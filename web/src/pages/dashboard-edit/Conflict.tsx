/** Somebody else saved in the meantime: who and when, both sets of changes beside each other, and the ways out. */
import { useQuery } from '@tanstack/react-query';
import { diffDashboards, listVersions } from '../../api/dashboard-edit';
import { getDashboard } from '../../api/dashboards';
import { mergeDashboards } from '../../model/dashboard/edit/merge';
import { object } from '../../model/json';
import { formatTime } from '../../model/time/format';
import { Dialog } from '../../ui/dialog';
import { ChangeList } from './ChangeList';
import type { Draft } from './draft';

interface ConflictProps {
  draft: Draft;
  zone: string;
  busy: boolean;
  problem: string;
  /** Counts the conflicts of this save: each shows what is saved by then. */
  round: number;
  /** Saves this document in the place of the version that is shown here. */
  onSave: (document: Record<string, unknown>, seen: number) => void;
  onTheirs: () => void;
  onCopy: () => void;
  onClose: () => void;
}
/** Saves of others that are listed. */
const listedMax = 5;

export function Conflict({ draft, zone, busy, problem, round, onSave, onTheirs, onCopy, onClose }: ConflictProps) {
  const { uid, version } = draft.base.meta;
  const base = { unsavedDashboard: draft.base.raw };
  const { data, error } = useQuery({
    queryKey: ['conflict', uid, draft.history.past.length, round], staleTime: Infinity, gcTime: 0, refetchOnReconnect: false,
    queryFn: async ({ signal }) => {
      const newest = await getDashboard(uid, signal);
      const [theirs, mine, versions] = await Promise.all([
        diffDashboards(base, { unsavedDashboard: newest.raw }, signal), diffDashboards(base, { unsavedDashboard: draft.history.raw }, signal),
        // Who it was is worth telling, and not worth failing for.
        listVersions(uid, signal).catch(() => []),
      ]);
      return { newest, theirs, mine, saves: versions.filter((v) => v.version > version).slice(0, listedMax), merged: mergeDashboards(draft.base.raw, draft.history.raw, newest.raw) };
    },
  });
  return (
    <Dialog title="Somebody else has saved this dashboard" className="wide" onClose={onClose}>
      <p>{round > 1 ? 'It was saved once more while you were deciding. ' : ''}You began with version {version}{data ? `; by now it is version ${data.newest.meta.version}` : ''}. Nothing of yours is lost: choose what to do.</p>
      {data && data.saves.length > 0 && <ul>{data.saves.map((v) => <li key={v.version}>Version {v.version}, {formatTime(Date.parse(v.created), zone)}, by {v.createdBy}{v.message === '' ? '' : `: ${v.message}`}</li>)}</ul>}
      {(error || problem !== '') && <p className="field-error" role="alert">{error?.message ?? problem}</p>}
      {data && (
        <>
          <div className="conflict">
            <section aria-label="Your changes"><h3>Your changes</h3><ChangeList diff={data.mine} /></section>
            <section aria-label="Their changes"><h3>Their changes</h3><ChangeList diff={data.theirs} /></section>
          </div>
          {data.merged.conflicts.length > 0 && <div className="form-note" role="note"><p>Both of you changed the same. Putting both together takes yours here:</p><ul>{data.merged.conflicts.map((c) => <li key={c}>{c}</li>)}</ul></div>}
          <div className="dialog-foot">
            <button type="button" className="button" disabled={busy} onClick={onTheirs}>Take theirs, drop mine</button>
            <button type="button" className="button" disabled={busy} onClick={onCopy}>Save mine as a copy</button>
            <button type="button" className="button" disabled={busy} onClick={() => onSave(object(draft.history.raw), data.newest.meta.version)}>Overwrite theirs with mine</button>
            <button type="button" className="button primary" disabled={busy} onClick={() => onSave(data.merged.raw, data.newest.meta.version)}>Merge both</button>
          </div>
        </>
      )}
    </Dialog>
  );
}
