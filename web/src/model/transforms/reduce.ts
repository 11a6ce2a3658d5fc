/** reduce: one row per series with its calculations, or one value per field. */
import { guessType, makeFrame, type Field, type Frame } from '../frame';
import { flag, list, text } from '../json';
import { reduceField, reducer } from '../reduce';

export function reduce(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const calcs = list(options['reducers']).map((c) => text(c)).filter((c) => reducer(c) !== undefined);
  const wanted = calcs.length > 0 ? calcs : ['max'];
  const numeric = frames.flatMap((frame) => frame.fields.filter((f) => f.type === 'number').map((field) => ({ frame, field })));
  if (options['mode'] === 'reduceFields') {
    return frames.map((frame) => makeFrame(frame.refId, frame.fields.filter((f) => f.type === 'number').flatMap((f) => wanted.map((c): Field => ({
      ...f, name: wanted.length > 1 ? `${f.name} ${reducer(c)?.label ?? c}` : f.name, values: [reduceField(f, c)],
    }))), { name: frame.name }));
  }
  const labels = flag(options['labelsToFields']) ? [...new Set(numeric.flatMap(({ field }) => Object.keys(field.labels ?? {})))].sort() : [];
  const fields: Field[] = [
    { name: 'Field', type: 'string', values: numeric.map(({ field }) => (labels.length > 0 ? field.name : (field.legend ?? field.name))) },
    ...labels.map((l): Field => ({ name: l, type: 'string', values: numeric.map(({ field }) => field.labels?.[l] ?? null) })),
    ...wanted.map((c): Field => {
      const values = numeric.map(({ field }) => reduceField(field, c));
      return { name: reducer(c)?.label ?? c, type: guessType(values) === 'boolean' ? 'boolean' : 'number', values };
    }),
  ];
  return [makeFrame(frames[0]?.refId ?? 'A', fields, { table: true })];
}
