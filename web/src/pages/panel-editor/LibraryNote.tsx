/** In the editor of a library panel: where it is used, edit it there for all, or take it out of the library for this dashboard alone. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { LibraryBig, Unlink } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { getLibraryPanel, libraryUses } from '../../api/library';
import { ApiError } from '../../api/http';
import { dashboardCount, type LibraryLink } from '../../model/dashboard/edit/library';
import { wordsOf } from '../../model/errors';
import { Dialog } from '../../ui/dialog';
import { toast } from '../../ui/toast';
import { openForEditing, relink, saveToLibrary, unlink } from '../dashboard-edit/library';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
/** Dashboards named before a panel that they all show is changed. */
const namedMax = 20;

interface Props {
  uid: string;
  id: number;
  link: LibraryLink;
  /** The library's picture is shown as it is; otherwise this dashboard has a copy that was opened for editing. */
  linked: boolean;
}

export function LibraryNote({ uid, id, link, linked }: Props) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const element = useQuery({ queryKey: ['library-panel', link.uid], queryFn: ({ signal }) => getLibraryPanel(link.uid, signal), staleTime: 0 });
  const uses = useQuery({ queryKey: ['library-uses', link.uid], queryFn: ({ signal }) => libraryUses(link.uid, signal) });
  const count = element.data?.meta.connectedDashboards ?? 0;
  const newest = element.data?.version ?? 0;
  /** The library may have what this copy does not know of. */
  const unseen = link.opened !== newest;
  const run = async (what: () => Promise<unknown>, done: string): Promise<void> => {
    setBusy(true);
    try {
      await what();
      if (done !== '') toast(done);
    } catch (error) {
      const changed = error instanceof ApiError && error.status === 412;
      toast(changed ? 'Somebody has changed the panel in the library meanwhile. Open it again to see what it is now.' : wordsOf(error), 'error');
      if (changed) await client.invalidateQueries({ queryKey: ['library-panel', link.uid] });
    } finally {
      setBusy(false);
      setAsking(false);
    }
  };
  const save = (): Promise<void> => run(async () => {
    await saveToLibrary(uid, id, newest);
    await Promise.all([client.invalidateQueries({ queryKey: ['library-panel', link.uid] }), client.invalidateQueries({ queryKey: ['library-panels'] })]);
  }, `“${link.name}” is saved to the library.`);
  const where = count === 0 ? 'no saved dashboard uses it yet' : `it is on ${dashboardCount(count)}`;
  return (
    <div className="form-note library-note" role="note">
      <p><strong><LibraryBig {...icon} /> {link.name}</strong></p>
      {element.error
        ? <p>The library panel cannot be read: {element.error.message}</p>
        : <p>{linked ? `The library says what this panel shows; ${where}.` : `A copy of the library’s panel, opened for editing; ${where}. Nothing changes elsewhere until it is saved to the library.`}</p>}
      <div className="form-actions">
        {linked
          ? <button type="button" className="button" disabled={busy || !element.data} onClick={() => void run(() => openForEditing(uid, id), '')}>Edit it in the library</button>
          : (
            <>
              <button type="button" className="button primary" disabled={busy || !element.data} onClick={() => setAsking(true)}>Save to the library…</button>
              <button type="button" className="button" disabled={busy} onClick={() => relink(uid, id, link, 'Back to the library’s panel')}>Back to the library’s</button>
            </>
          )}
        <button type="button" className="button" disabled={busy} onClick={() => void run(() => unlink(uid, id), 'From now on the panel is this dashboard’s alone.')}><Unlink {...icon} />Unlink</button>
      </div>
      {asking && (
        <Dialog title={`Change “${link.name}” everywhere?`} onClose={() => setAsking(false)}>
          <p>{count === 0 ? 'No saved dashboard uses it yet.' : `${count === 1 ? 'One dashboard shows' : `${count} dashboards show`} this panel and will show it as it is here, at once and without a save of their own. “Undo” on this page does not take that back.`}</p>
          {unseen && (
            <p className="field-error" role="alert">
              {link.opened === undefined ? 'It is not known which version of it this copy was made of' : `This copy was made of version ${link.opened}, and the library has version ${newest} by now`}: what others have changed there since is overwritten.
            </p>
          )}
          <ul className="plain-list">
            {uses.data?.slice(0, namedMax).map((d) => <li key={d.uid}><Link to={d.url} target="_blank">{d.title}</Link> <span className="quiet">{d.folder}</span></li>)}
            {(uses.data?.length ?? 0) > namedMax && <li className="quiet">and {(uses.data?.length ?? 0) - namedMax} more</li>}
            {uses.data && count > uses.data.length && <li className="quiet">{count - uses.data.length} more that you may not see</li>}
          </ul>
          <div className="dialog-foot">
            <button type="button" className="button" onClick={() => setAsking(false)}>Cancel</button>
            <button type="button" className="button primary" disabled={busy} onClick={() => void save()}>{unseen ? 'Overwrite the library’s panel' : 'Save to the library'}</button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
