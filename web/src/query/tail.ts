/** A refresh asks only for the tail: what a panel holds of an answer, and how the new part is put onto it. */
import type { Have, SeriesFrame, TailFrame, WireValue } from '../api/query';

/** An answer that the server gave in whole, or that was put together since, and the tag it came with. */
export interface Held {
  frame: SeriesFrame;
  tag: string;
}

export function haveOf({ frame: { time }, tag }: Held): Have {
  return { from: time.t0, until: time.t0 + (time.n - 1) * time.step, tag };
}

/** The server's order of label sets: by the first name that differs, else by its value, else the shorter one first. */
export function compareLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): number {
  const [left, right] = [a, b].map((labels) => Object.entries(labels).sort(([m], [n]) => (m < n ? -1 : 1)));
  for (let i = 0; i < (left?.length ?? 0); i += 1) {
    const [mine, theirs] = [left?.[i], right?.[i]];
    if (!mine || !theirs) return 1;
    if (mine[0] !== theirs[0]) return mine[0] < theirs[0] ? -1 : 1;
    if (mine[1] !== theirs[1]) return mine[1] < theirs[1] ? -1 : 1;
  }
  return (left?.length ?? 0) - (right?.length ?? 0);
}

/**
 * The whole answer of now: points before the tail from what is held, the rest from the tail. A series that has no point left is
 * gone, a new one stands where the server would have put it. Undefined when the two do not touch. Cost: one copy of the points.
 */
export function appendTail(held: SeriesFrame, tail: TailFrame): SeriesFrame | undefined {
  const { step } = tail.time;
  const dropped = (tail.from - held.time.t0) / step;
  const kept = (tail.time.t0 - tail.from) / step;
  if (step !== held.time.step || !Number.isInteger(dropped) || !Number.isInteger(kept) || dropped < 0 || kept < 0 || dropped + kept > held.time.n) return undefined;
  const fresh = new Map(tail.series.map((s) => [JSON.stringify(s.labels), s]));
  const gap = (n: number): WireValue[] => Array.from<WireValue>({ length: n }).fill(null);
  const series = held.series.flatMap((s) => {
    const key = JSON.stringify(s.labels);
    const more = fresh.get(key);
    fresh.delete(key);
    const before = s.values.slice(dropped, dropped + kept);
    if (!more && before.every((v) => v === null)) return [];
    return [{ ...s, values: before.concat(more?.values ?? gap(tail.time.n)) }];
  });
  if (fresh.size > 0) {
    series.push(...[...fresh.values()].map((s) => ({ ...s, values: gap(kept).concat(s.values) })));
    series.sort((a, b) => compareLabels(a.labels, b.labels));
  }
  return { kind: 'series', time: { t0: tail.from, step, n: kept + tail.time.n }, series };
}

/** Points of a frame that have a value. */
export const countValues = (frame: SeriesFrame): number => frame.series.reduce((sum, s) => sum + s.values.reduce<number>((n, v) => n + (v === null ? 0 : 1), 0), 0);
