/** Asks before edits are thrown away. */
import { Dialog } from '../../ui/dialog';

export function Discard({ count, onDiscard, onClose }: { count: number; onDiscard: () => void; onClose: () => void }) {
  return (
    <Dialog title="Throw the edits away?" onClose={onClose}>
      <p>{count === 1 ? 'One edit is' : `${count} edits are`} not saved. After this they are gone.</p>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onClose} autoFocus>Keep editing</button>
        <button type="button" className="button primary" onClick={onDiscard}>Throw away</button>
      </div>
    </Dialog>
  );
}
