/** reduce: one row per series with its calculations, or one value per field. */
import { makeFrame, type Cell, type Field, type FieldType, type Frame } from '../frame';
import { flag, isObject, list, text } from '../json';
import { makeMatcher, type Matcher } from '../fieldconfig/matchers';
import { reduceField, reducer } from '../reduce';
import { joinedRefId, nameOf, type Options } from './fields';
import { reducedType } from './group';

const typeOf = (values: readonly Cell[]): FieldType => {
  const v = values.find((x) => x !== null && x !== undefined);
  return typeof v === 'string' ? 'string' : typeof v === 'boolean' ? 'boolean' : 'number';
};

export function reduce(frames: readonly Frame[], options: Options): Frame[] {
  const asked = Array.isArray(options['reducers']) ? list(options['reducers']).map((c) => text(c)) : ['max'];
  const calcs = asked.filter((c) => reducer(c) !== undefined);
  if (calcs.length === 0) return [...frames];
  const perField = options['mode'] === 'reduceFields';
  const matches: Matcher = isObject(options['fields']) ? makeMatcher(options['fields']) : perField && flag(options['includeTimeField']) ? () => true : (f) => f.type !== 'time';
  const chosen = (frame: Frame): Field[] => frame.fields.filter((f) => matches(f, frame, nameOf(f)));
  if (perField) {
    return frames.flatMap((frame) => {
      const fields = chosen(frame).flatMap((f) => calcs.map((c): Field => ({
        ...f, type: ['first', 'last', 'firstNotNull', 'lastNotNull'].includes(c) ? f.type : reducedType(c, 'number'), values: [reduceField(f, c)],
        ...(calcs.length > 1 ? { labels: { ...f.labels, reducer: reducer(c)?.label ?? c }, given: { ...f.given, displayName: `${nameOf(f)} ${reducer(c)?.label ?? c}` } } : {}),
      })));
      return fields.length > 0 ? [makeFrame(frame.refId, fields, { name: frame.name })] : [];
    });
  }
  const rows = frames.flatMap((frame) => chosen(frame).map((field) => field));
  if (frames.length === 0) return [];
  const withLabels = flag(options['labelsToFields']);
  const labels = withLabels ? [...new Set(frames.flatMap((frame) => frame.fields.flatMap((f) => Object.keys(f.labels ?? {}))))] : [];
  const fields: Field[] = [
    { name: 'Field', type: 'string', values: rows.map((f) => (withLabels ? f.name : nameOf(f))) },
    ...labels.map((l): Field => ({ name: l, type: 'string', values: rows.map((f) => f.labels?.[l] ?? null) })),
    ...calcs.map((c): Field => {
      const values = rows.map((f) => reduceField(f, c));
      return { name: reducer(c)?.label ?? c, type: typeOf(values), values };
    }),
  ];
  return [makeFrame(joinedRefId('reduce', frames), fields, { table: true })];
}
