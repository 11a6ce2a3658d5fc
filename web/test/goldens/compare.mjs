/**
 * Compares two pictures as a person would: edges may be smoothed otherwise and texts may lie half a pixel beside, as from one
 * Chromium to the next; a line, a word or a colour that is missing, added or elsewhere counts. Both pictures are blurred by a
 * pixel first, which evens out how edges are smoothed; what still differs must also differ from all pixels around it.
 */
import pixelmatch from 'pixelmatch';

/** Difference of two colours, 0 to 1, up to which they are the same after the blur, which makes a thin line fainter by two thirds. */
const COLOUR_TOLERANCE = 0.06;
/** Share of a picture's pixels that may differ: half of a short word. */
export const SHARE_MAX = 0.0005;
const DIFFERENT = [220, 0, 0];

/** Each pixel as the mean of itself and the eight around it. */
function blurred({ width, height, data }) {
  const out = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let [red, green, blue] = [0, 0, 0];
      for (let v = y - 1; v <= y + 1; v += 1) {
        const row = Math.min(height - 1, Math.max(0, v)) * width;
        for (let u = x - 1; u <= x + 1; u += 1) {
          const j = (row + Math.min(width - 1, Math.max(0, u))) * 4;
          red += data[j];
          green += data[j + 1];
          blue += data[j + 2];
        }
      }
      const i = (y * width + x) * 4;
      out[i] = red / 9;
      out[i + 1] = green / 9;
      out[i + 2] = blue / 9;
      out[i + 3] = 255;
    }
  }
  return out;
}

/** Squared distance in brightness and colour, weighed as televisions do; 1 is about black against white. */
function distance(a, i, b, j) {
  const [red, green, blue] = [a[i] - b[j], a[i + 1] - b[j + 1], a[i + 2] - b[j + 2]];
  const y = 0.299 * red + 0.587 * green + 0.114 * blue;
  const u = -0.147 * red - 0.289 * green + 0.436 * blue;
  const v = 0.615 * red - 0.515 * green - 0.1 * blue;
  return (0.5053 * y * y + 0.299 * u * u + 0.1957 * v * v) / 35_215;
}

/** Whether a pixel of one picture is in the other, there or beside it, or lies between the colours around it. */
function isNear(one, other, x, y, width, height) {
  const i = (y * width + x) * 4;
  const low = [255, 255, 255];
  const high = [0, 0, 0];
  for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v += 1) {
    for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u += 1) {
      const j = (v * width + u) * 4;
      for (let c = 0; c < 3; c += 1) {
        low[c] = Math.min(low[c], other[j + c]);
        high[c] = Math.max(high[c], other[j + c]);
      }
    }
  }
  const between = [0, 1, 2].map((c) => Math.min(high[c], Math.max(low[c], one[i + c])));
  return distance(one, i, between, 0) <= COLOUR_TOLERANCE ** 2;
}

/**
 * `before`, `after`: `{ width, height, data }`, four bytes a pixel. Answers the share of pixels that differ, 0 to 1, and a picture of
 * them (red on the faint picture). Pictures of different sizes differ in everything.
 */
export function compare(before, after) {
  const { width, height } = before;
  if (width !== after.width || height !== after.height) return { share: 1, picture: undefined, why: `${after.width}×${after.height} was ${width}×${height}` };
  const [old, now] = [blurred(before), blurred(after)];
  const mask = new Uint8Array(width * height * 4);
  pixelmatch(old, now, mask, width, height, { threshold: COLOUR_TOLERANCE, includeAA: true, diffMask: true });
  const data = new Uint8Array(width * height * 4);
  let count = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const i = (y * width + x) * 4;
      const differs = mask[i + 3] > 0 && !(isNear(old, now, x, y, width, height) && isNear(now, old, x, y, width, height));
      count += differs ? 1 : 0;
      for (let c = 0; c < 3; c += 1) data[i + c] = differs ? DIFFERENT[c] : 255 - (255 - after.data[i + c]) * 0.25;
      data[i + 3] = 255;
    }
  }
  return { share: count / (width * height), picture: { width, height, data }, why: '' };
}
