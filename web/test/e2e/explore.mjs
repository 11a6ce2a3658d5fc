/** Explore and the metrics browser against the running Orrery: builder, code, mistakes, Back, panes, history, links, dashboards. */
import assert from 'node:assert/strict';
import { begin, url } from './journey.mjs';
import { accessible, step } from './steps.mjs';

const source = 'orrery-metrics';
/** What every Orrery counts of itself from its first seconds on. */
const metric = 'orrery_ingest_samples_total';

const { page, shot, end } = await begin('explore');

/** Panes of the address as it stands. */
const panes = () => Object.values(JSON.parse(new URL(page.url()).searchParams.get('panes') ?? '{}'));
const address = (queries, range = { from: 'now-15m', to: 'now' }) => `${url}/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify({ p1: { datasource: source, queries, range } }))}`;
const graphReady = (scope = '') => page.waitForFunction((s) => Number(document.querySelector(`${s} .explore-graph`)?.dataset.points) > 0 && document.querySelector(`${s} .explore-graph .u-over`), scope);
const write = async (text) => {
  await page.click('.cm-content');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
  await page.keyboard.press('Escape');
};
const run = () => page.keyboard.press('Control+Enter');

await end(async () => {
  await step('a new query begins in the builder, with metrics to choose from', async () => {
    await page.goto(`${url}/explore`);
    await page.selectOption('.explore-source', source);
    await page.waitForSelector('.builder');
    await accessible(page);
    await page.fill('[aria-label="Metric"]', 'ingestsamples');
    await page.click(`.combobox-list li:has-text("${metric}") >> nth=0`);
    await page.click('[aria-label="Add an operation"]');
    await page.fill('[aria-label="Search operations"]', 'sum');
    await page.click('.builder-menu .menu-item:has(code:text-is("sum"))');
    await page.waitForFunction((want) => document.querySelector('.builder-text')?.textContent === want, `sum(${metric})`);
    await page.click('.explore-actions .primary');
    await graphReady();
    assert.equal(panes()[0].queries[0].expr, `sum(${metric})`);
    await accessible(page);
    await shot('explore-builder');
  });
  await step('code completes names from live data and runs by key', async () => {
    await page.click('.segmented >> text=Code');
    await page.waitForSelector('.cm-content');
    await page.click('.cm-content');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('sum by (job) (orrery_ingest_samples_t');
    await page.waitForSelector(`.cm-tooltip-autocomplete li:has-text("${metric}")`);
    await shot('explore-completion');
    await page.keyboard.press('Enter');
    await run();
    await page.waitForFunction((want) => decodeURIComponent(location.search).replaceAll('+', ' ').includes(want), `sum by (job) (${metric})`);
    await graphReady();
    await page.waitForSelector('.explore-table tbody tr');
  });
  await step('a mistake is marked in the text and told in words', async () => {
    await write('sum(rate(up[5m])) by');
    await run();
    await page.waitForSelector('.explore-problem:not(:empty)');
    await page.waitForSelector('.cm-lintRange-error');
    await accessible(page);
    await shot('explore-mistake');
  });
  await step('Back undoes one step, and a reload changes nothing', async () => {
    await page.goBack();
    await page.waitForFunction((want) => document.querySelector('.cm-content')?.textContent === want, `sum by (job) (${metric})`);
    await graphReady();
    const before = page.url();
    await page.reload();
    await graphReady();
    assert.equal(page.url(), before);
  });
  await step('the server lays out a query, variables and all', async () => {
    await write('sum(rate(up[$__rate_interval]))by(job)');
    await page.click('text=Format');
    await page.waitForFunction(() => document.querySelector('.cm-content')?.textContent === 'sum by (job) (rate(up[$__rate_interval]))');
  });
  await step('what the builder cannot show stays code, with the reason', async () => {
    await page.goto(address([{ refId: 'A', expr: 'up / on(job) up', range: true, editorMode: 'builder' }]));
    await page.waitForSelector('.query-note:has-text("It stays code.")');
    await page.waitForSelector('.cm-content');
  });
  await step('several queries: duplicate, hide, and each its own letter', async () => {
    await page.goto(address([{ refId: 'A', expr: 'up', range: true, instant: true, editorMode: 'code' }]));
    await graphReady();
    await page.click('[aria-label="Duplicate query A"]');
    await page.waitForSelector('[data-ref="B"]');
    await page.click('[aria-label="Hide query A"]');
    await page.waitForFunction(() => decodeURIComponent(location.search).includes('"hide":true'));
    assert.deepEqual(panes()[0].queries.map((q) => [q.refId, q.hide ?? false]), [['A', true], ['B', false]]);
  });
  await step('two panes with one time, and one again', async () => {
    await page.click('[aria-label="Split"]');
    await page.waitForSelector('.explore-pane >> nth=1');
    await page.click('text=Same times');
    await page.click('.time-button >> nth=1');
    await page.click('.time-quick-list >> text="Last 5 minutes"');
    await page.waitForFunction(() => decodeURIComponent(location.search).split('now-5m').length === 3);
    await accessible(page);
    await shot('explore-two-panes');
    await page.click('[aria-label="Close pane 2"]');
    await page.waitForFunction(() => document.querySelectorAll('.explore-pane').length === 1);
  });
  await step('the history keeps what was run: found, starred, noted, run again, deleted', async () => {
    await page.click('.explore-top [aria-label="History"]');
    await page.fill('[aria-label="Search the history"]', 'by (job)');
    await page.waitForFunction(() => {
      const all = [...document.querySelectorAll('.history-entry')];
      return all.length > 0 && all.every((e) => e.textContent.includes('by (job)'));
    });
    await page.click('.history-entry >> nth=0 >> [aria-label="Star this query"]');
    await page.waitForSelector('.history-entry [aria-label="Remove the star"]');
    await page.click('.history-entry >> nth=0 >> [aria-label="Add a note"]');
    await page.fill('[aria-label="Note"]', 'samples by job');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.history-note:has-text("samples by job")');
    await accessible(page);
    await shot('explore-history');
    await page.click('.history-entry >> nth=0 >> [aria-label="Run this query"]');
    await page.waitForFunction((want) => document.querySelector('.cm-content')?.textContent === want, `sum by (job) (${metric})`);
    const entries = await page.locator('.history-entry').count();
    await page.click('.history-entry >> nth=0 >> [aria-label="Delete from the history"]');
    await page.waitForFunction((n) => document.querySelectorAll('.history-entry').length === n - 1, entries);
    await page.click('[aria-label="Close the history"]');
  });
  await step('a short link leads back to the same panes', async () => {
    const before = panes();
    await page.click('[aria-label="Share"]');
    await page.click('text="Short link, range as it is"');
    const link = await page.inputValue('[aria-label="The short link"]');
    await page.keyboard.press('Escape');
    await page.goto(link);
    await graphReady();
    assert.deepEqual(panes(), before);
  });
  await step('what is shown goes onto a new dashboard', async () => {
    await page.click('[aria-label="Add to dashboard"]');
    const dialog = page.locator('dialog[open]');
    await dialog.locator('label:has-text("Title of the panel") + input').fill('Samples by job');
    await dialog.locator('label:has-text("Name of the dashboard") + input').fill(`From Explore ${Date.now()}`);
    await accessible(page);
    await dialog.locator('button[type=submit]').click();
    await dialog.locator('text=Open the dashboard').click();
    await page.waitForURL(/\/d\//);
    await page.waitForSelector('section.panel[data-state=ready] h2:has-text("Samples by job")');
  });
  await step('an old link works, and a broken one says so', async () => {
    await page.goto(`${url}/explore?left=${encodeURIComponent(JSON.stringify(['now-15m', 'now', 'Metrics', { expr: 'up' }]))}`);
    await graphReady();
    await page.goto(`${url}/explore?panes=%7B%22a`);
    await page.waitForSelector('.explore-failure:has-text("cannot be read")');
  });
  await step('metrics are found by a few letters; one has a page', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.waitForSelector('.metric-row');
    await page.selectOption('.metrics-top select', source);
    await page.fill('[aria-label="Search metrics"]', 'oingsamptot');
    await page.waitForSelector(`.metric-row a:has-text("${metric}")`);
    await accessible(page);
    await page.click('text="Unused only"');
    await page.waitForFunction(() => /Looked through/.test(document.querySelector('.metrics-status')?.textContent ?? ''));
    await page.click('text="Unused only"');
    await page.waitForSelector('.metric-row .chip.on, .metric-row .chip.unused');
    await shot('metrics');
    await page.click(`.metric-row a:has-text("${metric}")`);
    await page.waitForSelector('.metric-label li');
    await page.waitForSelector('.metric-users, .metric-card .chip.unused');
    await accessible(page);
    await shot('metric');
    await page.reload();
    await page.click('text=Open in Explore');
    await graphReady();
  });
  await step('dark and narrow, nothing sticks out', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 360, height: 800 });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await graphReady();
    await accessible(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await shot('explore-narrow');
    await page.goto(`${url}/explore/metrics`);
    await page.waitForSelector('.metric-row');
    await accessible(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  });
});
