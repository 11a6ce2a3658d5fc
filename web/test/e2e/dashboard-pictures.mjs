/** Takes a picture of every named dashboard, whole page, light (THEME=dark for the other, into -dark.png): ORRERY_URL, SCREENSHOTS, RANGE, ONLY. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallPng } from '../tools/small-png.mjs';
import { credentials, launch, url } from './journey.mjs';
import { NAMED } from './named.mjs';
import { openDashboard } from './steps.mjs';

const folder = process.env.SCREENSHOTS ?? '.';
const range = process.env.RANGE ?? '24h';
const only = process.env.ONLY?.split(',') ?? NAMED;
const colorScheme = process.env.THEME === 'dark' ? 'dark' : 'light';
const WIDTH = 1280;
mkdirSync(folder, { recursive: true });

const browser = await launch();
try {
  const context = await browser.newContext({ viewport: { width: WIDTH, height: 900 }, colorScheme, reducedMotion: 'reduce' });
  // The narrow rail leaves the picture to the dashboard.
  await context.addInitScript(() => localStorage.setItem('orrery.rail', 'true'));
  const page = await context.newPage();
  await page.request.post(`${url}/login`, { data: credentials });
  for (const uid of only) {
    await page.setViewportSize({ width: WIDTH, height: 4_000 });
    await openDashboard(page, url, uid, `?from=now-${range}&to=now&refresh=`);
    await page.waitForFunction(() => [...document.querySelectorAll('section.panel')].every((p) => p.dataset.loading === 'false' && p.dataset.state !== 'loading'), undefined, { timeout: 60_000 });
    // As tall as what shows data; where nothing does, the first rows say so.
    const bottom = await page.evaluate(() => {
      const all = [...document.querySelectorAll('section.panel')];
      const shown = all.filter((p) => p.dataset.state === 'ready');
      return Math.max(...(shown.length > 0 ? shown : all.slice(0, 6)).map((p) => p.getBoundingClientRect().bottom + scrollY));
    });
    await page.setViewportSize({ width: WIDTH, height: Math.ceil(bottom) + 16 });
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
    const png = smallPng(await page.screenshot());
    const name = colorScheme === 'dark' ? `${uid}-dark` : uid;
    writeFileSync(join(folder, `${name}.png`), png);
    console.log(`${name}: ${Math.ceil(bottom)} px, ${Math.round(png.length / 1000)} kB`);
  }
} finally {
  await browser.close();
}
