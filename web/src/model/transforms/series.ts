/** Transformations between series and tables: prepareTimeSeries, timeSeriesTable. */
import { makeFrame, timeField, valueFields, type Field, type Frame } from '../frame';
import { flag, object, text } from '../json';
import { reducer, reduceField } from '../reduce';
import { groupRows } from './group';
import { nameOf, pickRows, type Options } from './fields';
import { joinByField } from './join';

/** A table of times, words and numbers: every set of words becomes a series. */
function fromLong(frame: Frame): Frame[] {
  const time = timeField(frame);
  const words = frame.fields.filter((f) => f.type === 'string' || f.type === 'boolean');
  if (!time) return [];
  if (words.length === 0) return valueFields(frame).map((f) => makeFrame(frame.refId, [time, f], { name: frame.name }));
  return groupRows(frame, words).flatMap((rows) => {
    const part = pickRows(frame, [...rows].sort((a, b) => Number(time.values[a]) - Number(time.values[b])));
    const labels = Object.fromEntries(words.map((w) => [w.name, String(w.values[rows[0] ?? 0] ?? '')]));
    const own = timeField(part);
    return own ? valueFields(part).map((f) => makeFrame(frame.refId, [own, { ...f, legend: undefined, labels: { ...f.labels, ...labels } }], { name: frame.name })) : [];
  });
}

export function prepareTimeSeries(frames: readonly Frame[], options: Options): Frame[] {
  const many = frames.flatMap(fromLong);
  const format = text(options['format'], 'wide');
  if (format === 'multi' || format === 'many') return many;
  if (format === 'wide') return many.length > 1 ? joinByField(many, {}).map((f) => ({ ...f, table: undefined })) : many;
  // Long: one table, labels as columns, in order of time.
  const labels = [...new Set(many.flatMap((f) => f.fields.flatMap((x) => Object.keys(x.labels ?? {}))))].filter((l) => l !== '__name__').sort();
  const names = [...new Set(many.flatMap((f) => valueFields(f).map((x) => x.name)))];
  const rows = many.flatMap((f) => {
    const time = timeField(f);
    const value = valueFields(f)[0];
    return time && value ? time.values.map((t, i) => ({ t, value, at: value.values[i] ?? null })) : [];
  }).sort((a, b) => Number(a.t) - Number(b.t));
  return [makeFrame(frames[0]?.refId ?? 'A', [
    { name: 'Time', type: 'time', values: rows.map((r) => r.t) },
    ...names.map((name): Field => ({ name, type: 'number', values: rows.map((r) => (r.value.name === name ? r.at : null)) })),
    ...labels.map((l): Field => ({ name: l, type: 'string', values: rows.map((r) => r.value.labels?.[l] ?? '') })),
  ], { table: true })];
}

/** One row a series: its labels, and its course as a small line with one number. */
export function timeSeriesTable(frames: readonly Frame[], options: Options): Frame[] {
  const byRef = new Map<string, { frame: Frame; time: Field; value: Field }[]>();
  const untouched: Frame[] = [];
  for (const frame of frames) {
    const time = timeField(frame);
    const values = valueFields(frame);
    if (!time || values.length === 0 || frame.table) {
      untouched.push(frame);
      continue;
    }
    for (const value of values) byRef.set(frame.refId, [...(byRef.get(frame.refId) ?? []), { frame, time, value }]);
  }
  const made = [...byRef].map(([refId, rows]): Frame => {
    const o = object(options[refId]);
    const stat = reducer(text(o['stat'])) ? text(o['stat']) : 'lastNotNull';
    const labels = [...new Set(rows.flatMap((r) => Object.keys(r.value.labels ?? {})))].filter((l) => l !== '__name__').sort();
    const trend: Field = {
      name: 'Trend', legend: byRef.size > 1 ? `Trend #${refId}` : 'Trend', type: 'frame',
      values: rows.map((r) => reduceField(r.value, stat)),
      inner: rows.map((r) => [makeFrame(refId, [r.time, r.value])]),
    };
    const named = labels.length === 0;
    return makeFrame(refId, [
      ...(named ? [{ name: 'Name', type: 'string', values: rows.map((r) => nameOf(r.value)) } satisfies Field] : []),
      ...labels.map((l): Field => ({ name: l, type: 'string', values: rows.map((r) => r.value.labels?.[l] ?? null) })),
      trend,
      ...(flag(o['inlineStat']) ? [{ name: `${trend.legend} ${reducer(stat)?.label ?? stat}`, type: 'number', values: trend.values } satisfies Field] : []),
    ], { table: true });
  });
  return [...made, ...untouched];
}

