/** The queries of the panel: their source, their options, one row each. */
/* oxlint-disable react/no-array-index-key -- a query is its place in the list: its name can be typed over */
import { Plus } from 'lucide-react';
import { list, number, object, text } from '../../model/json';
import { nextRefId } from '../../model/refid';
import { interpolate } from '../../model/variables/interpolate';
import type { PanelData } from '../../query/runner';
import { resolveSource } from '../../query/variables';
import type { DashboardState } from '../dashboard/useDashboard';
import { QueryRow, type RawTarget } from './QueryRow';
import type { PanelDraft } from './usePanelDraft';

/** The panel's source where each query has its own. */
const mixedUid = '-- Mixed --';

function QueryOptions({ panel }: { panel: PanelDraft }) {
  const { json, set, remove } = panel;
  const field = (key: string, label: string, placeholder: string) => (
    <label>{label}<input className="input" placeholder={placeholder} value={text(json[key])} onChange={(e) => (e.target.value === '' ? remove([key]) : set([key], e.target.value, `Change “${label}”`))} /></label>
  );
  return (
    <details className="query-options">
      <summary>Query options{['maxDataPoints', 'interval', 'timeFrom', 'timeShift'].some((k) => text(json[k]) !== '') ? ' · changed' : ''}</summary>
      <div className="query-settings">
        <label>Most data points<input className="input" type="number" min={1} placeholder="by width" value={number(json['maxDataPoints']) ?? ''} onChange={(e) => (e.target.value === '' ? remove(['maxDataPoints']) : set(['maxDataPoints'], Number(e.target.value), 'Change “Most data points”'))} /></label>
        {field('interval', 'Least interval', 'auto')}
        {field('timeFrom', 'Own time range', '1h, or now/d')}
        {field('timeShift', 'Time shift', '1d')}
        <label className="check"><input type="checkbox" checked={json['hideTimeOverride'] === true} onChange={(e) => set(['hideTimeOverride'], e.target.checked, 'Hide the note of the time range')} />Do not show the range on the panel</label>
      </div>
    </details>
  );
}

export function QueriesTab({ panel, state, data, onRun }: { panel: PanelDraft; state: DashboardState; data: PanelData; onRun: () => void }) {
  const sources = state.sources ?? [];
  const targets = list(panel.json['targets']).map(object);
  const own = object(panel.json['datasource']);
  const uidOf = (ds: unknown): string => (typeof ds === 'string' ? ds : text(object(ds)['uid']));
  const mixed = uidOf(panel.json['datasource']) === mixedUid;
  const put = (next: RawTarget[], label: string): void => panel.set(['targets'], next, label);
  const sourceOf = (t: RawTarget): string => resolveSource(interpolate(uidOf(t['datasource'] ?? (mixed ? undefined : panel.json['datasource'])), state.context), text(own['type']), sources);
  const current = mixed ? mixedUid : uidOf(panel.json['datasource']);
  const known = current === '' || current === mixedUid || sources.some((s) => s.uid === current);
  const variables = state.doc.view.variables;
  const choose = (uid: string): void => {
    const source = sources.find((s) => s.uid === uid);
    const ref = uid === mixedUid ? { type: 'datasource', uid } : source ? { type: source.type, uid } : { uid };
    // Queries follow the panel unless it is mixed.
    const next = targets.map((t) => (uid === mixedUid ? { ...t, datasource: t['datasource'] ?? panel.json['datasource'] } : { ...t, datasource: ref }));
    panel.set(['datasource'], ref, 'Choose the data source');
    put(next, 'Choose the data source');
  };
  return (
    <div className="queries">
      <div className="query-source">
        <label>Data source
          <select className="select" value={current} onChange={(e) => choose(e.target.value)}>
            {current === '' && <option value="">Default</option>}
            {!known && <option value={current}>{current}</option>}
            {sources.map((s) => <option key={s.uid} value={s.uid}>{s.name}{s.isDefault ? ' (default)' : ''}</option>)}
            {variables.filter((v) => v.type === 'datasource').map((v) => <option key={v.name} value={`\${${v.name}}`}>{`Variable: ${v.label || v.name}`}</option>)}
            <option value={mixedUid}>Each query its own</option>
          </select>
        </label>
        <QueryOptions panel={panel} />
      </div>
      {targets.map((t, i) => (
        <QueryRow
          key={i} target={t} place={i} count={targets.length} sources={sources} source={sourceOf(t)} mixed={mixed} variables={variables.map((v) => v.name)} data={data} onRun={onRun}
          onChange={(part, label) => Object.entries(part).length === 1
            ? Object.entries(part).forEach(([key, value]) => panel.set(['targets', i, key], value, label))
            : put(targets.map((x, j) => (j === i ? { ...x, ...part } : x)), label)}
          onMove={(by) => { const next = [...targets]; const [taken] = next.splice(i, 1); if (taken) next.splice(i + by, 0, taken); put(next, 'Reorder queries'); }}
          onDuplicate={() => put([...targets.slice(0, i + 1), { ...t, refId: nextRefId(targets.map((t) => text(t['refId']))) }, ...targets.slice(i + 1)], 'Duplicate a query')}
          onRemove={() => put(targets.filter((_, j) => j !== i), 'Remove a query')}
        />
      ))}
      <button type="button" className="button" onClick={() => put([...targets, { refId: nextRefId(targets.map((t) => text(t['refId']))), expr: '', ...(mixed ? { datasource: targets[targets.length - 1]?.['datasource'] } : {}) }], 'Add a query')}><Plus size={16} strokeWidth={1.75} aria-hidden />Query</button>
    </div>
  );
}
