/** All options of the panel with a search; each can be reset, and has a mark when it is not at its default. */
import { Search } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { isObject, object } from '../../model/json';
import { at, type Path } from '../../model/dashboard/edit/patch';
import type { Variable } from '../../model/dashboard/types';
import type { OptionSpec, PanelSchema } from '../../panels/schema';
import { Control, JsonField } from './controls';
import { OptionRow, SpecRow } from './OptionRow';
import { Overrides } from './Overrides';
import { PanelBasics } from './PanelBasics';
import { standardSpecs } from './standard';
import { dotted, type PanelDraft } from './usePanelDraft';

/** Where an option's value lies in the panel. */
const placeOf = (spec: OptionSpec): Path =>
  spec.at === 'options' ? ['options', ...dotted(spec.path)] : ['fieldConfig', 'defaults', ...(spec.at === 'custom' ? ['custom'] : []), ...dotted(spec.path)];

interface Shown {
  group: string;
  label: string;
  key: string;
  row: ReactNode;
}

export function OptionsPane({ panel, schema, variables, fields }: { panel: PanelDraft; schema: PanelSchema | undefined; variables: readonly Variable[]; fields: readonly string[] }) {
  const [search, setSearch] = useState('');
  const { json } = panel;
  const rows = useMemo((): Shown[] => {
    const effective = (spec: OptionSpec): unknown => panel.get(placeOf(spec)) ?? spec.initial;
    const byPath = new Map(schema?.options.map((s) => [`${s.at}.${s.path}`, s]));
    const get = (path: string): unknown => {
      const spec = byPath.get(path);
      return spec ? effective(spec) : at(json, dotted(path));
    };
    const own = (schema?.options ?? []).filter((s) => s.when?.(get) !== false).map((spec): Shown => {
      const place = placeOf(spec);
      const value = panel.get(place);
      return {
        group: spec.group, label: spec.label, key: `${spec.at}.${spec.path}`,
        row: (
          <SpecRow spec={spec} value={value} onReset={() => panel.remove(place, `Reset “${spec.label}”`)}>
            <Control spec={spec} value={value} fields={fields} onChange={(v) => (v === undefined ? panel.remove(place) : panel.set(place, v, `${spec.group}: ${spec.label}`))} />
          </SpecRow>
        ),
      };
    });
    const standard = standardSpecs.filter((s) => schema === undefined || schema.standard.includes(s.of)).map((spec): Shown => {
      const place: Path = ['fieldConfig', 'defaults', spec.path];
      const value = panel.get(place);
      const empty = value === undefined || (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
      return {
        group: spec.group, label: spec.label, key: `standard.${spec.path}`,
        row: (
          <OptionRow label={spec.label} changed={!empty} wide={spec.wide ?? false} onReset={() => panel.remove(place, `Reset “${spec.label}”`)}>
            {spec.control(value, (v) => (v === undefined ? panel.remove(place) : panel.set(place, v, `Values: ${spec.label}`)))}
          </OptionRow>
        ),
      };
    });
    return [...own, ...standard];
  }, [panel, schema, json, fields]);

  const words = search.toLowerCase().split(/\s+/).filter((w) => w !== '');
  const fits = (text: string): boolean => words.every((w) => text.toLowerCase().includes(w));
  const shown = rows.filter((r) => fits(`${r.group} ${r.label} ${r.key}`));
  const groups = [...new Set(shown.map((r) => r.group))];
  return (
    <div className="options-pane">
      <div className="search-field"><Search size={16} strokeWidth={1.75} aria-hidden /><input className="input" type="search" placeholder="Search options" aria-label="Search options" value={search} onChange={(e) => setSearch(e.target.value)} /></div>
      {(words.length === 0 || fits('panel title description transparent repeat links')) && <details open><summary>Panel</summary><PanelBasics panel={panel} variables={variables} /></details>}
      {groups.map((g) => <details key={g} open={words.length > 0 || !['Hide in', 'Data links', 'Value mappings', 'Text size'].includes(g)}><summary>{g}</summary>{shown.filter((r) => r.group === g).map((r) => <div key={r.key}>{r.row}</div>)}</details>)}
      {!schema && words.length === 0 && (
        <details open>
          <summary>Options as JSON</summary>
          <p className="quiet">There is no form for this type, so here are its options as they are saved.</p>
          <JsonField label="Options" value={object(json['options'])} rows={12} onChange={(v) => panel.set(['options'], v ?? {}, 'Change the options')} />
          <JsonField label="Options of fields" value={object(at(json, ['fieldConfig', 'defaults', 'custom']))} onChange={(v) => panel.set(['fieldConfig', 'defaults', 'custom'], v ?? {}, 'Change the options of fields')} />
        </details>
      )}
      {(words.length === 0 || fits('overrides')) && schema?.standard.length !== 0 && <details open><summary>Overrides</summary><Overrides panel={panel} schema={schema} fields={fields} /></details>}
      {words.length > 0 && shown.length === 0 && <p className="quiet">No option fits “{search}”.</p>}
    </div>
  );
}
