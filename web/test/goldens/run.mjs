/**
 * Draws every panel type in light and dark and compares with the pictures of this folder:
 *   npm run goldens                    all; differences go to test-results/goldens, beside what was expected
 *   npm run goldens -- --update        accepts what is drawn now
 *   npm run goldens -- --only gauge    those whose name begins so (with --update too)
 * Needs the built UI (npm run build) and a Chromium (CHROMIUM names it); CHROMIUM_FLAGS adds flags of its own.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { PNG } from 'pngjs';
import { smallPng } from '../tools/small-png.mjs';
import { goldens } from './cases.mjs';
import { SHARE_MAX, compare } from './compare.mjs';
import { NOW } from './data.mjs';
import { idOf, page as address, serve } from './site.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const results = process.env.GOLDENS_OUT ?? fileURLToPath(new URL('../../test-results/goldens/', import.meta.url));
const update = process.argv.includes('--update');
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : '';
const chosen = goldens.filter((g) => g.name.startsWith(only));
/** Two columns of panels with the gap, the page's own margins, and the room of the scroll bar. */
const WIDTH = 1012;
const WIDTH_OF_PANEL = 480;
const HEIGHT_OF_PANEL = 256;
const LOOKS_MAX = 20;
/** A busy machine draws slowly; what is drawn is the same. */
const PATIENCE_MS = 120_000;

/** The whole page as soon as two looks at it are the same; lists, maps and graphs arrive by themselves. */
async function settled(page) {
  await page.waitForFunction(() => [...document.querySelectorAll('section.panel')].every((p) => p.dataset.loading === 'false' && p.dataset.state !== 'loading'), undefined, { timeout: PATIENCE_MS });
  // Outlines of maps and code of panels come without a word.
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => !/Laying out the graph|Loading…|Looking for the reason/.test(document.body.textContent));
  let before = Buffer.alloc(0);
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
    const now = await page.screenshot();
    if (now.equals(before)) return PNG.sync.read(now);
    before = now;
  }
  throw new Error('the page does not come to rest');
}

function cut(picture, { x, y, width, height }) {
  const out = new PNG({ width, height });
  PNG.bitblt(picture, out, x, y, width, height, 0, 0);
  return out;
}

/** All chosen panels in one theme: name and picture. */
async function draw(browser, theme, problems) {
  const context = await browser.newContext({ viewport: { width: WIDTH, height: Math.ceil(goldens.length / 2) * (HEIGHT_OF_PANEL + 10) + 40 }, colorScheme: theme, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC', deviceScaleFactor: 1 });
  await serve(context, (what) => problems.push(`${theme}: ${what}`));
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(`${theme}: ${error.message}`));
  await page.clock.setFixedTime(NOW);
  await page.goto(address);
  await page.waitForSelector('section.panel');
  const whole = await settled(page);
  const boxes = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll('section.panel')].map((p) => {
    const { x, y, width, height } = p.getBoundingClientRect();
    return [p.dataset.panelId, { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) }];
  })));
  await context.close();
  for (const { width, height } of Object.values(boxes)) if (width !== WIDTH_OF_PANEL || height !== HEIGHT_OF_PANEL) throw new Error(`panels are ${width}×${height}, not ${WIDTH_OF_PANEL}×${HEIGHT_OF_PANEL}: the page's margins or its grid have changed`);
  return chosen.map(({ name }) => ({ name, picture: cut(whole, boxes[idOf(name)]) }));
}

const percent = (share) => `${(share * 100).toFixed(3)} %`;

/** Answers what is wrong with one picture, in words; nothing when it is as expected. */
function judge(theme, name, picture) {
  const file = join(here, theme, `${name}.png`);
  const save = (suffix, { width, height, data }) => {
    mkdirSync(join(results, theme), { recursive: true });
    writeFileSync(join(results, theme, `${name}${suffix}.png`), PNG.sync.write(Object.assign(new PNG({ width, height }), { data: Buffer.from(data) })));
  };
  if (!existsSync(file)) {
    save('.now', picture);
    return `${theme}/${name}: there is no picture to compare with`;
  }
  const expected = PNG.sync.read(readFileSync(file));
  const { share, picture: shown, why } = compare(expected, picture);
  if (process.env.GOLDENS_VERBOSE) console.log(`${theme}/${name} ${percent(share)}`);
  if (share <= SHARE_MAX) return undefined;
  save('.now', picture);
  save('.before', expected);
  if (shown) save('.differs', shown);
  return `${theme}/${name}: ${why || `${percent(share)} of the pixels differ, at most ${percent(SHARE_MAX)} may`}`;
}

/** Writes the pictures that differ from what is there; answers how many. */
function accept(theme, drawn) {
  const folder = join(here, theme);
  mkdirSync(folder, { recursive: true });
  let written = 0;
  for (const { name, picture } of drawn) {
    const file = join(folder, `${name}.png`);
    // A picture that is the same within the tolerance keeps its bytes: no noise in the history.
    if (existsSync(file) && compare(PNG.sync.read(readFileSync(file)), picture).share === 0) continue;
    writeFileSync(file, smallPng(PNG.sync.write(picture)));
    written += 1;
  }
  const names = new Set(goldens.map((g) => `${g.name}.png`));
  for (const file of readdirSync(folder)) if (!names.has(file)) rmSync(join(folder, file));
  return written;
}

rmSync(results, { recursive: true, force: true });
const problems = [];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--force-color-profile=srgb', '--font-render-hinting=none', '--disable-lcd-text', ...(process.env.CHROMIUM_FLAGS?.split(' ') ?? [])],
});
try {
  for (const theme of ['light', 'dark']) {
    const drawn = await draw(browser, theme, problems);
    if (update) console.log(`${theme}: ${accept(theme, drawn)} of ${drawn.length} pictures written`);
    else problems.push(...drawn.map(({ name, picture }) => judge(theme, name, picture)).filter(Boolean));
  }
} finally {
  await browser.close();
}
if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  console.error(`\n${problems.length} differences. Look at ${results}: .before is what was expected, .now what is drawn, .differs marks the places.\nIf the new look is wanted: npm run goldens -- --update, look at the pictures once more, and commit them.`);
  process.exitCode = 1;
} else console.log(`goldens: ${chosen.length} panels in light and dark are as they were`);
