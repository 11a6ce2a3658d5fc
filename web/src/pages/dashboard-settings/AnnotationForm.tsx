/** One annotation query: whose annotations, what is asked, and on which panels they are drawn. */
import type { DataSource } from '../../api/datasources';
import { annotationsMax, isStored, sourceOf } from '../../model/dashboard/annotations';
import { flag, isObject, list, number, object, text } from '../../model/json';
import { WordsInput } from '../../ui/commit';
import { ColorField } from '../panel-editor/ColorField';
import { ChipsField } from '../panel-editor/controls';
import { Check } from './Check';

type Entry = Record<string, unknown>;
interface Props {
  entry: Entry;
  sources: readonly DataSource[];
  /** Those that draw annotations. */
  panels: readonly { id: number; title: string }[];
  /** The dashboard's own annotations, which come with it. */
  builtIn: boolean;
  set: (key: string, value: unknown) => void;
  put: (part: Entry) => void;
}

const storedUid = '-- Grafana --';

/** Stored ones are found by the dashboard they belong to, or by their tags. */
function Stored({ entry, set }: Pick<Props, 'entry' | 'set'>) {
  const target = object(entry['target']);
  const read = (key: string): unknown => target[key] ?? entry[key];
  const change = (part: Entry): void => set('target', { ...target, ...part });
  const byTags = read('type') === 'tags';
  return (
    <>
      <label>Found by<select className="select" value={byTags ? 'tags' : 'dashboard'} onChange={(e) => change({ type: e.target.value })}><option value="dashboard">This dashboard</option><option value="tags">Tags, on any dashboard</option></select></label>
      {byTags && (
        <>
          <label>Tags <span className="quiet">(with commas between them; variables may stand in them)</span><WordsInput keeps value={list(read('tags')).map((t) => text(t))} onCommit={(tags) => change({ tags })} /></label>
          <Check label="One of the tags is enough" on={flag(read('matchAny'))} set={(matchAny) => change({ matchAny })} />
        </>
      )}
      <label>At most<input className="input" type="number" min={1} max={annotationsMax} placeholder="100" value={number(read('limit')) ?? ''} onChange={(e) => change({ limit: e.target.value === '' ? undefined : Number(e.target.value) })} /></label>
    </>
  );
}

function Asked({ entry, set }: Pick<Props, 'entry' | 'set'>) {
  const target = object(entry['target']);
  // Some files have the query in the target; it stays where it is.
  const inside = entry['expr'] === undefined && typeof target['expr'] === 'string';
  return (
    <>
      <label>Query<textarea className="input area mono" rows={2} placeholder="changes(process_start_time_seconds[1m]) > 0" value={text(inside ? target['expr'] : entry['expr'])} onChange={(e) => (inside ? set('target', { ...target, expr: e.target.value }) : set('expr', e.target.value))} /></label>
      <div className="form-pair">
        <label>Title<input className="input" placeholder="{{job}} restarted" value={text(entry['titleFormat'])} onChange={(e) => set('titleFormat', e.target.value)} /></label>
        <label>Text<input className="input" placeholder="{{instance}}" value={text(entry['textFormat'])} onChange={(e) => set('textFormat', e.target.value)} /></label>
        <label>Tags from labels<input className="input" placeholder="job, instance" value={text(entry['tagKeys'])} onChange={(e) => set('tagKeys', e.target.value)} /></label>
        <label>Step<input className="input" placeholder="60s" value={text(entry['step'])} onChange={(e) => set('step', e.target.value)} /></label>
      </div>
      <Check label="The values are the moments (Unix ms)" on={entry['useValueForTime'] === true || entry['useValueForTime'] === 'on'} set={(on) => set('useValueForTime', on)} />
    </>
  );
}

/** All panels, only some, or all but some. */
function ShownIn({ entry, panels, set, put }: Pick<Props, 'entry' | 'panels' | 'set' | 'put'>) {
  const filter = entry['filter'];
  const ids = list(object(filter)['ids']).map((id) => text(id));
  const mode = !isObject(filter) ? 'all' : flag(filter['exclude']) ? 'exclude' : 'only';
  const choose = (next: string): void => (next === 'all' ? put({ filter: undefined }) : set('filter', { exclude: next === 'exclude', ids: list(object(filter)['ids']) }));
  const options = panels.map((p): [string, string] => [String(p.id), p.title || `Panel ${p.id}`]);
  return (
    <>
      <label>Shown in<select className="select" value={mode} onChange={(e) => choose(e.target.value)}><option value="all">All panels</option><option value="only">Only these panels</option><option value="exclude">All panels but these</option></select></label>
      {mode !== 'all' && <ChipsField label="Panels" value={ids} options={options} onChange={(next) => set('filter', { exclude: mode === 'exclude', ids: list(next).map(Number) })} />}
    </>
  );
}

export function AnnotationForm({ entry, sources, panels, builtIn, set, put }: Props) {
  const ref = sourceOf(entry['datasource']);
  const uid = ref?.uid ?? '';
  const stored = builtIn || isStored(ref);
  const chooseSource = (next: string): void => {
    // Those of this dashboard are drawn anyway: another list of stored ones is by tags.
    if (next === storedUid) put({ datasource: { type: 'grafana', uid: next }, target: { ...object(entry['target']), type: 'tags' } });
    else set('datasource', { type: sources.find((s) => s.uid === next)?.type ?? 'prometheus', uid: next });
  };
  return (
    <>
      <label>Name<input className="input" value={text(entry['name'])} onChange={(e) => set('name', e.target.value)} /></label>
      <Check label="Shown at first" on={entry['enable'] !== false} set={(on) => set('enable', on)} />
      <Check label="Without a switch on the dashboard" on={flag(entry['hide'])} set={(on) => set('hide', on)} />
      <div className="list-row"><span className="option-name">Colour</span><ColorField label="Colour" value={text(entry['iconColor'])} onChange={(c) => set('iconColor', c)} /></div>
      {!builtIn && (
        <label>Data source
          <select className="select" value={stored ? storedUid : uid} onChange={(e) => chooseSource(e.target.value)}>
            {!stored && !sources.some((s) => s.uid === uid) && <option value={uid}>{uid || 'Default'}</option>}
            <option value={storedUid}>Annotations kept here</option>
            {sources.map((s) => <option key={s.uid} value={s.uid}>{s.name}</option>)}
          </select>
        </label>
      )}
      {!builtIn && (stored ? <Stored entry={entry} set={set} /> : <Asked entry={entry} set={set} />)}
      <ShownIn entry={entry} panels={panels} set={set} put={put} />
    </>
  );
}
