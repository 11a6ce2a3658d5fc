/** spatial: places out of coordinates or geohashes, and directions and distances between them. Points are GeoJSON as text. */
import type { Cell, Field, Frame } from '../frame';
import { isObject, list, number, object, text } from '../json';
import { column, findField, TransformError, type Options } from './fields';

type Point = readonly [longitude: number, latitude: number];
const alphabet = '0123456789bcdefghjkmnpqrstuvwxyz';

/** The middle of the cell a geohash names. */
export function geohash(hash: string): Point | undefined {
  const ranges: [number, number][] = [[-180, 180], [-90, 90]];
  let even = 0;
  if (hash === '') return undefined;
  for (const letter of hash.toLowerCase()) {
    const code = alphabet.indexOf(letter);
    if (code < 0) return undefined;
    for (let bit = 4; bit >= 0; bit -= 1) {
      const range = ranges[even] as [number, number];
      const middle = (range[0] + range[1]) / 2;
      range[code & (1 << bit) ? 0 : 1] = middle;
      even = 1 - even;
    }
  }
  const [x, y] = ranges as [[number, number], [number, number]];
  return [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2];
}

const latitudes = ['latitude', 'lat'];
const longitudes = ['longitude', 'lon', 'lng', 'long'];
const byWord = (frame: Frame, words: readonly string[]): Field | undefined => frame.fields.find((f) => words.includes(f.name.toLowerCase()));

/** The places of a frame's rows, by what the location says: coordinates, a geohash, or whichever is there. */
export function points(frame: Frame, location: Record<string, unknown>): (Point | undefined)[] | undefined {
  const mode = text(location['mode'], 'auto');
  if (mode === 'lookup') throw new TransformError('Places by name need a gazetteer, which is not here: use coordinates or geohashes.');
  const lat = findField(frame, text(location['latitude'])) ?? byWord(frame, latitudes);
  const lon = findField(frame, text(location['longitude'])) ?? byWord(frame, longitudes);
  if (mode !== 'geohash' && lat && lon) {
    return column(frame.length, (i) => {
      const x = number(lon.values[i]);
      const y = number(lat.values[i]);
      return x === undefined || y === undefined ? undefined : [x, y];
    });
  }
  const hash = mode === 'coords' ? undefined : (findField(frame, text(location['geohash'])) ?? byWord(frame, ['geohash']));
  if (hash) return hash.values.map((v) => geohash(String(v ?? '')));
  const made = frame.fields.find((f) => f.type === 'other' && f.values.some((v) => readPoint(v) !== undefined));
  return made?.values.map(readPoint);
}

/** The place in a cell of GeoJSON. */
export function readPoint(v: Cell): Point | undefined {
  if (typeof v !== 'string' || !v.startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(v);
    const at = list(isObject(parsed) && parsed['type'] === 'Point' ? parsed['coordinates'] : undefined);
    const x = number(at[0]);
    const y = number(at[1]);
    return x === undefined || y === undefined ? undefined : [x, y];
  } catch {
    return undefined;
  }
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres along the great circle. */
export function distance(a: Point, b: Point): number {
  const h = Math.sin(radians(b[1] - a[1]) / 2) ** 2 + Math.cos(radians(a[1])) * Math.cos(radians(b[1])) * Math.sin(radians(b[0] - a[0]) / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Direction from one place to another, in degrees from north. */
export function heading(a: Point, b: Point): number {
  const turn = radians(b[0] - a[0]);
  const y = Math.sin(turn) * Math.cos(radians(b[1]));
  const x = Math.cos(radians(a[1])) * Math.sin(radians(b[1])) - Math.sin(radians(a[1])) * Math.cos(radians(b[1])) * Math.cos(turn);
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
}

const metres: Record<string, number> = { m: 1, meters: 1, km: 1000, kilometers: 1000, mi: 1609.344, miles: 1609.344, ft: 0.3048 };

export function spatial(frames: readonly Frame[], options: Options): Frame[] {
  const action = text(options['action'], 'prepare');
  return frames.map((frame) => {
    const source = points(frame, object(options['source']));
    if (!source) return frame;
    const pointField: Field = { name: 'Point', type: 'other', values: source.map((p) => (p ? JSON.stringify({ type: 'Point', coordinates: p }) : null)) };
    if (action === 'prepare') return { ...frame, fields: [...frame.fields.filter((f) => f.name !== 'Point'), pointField] };
    const calc = text(object(options['calculate'])['calc'], 'heading');
    const target = isObject(options['modify']) && isObject(options['modify']['target']) ? points(frame, options['modify']['target']) : undefined;
    // Without a target each row looks on to the next one.
    const next = (i: number): Point | undefined => (target ? target[i] : (source[i + 1] ?? source[i]));
    const pair = (apply: (a: Point, b: Point) => number): Cell[] => source.map((a, i) => { const b = next(i); return a && b ? apply(a, b) : null; });
    if (calc === 'distance') {
      const unit = text(object(options['calculate'])['unit'], 'm');
      return { ...frame, fields: [...frame.fields, { name: 'distance', type: 'number', values: pair((a, b) => distance(a, b) / (metres[unit] ?? 1)), given: { unit: `suffix: ${unit}` } }] };
    }
    if (calc === 'heading') return { ...frame, fields: [...frame.fields, { name: 'heading', type: 'number', values: pair(heading), given: { unit: 'degree' } }] };
    throw new TransformError(`The calculation “${calc}” over shapes is not available: headings and distances between places are.`);
  });
}
