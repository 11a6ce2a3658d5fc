/** All transformations to choose one from: by purpose, found by their words. */
import { useState } from 'react';
import { knownTransforms } from '../../model/transforms';
import { Dialog } from '../../ui/dialog';
import { categories, searchTransforms, titleOf, transformInfo } from './transformForms';

export function TransformPicker({ onChoose, onClose }: { onChoose: (id: string) => void; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const found = searchTransforms(knownTransforms, typed);
  const groups = categories.map((c) => ({ category: c, ids: found.filter((id) => (transformInfo[id]?.category ?? 'Reformat') === c) })).filter((g) => g.ids.length > 0);
  return (
    <Dialog title="Add a transformation" className="wide" onClose={onClose}>
      <input
        className="input full" type="search" autoFocus placeholder="What should become of the data?" aria-label="Search transformations" value={typed} onChange={(e) => setTyped(e.target.value)}
        onKeyDown={(e) => { const first = groups[0]?.ids[0]; if (e.key === 'Enter' && first !== undefined) { e.preventDefault(); onChoose(first); } }}
      />
      <p className="visually-hidden" role="status">{found.length} transformations</p>
      {groups.length === 0 && <p className="quiet">No transformation fits “{typed}”.</p>}
      {groups.map((g) => (
        <section key={g.category}>
          <h3 className="transform-group">{g.category}</h3>
          <ul className="transform-cards">
            {g.ids.map((id) => <li key={id}><button type="button" onClick={() => onChoose(id)}><strong>{titleOf(id)}</strong><span className="quiet">{transformInfo[id]?.about}</span></button></li>)}
          </ul>
        </section>
      ))}
    </Dialog>
  );
}
