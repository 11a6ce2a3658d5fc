/** What the comparison of golden pictures lets pass and what it does not: another smoothing of edges, and faults a person would see. */
import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
// @ts-expect-error -- a script without types
import { SHARE_MAX, compare } from '../goldens/compare.mjs';

interface Picture { width: number; height: number; data: Uint8Array }
type Change = (before: Picture, x: number, y: number) => readonly number[];

const load = (name: string): Picture => PNG.sync.read(readFileSync(new URL(`../goldens/${name}.png`, import.meta.url)));
/** A pixel; beyond the edge, the nearest one. */
function at({ width, height, data }: Picture, x: number, y: number): number[] {
  const i = (Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))) * 4;
  return [data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0];
}
const mix = (a: readonly number[], b: readonly number[], share: number): number[] => a.map((v, c) => v + ((b[c] ?? 0) - v) * share);

function changed(before: Picture, change: Change): Picture {
  const data = new Uint8Array(before.data.length);
  for (let y = 0; y < before.height; y += 1) {
    for (let x = 0; x < before.width; x += 1) data.set([...change(before, x, y).map(Math.round), 255], (y * before.width + x) * 4);
  }
  return { ...before, data };
}
const share = (before: Picture, after: Picture): number => (compare(before, after) as { share: number }).share;

const pictures = ['light/timeseries-lines', 'dark/timeseries-stacked', 'light/table-colours', 'dark/nodegraph'];

const harmless: [string, Change][] = [
  ['the same', at],
  ['everything a third of a pixel to the right', (p, x, y) => mix(at(p, x, y), at(p, x - 1, y), 0.33)],
  ['everything half a pixel down', (p, x, y) => mix(at(p, x, y), at(p, x, y - 1), 0.5)],
  ['softer edges', (p, x, y) => mix(at(p, x, y), mix(mix(at(p, x - 1, y), at(p, x + 1, y), 0.5), mix(at(p, x, y - 1), at(p, x, y + 1), 0.5), 0.5), 0.4)],
  ['another rounding of colours', (p, x, y) => at(p, x, y).map((v, c) => Math.min(255, Math.max(0, v + ((x * 7 + y * 13 + c * 5) % 7) - 3)))],
];
test.each(pictures.flatMap((name) => harmless.map(([what, change]) => [name, what, change] as const)))('%s: %s is no difference', (name, _what, change) => {
  const before = load(name);
  expect(share(before, changed(before, change))).toBeLessThanOrEqual(SHARE_MAX);
});

const white = [255, 255, 255];
const inside = (x: number, y: number, [left, top, right, bottom]: readonly [number, number, number, number]): boolean => x >= left && x < right && y >= top && y < bottom;
/** Series colours of the light theme. */
const [lagoon, amber, violet] = [[17, 160, 187], [106, 73, 1], [133, 94, 173]];
/** A pixel of a line of one colour on white, its smoothed edges too, in another colour. */
function recoloured(pixel: readonly number[], from: readonly number[], to: readonly number[]): readonly number[] {
  const [down, full] = [pixel.map((v) => 255 - v), from.map((v) => 255 - v)];
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((n, v, c) => n + v * (b[c] ?? 0), 0);
  const cover = dot(down, full) / dot(full, full);
  const rest = down.map((v, c) => v - cover * (full[c] ?? 0));
  return cover > 0.15 && Math.sqrt(dot(rest, rest)) < 24 ? mix(white, to, Math.min(1, cover)) : pixel;
}

const faults: [string, string, Change][] = [
  ['light/timeseries-lines', 'a line is missing', (p, x, y) => (y < 190 ? recoloured(at(p, x, y), lagoon, white) : at(p, x, y))],
  ['light/timeseries-lines', 'a line has the colour of another', (p, x, y) => (y < 190 ? recoloured(at(p, x, y), amber, violet) : at(p, x, y))],
  ['light/timeseries-lines', 'the plot lies three pixels lower', (p, x, y) => (inside(x, y, [24, 30, 460, 205]) ? at(p, x, y - 3) : at(p, x, y))],
  ['light/timeseries-lines', 'the last entry of the legend is cut', (p, x, y) => (inside(x, y, [150, 215, 480, 250]) ? white : at(p, x, y))],
  ['light/timeseries-lines', 'the hours below the plot are gone', (p, x, y) => (inside(x, y, [10, 190, 470, 210]) ? white : at(p, x, y))],
  ['light/timeseries-lines', 'the title is gone', (p, x, y) => (y < 28 ? white : at(p, x, y))],
  ['light/table-colours', 'a word of a cell is gone', (p, x, y) => (inside(x, y, [220, 100, 300, 130]) ? white : at(p, x, y))],
  ['light/table-colours', 'a cell has another colour', (p, x, y) => (inside(x, y, [345, 70, 455, 100]) ? mix(at(p, x, y), [196, 57, 51], 0.7) : at(p, x, y))],
  ['light/gauge-one', 'the arc ends elsewhere', (p, x, y) => (inside(x, y, [300, 100, 330, 130]) ? white : at(p, x, y))],
  ['light/state-timeline', 'a state is missing', (p, x, y) => (inside(x, y, [90, 40, 130, 75]) ? white : at(p, x, y))],
  ['dark/nodegraph', 'all in the other theme', (p, x, y) => at(p, x, y).map((v) => 255 - v)],
  ['dark/timeseries-stacked', 'nothing is drawn', () => [24, 28, 34]],
];
test.each(faults)('%s: %s is a difference', (name, _what, change) => {
  const before = load(name);
  expect(share(before, changed(before, change))).toBeGreaterThan(SHARE_MAX);
});

test('pictures of different sizes differ in everything', () => {
  const before = load('light/gauge-one');
  expect(share(before, { width: 1, height: 1, data: new Uint8Array(4) })).toBe(1);
});
