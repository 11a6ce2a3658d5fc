/** Opens every named dashboard over an hour, six, a day and a week of the demo, and finds no panel without data and no script error. */
import { chromium } from 'playwright-core';
import { NAMED, WITHOUT_DATA } from './named.mjs';
import { openDashboard, refuseForeignHosts, step } from './steps.mjs';

const url = process.env.ORRERY_URL ?? 'http://127.0.0.1:3000';
const RANGES = ['1h', '6h', '24h', '7d'];
const PATIENCE_MS = 60_000;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const problems = [];

/** A window so tall that every panel is in sight at once, and asks. */
async function settled(page) {
  await page.waitForFunction(() => {
    const panels = [...document.querySelectorAll('section.panel')];
    return panels.length > 0 && panels.every((p) => p.dataset.loading === 'false' && !['loading', 'idle', undefined].includes(p.dataset.state));
  }, undefined, { timeout: PATIENCE_MS });
  return page.$$eval('section.panel', (all) => all.map((p) => ({
    title: p.querySelector('h2')?.textContent ?? '',
    state: p.dataset.state,
    points: Number(p.dataset.points),
    says: p.querySelector('.panel-state')?.textContent ?? '',
  })));
}

/** What is wrong with the panels of one dashboard; an excepted one that has data is wrong as well, so that the list stays true. */
function faults(uid, panels) {
  const excepted = WITHOUT_DATA[uid] ?? [];
  return panels.flatMap((p) => {
    const shows = p.state === 'ready' && p.points > 0;
    if (excepted.includes(p.title)) return shows ? [`“${p.title}” is excepted, but has data`] : [];
    return shows ? [] : [`“${p.title}” is “${p.state}” with ${p.points} values: ${p.says}`];
  });
}

try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 4_000 }, colorScheme: 'light', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(`script error at ${page.url()}: ${error.message}`));
  refuseForeignHosts(page, new URL(url).host, problems);
  const credentials = { user: process.env.ORRERY_USER ?? 'admin', password: process.env.ORRERY_PASSWORD ?? 'admin' };
  await page.request.post(`${url}/login`, { data: credentials });
  const wrong = [];
  for (const range of RANGES) {
    await step(`${NAMED.length} named dashboards over ${range}`, async () => {
      let panels = 0;
      let values = 0;
      for (const uid of NAMED) {
        await openDashboard(page, url, uid, `?from=now-${range}&to=now&refresh=`);
        const shown = await settled(page);
        panels += shown.length;
        values += shown.reduce((sum, p) => sum + p.points, 0);
        wrong.push(...faults(uid, shown).map((fault) => `${uid} over ${range}: ${fault}`));
      }
      console.log(`    ${panels} panels, ${values} values`);
    });
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  console.log('named dashboards: every panel shows data');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await browser.close();
}
