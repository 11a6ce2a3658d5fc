/** Opens every named dashboard over an hour, six, a day and a week of the demo, and finds no panel without data and no script error. */
import { begin, url } from './journey.mjs';
import { NAMED, WITHOUT_DATA } from './named.mjs';
import { openDashboard, step } from './steps.mjs';

const RANGES = ['1h', '6h', '24h', '7d'];
const PATIENCE_MS = 60_000;

const { page, end } = await begin('named dashboards', {
  context: { viewport: { width: 1280, height: 4_000 }, reducedMotion: 'reduce' },
  allowed: [{ status: 400, method: 'POST', path: /\/api\/ui\/variable/, why: 'a variable asks Loki, which is not there', sometimes: true }],
});

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

await end(async () => {
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
});
