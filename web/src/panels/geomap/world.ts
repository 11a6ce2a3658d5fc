/** The outlines of land and countries, in the projection's world; a finer set comes when somebody looks closely. */
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import coarse from 'world-atlas/countries-110m.json?url';
import fine from 'world-atlas/countries-50m.json?url';
import { getJson } from '../../api/http';
import { unwrapped, type Line } from './outline';

export interface WorldMap {
  land: Line[];
  borders: Line[];
}
type Atlas = Topology<{ countries: GeometryCollection; land: GeometryCollection }>;

function read(atlas: Atlas): WorldMap {
  const land: Line[] = [];
  for (const { geometry } of feature(atlas, atlas.objects.land).features) {
    if (geometry?.type === 'Polygon') land.push(...geometry.coordinates.flatMap(unwrapped));
    else if (geometry?.type === 'MultiPolygon') land.push(...geometry.coordinates.flat().flatMap(unwrapped));
  }
  return { land, borders: mesh(atlas, atlas.objects.countries, (a, b) => a !== b).coordinates.flatMap(unwrapped) };
}

const loaded: Partial<Record<'coarse' | 'fine', Promise<WorldMap>>> = {};

/** Loaded once for all maps of the page; what failed is tried again next time. */
export function loadWorld(detail: 'coarse' | 'fine'): Promise<WorldMap> {
  const found = (loaded[detail] ??= getJson<Atlas>(detail === 'fine' ? fine : coarse).then(read));
  found.catch(() => {
    delete loaded[detail];
  });
  return found;
}
