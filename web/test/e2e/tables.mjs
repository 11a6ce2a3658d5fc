/** Tables and variables against the running Orrery: many rows, order, filters, widths, nesting, fifty thousand options, ad hoc filters. */
import assert from 'node:assert/strict';
import { begin, url } from './journey.mjs';
import { accessible, step } from './steps.mjs';

const source = { type: 'prometheus', uid: 'orrery-metrics' };
const table = (id, title, x, y, target, rest = {}) => ({
  id, type: 'table', title, gridPos: { x, y, w: 12, h: 9 }, datasource: source, options: {}, fieldConfig: { defaults: { custom: { filterable: true, inspect: true } }, overrides: [] },
  targets: [{ refId: 'A', datasource: source, format: 'table', ...target }], ...rest,
});
const names = Array.from({ length: 50_000 }, (_, i) => `server-${String(i).padStart(5, '0')}`);
const dashboard = {
  uid: 'tables-and-variables', title: 'Tables and variables', schemaVersion: 42, time: { from: 'now-5m', to: 'now' }, timezone: 'utc',
  templating: {
    list: [
      { name: 'big', type: 'custom', query: names.join(','), multi: true, includeAll: true, current: { text: 'server-00000', value: ['server-00000'] } },
      { name: 'Filters', type: 'adhoc', datasource: source, filters: [] },
    ],
  },
  panels: [
    table(1, 'Many rows', 0, 0, { expr: '{__name__=~"orrery_.*|node_.*|up"}', range: true, interval: '1s' }),
    table(2, 'Jobs', 12, 0, { expr: 'up', instant: true }, { transformations: [{ id: 'organize', options: { excludeByName: { Time: true, __name__: true } } }] }),
    table(3, 'Nested', 0, 9, { expr: 'up', instant: true }, { transformations: [{ id: 'groupToNestedTable', options: { fields: { job: { operation: 'groupby', aggregations: [] }, Value: { operation: 'aggregate', aggregations: ['sum'] } } } }] }),
  ],
};

const { page, shot, end } = await begin('tables');
const panel = (id) => page.locator(`section.panel[data-panel-id="${id}"]`);
/** Without the mark of the button that opens a cell, which would sort in between. */
const firstCells = async (id, column) => {
  const texts = await panel(id).locator(`tbody tr[aria-rowindex] td:nth-child(${column})`).allTextContents();
  return texts.map((text) => text.replace('⤢', ''));
};

await end(async () => {
  await step('the dashboard opens with its tables', async () => {
      const saved = await page.request.post(`${url}/api/dashboards/db`, { data: { dashboard, overwrite: true } });
    assert.equal(saved.status(), 200, await saved.text());
    await page.goto(`${url}/d/${dashboard.uid}`);
    for (const id of [1, 2]) await panel(id).locator('tbody tr[aria-rowindex]').first().waitFor();
    await accessible(page);
    await shot('light');
  });
  await step('however many rows there are, few are in the page', async () => {
    const rows = Number(await panel(1).locator('table').getAttribute('aria-rowcount'));
    assert.ok(rows > 5000, `${rows} rows`);
    const scroll = panel(1).locator('.table-scroll');
    await scroll.evaluate((el) => { el.scrollTop = el.scrollHeight; });
    await page.waitForFunction((last) => document.querySelector(`section.panel[data-panel-id="1"] tr[aria-rowindex="${last}"]`) !== null, rows);
    assert.ok(await panel(1).locator('*').count() < 2000, 'fewer than 2,000 elements');
    console.log(`    ${rows} rows, ${await panel(1).locator('*').count()} elements`);
  });
  await step('a head sorts down, up and not at all, also by the keys', async () => {
    const job = panel(2).locator('[data-sort="job"]');
    await job.focus();
    await page.keyboard.press('Enter');
    const column = (await panel(2).locator('thead th').allTextContents()).findIndex((t) => t.startsWith('job')) + 1;
    const down = await firstCells(2, column);
    assert.deepEqual(down, [...down].sort((a, b) => b.localeCompare(a, undefined, { numeric: true })));
    await page.keyboard.press('Enter');
    const up = await firstCells(2, column);
    assert.deepEqual(up, [...down].sort((a, b) => a.localeCompare(b, undefined, { numeric: true })));
    assert.equal(await panel(2).locator('th[aria-sort=ascending]').count(), 1);
  });
  await step('a column is filtered, and wider by the keys', async () => {
    const all = await panel(2).locator('tbody tr[aria-rowindex]').count();
    await panel(2).locator('[data-filter="job"]').click();
    await accessible(page);
    await page.locator('.table-filter >> text=None').click();
    await page.locator('.table-filter-row input').first().check();
    await page.locator('.table-filter >> text=Apply').click();
    assert.ok(await panel(2).locator('tbody tr[aria-rowindex]').count() < all, 'fewer rows');
    const edge = panel(2).locator('[aria-label="Width of job"]');
    const before = Number(await edge.getAttribute('aria-valuenow'));
    await edge.press('ArrowRight');
    assert.equal(Number(await panel(2).locator('[aria-label="Width of job"]').getAttribute('aria-valuenow')), before + 16);
  });
  await step('the whole value of a cell opens in a window', async () => {
    await panel(2).locator('.cell-inspect').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open] .cell-whole');
    await accessible(page);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog[open]', { state: 'detached' });
  });
  await step('a row opens into the table it holds', async () => {
    await panel(3).scrollIntoViewIfNeeded();
    await panel(3).locator('.row-opener').first().click();
    await panel(3).locator('.nested-table tbody tr').first().waitFor();
  });
  await step('fifty thousand options are searched, walked and chosen', async () => {
    await page.locator('.variable >> nth=0').locator('button').click();
    await page.waitForSelector('[role=option]');
    assert.ok(await page.locator('[role=option]').count() < 60, 'few options are in the page');
    await page.fill('.variable-list input', 'server-4999');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await accessible(page);
    await shot('options');
    await page.keyboard.press('Escape');
    await page.waitForURL(/var-big=server-49991/);
  });
  await step('an ad hoc filter goes into every query and stands in the address', async () => {
    await page.locator('.adhoc button[aria-label^="Add a condition"]').click();
    await page.fill('input[aria-label=Label]', 'job');
    await page.keyboard.press('Enter');
    await page.selectOption('select[aria-label=Condition]', '!=');
    await page.fill('input[aria-label=Value]', 'nothing');
    const asked = page.waitForRequest((r) => r.url().endsWith('/api/ui/query') && (r.postData() ?? '').includes('job!=\\"nothing\\"'));
    await page.locator('.adhoc-form button[type=submit]').click();
    await asked;
    await page.waitForURL(/var-Filters=job%7C%21%3D%7Cnothing/);
    await page.locator('.adhoc-remove').click();
    await page.waitForSelector('.adhoc-chip', { state: 'detached' });
  });
  await step('dark, and narrow', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 400, height: 900 });
    await page.reload();
    await panel(1).locator('tbody tr[aria-rowindex]').first().waitFor();
    await accessible(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out sideways');
    await shot('dark-narrow');
  });
});
