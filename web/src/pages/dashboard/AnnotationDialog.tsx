/** Writing an annotation, and reading, changing and deleting those that are there. */
import { useMutation } from '@tanstack/react-query';
import { Pencil, Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { addAnnotation, changeAnnotation, deleteAnnotation } from '../../api/annotations';
import type { Mark } from '../../model/marks';
import { formatTime } from '../../model/time/format';
import { parseTime } from '../../model/time/parse';
import { zoneAbbreviation } from '../../model/time/zone';
import './share.css';
import { Dialog } from '../../ui/dialog';
import { toast } from '../../ui/toast';

export type AnnotationTask =
  | { kind: 'add'; from: number; to: number; panelId: number; panelTitle: string }
  | { kind: 'show'; marks: readonly Mark[] };

interface FormProps {
  from: number;
  to: number;
  text: string;
  tags: readonly string[];
  zone: string;
  save: (part: { time: number; timeEnd: number; text: string; tags: string[] }) => Promise<void>;
  done: () => void;
  cancel: () => void;
  /** Title of the panel, where the annotation may be for it alone. */
  panel?: { title: string; only: boolean; onOnly: (only: boolean) => void } | undefined;
}

function AnnotationForm({ from, to, text: before, tags: tagsBefore, zone, save, done, cancel, panel }: FormProps) {
  const [now] = useState(() => Date.now());
  const [text, setText] = useState(before);
  const [tags, setTags] = useState(tagsBefore.join(', '));
  const [start, setStart] = useState(() => formatTime(from, zone, true));
  const [end, setEnd] = useState(() => (to > from ? formatTime(to, zone, true) : ''));
  const at = parseTime(start, { now, zone, roundUp: false });
  const until = end.trim() === '' ? at : parseTime(end, { now, zone, roundUp: false });
  const problem = text.trim() === '' ? 'Write what happened.' : at === undefined ? 'The start is not a time.' : until === undefined ? 'The end is not a time.' : until < at ? 'The end must not be earlier than the start.' : undefined;
  const saving = useMutation({
    mutationFn: () => save({ time: Math.round(at ?? 0), timeEnd: Math.round(until ?? at ?? 0), text: text.trim(), tags: tags.split(',').map((t) => t.trim()).filter((t) => t !== '') }),
    onSuccess: done,
  });
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    if (problem === undefined) saving.mutate();
  };
  return (
    <form className="annotation-form" onSubmit={submit}>
      <label htmlFor="annotation-text">What happened</label>
      <textarea id="annotation-text" className="input area" rows={3} data-autofocus autoFocus value={text} onChange={(e) => setText(e.target.value)} />
      <label htmlFor="annotation-tags">Tags, separated by commas</label>
      <input id="annotation-tags" className="input" value={tags} onChange={(e) => setTags(e.target.value)} autoComplete="off" />
      <div className="annotation-times">
        <div><label htmlFor="annotation-from">From ({zoneAbbreviation(from, zone)})</label><input id="annotation-from" className="input num" value={start} onChange={(e) => setStart(e.target.value)} /></div>
        <div><label htmlFor="annotation-to">To, empty for a moment</label><input id="annotation-to" className="input num" value={end} onChange={(e) => setEnd(e.target.value)} /></div>
      </div>
      {panel && <label className="check"><input type="checkbox" checked={panel.only} onChange={(e) => panel.onOnly(e.target.checked)} /> Only in the panel “{panel.title || 'without a title'}”</label>}
      {saving.error && <p className="field-error" role="alert">It could not be saved: {saving.error.message}</p>}
      <div className="dialog-foot">
        <button type="button" className="button" onClick={cancel}>Cancel</button>
        <button type="submit" className="button primary" disabled={problem !== undefined || saving.isPending} title={problem}>Save</button>
      </div>
    </form>
  );
}

function MarkEntry({ mark, zone, canEdit, onEdit, onDelete }: { mark: Mark; zone: string; canEdit: boolean; onEdit: () => void; onDelete: () => void }) {
  return (
    <li className="mark-entry">
      <div className="mark-entry-head">
        <span className="quiet num">{formatTime(mark.time, zone)}{mark.timeEnd > mark.time ? ` to ${formatTime(mark.timeEnd, zone)}` : ''}{mark.login === '' ? '' : `, by ${mark.login}`}</span>
        {canEdit && mark.id > 0 && (
          <span>
            <button type="button" className="icon-button small" aria-label="Change" title="Change" onClick={onEdit}><Pencil size={16} strokeWidth={1.75} aria-hidden /></button>
            <button type="button" className="icon-button small" aria-label="Delete" title="Delete" onClick={onDelete}><Trash2 size={16} strokeWidth={1.75} aria-hidden /></button>
          </span>
        )}
      </div>
      {mark.title !== '' && <strong>{mark.title}</strong>}
      {mark.text !== '' && <p className="mark-text whole">{mark.text}</p>}
      {mark.links.length > 0 && <p>{mark.links.map((l) => <a key={l.url} href={l.url} rel="noopener noreferrer">{l.text}</a>)}</p>}
      {mark.tags.length > 0 && <p className="mark-tags">{mark.tags.map((t) => <span key={t} className="chip">{t}</span>)}</p>}
    </li>
  );
}

export function AnnotationDialog({ task, dashboardUid, zone, canEdit, reload, onClose }: { task: AnnotationTask; dashboardUid: string; zone: string; canEdit: boolean; reload: () => void; onClose: () => void }) {
  const [editing, setEditing] = useState<Mark>();
  const [only, setOnly] = useState(true);
  const done = (): void => {
    reload();
    onClose();
  };
  const remove = useMutation({
    mutationFn: (mark: Mark) => deleteAnnotation(mark.id),
    onSuccess: done,
    onError: (problem) => toast(`The annotation could not be deleted: ${problem.message}`, 'error'),
  });
  if (task.kind === 'add') {
    return (
      <Dialog title="Add annotation" onClose={onClose}>
        <AnnotationForm
          from={task.from} to={task.to} text="" tags={[]} zone={zone} done={done} cancel={onClose}
          panel={{ title: task.panelTitle, only, onOnly: setOnly }}
          save={(part) => addAnnotation({ ...part, dashboardUID: dashboardUid, panelId: only ? task.panelId : 0 })}
        />
      </Dialog>
    );
  }
  return (
    <Dialog title={editing ? 'Change annotation' : task.marks.length === 1 ? 'Annotation' : 'Annotations'} onClose={onClose}>
      {editing
        ? <AnnotationForm from={editing.time} to={editing.timeEnd} text={editing.source} tags={editing.tags} zone={zone} done={done} cancel={onClose} save={(part) => changeAnnotation(editing.id, part)} />
        : <ul>{task.marks.map((mark) => <MarkEntry key={mark.key} mark={mark} zone={zone} canEdit={canEdit} onEdit={() => setEditing(mark)} onDelete={() => remove.mutate(mark)} />)}</ul>}
    </Dialog>
  );
}
