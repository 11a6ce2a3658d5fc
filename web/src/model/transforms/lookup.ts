/** fieldLookup: columns about the place a cell names. Only what can be told without a gazetteer's file: airports and countries come with none. */
import type { Frame } from '../frame';
import { text } from '../json';
import { findField, TransformError, type Options } from './fields';
import { geohash } from './spatial';

/** A geohash tells its place by itself; every other name would need a list of places. */
export function fieldLookup(frames: readonly Frame[], options: Options): Frame[] {
  const name = text(options['lookupField']);
  const gazetteer = text(options['gazetteer']);
  return frames.map((frame) => {
    const field = findField(frame, name);
    if (!field) return frame;
    const found = field.values.map((v) => geohash(String(v ?? '')));
    const words = field.values.filter((v) => v !== null).length;
    if (gazetteer !== 'geohash' || words === 0) throw new TransformError(`the list of places “${gazetteer || 'countries'}” is not part of this server.`);
    return {
      ...frame, fields: [...frame.fields,
        { name: 'lon', type: 'number', values: found.map((p) => p?.[0] ?? null) },
        { name: 'lat', type: 'number', values: found.map((p) => p?.[1] ?? null) }],
    };
  });
}
