/** labelsToFields: the labels of series as columns, or as rows of name and value. */
import { makeFrame, type Field, type Frame } from '../frame';
import { list, text } from '../json';
import { column, nameOf, type Options } from './fields';

export function labelsToFields(frames: readonly Frame[], options: Options): Frame[] {
  const keep = list(options['keepLabels']).map((k) => text(k));
  if (options['mode'] === 'rows') {
    return frames.flatMap((frame) => frame.fields.filter((f) => f.labels).flatMap((f) => {
      const names = keep.length > 0 ? keep : Object.keys(f.labels ?? {});
      if (names.length === 0) return [];
      return [makeFrame(frame.refId, [{ name: 'label', type: 'string', values: names }, { name: 'value', type: 'string', values: names.map((l) => f.labels?.[l] ?? null) }], { table: true, name: nameOf(f) })];
    }));
  }
  const valueLabel = text(options['valueLabel']);
  return frames.map((frame): Frame => {
    const found = new Map<string, Set<string>>();
    const fields = frame.fields.map((f): Field => {
      if (!f.labels) return f;
      let { name } = f;
      for (const [label, value] of Object.entries(f.labels)) {
        if (keep.length > 0 && !keep.includes(label)) continue;
        if (label === valueLabel) name = value;
        else found.set(label, (found.get(label) ?? new Set()).add(value));
      }
      const { displayName: _, ...given } = f.given ?? {};
      return { ...f, name, legend: undefined, labels: undefined, given };
    });
    for (const [label, values] of found) for (const value of values) fields.push({ name: label, type: 'string', values: column(frame.length, () => value) });
    return { ...frame, table: true, fields };
  });
}
