/** Several dashboards at once: moved or deleted, and brought back. What is refused is said by name. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DashboardHit } from '../../api/dashboards';
import { deleteDashboard, putDashboard, rawDashboard } from '../../api/folders';
import { wordsOf } from '../../model/errors';
import { FormDialog, SelectField, type Choice } from '../../ui/form';

interface Undo {
  words: string;
  run: () => Promise<void>;
}

/** One after the other; the names of those that were refused, with the reason. */
async function each(hits: readonly DashboardHit[], work: (hit: DashboardHit) => Promise<void>): Promise<string[]> {
  const refused: string[] = [];
  for (const hit of hits) {
    try {
      await work(hit);
    } catch (error) {
      refused.push(`${hit.title}: ${wordsOf(error)}`);
    }
  }
  return refused;
}

export function BulkBar({ chosen, folders, onDone }: { chosen: readonly DashboardHit[]; folders: readonly Choice[]; onDone: () => void }) {
  const [open, setOpen] = useState<'move' | 'delete' | ''>('');
  const [target, setTarget] = useState('');
  const [undo, setUndo] = useState<Undo>();
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const name = chosen.length === 1 ? `“${chosen[0]?.title ?? ''}”` : `${chosen.length} dashboards`;
  const finish = async (refused: string[], done: number, past: string, back: () => Promise<void>): Promise<void> => {
    setProblem(refused.join(' '));
    setUndo(done > 0 ? { words: `${done} ${done === 1 ? 'dashboard is' : 'dashboards are'} ${past}.`, run: back } : undefined);
    onDone();
    await client.invalidateQueries({ queryKey: ['dashboards'] });
  };
  const move = async (): Promise<void> => {
    const moved: { hit: DashboardHit; from: string }[] = [];
    const to = async (hit: DashboardHit, folder: string): Promise<void> => {
      const { dashboard } = await rawDashboard(hit.uid);
      await putDashboard(dashboard, folder === '' ? 'general' : folder, 'Moved to another folder');
    };
    const refused = await each(chosen, async (hit) => {
      await to(hit, target);
      moved.push({ hit, from: hit.folderUid ?? '' });
    });
    await finish(refused, moved.length, 'moved', async () => {
      for (const { hit, from } of moved) await to(hit, from);
    });
  };
  const remove = async (): Promise<void> => {
    const gone: { dashboard: Record<string, unknown>; folder: string }[] = [];
    const refused = await each(chosen, async (hit) => {
      const { dashboard } = await rawDashboard(hit.uid);
      await deleteDashboard(hit.uid);
      gone.push({ dashboard, folder: hit.folderUid ?? '' });
    });
    await finish(refused, gone.length, 'deleted', async () => {
      for (const { dashboard, folder } of gone) {
        const { id: _id, version: _version, ...rest } = dashboard;
        await putDashboard(rest, folder === '' ? 'general' : folder, 'Brought back');
      }
    });
  };
  const bringBack = async (): Promise<void> => {
    setBusy(true);
    try {
      await undo?.run();
      setUndo(undefined);
    } catch (error) {
      setProblem(wordsOf(error));
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ['dashboards'] });
  };
  return (
    <div role="status" aria-live="polite">
      {chosen.length > 0 && (
        <div className="filter-bar">
          <p className="grow">{name} chosen</p>
          <button type="button" className="button" onClick={() => setOpen('move')}>Move</button>
          <button type="button" className="button danger" onClick={() => setOpen('delete')}>Delete</button>
          <button type="button" className="button" onClick={onDone}>Choose none</button>
        </div>
      )}
      {undo && <p className="banner">{undo.words} <button type="button" className="button" disabled={busy} onClick={() => void bringBack()}>Undo</button></p>}
      {problem !== '' && <p className="banner bad">{problem}</p>}
      {open === 'move' && <FormDialog title={`Move ${name}`} action="Move" onClose={() => setOpen('')} onSubmit={move}><SelectField label="Into" value={target} choices={folders} onChange={setTarget} /></FormDialog>}
      {open === 'delete' && <FormDialog title={`Delete ${name}?`} action={chosen.length === 1 ? 'Delete the dashboard' : `Delete ${chosen.length} dashboards`} danger onClose={() => setOpen('')} onSubmit={remove}><p>They can be brought back as long as this page is open, without their older versions. Dashboards that come from files stay.</p></FormDialog>}
    </div>
  );
}
