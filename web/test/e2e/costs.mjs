/**
 * What the pages cost, as limits that hold on a busy machine: counts of requests, elements, canvases and bytes, and CPU of the
 * main thread with room to spare; never wall time. And: no page asks another host for anything. Wants the demo's metrics.
 * The figures themselves are measured by test/bench/page.mjs and stand in bench/RESULTS.md.
 */
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { charts } from '../bench/boards.mjs';
import * as measure from '../bench/measure.mjs';
import { url } from './journey.mjs';
import { SHELL } from './places.mjs';
import { step } from './steps.mjs';

/** Every address the shell knows, and a dashboard that tries to reach out. */
const places = [...SHELL, '/d/costs-text', '/d/costs-text?editview=settings', '/d/costs-text?editPanel=1'];
/** A text panel that tries to fetch in every way there is. */
const hostile = {
  uid: 'costs-text', title: 'Costs: text', schemaVersion: 42, panels: [{
    id: 1, type: 'text', title: 'Text', gridPos: { x: 0, y: 0, w: 24, h: 10 },
    options: { mode: 'html', content: '<p style="color: red; background: url(https://one.invalid/a.png)">Red</p><img alt="A logo" src="https://two.invalid/b.png"><img src=x onerror="fetch(\'https://three.invalid\')"><svg><image href="https://four.invalid/c.png"/></svg><link rel="stylesheet" href="https://five.invalid/d.css"><iframe src="https://six.invalid"></iframe><video src="https://seven.invalid/e.mp4" poster="https://seven.invalid/f.png"></video><img srcset="https://eight.invalid/g.png 2x"><object data="https://nine.invalid/h"></object>' },
  }],
};

const server = await chromium.launchServer({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const browser = await chromium.connect(server.wsEndpoint());

/** Compares figures with their limits and says all of them, so that a log shows how near they are. */
function within(figures, limits) {
  const over = [];
  const said = Object.entries(limits).map(([key, limit]) => {
    if (!(figures[key] <= limit)) over.push(`${key} is ${figures[key]}, the limit is ${limit}`);
    return `${key} ${Math.round(figures[key] * 10) / 10} of ${limit}`;
  });
  console.log(`    ${said.join(', ')}`);
  assert.deepEqual(over, []);
}

try {
  await step('thirty panels: few requests, little work', async () => {
    within(await measure.open(browser, url, 30), { requests: 15, queries: 1, before: 0, task: 1000, script: 600, scroll: 1500, nodes: 3000, canvases: 40, heap: 60 });
  });
  await step('two hundred panels: what is out of sight costs next to nothing', async () => {
    within(await measure.open(browser, url, 200), { requests: 15, queries: 1, task: 1000, script: 600, nodes: 9000, canvases: 60, heap: 150 });
  });
  await step('eighteen charts follow the pointer', async () => {
    const { move, shown, zoom, rescale, moved, steady } = await measure.together(browser, url);
    assert.equal(shown, 18);
    assert.equal(moved, 18, 'all charts show a zoom before its data is there');
    assert.ok(steady, 'the data comes to the stretch that is shown already');
    within({ move, rescale, zoom }, { move: 40, rescale: 150, zoom: 600 });
  });
  await step('fifty thousand options: only those in sight are on the page', async () => {
    within(await measure.options(browser, url, 50_000), { list: 1500, type: 400, nodes: 1500 });
  });
  await step('a hundred thousand rows: only those in sight are on the page', async () => {
    within(await measure.table(browser, url, 100_000), { show: 8000, turn: 60, sort: 3000, nodes: 2000 });
  });
  await step('a refresh is one request for the tail of all panels, and one for annotations', async () => {
    const figures = await measure.refresh(browser, url, { count: 20, seconds: 35, browserPid: server.process().pid });
    assert.ok(figures.ticks >= 2, `${figures.ticks} refreshes in 35 seconds`);
    assert.equal(figures.tails, 1, 'every query says what it holds');
    within({ ...figures, share: figures.bytes / figures.whole }, { main: 400, others: figures.ticks + 1, share: 0.25 });
  });
  await step(`${places.length} pages ask no other host`, async () => {
    for (const board of [hostile, charts('costs-one', 1)]) await measure.save(browser, url, board);
    const { context, page } = await measure.fresh(browser, url);
    const problems = [];
    page.on('request', (request) => {
      const to = new URL(request.url());
      if (!['data:', 'blob:'].includes(to.protocol) && to.host !== new URL(url).host) problems.push(`request to another host at ${page.url()}: ${request.url()}`);
    });
    page.on('pageerror', (error) => problems.push(`script error at ${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      // That a handler in the text is refused while the text is read is as it should be.
      if (/Content Security Policy/.test(message.text()) && !message.text().includes('inline event handler')) problems.push(`refused by the policy at ${page.url()}: ${message.text()}`);
    });
    for (const place of places) {
      await page.goto(`${url}${place}`);
      await page.waitForSelector('main h1, main h2, #login, section.panel', { state: 'attached' });
      // Whatever the page asks for in its first moments is asked for by now.
      await page.waitForLoadState('networkidle');
      if (place === '/d/costs-text') {
        await page.waitForSelector('.prose a[href="https://two.invalid/b.png"]');
        assert.equal(await page.evaluate(() => document.querySelector('.prose p').style.color), 'red');
      }
    }
    assert.deepEqual(problems, []);
    await context.close();
  });
  console.log('costs: all within their limits');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await browser.close();
  await server.close();
}
