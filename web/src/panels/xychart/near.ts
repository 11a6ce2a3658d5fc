/** Which point is near: each series is sorted along x once, and then looked into by halving. Pure. */
import type { XyPoint, XySeries } from './model';

/** Points along x; those of one x stay in the order of their rows. */
type AlongX = readonly XyPoint[];

/** The order is made when somebody points at a series, once per answer: a new answer brings new series. */
export class XyOrder {
  private readonly made = new WeakMap<XySeries, AlongX>();

  of(series: XySeries): AlongX {
    let found = this.made.get(series);
    if (!found) {
      const { points } = series;
      // Points over time come in order.
      found = points.every((p, i) => i === 0 || (points[i - 1]?.x ?? p.x) <= p.x) ? points : [...points].sort((a, b) => a.x - b.x);
      this.made.set(series, found);
    }
    return found;
  }
}

/** How many points lie before `x`. Cost: O(log n). */
function countBelow(points: AlongX, x: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.x ?? Infinity) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The point whose x is next to the given one; of several the one whose row comes first. Cost: O(log n). */
export function nearestAlong(points: AlongX, x: number): XyPoint | undefined {
  const at = countBelow(points, x);
  const after = points[at];
  const last = points[at - 1];
  const before = last && points[countBelow(points, last.x)];
  if (!before || !after) return before ?? after;
  const [left, right] = [x - before.x, after.x - x];
  if (left === right) return before.row < after.row ? before : after;
  return left < right ? before : after;
}

/** The points between two x, both included. Cost: O(log n), and a copy of what is found. */
export const within = (points: AlongX, from: number, to: number): AlongX => {
  const first = countBelow(points, from);
  let end = countBelow(points, to);
  while (points[end]?.x === to) end += 1;
  return points.slice(first, end);
};
