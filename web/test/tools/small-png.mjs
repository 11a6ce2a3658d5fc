/** Writes a screenshot with a palette of at most 256 colours: a quarter of the size, and nobody sees it. */
import { deflateSync, crc32 } from 'node:zlib';
import { PNG } from 'pngjs';

const COLOURS = 256;

/** `png`: an encoded picture without transparency. Colours beyond the 256 most frequent become the nearest of those. */
export function smallPng(png) {
  const { width, height, data } = PNG.sync.read(png);
  const counts = new Map();
  const colour = (i) => (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
  for (let i = 0; i < data.length; i += 4) counts.set(colour(i), (counts.get(colour(i)) ?? 0) + 1);
  const palette = spread(counts);
  const index = new Map(palette.map((c, i) => [c, i]));
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const c = colour((y * width + x) * 4);
      let at = index.get(c);
      if (at === undefined) {
        at = nearest(palette, c);
        index.set(c, at);
      }
      rows[y * (width + 1) + 1 + x] = at;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, palette, the only compression and filter method, not interlaced.
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })), chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Half of the palette are the most frequent colours, the rest are chosen to lie far from those taken, weighted by frequency. */
function spread(counts) {
  const all = [...counts].sort((a, b) => b[1] - a[1]);
  if (all.length <= COLOURS) return all.map(([c]) => c);
  const palette = all.slice(0, COLOURS / 2).map(([c]) => c);
  const rest = all.slice(COLOURS / 2, 6_000).map(([c, n]) => ({ c, n, far: Math.min(...palette.map((p) => distance(p, c))) }));
  while (palette.length < COLOURS) {
    let best = rest[0];
    for (const one of rest) if (one.far * Math.sqrt(one.n) > best.far * Math.sqrt(best.n)) best = one;
    palette.push(best.c);
    for (const one of rest) one.far = Math.min(one.far, distance(best.c, one.c));
  }
  return palette;
}

function distance(a, b) {
  const red = (a >> 16) - (b >> 16);
  const green = ((a >> 8) & 255) - ((b >> 8) & 255);
  const blue = (a & 255) - (b & 255);
  return 2 * red * red + 4 * green * green + 3 * blue * blue;
}

function nearest(palette, c) {
  let best = 0;
  for (let i = 1; i < palette.length; i += 1) if (distance(palette[i], c) < distance(palette[best], c)) best = i;
  return best;
}

function chunk(type, content) {
  const out = Buffer.alloc(12 + content.length);
  out.writeUInt32BE(content.length, 0);
  out.write(type, 4, 'latin1');
  content.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + content.length)), 8 + content.length);
  return out;
}
