/** What the browser test does again and again. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Runs one step and says its name, so that a failure names what did not work. */
export async function step(name, run) {
  try {
    await run();
    console.log(`  ok  ${name}`);
  } catch (error) {
    throw new Error(`FAILED  ${name}\n${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

export async function openDashboard(page, url, uid, search) {
  await page.goto(`${url}/d/${uid}${search}`);
  await page.waitForSelector('section.panel');
}

/** Brings every panel into sight in turn and waits until it shows data; answers what each one holds. */
export async function panelsReady(page, timeout = 30_000) {
  await page.waitForSelector('section.panel');
  const keys = await page.$$eval('section.panel', (all) => all.map((p) => p.dataset.panelId));
  const found = [];
  for (let i = 0; i < keys.length; i += 1) {
    const panel = page.locator('section.panel').nth(i);
    await panel.scrollIntoViewIfNeeded();
    const handle = await panel.elementHandle();
    try {
      await page.waitForFunction((el) => el.dataset.state === 'ready' && Number(el.dataset.points) > 0, handle, { timeout });
    } catch {
      const state = await panel.evaluate((el) => ({ title: el.querySelector('h2')?.textContent, state: el.dataset.state, text: el.querySelector('.panel-state')?.textContent ?? '' }));
      throw new Error(`panel “${state.title}” is “${state.state}”: ${state.text}`);
    }
    found.push(await panel.evaluate((el) => ({ title: el.querySelector('h2')?.textContent ?? '', points: Number(el.dataset.points) })));
  }
  await page.locator('section.panel').first().scrollIntoViewIfNeeded();
  return found;
}

/** WCAG 2.2 AA as far as a program can see it. The checker is handed to the page by the debugger, past the content policy. */
export async function accessible(page) {
  await page.evaluate(axe);
  // A colour on its way to another has neither's contrast.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished)));
  const faults = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] });
    return violations.map((v) => `${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} (${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ''})`).join('; ')}`);
  });
  if (faults.length > 0) throw new Error(faults.join('\n'));
}
