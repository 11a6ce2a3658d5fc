/** The map's other layers as lines: routes through the rows of a frame, and GeoJSON of this very site. Pure but for the loading. */
import { resolveColor, type Theme } from '../../model/color/names';
import type { Frame } from '../../model/frame';
import { isObject, list, number, object, text } from '../../model/json';
import type { Marker } from './locate';
import { toWorld, type World } from './mercator';
import type { MapLayer } from './options';
import { unwrapped, type Line } from './outline';
import type { WorldMap } from './world';

export interface Shape {
  lines: Line[];
  points: World[];
  /** Filled, not only drawn along. */
  closed: boolean;
  color: string;
  width: number;
  opacity: number;
}

/** A line for each frame, through its places in the order of its rows. */
export function routes(markers: readonly Marker[], layer: MapLayer, theme: Theme): Shape[] {
  const byFrame = new Map<Frame, Marker[]>();
  for (const m of markers) {
    const of = byFrame.get(m.frame);
    if (of) of.push(m);
    else byFrame.set(m.frame, [m]);
  }
  return [...byFrame.values()].map((of): Shape => {
    const ordered = of.sort((a, b) => a.row - b.row);
    return {
      lines: ordered.length < 2 ? [] : unwrapped(ordered.map((m) => [m.place.lon, m.place.lat])), points: [], closed: false,
      color: layer.colorFixed === '' ? (ordered.at(-1)?.color ?? '#888888') : resolveColor(layer.colorFixed, theme), width: Math.min(20, Math.max(1, layer.size.fixed / 2)), opacity: layer.opacity,
    };
  });
}

/** Positions read of one file. */
const positionsMax = 300_000;
const bytesMax = 8 << 20;

export type GeoFile = { features: { geometry: unknown; properties: Record<string, unknown> }[] };

export function readGeoJson(source: unknown): GeoFile {
  const root = object(source);
  const features = root['type'] === 'FeatureCollection' ? list(root['features']) : root['type'] === 'Feature' ? [root] : isObject(root['coordinates']) || Array.isArray(root['coordinates']) ? [{ type: 'Feature', geometry: root, properties: {} }] : undefined;
  if (!features) throw new Error('the file is no GeoJSON');
  return { features: features.map(object).map((f) => ({ geometry: f['geometry'], properties: object(f['properties']) })) };
}

interface Flat {
  rings: number[][][];
  points: number[][];
  closed: boolean;
}
const isPosition = (v: unknown): v is number[] => Array.isArray(v) && typeof v[0] === 'number' && typeof v[1] === 'number' && Number.isFinite(v[0]) && Number.isFinite(v[1]);
const positions = (v: unknown): number[][] => list(v).filter(isPosition);

function flat(geometry: unknown): Flat[] {
  const g = object(geometry);
  const c = g['coordinates'];
  switch (g['type']) {
    case 'Point': return isPosition(c) ? [{ rings: [], points: [c], closed: false }] : [];
    case 'MultiPoint': return [{ rings: [], points: positions(c), closed: false }];
    case 'LineString': return [{ rings: [positions(c)], points: [], closed: false }];
    case 'MultiLineString': return [{ rings: list(c).map(positions), points: [], closed: false }];
    case 'Polygon': return [{ rings: list(c).map(positions), points: [], closed: true }];
    case 'MultiPolygon': return [{ rings: list(c).flatMap((p) => list(p).map(positions)), points: [], closed: true }];
    case 'GeometryCollection': return list(g['geometries']).slice(0, 1000).flatMap(flat);
    default: return [];
  }
}

/** Whether a feature is one that a rule means. */
function passes(check: Record<string, unknown>, properties: Record<string, unknown>): boolean {
  const value = properties[text(check['property'])];
  const wanted = check['value'];
  const [a, b] = [Number(value), Number(wanted)];
  const same = value !== undefined && String(value) === String(wanted ?? '');
  switch (text(check['operation'], 'eq')) {
    case 'ne': return !same;
    case 'lt': return a < b;
    case 'lte': return a <= b;
    case 'gt': return a > b;
    case 'gte': return a >= b;
    default: return same;
  }
}

/** The shapes of a file, each in the style of the first rule that means it. */
export function geoShapes(file: GeoFile, layer: MapLayer, theme: Theme): { shapes: Shape[]; cut: boolean } {
  let room = positionsMax;
  const shapes: Shape[] = [];
  for (const feature of file.features) {
    const rule = layer.rules.find((r) => passes(r.check, feature.properties));
    const style = object(rule?.style);
    const named = text(object(style['color'])['fixed'] ?? style['color']) || layer.colorFixed;
    for (const part of flat(feature.geometry)) {
      room -= part.points.length + part.rings.reduce((n, r) => n + r.length, 0);
      if (room < 0) return { shapes, cut: true };
      shapes.push({
        lines: part.rings.filter((r) => r.length > 1).flatMap(unwrapped), points: part.points.map(([lon = 0, lat = 0]) => toWorld({ lon, lat })), closed: part.closed,
        color: resolveColor(named === '' ? 'blue' : named, theme), width: Math.min(20, Math.max(0.5, number(object(style['size'])['fixed']) ?? layer.lineWidth)), opacity: Math.min(1, Math.max(0, number(style['opacity']) ?? layer.opacity)),
      });
    }
  }
  return { shapes, cut: false };
}

const outlines = new WeakMap<WorldMap, Line[]>();
function outlineOf(map: WorldMap): Line[] {
  const lines = outlines.get(map) ?? [...map.land, ...map.borders];
  outlines.set(map, lines);
  return lines;
}

/** The countries of the built-in map. */
export const worldShape = (map: WorldMap, layer: MapLayer, theme: Theme): Shape =>
  ({ lines: outlineOf(map), points: [], closed: false, color: resolveColor(layer.colorFixed === '' ? 'text' : layer.colorFixed, theme), width: layer.lineWidth, opacity: layer.opacity });

/** What a layer's `src` means: the built-in outline, a file of this site, or an address that is not asked. */
export function geoSource(src: string): { kind: 'world' } | { kind: 'file'; url: string } | { kind: 'refused' } {
  if (src === '' || /(^|\/)countries\.geojson$/.test(src)) return { kind: 'world' };
  const url = src.startsWith('public/') ? `/${src}` : src;
  return /^\/(?![/\\])/.test(url) ? { kind: 'file', url } : { kind: 'refused' };
}

const loaded = new Map<string, Promise<GeoFile>>();
const filesMax = 20;

/** Loaded once for all maps of the page; what failed is tried again next time. */
export function loadGeoJson(url: string): Promise<GeoFile> {
  const known = loaded.get(url);
  if (known) return known;
  const asked = fetch(url, { credentials: 'same-origin' }).then(async (answer) => {
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
    const words = await answer.text();
    if (words.length > bytesMax) throw new Error(`${url} is larger than ${bytesMax >> 20} MiB`);
    return readGeoJson(JSON.parse(words));
  });
  if (loaded.size >= filesMax) loaded.clear();
  loaded.set(url, asked);
  asked.catch(() => loaded.delete(url));
  return asked;
}
