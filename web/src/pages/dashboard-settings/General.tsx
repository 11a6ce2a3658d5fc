/** Title, description, tags, time, refresh, the shared cursor; and how a dashboard from a file differs from it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { discardEdits, getDrift, writeBack } from '../../api/dashboard-edit';
import { wordsOf } from '../../model/errors';
import { flag, list, number, object, text } from '../../model/json';
import { zoneNames } from '../../model/time/zone';
import { WordsInput } from '../../ui/commit';
import { toast } from '../../ui/toast';
import { ChangeList } from '../dashboard-edit/ChangeList';
import { useDiscard } from '../dashboard-edit/Discard';
import { draftOf, dropDraft, isUnsaved, type Draft } from '../dashboard-edit/draft';
import type { SettingsProps } from './SettingsPage';

function Provisioned({ draft }: { draft: Draft }) {
  const { uid } = draft.base.meta;
  const client = useQueryClient();
  const { ask, question } = useDiscard(draft);
  const { data, error } = useQuery({ queryKey: ['drift', uid], queryFn: ({ signal }) => getDrift(uid, signal), staleTime: 0 });
  const act = async (run: () => Promise<void>, done: string, drops: boolean): Promise<void> => {
    try {
      await run();
      await Promise.all([client.invalidateQueries({ queryKey: ['drift', uid] }), client.invalidateQueries({ queryKey: ['dashboard', uid] })]);
      // Without edits the draft is only a copy of what was saved before.
      const now = draftOf(uid);
      if (drops || !isUnsaved(now)) dropDraft(uid);
      toast(done);
    } catch (problem) {
      toast(wordsOf(problem), 'error');
    }
  };
  return (
    <div className="form-note" role="note">
      <h3>From a file</h3>
      {error && <p>{error.message}</p>}
      {data && <p>Provider “{data.provider}”, file <code>{data.path}</code>. {data.drifted ? 'What is saved differs from the file:' : 'What is saved is what the file says.'}</p>}
      {data && data.drifted && (
        <>
          <ChangeList diff={{ changes: data.differences, summary: { panels: [], variables: [], settings: [] } }} />
          <div className="edit-offer">
            <button type="button" className="button" onClick={() => void act(() => writeBack(uid), 'The file has what is saved.', false)}>Write it into the file</button>
            <button type="button" className="button" onClick={() => ask(() => void act(() => discardEdits(uid), 'The dashboard is as its file again.', true))}>Take the file again</button>
          </div>
        </>
      )}
      {question}
    </div>
  );
}

const zoneWords: Record<string, string> = { '': 'As the person prefers', browser: 'Of the browser', utc: 'UTC' };
/** All zones there are, and whatever a file says. */
const zoneChoices = (now: string): string[] => [...new Set([...Object.keys(zoneWords), now, ...zoneNames()])];

export function General({ state, draft, apply }: SettingsProps) {
  const raw = object(draft.history.raw);
  const { meta } = state.doc;
  const set = (path: (string | number)[], value: unknown, label: string): void => apply(label, [{ op: 'set', path, value }], path.join('.'));
  const time = object(raw['time']);
  const picker = object(raw['timepicker']);
  return (
    <>
      <h2>General</h2>
      <div className="form narrow">
        <label>Title<input className="input" value={text(raw['title'])} onChange={(e) => set(['title'], e.target.value, 'Change the title')} /></label>
        <label>Description<textarea className="input area" rows={3} value={text(raw['description'])} onChange={(e) => set(['description'], e.target.value, 'Change the description')} /></label>
        <label>Tags <span className="quiet">(with commas between them)</span><WordsInput keeps value={list(raw['tags']).map((t) => text(t))} onCommit={(tags) => set(['tags'], tags, 'Change the tags')} /></label>
        <div className="form-pair">
          <label>From<input className="input" value={text(time['from'])} placeholder="now-6h" onChange={(e) => set(['time', 'from'], e.target.value, 'Change the time range')} /></label>
          <label>To<input className="input" value={text(time['to'])} placeholder="now" onChange={(e) => set(['time', 'to'], e.target.value, 'Change the time range')} /></label>
        </div>
        <div className="form-pair">
          <label>Refresh<select className="select" value={text(raw['refresh'])} onChange={(e) => set(['refresh'], e.target.value, 'Change the refresh')}><option value="">Off</option>{[...new Set([...draft.view.refreshIntervals, text(raw['refresh'])])].filter((r) => r !== '').map((r) => <option key={r}>{r}</option>)}</select></label>
          <label>Time zone<select className="select" value={text(raw['timezone'])} onChange={(e) => set(['timezone'], e.target.value, 'Change the time zone')}>{zoneChoices(text(raw['timezone'])).map((z) => <option key={z} value={z}>{zoneWords[z] ?? z.replace(/_/g, ' ')}</option>)}</select></label>
          <label>The week begins on<select className="select" value={text(raw['weekStart'])} onChange={(e) => set(['weekStart'], e.target.value, 'Change the week')}><option value="">As the person prefers</option><option value="monday">Monday</option><option value="saturday">Saturday</option><option value="sunday">Sunday</option></select></label>
        </div>
        <label>Intervals to refresh to choose from<WordsInput keeps value={draft.view.refreshIntervals} onCommit={(next) => set(['timepicker', 'refresh_intervals'], next, 'Change the intervals')} /></label>
        <label>The charts’ pointer
          <select className="select" value={String(number(raw['graphTooltip']) ?? 0)} onChange={(e) => set(['graphTooltip'], Number(e.target.value), 'Change the pointer')}><option value="0">each for itself</option><option value="1">line on all charts</option><option value="2">line and values on all charts</option></select>
        </label>
        <label className="check"><input type="checkbox" checked={flag(picker['hidden'])} onChange={(e) => set(['timepicker', 'hidden'], e.target.checked, 'Hide the time picker')} />Hide the time picker</label>
        <label className="check"><input type="checkbox" checked={raw['editable'] !== false} onChange={(e) => set(['editable'], e.target.checked, 'Change who may edit')} />May be edited</label>
        {meta.provisioned && <Provisioned draft={draft} />}
      </div>
    </>
  );
}
