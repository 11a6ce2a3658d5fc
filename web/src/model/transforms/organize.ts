/** organize: hides, renames and orders columns by name. */
import type { Field, Frame } from '../frame';
import { object } from '../json';

export function organize(frames: readonly Frame[], options: Record<string, unknown>): Frame[] {
  const exclude = object(options['excludeByName']);
  const include = object(options['includeByName']);
  const rename = object(options['renameByName']);
  const order = object(options['indexByName']);
  const chosen = Object.values(include).some((v) => v === true);
  const nameOf = (f: Field): string => f.legend ?? f.name;
  const place = (f: Field): number => {
    const at = order[nameOf(f)] ?? order[f.name];
    return typeof at === 'number' ? at : Number.MAX_SAFE_INTEGER;
  };
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields
      .filter((f) => exclude[nameOf(f)] !== true && exclude[f.name] !== true && (!chosen || include[nameOf(f)] === true || include[f.name] === true))
      .map((f, i) => ({ f, i }))
      .sort((a, b) => place(a.f) - place(b.f) || a.i - b.i)
      .map(({ f }): Field => {
        const to = rename[nameOf(f)] ?? rename[f.name];
        return typeof to === 'string' && to !== '' ? { ...f, name: to, legend: undefined, labels: undefined } : f;
      }),
  }));
}
