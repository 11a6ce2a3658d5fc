/** One line of the map in the projection's world, with the box it lies in. Pure. */
import { toWorld } from './mercator';

export interface Line {
  /** x and y in turn, 0 to 1; a line over the date line goes beyond. */
  points: Float64Array;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function shifted(line: Line, by: number): Line {
  return { ...line, points: line.points.map((v, i) => (i % 2 === 0 ? v + by : v)), left: line.left + by, right: line.right + by };
}

/** The line without the jump at the date line; where it crosses that, once on each side of the map. */
export function unwrapped(positions: readonly number[][]): Line[] {
  const out: Line = { points: new Float64Array(positions.length * 2), left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  let turn = 0;
  let before: number | undefined;
  positions.forEach(([lon = 0, lat = 0], i) => {
    const p = toWorld({ lon, lat });
    if (before !== undefined && Math.abs(p.x - before) > 0.5) turn += p.x > before ? -1 : 1;
    before = p.x;
    const x = p.x + turn;
    out.points[i * 2] = x;
    out.points[i * 2 + 1] = p.y;
    out.left = Math.min(out.left, x);
    out.right = Math.max(out.right, x);
    out.top = Math.min(out.top, p.y);
    out.bottom = Math.max(out.bottom, p.y);
  });
  const edge = 1e-6;
  if (out.right > 1 + edge) return [out, shifted(out, -1)];
  return out.left < -edge ? [out, shifted(out, 1)] : [out];
}
