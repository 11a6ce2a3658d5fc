/** The panels drawn on canvas and the pie, against the running Orrery: data, words, keys, legend, dragging to zoom, both themes, wide and narrow. */
import assert from 'node:assert/strict';
import { begin, url } from './journey.mjs';
import { accessible, panelsReady, step } from './steps.mjs';

const uid = 'panels-on-canvas';

const source = { type: 'prometheus', uid: 'orrery-metrics' };
let id = 0;
const panel = (type, title, x, y, w, targets, options = {}, defaults = {}) => ({
  id: ++id, type, title, gridPos: { x, y, w, h: 8 }, datasource: source, options, fieldConfig: { defaults: { color: { mode: 'palette-classic' }, ...defaults }, overrides: [] },
  targets: targets.map((t, i) => ({ refId: String.fromCharCode(65 + i), datasource: source, range: true, ...t })),
});
// What every Orrery has of itself from its first seconds on.
const seconds = { expr: 'sum by (le) (orrery_http_request_duration_seconds_bucket)', legendFormat: '{{le}}', format: 'heatmap' };
const up = { expr: 'up', legendFormat: '{{job}}' };
const queue = { expr: 'orrery_ingest_samples_total', legendFormat: '{{protocol}}' };
const states = { mappings: [{ type: 'value', options: { 0: { text: 'Down', color: 'red' }, 1: { text: 'Up', color: 'green' } } }] };
const dashboard = {
  uid, title: 'Panels on canvas', schemaVersion: 41, graphTooltip: 2, time: { from: 'now-15m', to: 'now' }, timezone: 'utc', panels: [
    panel('state-timeline', 'States', 0, 0, 12, [up], { mergeValues: true }, states),
    panel('status-history', 'History', 12, 0, 12, [up], {}, states),
    panel('heatmap', 'Heatmap', 0, 8, 12, [seconds], { yAxis: { unit: 's' } }),
    panel('histogram', 'Histogram', 12, 8, 12, [seconds], {}, { unit: 's' }),
    panel('barchart', 'Bars', 0, 16, 12, [queue], { stacking: 'normal' }),
    panel('piechart', 'Pie', 12, 16, 12, [up], { pieType: 'donut', displayLabels: ['name'], legend: { values: ['percent'] } }),
  ],
};

const { page, shot, end } = await begin('canvas');
const of = (type) => page.locator(`section.panel[data-panel-type="${type}"]`);
const said = (type) => of(type).locator('> [aria-live]').textContent();
/** Presses a key on a panel and waits until it has said something else. */
async function walk(type, key) {
  const before = await said(type);
  await of(type).focus();
  await page.keyboard.press(key);
  await page.waitForFunction(([t, old]) => document.querySelector(`section.panel[data-panel-type="${t}"] > [aria-live]`)?.textContent !== old, [type, before]);
  return said(type);
}
/** Whether anything is drawn on the canvas: pixels that differ from the first. */
const painted = (type) => of(type).locator('canvas').first().evaluate((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let filled = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 0) filled += 1;
  return filled / (data.length / 4);
});

await end(async () => {
  await step('a dashboard of the six types is made', async () => {
    const made = await page.request.post(`${url}/api/dashboards/db`, { data: { dashboard, overwrite: true } });
    assert.ok(made.ok(), await made.text());
  });
  await step('each shows its data, on canvas or as slices', async () => {
    await page.goto(`${url}/d/${uid}`);
    const found = await panelsReady(page);
    assert.equal(found.length, 6);
    for (const type of ['state-timeline', 'status-history', 'heatmap', 'histogram', 'barchart']) assert.ok(await painted(type) > 0.01, `${type} is drawn`);
    assert.ok(await of('piechart').locator('.pie-slice').count() > 0);
    await shot('light');
  });
  await step('each says what it shows', async () => {
    const words = { 'state-timeline': /^State timeline with \d+ rows?\..*last Up/, 'status-history': /^Status history with/, heatmap: /^Heatmap of \d+ buckets over \d+ moments\./, histogram: /^Histogram of 1 series in \d+ buckets/, barchart: /^Bar chart of \d+ series in \d+ groups\./, piechart: /^Ring of \d+ shares\..*%/ };
    for (const [type, pattern] of Object.entries(words)) assert.match(await of(type).locator('.panel-host').getAttribute('aria-label') ?? '', pattern);
  });
  await step('the keys walk through states, cells, bars and slices', async () => {
    assert.match(await walk('state-timeline', 'ArrowRight'), /: Up for .*, from .* to /);
    assert.match(await walk('status-history', 'ArrowLeft'), /: Up at /);
    assert.match(await walk('heatmap', 'ArrowLeft'), / at .*UTC$/);
    assert.match(await walk('heatmap', ']'), / s|ms/);
    assert.match(await walk('histogram', 'ArrowRight'), /, Count: /);
    assert.match(await walk('barchart', 'ArrowRight'), /UTC, .*: /);
    assert.match(await walk('piechart', 'ArrowRight'), /, \d+(\.\d)?%$/);
  });
  await step('the pointer brings a tooltip, and the table stands behind each', async () => {
    await of('state-timeline').scrollIntoViewIfNeeded();
    const box = await of('state-timeline').locator('.canvas-surface').boundingBox();
    await page.mouse.move(box.x + box.width - 20, box.y + 20);
    await page.waitForSelector('.chart-tooltip:not([hidden], .beside)');
    assert.match(await page.textContent('.chart-tooltip:not(.beside)') ?? '', /Up/);
    await of('piechart').focus();
    await page.keyboard.press('t');
    await of('piechart').locator('.data-table').waitFor();
    await page.keyboard.press('t');
  });
  await step('charts that share the pointer say what they have at its moment', async () => {
    await page.setViewportSize({ width: 1280, height: 1300 });
    await panelsReady(page);
    const box = await of('state-timeline').locator('.canvas-surface').boundingBox();
    await page.mouse.move(box.x + box.width - 60, box.y + 20);
    await page.mouse.move(box.x + box.width - 40, box.y + 20);
    // The histogram and the pie know no time.
    await page.waitForFunction(() => document.querySelectorAll('.chart-tooltip.beside').length === 3);
    const cards = await page.$$eval('.chart-tooltip.beside', (all) => all.map((card) => card.textContent));
    assert.ok(cards.some((words) => /Up/.test(words)) && cards.some((words) => /scrape|remote_write/.test(words)), cards.join(' | '));
    await shot('beside');
    await page.mouse.move(2, 2);
    await page.waitForFunction(() => document.querySelector('.chart-tooltip.beside') === null);
    await page.setViewportSize({ width: 1280, height: 900 });
  });
  await step('a legend entry shows one series alone, and all again', async () => {
    const entries = of('barchart').locator('.legend-name');
    const count = await entries.count();
    if (count > 1) {
      await entries.first().click();
      assert.equal(await of('barchart').locator('li.off').count(), count - 1);
      await entries.first().click();
    }
    assert.equal(await of('barchart').locator('li.off').count(), 0);
  });
  await step('no violation of the rules of access, in light and dark, wide and narrow', async () => {
    await accessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await accessible(page);
    await shot('dark');
    await page.setViewportSize({ width: 360, height: 800 });
    await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth);
    await accessible(page);
    await shot('narrow');
    await page.setViewportSize({ width: 1280, height: 900 });
  });
  await step('dragging over a stretch of time zooms all of them', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    await of('heatmap').scrollIntoViewIfNeeded();
    const box = await of('heatmap').locator('.canvas-surface').boundingBox();
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.5, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, y, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=\d+&to=\d+/);
    const { searchParams } = new URL(page.url());
    const span = Number(searchParams.get('to')) - Number(searchParams.get('from'));
    assert.ok(span > 120_000 && span < 450_000, `${span} ms`);
  });
});
