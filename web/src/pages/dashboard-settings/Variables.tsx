/** The variables: a list with who uses them, a form with the values that come of it, and the graph of who needs whom. */
import { ArrowDown, ArrowUp, CopyPlus, Plus, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Panel, Variable } from '../../model/dashboard/types';
import { at } from '../../model/dashboard/edit/patch';
import { list, object, text } from '../../model/json';
import { dependencies } from '../../model/variables/graph';
import { referencedNames } from '../../model/variables/syntax';
import type { SettingsProps } from './SettingsPage';
import { VariableForm } from './VariableForm';
import { VariableGraph } from './VariableGraph';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
const path = ['templating', 'list'] as const;
type Raw = Record<string, unknown>;

/** Titles of the panels that name a variable anywhere. */
function usersOf(name: string, panels: readonly { panel: Panel; names: ReadonlySet<string> }[]): string[] {
  return panels.filter((p) => p.names.has(name)).map((p) => p.panel.title || `Panel ${p.panel.id}`);
}

const freshName = (all: readonly Raw[]): string => {
  const used = new Set(all.map((v) => v['name']));
  let i = all.length;
  while (used.has(`query${i}`)) i += 1;
  return `query${i}`;
};

export function Variables({ state, draft, apply }: SettingsProps) {
  const [opened, setOpened] = useState<number>();
  const raw = list(at(draft.history.raw, path)).map(object);
  const { variables, panels } = draft.view;
  const used = useMemo(() => panels.map((panel) => ({ panel, names: new Set([...referencedNames(JSON.stringify(panel)), panel.repeat]) })), [panels]);
  const put = (next: Raw[], label: string): void => apply(label, [{ op: 'set', path, value: next }]);
  const byName = new Map<string, Variable>(variables.map((v) => [v.name, v]));
  const known = new Set(byName.keys());
  const current = opened === undefined ? undefined : raw[opened];
  if (current && opened !== undefined) {
    const name = text(current['name']);
    return (
      <VariableForm
        key={opened} raw={current} names={raw.filter((_, i) => i !== opened).map((v) => text(v['name']))} state={state} view={byName.get(name)}
        onBack={() => setOpened(undefined)}
        onChange={(part, label) => apply(label, Object.entries(part).map(([key, value]) => ({ op: 'set' as const, path: [...path, opened, key], value })), `variable ${opened} ${Object.keys(part).join(' ')}`)}
      />
    );
  }
  const add = (): void => {
    put([...raw, { name: freshName(raw), label: '', type: 'query', query: '', datasource: null, refresh: 1, sort: 1, regex: '', multi: false, includeAll: false, hide: 0, options: [], current: {} }], 'Add a variable');
    setOpened(raw.length);
  };
  return (
    <>
      <div className="settings-head"><h2>Variables</h2><span className="spread" /><button type="button" className="button primary" onClick={add}><Plus {...icon} />Variable</button></div>
      {raw.length === 0 && <p className="quiet">A variable stands for a value that people choose at the top: a host, an environment. Queries, titles and links name it with <code>$name</code>.</p>}
      {raw.length > 0 && (
        <div className="table-scroll versions" tabIndex={0} role="region" aria-label="Variables">
          <table className="data-table">
            <thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Where from</th><th scope="col">Needs</th><th scope="col">Used by</th><th scope="col"><span className="visually-hidden">Actions</span></th></tr></thead>
            <tbody>
              {raw.map((v, i) => {
                const name = text(v['name']);
                const view = byName.get(name);
                const needs = view ? [...dependencies(view)].filter((d) => known.has(d)) : [];
                const inVariables = variables.filter((x) => dependencies(x).has(name)).map((x) => x.name);
                const inPanels = usersOf(name, used);
                return (
                  // oxlint-disable-next-line react/no-array-index-key -- a variable is its place in the list: its name can be typed over
                  <tr key={i}>
                    <td><button type="button" className="link-button" onClick={() => setOpened(i)}>{name}</button></td>
                    <td>{text(v['type'])}</td><td><code title={view?.query}>{view?.query ?? ''}</code></td><td>{needs.map((n) => `$${n}`).join(', ')}</td>
                    <td title={[...inVariables.map((n) => `$${n}`), ...inPanels].join('\n')}>{inVariables.length + inPanels.length === 0 ? <span className="note-warning">nothing</span> : `${inPanels.length} ${inPanels.length === 1 ? 'panel' : 'panels'}${inVariables.length > 0 ? `, ${inVariables.map((n) => `$${n}`).join(', ')}` : ''}`}</td>
                    <td className="row-actions">
                      <button type="button" className="icon-button small" aria-label={`Move ${name} up`} disabled={i === 0} onClick={() => put([...raw.slice(0, i - 1), v, raw[i - 1] ?? {}, ...raw.slice(i + 1)], 'Reorder variables')}><ArrowUp {...icon} /></button>
                      <button type="button" className="icon-button small" aria-label={`Move ${name} down`} disabled={i === raw.length - 1} onClick={() => put([...raw.slice(0, i), raw[i + 1] ?? {}, v, ...raw.slice(i + 2)], 'Reorder variables')}><ArrowDown {...icon} /></button>
                      <button type="button" className="icon-button small" aria-label={`Duplicate ${name}`} onClick={() => put([...raw.slice(0, i + 1), { ...v, name: `${name}_copy` }, ...raw.slice(i + 1)], 'Duplicate a variable')}><CopyPlus {...icon} /></button>
                      <button type="button" className="icon-button small" aria-label={`Remove ${name}`} onClick={() => put(raw.filter((_, j) => j !== i), `Remove the variable “${name}”`)}><Trash2 {...icon} /></button>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {variables.length > 0 && <VariableGraph variables={variables} usedBy={(name) => usersOf(name, used).length} />}
    </>
  );
}
