/** Asks before edits are thrown away. */
import { useState, type ReactNode } from 'react';
import { Dialog } from '../../ui/dialog';
import { isUnsaved, unsavedSteps, type Draft } from './draft';

/** The question, and the function that does something which throws a draft away: at once when nothing is lost by it. */
export function useDiscard(draft: Draft): { ask: (act: () => void) => void; question: ReactNode } {
  const [pending, setPending] = useState<{ act: () => void }>();
  const ask = (act: () => void): void => {
    if (isUnsaved(draft)) setPending({ act });
    else act();
  };
  const question = pending && (
    <Discard
      count={unsavedSteps(draft)} onClose={() => setPending(undefined)}
      onDiscard={() => {
        setPending(undefined);
        pending.act();
      }}
    />
  );
  return { ask, question };
}

export function Discard({ count, onDiscard, onClose }: { count: number; onDiscard: () => void; onClose: () => void }) {
  return (
    <Dialog title="Throw the edits away?" onClose={onClose}>
      <p>{count === 1 ? 'One edit is not saved. After this it is gone.' : `${count} edits are not saved. After this they are gone.`}</p>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onClose} autoFocus>Keep editing</button>
        <button type="button" className="button primary" onClick={onDiscard}>Throw away</button>
      </div>
    </Dialog>
  );
}
