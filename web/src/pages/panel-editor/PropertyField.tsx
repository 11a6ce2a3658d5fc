/** A property of the shapes in a layer's file, or one of its values: suggested from the file, which is read when somebody looks. */
import { use } from 'react';
import { at } from '../../model/dashboard/edit/patch';
import { object, text } from '../../model/json';
import type { OptionSpec } from '../../panels/schema';
import type { GeoFile } from '../../panels/geomap/shapes';
import { Combobox } from '../../ui/combobox';
import { Around } from './offer';
import { dotted } from './usePanelDraft';

/** Different ones that are offered at most. */
const offeredMax = 1000;

/** Names of the properties, or the values that one of them has, in order. */
export function inFile(file: GeoFile, property: string | undefined): string[] {
  const found = new Set<string>();
  for (const { properties } of file.features) {
    if (found.size >= offeredMax) break;
    if (property === undefined) for (const name of Object.keys(properties)) found.add(name);
    else if (['string', 'number', 'boolean'].includes(typeof properties[property])) found.add(String(properties[property]));
  }
  return [...found].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
}

export function PropertyField({ spec, value, onChange }: { spec: OptionSpec; value: string; onChange: (value: unknown) => void }) {
  const [rule, layer] = use(Around);
  const property = spec.valuesOf === undefined ? undefined : text(at(rule, dotted(spec.valuesOf)));
  const src = text(object(layer?.['config'])['src']);
  const suggest = async (typed: string): Promise<{ value: string }[]> => {
    const { geoSource, loadGeoJson } = await import('../../panels/geomap/shapes');
    const source = geoSource(src);
    // The outlines of countries have no properties.
    if (source.kind !== 'file') return [];
    return inFile(await loadGeoJson(source.url), property).filter((v) => v.toLowerCase().includes(typed.toLowerCase())).map((v) => ({ value: v }));
  };
  return <Combobox label={spec.label} eager value={value} suggest={suggest} onChange={(v) => onChange(v === '' ? undefined : v)} />;
}
