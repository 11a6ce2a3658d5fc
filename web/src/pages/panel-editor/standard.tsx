/** The options that the fields of every panel type share: unit, range, decimals, name, colours, thresholds, mappings, links. */
import type { ReactNode } from 'react';
import { object, text } from '../../model/json';
import { choices, type Standard } from '../../panels/schema/types';
import { ColorField } from './ColorField';
import { NumberField } from './controls';
import { LinksField, MappingsField, ThresholdsField } from './lists';
import { UnitField } from './UnitField';

const colorModes = choices('thresholds:From thresholds, by value|shades:Shades of a colour|fixed:One colour|palette-classic:Palette|palette-classic-by-name:Palette, by name|continuous-GrYlRd:Green, yellow, red|continuous-RdYlGr:Red, yellow, green|continuous-BlYlRd:Blue, yellow, red|continuous-YlRd:Yellow, red|continuous-BlPu:Blue, purple|continuous-YlBl:Yellow, blue|continuous-blues:Blues|continuous-reds:Reds|continuous-greens:Greens|continuous-purples:Purples');

function ColorScheme({ value, onChange }: { value: unknown; onChange: (v: unknown) => void }) {
  const o = object(value);
  const mode = text(o['mode'], 'thresholds');
  return (
    <div className="list-field">
      <select className="select" aria-label="Colour scheme" value={mode} onChange={(e) => onChange({ ...o, mode: e.target.value })}>
        {!colorModes.some(([v]) => v === mode) && <option value={mode}>{mode}</option>}
        {colorModes.map(([v, n]) => <option key={v} value={v}>{n}</option>)}
      </select>
      {(mode === 'fixed' || mode === 'shades') && <ColorField label="Colour" value={text(o['fixedColor'], 'green')} onChange={(fixedColor) => onChange({ ...o, mode, fixedColor })} />}
      {(mode.startsWith('continuous') || mode === 'thresholds') && (
        <label className="inline">Series take the colour of their
          <select className="select" value={text(o['seriesBy'], 'last')} onChange={(e) => onChange({ ...o, mode, seriesBy: e.target.value })}><option value="last">last value</option><option value="min">smallest value</option><option value="max">largest value</option></select>
        </label>
      )}
    </div>
  );
}

interface StandardSpec {
  /** In `fieldConfig.defaults`, and the id of an override's property. */
  path: string;
  label: string;
  group: string;
  of: Standard;
  wide?: boolean;
  control: (value: unknown, onChange: (v: unknown) => void) => ReactNode;
}
const group = 'Values';
export const standardSpecs: readonly StandardSpec[] = [
  { of: 'unit', path: 'unit', label: 'Unit', group, control: (v, f) => <UnitField label="Unit" value={v} onChange={f} /> },
  { of: 'range', path: 'min', label: 'Minimum', group, control: (v, f) => <NumberField label="Minimum" value={v} onChange={f} /> },
  { of: 'range', path: 'max', label: 'Maximum', group, control: (v, f) => <NumberField label="Maximum" value={v} onChange={f} /> },
  { of: 'decimals', path: 'decimals', label: 'Decimals', group, control: (v, f) => <NumberField label="Decimals" value={v} min={0} max={20} step={1} onChange={f} /> },
  { of: 'name', path: 'displayName', label: 'Display name', group, control: (v, f) => <input className="input" aria-label="Display name" placeholder="${__field.labels.instance}" value={text(v)} onChange={(e) => f(e.target.value === '' ? undefined : e.target.value)} /> },
  { of: 'novalue', path: 'noValue', label: 'No value', group, control: (v, f) => <input className="input" aria-label="Text without a value" placeholder="–" value={text(v)} onChange={(e) => f(e.target.value === '' ? undefined : e.target.value)} /> },
  { of: 'color', path: 'color', label: 'Colour scheme', group, wide: true, control: (v, f) => <ColorScheme value={v} onChange={f} /> },
  { of: 'thresholds', path: 'thresholds', label: 'Thresholds', group: 'Thresholds', wide: true, control: (v, f) => <ThresholdsField value={v} onChange={f} /> },
  { of: 'mappings', path: 'mappings', label: 'Value mappings', group: 'Value mappings', wide: true, control: (v, f) => <MappingsField value={v} onChange={f} /> },
  { of: 'links', path: 'links', label: 'Data links', group: 'Data links', wide: true, control: (v, f) => <LinksField value={v} onChange={f} /> },
];
