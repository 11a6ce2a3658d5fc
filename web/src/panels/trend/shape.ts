/** Which field is the x axis of a trend, and the frames laid along it. Pure. */
import { valueFields, type Cell, type Field, type Frame } from '../../model/frame';
import { text } from '../../model/json';
import type { Options } from '../types';

interface Trend {
  frames: Frame[];
  x: Field | undefined;
  problem: string | undefined;
}

/** A word that is a number counts as one: labels are words. */
const asNumber = (v: Cell | undefined): number => (typeof v === 'number' ? v : typeof v === 'string' && v.trim() !== '' ? Number(v) : NaN);

function xOf(frame: Frame, wanted: string): Field | undefined {
  if (wanted === '') return valueFields(frame)[0];
  const named = frame.fields.find((f) => f.title === wanted || f.name === wanted);
  return named && named.type !== 'time' && named.values.some((v) => Number.isFinite(asNumber(v))) ? named : undefined;
}

/** Rows in the order of x, with x marked as the frame's time, for the chart measures along that. */
function along(frame: Frame, x: Field): Frame {
  const at = x.values.map(asNumber);
  const order = at.map((_, i) => i).filter((i) => Number.isFinite(at[i])).sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0)).filter((i, n, all) => n === 0 || at[i] !== at[all[n - 1] ?? -1]);
  const fields = frame.fields.filter((f) => f !== x && f.type === 'number').map((f): Field => ({ ...f, values: order.map((i) => f.values[i] ?? null) }));
  return { ...frame, length: order.length, fields: [{ ...x, type: 'time', values: order.map((i) => at[i] ?? 0) }, ...fields] };
}

export function trendFrames(frames: readonly Frame[], options: Options): Trend {
  const wanted = text(options['xField']);
  const found = frames.map((frame) => ({ frame, x: xOf(frame, wanted) })).filter((f): f is { frame: Frame; x: Field } => f.x !== undefined);
  const laid = found.map(({ frame, x }) => along(frame, x)).filter((f) => f.fields.length > 1 && f.length > 0);
  if (laid.length > 0) return { frames: laid, x: found[0]?.x, problem: undefined };
  const problem = found.length === 0
    ? wanted === '' ? 'A trend is drawn along a field of numbers, and this data has none.' : `The field “${wanted}”, the x axis of this panel, is not in the data or holds no numbers.`
    : `Besides “${found[0]?.x.title ?? found[0]?.x.name ?? ''}”, the x axis, this data has no field of numbers to draw.`;
  return { frames: [], x: undefined, problem };
}
