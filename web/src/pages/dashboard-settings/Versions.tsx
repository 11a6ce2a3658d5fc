/** All versions with who, when and why; two of them compared by panels; going back to one. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { diffDashboards, listVersions, restoreVersion, versionsMax } from '../../api/dashboard-edit';
import { wordsOf } from '../../model/errors';
import { formatTime } from '../../model/time/format';
import { toast } from '../../ui/toast';
import { ChangeList } from '../dashboard-edit/ChangeList';
import { useDiscard } from '../dashboard-edit/Discard';
import { dropDraft } from '../dashboard-edit/draft';
import type { SettingsProps } from './SettingsPage';

export function Versions({ state, draft }: SettingsProps) {
  const { uid } = state.doc.meta;
  const { ask, question } = useDiscard(draft);
  const client = useQueryClient();
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [busy, setBusy] = useState(false);
  const { data, error } = useQuery({ queryKey: ['versions', uid], queryFn: ({ signal }) => listVersions(uid, signal), staleTime: 0 });
  const [from, to] = [...chosen].sort((a, b) => a - b);
  const diff = useQuery({
    queryKey: ['version-diff', uid, from, to], enabled: from !== undefined && to !== undefined,
    queryFn: ({ signal }) => diffDashboards({ dashboardUid: uid, version: from ?? 0 }, { dashboardUid: uid, version: to ?? 0 }, signal),
  });
  const newest = data?.[0]?.version;
  const restore = async (version: number): Promise<void> => {
    setBusy(true);
    try {
      await restoreVersion(uid, version);
      await Promise.all([client.invalidateQueries({ queryKey: ['dashboard', uid] }), client.invalidateQueries({ queryKey: ['versions', uid] })]);
      // Leaving first: with this page still open, a new draft would begin on what was loaded before.
      state.address.change({ editview: undefined });
      dropDraft(uid);
      toast(`The dashboard is as in version ${version}. Nothing is lost: that is a new version.`);
    } catch (problem) {
      toast(wordsOf(problem), 'error');
    } finally {
      setBusy(false);
    }
  };
  const toggle = (version: number): void => setChosen((now) => (now.includes(version) ? now.filter((v) => v !== version) : [...now.slice(-1), version]));
  return (
    <>
      {error && <p className="field-error">{error.message}</p>}
      <p className="quiet">Mark two versions to compare them.{data && data.length >= versionsMax ? ` Only the newest ${versionsMax} are listed.` : ''}</p>
      <div className="table-scroll versions" tabIndex={0} role="region" aria-label="Versions">
        <table className="data-table">
          <thead><tr><th scope="col"><span className="visually-hidden">Compare</span></th><th scope="col" className="num">Version</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col"><span className="visually-hidden">Restore</span></th></tr></thead>
          <tbody>
            {data?.map((v) => (
              <tr key={v.version}>
                <td><input type="checkbox" aria-label={`Compare version ${v.version}`} checked={chosen.includes(v.version)} onChange={() => toggle(v.version)} /></td>
                <td className="num">{v.version}</td><td>{formatTime(Date.parse(v.created), state.zone)}</td><td>{v.createdBy}</td><td>{v.message}</td>
                <td>{v.version === newest ? <span className="chip on">Newest</span> : <button type="button" className="button" disabled={busy} onClick={() => ask(() => void restore(v.version))}>Restore</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {diff.data && <section aria-label="Differences"><h3>From version {from} to {to}</h3><ChangeList diff={diff.data} /></section>}
      {diff.error && <p className="field-error">{diff.error.message}</p>}
      {question}
    </>
  );
}
