/** Names of series whose query names none: by the one label that tells them apart, where there is only one. Pure. */
import { writtenOut, type Field, type Frame, type Labels } from './frame';

/**
 * Whether `name`, as the server gives it, is the series itself written out although the query asked for a name: "auto", or a format
 * of labels it does not have. A query without any format asks for the series written out.
 */
export const isUnnamed = (name: string, labels: Labels, legendFormat: string): boolean =>
  legendFormat !== '' && Object.keys(labels).length > 0 && name === writtenOut(labels);

/** The only label that any series of a panel has; undefined when there are several, or none. */
function onlyLabel(frames: readonly Frame[]): string | undefined {
  let only: string | undefined;
  for (const { fields } of frames) {
    for (const { type, labels } of fields) {
      if (type !== 'number' || labels === undefined) continue;
      for (const label of Object.keys(labels)) {
        only ??= label;
        if (label !== only) return undefined;
      }
    }
  }
  return only;
}

/** Gives unnamed series the value of their only label: `a` instead of `{job="a"}`. The same frames where there is nothing to do. */
export function nameSeries(frames: Frame[]): Frame[] {
  if (!frames.some((f) => f.fields.some((field) => field.unnamed))) return frames;
  const label = onlyLabel(frames);
  if (label === undefined) return frames;
  const named = (field: Field): Field => (field.unnamed && field.labels?.[label] ? { ...field, legend: field.labels[label] } : field);
  return frames.map((frame) => {
    const fields = frame.fields.map(named);
    const legend = fields.find((f) => f.unnamed)?.legend;
    return legend === undefined ? frame : { ...frame, name: legend, fields };
  });
}
