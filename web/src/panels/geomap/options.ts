/** Options of the map: layers, where they find their places, the view. Read from the dashboard's JSON. */
import { flag, list, number, object, oneOf, text } from '../../model/json';
import type { Options } from '../types';
import { toWorld, zoomMax, type MapView } from './mercator';

export type Shape = 'circle' | 'square' | 'triangle' | 'star' | 'cross' | 'x';
/** A size or a colour: fixed, or by a field between two ends. */
export interface Dimension {
  fixed: number;
  field: string;
  min: number;
  max: number;
}
export interface MapLayer {
  name: string;
  type: string;
  refIds: string;
  location: { mode: 'auto' | 'coords' | 'geohash' | 'lookup'; latitude: string; longitude: string; geohash: string; lookup: string; states: boolean };
  size: Dimension;
  colorField: string;
  colorFixed: string;
  opacity: number;
  shape: Shape;
  label: { field: string; fixed: string };
  legend: boolean;
  weight: Dimension;
  radius: number;
  blur: number;
  /** Routes: 1 along the rows, -1 against them, 0 for none. */
  arrow: -1 | 0 | 1;
  /** GeoJSON: the file, the lines' width, and styles by properties. */
  src: string;
  lineWidth: number;
  rules: { check: Record<string, unknown>; style: unknown }[];
}

function dimension(v: unknown, fixed: number, min: number, max: number): Dimension {
  const o = object(v);
  return { fixed: number(o['fixed']) ?? number(v) ?? fixed, field: text(o['field']), min: Math.max(0, number(o['min']) ?? min), max: Math.min(200, number(o['max']) ?? max) };
}

const shapes: readonly Shape[] = ['circle', 'square', 'triangle', 'star', 'cross', 'x'];
/** `img/icons/marker/circle.svg` and such; `x-mark` and `plane` have near relatives. */
function shapeOf(v: unknown): Shape {
  const name = /([\w-]+)(\.svg)?$/.exec(text(object(v)['fixed'] ?? v))?.[1] ?? '';
  return name === 'x-mark' ? 'x' : name === 'plane' ? 'triangle' : oneOf(name, shapes, 'circle');
}

export function readLayer(v: unknown): MapLayer {
  const o = object(v);
  const config = object(o['config']);
  const style = object(config['style'] ?? config);
  const l = object(o['location']);
  const label = object(style['text']);
  return {
    name: text(o['name']), type: text(o['type'], 'markers'), refIds: text(object(o['filterData'])['options']),
    location: {
      mode: oneOf(l['mode'], ['auto', 'coords', 'geohash', 'lookup'] as const, 'auto'), latitude: text(l['latitude']), longitude: text(l['longitude']),
      geohash: text(l['geohash']), lookup: text(l['lookup']), states: text(l['gazetteer']).includes('usa-states'),
    },
    size: dimension(style['size'], 5, 2, 15), colorField: text(object(style['color'])['field']), colorFixed: text(object(style['color'])['fixed'] ?? (typeof style['color'] === 'string' ? style['color'] : '')),
    opacity: Math.min(1, Math.max(0, number(style['opacity'] ?? config['fillOpacity']) ?? 0.4)), shape: shapeOf(style['symbol'] ?? config['shape']),
    label: { field: text(label['field']), fixed: label['mode'] === 'fixed' ? text(label['fixed']) : '' }, legend: flag(config['showLegend'], true),
    weight: dimension(config['weight'], 1, 0, 1), radius: Math.min(100, Math.max(1, number(config['radius']) ?? 5)), blur: Math.min(100, Math.max(0, number(config['blur']) ?? 15)),
    arrow: config['arrow'] === 1 ? 1 : config['arrow'] === -1 ? -1 : 0, src: text(config['src']), lineWidth: number(object(style['size'])['fixed']) ?? 1,
    rules: list(config['rules']).slice(0, 100).map(object).map((r) => ({ check: object(r['check']), style: r['style'] })),
  };
}

/** The layers of the panel; without any, markers where the data can be placed. */
export function readLayers(options: Options): MapLayer[] {
  const layers = list(options['layers']).slice(0, 20).map(readLayer);
  return layers.length > 0 ? layers : [readLayer({ type: 'markers' })];
}

const regions: Record<string, [number, number, number]> = {
  'north-america': [40, -100, 4], 'south-america': [-20, -60, 4], oceania: [-27, 141, 4], 'west-asia': [26, 53, 5], 's-asia': [20, 77, 5], 'se-asia': [10, 106, 5], 'e-asia': [36, 115, 4], europe: [52, 10, 4.2],
  africa: [4, 20, 3.4], 'n-africa': [29, 10, 5], 'west-africa': [8, -3, 5], 'ce-africa': [6, 35, 5], 'south-africa': [-24, 27, 5],
};

/** The view the panel asks for: a place, or `fit` (the data), or `world`. */
export function wantedView(options: Options): MapView | 'fit' | 'world' {
  const view = object(options['view']);
  const id = text(view['id'], 'zero');
  if (id === 'fit') return 'fit';
  const region = regions[id];
  if (region) return { center: toWorld({ lat: region[0], lon: region[1] }), zoom: Math.max(0, region[2] - 1) };
  if (id !== 'coords') return 'world';
  const zoom = Math.min(zoomMax, Math.max(0, number(view['zoom']) ?? 1));
  return { center: toWorld({ lat: number(view['lat']) ?? 0, lon: number(view['lon']) ?? 0 }), zoom };
}

/** How close a fitted view may come. */
export const closestFit = (options: Options): number => Math.min(zoomMax, Math.max(0, number(object(options['view'])['zoom']) ?? 6));

/** Address of raster tiles, where the panel names one of this very site; other hosts are never asked. */
export function tileAddress(options: Options): { url: string | undefined; refused: string } {
  const basemap = object(options['basemap']);
  const url = text(object(basemap['config'])['url']);
  if (basemap['type'] !== 'xyz' || url === '') return { url: undefined, refused: '' };
  return /^\/(?![/\\])/.test(url) && url.includes('{z}') ? { url, refused: '' } : { url: undefined, refused: url };
}
