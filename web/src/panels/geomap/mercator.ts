/** The projection (Web Mercator): degrees to a world of 0 to 1 and back, views, geohashes, distances. Pure. */
export interface LonLat {
  lon: number;
  lat: number;
}
export interface World {
  x: number;
  y: number;
}
/** What is in the middle, and how far in: at zoom 0 the world is 256 pixels wide, each level doubles it. */
export interface MapView {
  center: World;
  zoom: number;
}
export const tileSize = 256;
export const zoomMax = 18;
/** The projection ends here; beyond lies infinity. */
const latMax = 85.0511;

export function toWorld({ lon, lat }: LonLat): World {
  const s = Math.sin((Math.max(-latMax, Math.min(latMax, lat)) * Math.PI) / 180);
  return { x: (lon + 180) / 360, y: 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI) };
}

export const toLonLat = ({ x, y }: World): LonLat => ({ lon: x * 360 - 180, lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI });
export const worldPixels = (zoom: number): number => tileSize * 2 ** zoom;

/** The view that shows all points with some room around; one point alone is not looked at too closely. */
export function fitView(points: readonly World[], width: number, height: number, closest: number, padding = 0.12): MapView | undefined {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const p of points) {
    left = Math.min(left, p.x);
    right = Math.max(right, p.x);
    top = Math.min(top, p.y);
    bottom = Math.max(bottom, p.y);
  }
  if (!Number.isFinite(left)) return undefined;
  const scale = Math.min(width / Math.max(1e-9, right - left), height / Math.max(1e-9, bottom - top)) * (1 - 2 * padding);
  return { center: { x: (left + right) / 2, y: (top + bottom) / 2 }, zoom: Math.max(0, Math.min(closest, Math.log2(scale / tileSize))) };
}

/** The inhabited world. */
export const wholeWorld = (width: number, height: number): MapView => fitView([toWorld({ lon: -168, lat: 76 }), toWorld({ lon: 180, lat: -54 })], width, height, 4, 0.01) ?? { center: { x: 0.5, y: 0.5 }, zoom: 0 };

/** The middle of the cell that a geohash names; undefined where it is none. */
export function readGeohash(hash: string): LonLat | undefined {
  const letters = '0123456789bcdefghjkmnpqrstuvwxyz';
  if (hash === '' || hash.length > 12) return undefined;
  const ranges = { lon: [-180, 180], lat: [-90, 90] } as { lon: [number, number]; lat: [number, number] };
  let even = true;
  for (const letter of hash.toLowerCase()) {
    const value = letters.indexOf(letter);
    if (value < 0) return undefined;
    for (let bit = 4; bit >= 0; bit -= 1) {
      const range = even ? ranges.lon : ranges.lat;
      const middle = (range[0] + range[1]) / 2;
      range[(value >> bit) & 1 ? 0 : 1] = middle;
      even = !even;
    }
  }
  return { lon: (ranges.lon[0] + ranges.lon[1]) / 2, lat: (ranges.lat[0] + ranges.lat[1]) / 2 };
}

/** A round distance that takes about so many pixels at this view, in metres. */
export function scaleBar(view: MapView, pixels: number): { metres: number; pixels: number } {
  const { lat } = toLonLat(view.center);
  const perPixel = (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / worldPixels(view.zoom);
  const rough = perPixel * pixels;
  const power = 10 ** Math.floor(Math.log10(rough));
  const metres = ([5, 2, 1].find((n) => n * power <= rough) ?? 1) * power;
  return { metres, pixels: metres / perPixel };
}
