/** From frames to markers: where each row lies, how big and in which colour. Pure. */
import { resolveColor, type Theme } from '../../model/color/names';
import { isContinuous, scaleColor } from '../../model/color/palette';
import { showValue } from '../../model/fieldconfig/display';
import { readPattern } from '../../model/fieldconfig/mappings';
import type { Cell, Field, Frame } from '../../model/frame';
import { number } from '../../model/json';
import { findPlace } from './countries';
import { readGeohash, toWorld, type LonLat, type World } from './mercator';
import type { Dimension, MapLayer } from './options';

/** Markers drawn at most, over all layers. */
export const markersMax = 20_000;

export interface Marker {
  frame: Frame;
  row: number;
  place: LonLat;
  world: World;
  radius: number;
  color: string;
  label: string;
  /** 0 to 1, for the heat layer. */
  weight: number;
  name: string;
}
export interface Placed {
  markers: Marker[];
  colorBy: Field | undefined;
  /** Ends of the colour field's values. */
  ends: [number, number];
  /** Rows whose place is not known. */
  lost: number;
  problem: string | undefined;
}

const nameOf = (f: Field): string => f.title ?? f.name;
const named = (frame: Frame, name: string): Field | undefined => (name === '' ? undefined : frame.fields.find((f) => nameOf(f) === name || f.name === name));
const first = (frame: Frame, names: readonly string[]): Field | undefined => {
  for (const name of names) {
    const found = frame.fields.find((f) => nameOf(f).toLowerCase() === name || f.name.toLowerCase() === name);
    if (found) return found;
  }
  return undefined;
};

/** Series become one table: their labels and last values, which is what a map can place. */
export function placeRows(frames: readonly Frame[]): Frame[] {
  const out: Frame[] = [];
  const series: { labels: Record<string, string>; field: Field; value: Cell; refId: string }[] = [];
  for (const frame of frames) {
    const value = frame.fields.find((f) => f.type === 'number' && f.labels !== undefined);
    if (!frame.table && value?.labels && frame.fields.some((f) => f.type === 'time')) series.push({ labels: value.labels, field: value, value: value.values.findLast((v) => v !== null && v !== undefined) ?? null, refId: frame.refId });
    else out.push(frame);
  }
  if (series.length === 0) return out;
  const names = [...new Set(series.flatMap((s) => Object.keys(s.labels)))].sort();
  const values = series.map((s) => s.value);
  out.push({
    refId: series[0]?.refId ?? 'A', table: true, length: series.length,
    fields: [...names.map((name): Field => ({ name, type: 'string', values: series.map((s) => s.labels[name] ?? null) })), { ...(series[0]?.field as Field), name: 'Value', title: 'Value', labels: undefined, values }],
  });
  return out;
}

type Locator = (row: number) => (LonLat & { name?: string }) | undefined;

function byCoords(lat: Field, lon: Field): Locator {
  return (row) => {
    const [y, x] = [number(lat.values[row]), number(lon.values[row])];
    return y === undefined || x === undefined || Math.abs(y) > 90 || Math.abs(x) > 180 ? undefined : { lat: y, lon: x };
  };
}
const byHash = (field: Field): Locator => (row) => readGeohash(String(field.values[row] ?? ''));
const byName = (field: Field, states: boolean): Locator => (row) => findPlace(String(field.values[row] ?? ''), states ? 'usa-states' : 'countries');

/** How the rows of a frame are placed; undefined where they cannot be. */
export function locator(frame: Frame, l: MapLayer['location']): Locator | undefined {
  const lat = named(frame, l.latitude) ?? first(frame, ['latitude', 'lat', 'y']);
  const lon = named(frame, l.longitude) ?? first(frame, ['longitude', 'lon', 'lng', 'long', 'x']);
  const hash = named(frame, l.geohash) ?? first(frame, ['geohash']);
  const lookup = named(frame, l.lookup) ?? first(frame, ['lookup', 'country', 'country_code', 'countrycode', 'country_name', 'country_iso', 'iso_code', 'iso', 'code', 'geo', 'location', 'state', 'region']);
  const coords = lat && lon ? byCoords(lat, lon) : undefined;
  switch (l.mode) {
    case 'coords': return coords;
    case 'geohash': return hash ? byHash(hash) : undefined;
    case 'lookup': return lookup ? byName(lookup, l.states) : undefined;
    default: return coords ?? (hash ? byHash(hash) : lookup ? byName(lookup, l.states) : undefined);
  }
}

function ends(field: Field | undefined): [number, number] {
  let min = Infinity;
  let max = -Infinity;
  for (const v of field?.values ?? []) {
    if (typeof v !== 'number' || !Number.isFinite(v)) continue;
    min = Math.min(min, v);
    max = Math.max(max, v);
  }
  return Number.isFinite(min) ? [min, max] : [0, 1];
}

/** A row's place between a dimension's ends. */
function scaled(d: Dimension, field: Field | undefined): (row: number) => number {
  if (!field) return () => d.fixed;
  const [low, high] = ends(field);
  return (row) => {
    const v = field.values[row];
    if (typeof v !== 'number' || !Number.isFinite(v)) return d.min;
    return d.min + (d.max - d.min) * (high > low ? (v - low) / (high - low) : 1);
  };
}

export function placeLayer(all: readonly Frame[], layer: MapLayer, theme: Theme, room = markersMax): Placed {
  const only = layer.refIds === '' ? null : readPattern(`/^(?:${layer.refIds})$/`);
  const frames = placeRows(only ? all.filter((f) => only.test(f.refId)) : all);
  const out: Placed = { markers: [], colorBy: undefined, ends: [0, 1], lost: 0, problem: undefined };
  let located = false;
  for (const frame of frames) {
    const where = locator(frame, layer.location);
    if (!where) continue;
    located = true;
    // Without a choice, colour follows the numbers that come with the places.
    const coordinates = new Set([named(frame, layer.location.latitude), named(frame, layer.location.longitude), first(frame, ['latitude', 'lat', 'y']), first(frame, ['longitude', 'lon', 'lng', 'long', 'x'])]);
    const fallback = layer.colorFixed === '' ? frame.fields.find((f) => f.type === 'number' && !coordinates.has(f)) : undefined;
    const colorBy = named(frame, layer.colorField) ?? fallback;
    const mode = colorBy?.config?.color?.mode ?? 'thresholds';
    const own = ends(colorBy);
    const [low, high] = [colorBy?.config?.min ?? own[0], colorBy?.config?.max ?? own[1]];
    out.colorBy ??= colorBy;
    if (out.colorBy === colorBy) out.ends = [low, high];
    const radius = scaled(layer.size, named(frame, layer.size.field));
    const weight = scaled(layer.weight, named(frame, layer.weight.field));
    const label = named(frame, layer.label.field);
    const fixed = resolveColor(layer.colorFixed === '' ? 'blue' : layer.colorFixed, theme);
    for (let row = 0; row < frame.length && out.markers.length < room; row += 1) {
      const place = where(row);
      if (!place) {
        out.lost += 1;
        continue;
      }
      const value = colorBy?.values[row] ?? null;
      const color = colorBy === undefined || value === null ? fixed
        : isContinuous(mode) && typeof value === 'number' ? scaleColor(mode, high > low ? (value - low) / (high - low) : 0, theme) : (colorBy.display?.(value).color ?? fixed);
      const words = label ? (label.display ? showValue(label.display(label.values[row] ?? null)) : String(label.values[row] ?? '')) : layer.label.fixed;
      out.markers.push({ frame, row, place, world: toWorld(place), radius: Math.min(200, Math.max(1, radius(row))), color, label: words, weight: Math.min(1, Math.max(0, weight(row))), name: place.name ?? '' });
    }
  }
  if (!located) out.problem = 'This data has no places: it needs the fields latitude and longitude, a geohash, or a country by code or name.';
  // The big ones first, so that they do not cover the small ones.
  out.markers.sort((a, b) => b.radius - a.radius);
  return out;
}
