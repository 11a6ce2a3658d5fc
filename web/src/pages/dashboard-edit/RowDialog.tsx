/** A row's title and repetition, and taking it away with or without its panels. */
import { useState, type FormEvent } from 'react';
import { locate, panelsOfRow, rawPanel, removePanel } from '../../model/dashboard/edit/panels';
import { list, text } from '../../model/json';
import type { Variable } from '../../model/dashboard/types';
import type { Step } from '../../model/dashboard/edit/patch';
import { Dialog } from '../../ui/dialog';
import { edit } from './draft';

export function RowDialog({ uid, id, raw, variables, onClose }: { uid: string; id: number; raw: unknown; variables: readonly Variable[]; onClose: () => void }) {
  const row = rawPanel(raw, id);
  const [title, setTitle] = useState(text(row?.['title']));
  const [repeat, setRepeat] = useState(text(row?.['repeat']));
  const inside = row?.['collapsed'] === true ? list(row['panels']).length : panelsOfRow(raw, id).length;
  const remove = (withContent: boolean): void => {
    edit(uid, { label: `Remove the row “${title}”`, patch: removePanel(raw, id, withContent) });
    onClose();
  };
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    const path = locate(raw, id);
    if (path) {
      const patch: Step[] = [{ op: 'set', path: [...path, 'title'], value: title }];
      if (repeat !== '') patch.push({ op: 'set', path: [...path, 'repeat'], value: repeat });
      else if (row && 'repeat' in row) patch.push({ op: 'remove', path: [...path, 'repeat'] });
      edit(uid, { label: `Edit the row “${title}”`, patch });
    }
    onClose();
  };
  return (
    <Dialog title="Row" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label>Title<input className="input" autoFocus value={title} onChange={(e) => setTitle(e.target.value)} /></label>
        <label>Repeat for each value of
          <select className="select" value={repeat} onChange={(e) => setRepeat(e.target.value)}>
            <option value="">nothing: one row</option>
            {variables.filter((v) => v.type !== 'adhoc').map((v) => <option key={v.name} value={v.name}>{v.label || v.name}</option>)}
          </select>
        </label>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={() => remove(false)}>Remove the row only</button>
          {inside > 0 && <button type="button" className="button" onClick={() => remove(true)}>Remove it with {inside} {inside === 1 ? 'panel' : 'panels'}</button>}
          <span className="spread" />
          <button type="button" className="button" onClick={onClose}>Cancel</button>
          <button type="submit" className="button primary">Apply</button>
        </div>
      </form>
    </Dialog>
  );
}
