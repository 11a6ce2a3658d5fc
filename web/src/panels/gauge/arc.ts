/** Geometry of a gauge: an arc of 240 degrees, open at the bottom, in a box of 200 wide. */
const sweep = (240 * Math.PI) / 180;
const start = Math.PI / 2 + (2 * Math.PI - sweep) / 2;
const centre = { x: 100, y: 100 };

/** Point at a share of 0 to 1 of the arc. */
function point(share: number, radius: number): string {
  const angle = start + sweep * share;
  return `${(centre.x + Math.cos(angle) * radius).toFixed(2)} ${(centre.y + Math.sin(angle) * radius).toFixed(2)}`;
}

/** Path of the arc between two shares; empty when nothing is between them. */
export function arcPath(from: number, to: number, radius: number): string {
  const a = Math.min(1, Math.max(0, from));
  const b = Math.min(1, Math.max(0, to));
  if (b - a < 1e-4) return '';
  const large = (b - a) * sweep > Math.PI ? 1 : 0;
  return `M${point(a, radius)}A${radius} ${radius} 0 ${large} 1 ${point(b, radius)}`;
}
