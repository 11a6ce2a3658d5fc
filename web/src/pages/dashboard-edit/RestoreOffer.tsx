/** Edits of an earlier visit that were never saved: take them up again, or forget them. */
import { useEffect, useState } from 'react';
import type { DashboardDoc } from '../../api/dashboards';
import { formatTime } from '../../model/time/format';
import { beginDraft, draftOf, replaceDocument } from './draft';
import { forgetKept, readKept, type KeptDraft } from './kept';

export default function RestoreOffer({ doc, zone }: { doc: DashboardDoc; zone: string }) {
  const { uid, version, canEdit } = doc.meta;
  const [kept, setKept] = useState<KeptDraft>();
  useEffect(() => {
    let current = true;
    if (canEdit && !draftOf(uid)) {
      void readKept(uid).then((found) => {
        if (current && found && !draftOf(uid)) setKept(found);
      });
    }
    return () => {
      current = false;
    };
  }, [uid, canEdit]);
  if (!kept) return null;
  return (
    <div className="notice" role="note">
      <p>Edits of {formatTime(kept.at, zone)} are not saved yet.{kept.version !== version ? ' The dashboard was saved by somebody in the meantime.' : ''}</p>
      <div className="edit-offer">
        <button
          type="button" className="button" onClick={() => {
            beginDraft({ ...doc, meta: { ...doc.meta, version: kept.version } }, true);
            replaceDocument(uid, kept.raw, 'Take up the edits of before');
            setKept(undefined);
          }}
        >Take them up again</button>
        <button type="button" className="button quiet" onClick={() => { void forgetKept(uid); setKept(undefined); }}>Forget them</button>
      </div>
    </div>
  );
}
