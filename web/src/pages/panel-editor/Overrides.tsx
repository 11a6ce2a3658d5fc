/** Overrides: which fields, and what is different for them. */
/* oxlint-disable react/no-array-index-key -- overrides and their properties have no identity but their place */
import { Plus, X } from 'lucide-react';
import { list, object, text } from '../../model/json';
import { applyPatch, at } from '../../model/dashboard/edit/patch';
import type { OptionSpec, PanelSchema } from '../../panels/schema';
import { Combobox } from '../../ui/combobox';
import { Control, JsonField } from './controls';
import { freshOptions, MatcherOptions } from './MatcherOptions';
import { standardSpecs } from './standard';
import { dotted, type PanelDraft } from './usePanelDraft';

const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;
const matchers: [string, string][] = [
  ['byName', 'Field with the name'], ['byNames', 'Fields with the names'], ['byRegexp', 'Fields whose name fits'], ['byType', 'Fields of type'], ['byTypes', 'Fields of types'],
  ['byFrameRefID', 'Fields of the query'], ['byValue', 'Fields with a value'], ['byIndex', 'Field at the place'],
];

interface Property {
  id: string;
  label: string;
  /** Inside the property's value, for options of an object such as stacking. */
  inner: string;
  spec?: OptionSpec;
}
/** What an override can change: the shared options, and those of the type. */
function propertiesOf(schema: PanelSchema | undefined): Property[] {
  return [
    ...standardSpecs.filter((s) => schema === undefined || schema.standard.includes(s.of)).map((s): Property => ({ id: s.path, label: s.label, inner: '' })),
    ...(schema?.options ?? []).filter((s) => s.at === 'custom').map((spec): Property => {
      const [head = '', ...rest] = spec.path.split('.');
      return { id: `custom.${head}`, label: `${spec.group}: ${spec.label}`, inner: rest.join('.'), spec };
    }),
  ];
}

export function Overrides({ panel, schema, fields }: { panel: PanelDraft; schema: PanelSchema | undefined; fields: readonly string[] }) {
  const overrides = list(panel.get(['fieldConfig', 'overrides'])).map(object);
  const known = propertiesOf(schema);
  const put = (next: unknown[], label: string): void => panel.set(['fieldConfig', 'overrides'], next, label);
  const change = (i: number, part: Record<string, unknown>, label = 'Change an override'): void => put(overrides.map((o, j) => (j === i ? { ...o, ...part } : o)), label);
  return (
    <div className="list-field">
      {overrides.map((o, i) => {
        const matcher = object(o['matcher']);
        const id = text(matcher['id'], 'byName');
        const properties = list(o['properties']).map(object);
        const setProperty = (k: number, value: unknown): void => change(i, { properties: properties.map((p, j) => (j === k ? { ...p, value } : p)) });
        return (
          <div key={i} className="list-card" role="group" aria-label={`Override ${i + 1}`}>
            <div className="list-row">
              <select className="select list-grow" aria-label="Which fields" value={id} onChange={(e) => change(i, { matcher: { id: e.target.value, options: freshOptions(e.target.value) } })}>
                {!matchers.some(([v]) => v === id) && <option value={id}>{id}</option>}
                {matchers.map(([v, n]) => <option key={v} value={v}>{n}</option>)}
              </select>
              <button type="button" className="icon-button small" aria-label={`Remove override ${i + 1}`} onClick={() => put(overrides.filter((_, j) => j !== i), 'Remove an override')}><X {...icon} /></button>
            </div>
            <MatcherOptions id={id} value={matcher['options']} fields={fields} onChange={(options) => change(i, { matcher: { ...matcher, id, options } })} />
            {properties.map((p, k) => {
              const pid = text(p['id']);
              const standard = standardSpecs.find((s) => s.path === pid);
              const specs = known.filter((x) => x.id === pid && x.spec);
              return (
                <div key={k} className="override-property">
                  <div className="list-row"><span className="option-name list-grow">{standard?.label ?? specs[0]?.label ?? pid}</span><button type="button" className="icon-button small" aria-label={`Remove ${standard?.label ?? pid}`} onClick={() => change(i, { properties: properties.filter((_, j) => j !== k) })}><X {...icon} /></button></div>
                  {standard ? standard.control(p['value'], (v) => setProperty(k, v))
                    : specs.length > 0 ? specs.map(({ spec, inner }) => spec && (
                      <Control
                        key={spec.path} spec={spec} fields={fields} value={inner === '' ? p['value'] : at(p['value'], dotted(inner))}
                        onChange={(v) => setProperty(k, inner === '' ? v : applyPatch(object(p['value']), [{ op: 'set', path: dotted(inner), value: v }]).value)}
                      />
                    ))
                      : <JsonField label={pid} value={p['value']} rows={3} onChange={(v) => setProperty(k, v)} />}
                </div>
              );
            })}
            <Combobox
              label="Add an option to override" placeholder="Add an option…" value="" clears
              suggest={(t) => known.filter((x) => x.label.toLowerCase().includes(t.toLowerCase()) && !properties.some((p) => p['id'] === x.id)).map((x) => ({ value: x.label }))}
              onChange={(label) => {
                const found = known.find((x) => x.label === label);
                if (!found) return;
                const initial = found.spec?.initial;
                change(i, { properties: [...properties, { id: found.id, value: found.inner === '' ? initial : applyPatch({}, [{ op: 'set', path: dotted(found.inner), value: initial }]).value }] }, `Override ${label}`);
              }}
            />
          </div>
        );
      })}
      <button type="button" className="button quiet" onClick={() => put([...overrides, { matcher: { id: 'byName', options: fields[0] ?? '' }, properties: [] }], 'Add an override')}><Plus {...icon} />Override</button>
    </div>
  );
}
