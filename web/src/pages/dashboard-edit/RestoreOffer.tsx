/** Edits of earlier visits that were never saved: take them up again, or forget them. Until then they stay, whatever is edited. */
import { useEffect, useState } from 'react';
import type { DashboardDoc } from '../../api/dashboards';
import { isChanged } from '../../model/dashboard/edit/history';
import { formatTime } from '../../model/time/format';
import { draftOf, resumeDraft } from './draft';
import { forgetKept, readKept, type KeptDraft } from './kept';

export default function RestoreOffer({ doc, zone }: { doc: DashboardDoc; zone: string }) {
  const { uid, version, canEdit } = doc.meta;
  const [found, setFound] = useState<readonly KeptDraft[]>([]);
  useEffect(() => {
    if (!canEdit) return undefined;
    let current = true;
    void readKept(uid).then((kept) => {
      if (current) setFound(kept);
    });
    return () => {
      current = false;
    };
  }, [uid, canEdit]);
  // The page may go on to another dashboard before that one's edits are read.
  const offers = found.filter((d) => d.uid === uid);
  const begun = draftOf(uid);
  const answered = (kept: KeptDraft): void => setFound((all) => all.filter((d) => d !== kept));
  return offers.map((kept) => (
    <div key={kept.visit} className="notice" role="note">
      <p>
        Edits of {formatTime(kept.at, zone)} are not saved yet.
        {uid !== '' && kept.version !== version ? ` They were made on version ${kept.version}, and version ${version} is saved by now: saving them will show both.` : ''}
        {begun && isChanged(begun.history) ? ' Taking them up takes the place of the edits you have begun; Ctrl+Z brings those back.' : ''}
      </p>
      <div className="edit-offer">
        <button
          type="button" className="button" onClick={() => {
            void resumeDraft(doc, kept);
            answered(kept);
          }}
        >Take them up again</button>
        <button
          type="button" className="button quiet" onClick={() => {
            void forgetKept(uid, kept.visit);
            answered(kept);
          }}
        >Forget them</button>
      </div>
    </div>
  ));
}
