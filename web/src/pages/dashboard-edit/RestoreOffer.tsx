/** Edits of an earlier visit that were never saved: take them up again, or forget them. */
import { useEffect, useState } from 'react';
import type { DashboardDoc } from '../../api/dashboards';
import { isChanged } from '../../model/dashboard/edit/history';
import { formatTime } from '../../model/time/format';
import { answerOffer, draftOf, holdOffer, isOffered, resumeDraft } from './draft';
import { readKept, type KeptDraft } from './kept';

export default function RestoreOffer({ doc, zone }: { doc: DashboardDoc; zone: string }) {
  const { uid, version, canEdit } = doc.meta;
  const [kept, setKept] = useState<KeptDraft>();
  useEffect(() => {
    const there = draftOf(uid);
    // Edits that go on are kept by themselves, unless an offer that nobody has answered holds them back.
    if (!canEdit || (there && isChanged(there.history) && !isOffered(uid))) return undefined;
    let current = true;
    // An edit may begin before the answer is there: it must not write over what is about to be offered.
    holdOffer(uid);
    void readKept(uid).then((found) => {
      if (!found) answerOffer(uid, 'taken');
      else if (current) setKept(found);
    });
    // Leaving is no answer: the offer is made again, and nothing is written over it meanwhile.
    return () => {
      current = false;
    };
  }, [uid, canEdit]);
  // The page may go on to another dashboard before that one's edits are read.
  if (kept?.uid !== uid) return null;
  const begun = draftOf(uid);
  return (
    <div className="notice" role="note">
      <p>
        Edits of {formatTime(kept.at, zone)} are not saved yet.
        {uid !== '' && kept.version !== version ? ` They were made on version ${kept.version}, and version ${version} is saved by now: saving them will show both.` : ''}
        {begun && isChanged(begun.history) ? ' Taking them up takes the place of the edits you have begun; Ctrl+Z brings those back.' : ''}
      </p>
      <div className="edit-offer">
        <button
          type="button" className="button" onClick={() => {
            resumeDraft(doc, kept);
            setKept(undefined);
          }}
        >Take them up again</button>
        <button
          type="button" className="button quiet" onClick={() => {
            answerOffer(uid, 'unwanted');
            setKept(undefined);
          }}
        >Forget them</button>
      </div>
    </div>
  );
}
