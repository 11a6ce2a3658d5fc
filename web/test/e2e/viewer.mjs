/** The journey of an operator: open, zoom, compare, annotate, share, export, kiosk, and the reasons of empty panels. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { begin, url } from './journey.mjs';
import { accessible, step } from './steps.mjs';

const source = { type: 'prometheus', uid: 'orrery-metrics' };
const chart = (id, title, expr, x, y, w = 12, h = 8, more = {}) => ({
  id, type: 'timeseries', title, gridPos: { x, y, w, h }, datasource: source, targets: [{ refId: 'A', expr, range: true, legendFormat: '__auto' }],
  fieldConfig: { defaults: { color: { mode: 'palette-classic' }, custom: {} }, overrides: [] }, options: { legend: { showLegend: true, displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } }, ...more,
});
const board = (uid, title, panels) => ({
  uid, title, schemaVersion: 42, tags: ['viewer'], timezone: 'utc', refresh: '30s', time: { from: 'now-15m', to: 'now' }, graphTooltip: 1, panels,
  annotations: { list: [
    { builtIn: 1, name: 'Notes', enable: true, hide: false, iconColor: 'blue', datasource: { type: 'grafana', uid: '-- Grafana --' }, type: 'dashboard' },
  ] },
  links: [{ type: 'dashboards', title: 'Others', tags: ['viewer'], asDropdown: true, keepTime: true }],
});
const viewer = board('viewer', 'Viewer', [
  chart(1, 'Load', 'node_load1', 0, 0),
  chart(2, 'Also load', 'node_load5', 12, 0),
  chart(3, 'Never seen', 'node_load_one', 0, 8, 8, 6),
  chart(4, 'Label gone', 'node_load1{instance="elsewhere"}', 8, 8, 8, 6),
  chart(5, 'Broken', 'sum(', 16, 8, 8, 6),
  { id: 6, type: 'table', title: 'Hosts', gridPos: { x: 0, y: 14, w: 24, h: 6 }, datasource: source, targets: [{ refId: 'A', expr: 'node_load1', instant: true, format: 'table' }],
    fieldConfig: { defaults: {}, overrides: [{ matcher: { id: 'byName', options: 'instance' }, properties: [{ id: 'links', value: [{ title: 'This host', url: '/d/orrery-host?var-instance=${__value.raw}&seen=${__data.fields.job}&${__url_time_range}' }] }] }] }, options: {} },
]);
const many = board('viewer-many', 'Viewer many', Array.from({ length: 36 }, (_, i) => chart(i + 1, `Chart ${i + 1}`, `node_load1 + ${i}`, (i % 3) * 8, Math.floor(i / 3) * 10, 8, 10)));

const { page, shot, end } = await begin('viewer', { context: { acceptDownloads: true } });
const panel = (title) => page.locator('section.panel', { has: page.locator(`h2[title="${title}"]`) });
const ready = async (title) => {
  await panel(title).scrollIntoViewIfNeeded();
  await page.waitForFunction((t) => [...document.querySelectorAll('section.panel')].some((p) => p.querySelector('h2')?.title === t && p.dataset.state === 'ready'), title);
  await panel(title).locator('.u-over').waitFor();
};
const open = async (uid, search = '') => {
  await page.goto(`${url}/d/${uid}${search}`);
  await page.waitForSelector('section.panel');
};
/** Presses in one place of a chart and lets go in another; shares of its width. */
const drag = async (title, from, to, key) => {
  const box = await panel(title).locator('.u-over').boundingBox();
  if (key) await page.keyboard.down(key);
  await page.mouse.move(box.x + box.width * from, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, box.y + box.height / 2, { steps: 6 });
  await page.mouse.up();
  if (key) await page.keyboard.up(key);
};
const search = () => page.evaluate(() => location.search);

await end(async () => {
  const auth = { authorization: `Basic ${Buffer.from(`${process.env.ORRERY_USER ?? 'admin'}:${process.env.ORRERY_PASSWORD ?? 'admin'}`).toString('base64')}` };
  for (const dashboard of [viewer, many]) {
    const saved = await page.request.post(`${url}/api/dashboards/db`, { data: { dashboard, overwrite: true }, headers: auth });
    assert.ok(saved.ok(), await saved.text());
  }

  await step('the dashboard opens by its id, counts down, and keeps its refresh after a reload', async () => {
    await open('viewer');
    await ready('Load');
    await page.waitForFunction(() => /^\d+[sm]$/.test(document.querySelector('.refresh-left')?.textContent ?? ''));
    assert.match(await page.textContent('.refresh-interval'), /30s/);
    await page.click('.refresh-interval');
    await page.fill('input[aria-label="Another interval"]', '45');
    await page.waitForSelector('.refresh-choices .field-error');
    await page.fill('input[aria-label="Another interval"]', '45s');
    await page.keyboard.press('Enter');
    await page.waitForURL(/refresh=45s/);
    await page.reload();
    await ready('Load');
    assert.match(await page.textContent('.refresh-interval'), /45s/);
    await accessible(page);
    await shot('open');
  });
  await step('an empty panel says why, and a failed one carries the error', async () => {
    await page.waitForFunction(() => /never recorded/.test(document.body.textContent) && /node_load1/.test(document.body.textContent));
    await page.waitForFunction(() => /fits instance="elsewhere"/.test(document.body.textContent));
    await panel('Broken').locator('.panel-state-head.error').waitFor();
  });
  await step('a drag zooms in, Back undoes it, keys move and widen the range', async () => {
    await ready('Load');
    await drag('Load', 0.5, 0.8);
    await page.waitForURL(/from=\d+&to=\d+/);
    await page.goBack();
    await page.waitForURL((to) => !to.search.includes('from=1'));
    await page.locator('h1').click();
    await page.keyboard.press('t');
    await page.keyboard.press('z');
    await page.waitForURL(/from=\d+&to=\d+/);
    const wide = new URLSearchParams(await search());
    assert.ok(Number(wide.get('to')) - Number(wide.get('from')) > 25 * 60_000, 'zoomed out to about half an hour');
    await page.keyboard.press('t');
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction((to) => new URLSearchParams(location.search).get('to') !== to, wide.get('to'));
  });
  await step('times are shown in any zone', async () => {
    await open('viewer', '?refresh=');
    await ready('Load');
    await page.click('.time-button');
    await page.selectOption('#range-zone', 'Asia/Tokyo');
    await page.waitForURL(/timezone=Asia%2FTokyo/);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('.time-button')?.title.includes('GMT+9'));
  });
  await step('an earlier time lies behind the charts and stands in the address', async () => {
    await open('viewer', '?refresh=');
    await ready('Load');
    const asked = page.waitForRequest((r) => r.url().endsWith('/api/ui/query') && (r.postData() ?? '').includes('~earlier'));
    await page.click('button[aria-label="Compare with earlier"]');
    await page.click('.menu >> text="1 hour earlier"');
    await page.waitForURL(/compare=1h/);
    const { range } = JSON.parse((await asked).postData());
    assert.ok(Date.now() - range.to > 55 * 60_000, 'the query is an hour earlier');
    await shot('compare');
  });
  await step('an annotation is written, read, changed and deleted', async () => {
    await open('viewer', '?refresh=');
    await ready('Load');
    await drag('Load', 0.3, 0.5, 'Control');
    await page.fill('#annotation-text', 'Roll-out <img src=x onerror=alert(1)> of v2');
    await page.fill('#annotation-tags', 'deploy, v2');
    await accessible(page);
    await shot('annotation-form');
    await page.click('.annotation-form button[type=submit]');
    const handle = panel('Load').locator('.chart-mark');
    await handle.first().waitFor();
    assert.match(await handle.first().getAttribute('aria-label'), /Roll-out\s+of v2/);
    assert.equal(await panel('Also load').locator('.chart-mark').count(), 0, 'it belongs to one panel');
    await handle.first().focus();
    await page.waitForSelector('.chart-tooltip:not([hidden]) .chip');
    await shot('annotation');
    await page.keyboard.press('Enter');
    await page.click('.mark-entry button[aria-label="Change"]');
    await page.fill('#annotation-text', 'Roll-back');
    await page.click('.annotation-form button[type=submit]');
    await page.waitForFunction(() => document.querySelector('.chart-mark')?.getAttribute('aria-label')?.includes('Roll-back'));
    await page.click('.annotation-switch');
    await page.waitForURL(/annotation-Notes=off/);
    await page.waitForFunction(() => document.querySelectorAll('.chart-mark').length === 0);
    await page.click('.annotation-switch');
    await handle.first().click();
    await page.click('.mark-entry button[aria-label="Delete"]');
    await page.waitForFunction(() => document.querySelectorAll('.chart-mark').length === 0);
  });
  await step('a click pins the values, Escape lets go', async () => {
    const box = await panel('Load').locator('.u-over').boundingBox();
    await page.mouse.click(box.x + box.width * 0.9, box.y + box.height / 2);
    await page.waitForSelector('.chart-tooltip.pinned >> text="Add annotation"');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('.chart-tooltip.pinned'));
  });
  await step('a link keeps the moments, and a short one leads to the same place', async () => {
    await page.click('button[aria-label="Share"]');
    const link = page.locator('.share-line input');
    assert.match(await link.inputValue(), /\/d\/viewer\/viewer\?from=\d+&to=\d+/);
    await page.click('.share >> text="Keep the moments that are shown now"');
    assert.match(await link.inputValue(), /from=now-15m&to=now/);
    await accessible(page);
    await page.click('.share >> text="Shorten"');
    await page.waitForFunction(() => document.querySelector('.share-line input')?.value.includes('/goto/'));
    const short = await link.inputValue();
    await page.goto(short);
    await page.waitForURL(/\/d\/viewer\/viewer\?from=now-15m/);
  });
  await step('the JSON is downloaded, for another server with its inputs', async () => {
    await page.click('button[aria-label="Share"]');
    await page.click('.share .segmented >> text="Export"');
    await page.click('.share .check');
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('.share >> text="Download"')]);
    const exported = JSON.parse(await readFile(await file.path(), 'utf8'));
    assert.equal(exported.title, 'Viewer');
    assert.deepEqual(exported['__inputs'].map((i) => i.name), ['DS_METRICS']);
    assert.equal(exported.panels[0].datasource.uid, '${DS_METRICS}');
  });
  await step('a snapshot shows the same without asking anything', async () => {
    await page.click('.share .segmented >> text="Snapshot"');
    await page.click('.share >> text="Make a snapshot"');
    await page.waitForFunction(() => document.querySelector('.share-line input')?.value.includes('/dashboard/snapshot/'));
    const snapshot = await page.inputValue('.share-line input');
    await page.goto(snapshot);
    const asked = [];
    page.on('request', (r) => r.url().includes('/api/ui/query') && asked.push(r.url()));
    await ready('Load');
    await page.waitForSelector('text=/A snapshot of/');
    assert.deepEqual(asked, []);
    await accessible(page);
    await shot('snapshot');
    await page.click('text="Delete the snapshot"');
    await page.waitForURL(/\/dashboards$/);
  });
  await step('kiosk shows the panels alone, and Escape ends it', async () => {
    await open('viewer', '?refresh=');
    await ready('Load');
    await page.locator('h1').click();
    await page.keyboard.press('d');
    await page.keyboard.press('k');
    await page.waitForURL(/kiosk/);
    assert.equal(await page.locator('.rail, .title-row').count(), 0);
    await page.keyboard.press('Escape');
    await page.waitForSelector('.title-row');
  });
  await step('a panel alone has its figures, the inspector its query and frames', async () => {
    await panel('Load').focus();
    await page.keyboard.press('v');
    await page.waitForSelector('.view-stats tbody tr');
    await page.focus('section.panel');
    await page.keyboard.press('i');
    await page.click('dialog .segmented >> text="Queries"');
    assert.match(await page.textContent('.inspect-queries pre'), /node_load1/);
    await page.click('dialog .segmented >> text="Frames"');
    assert.match(await page.textContent('.inspect-json'), /"refId": "A"/);
    await accessible(page);
    await shot('inspector');
    await page.keyboard.press('Escape');
    await page.goto(`${url}/d-solo/viewer/viewer?panelId=2`);
    await ready('Also load');
    assert.equal(await page.locator('section.panel').count(), 1);
    assert.equal(await page.locator('.rail, .title-row, .variables').count(), 0);
  });
  await step('a cell of a table leads further, with its values', async () => {
    await open('viewer', '?refresh=');
    await panel('Hosts').scrollIntoViewIfNeeded();
    await panel('Hosts').locator('tbody a').first().click();
    await page.waitForURL(/\/d\/orrery-host\?var-instance=.+&seen=.+&from=now-/);
  });
  await step('the pointer shows in every chart in sight, and charts far away give their canvas back', async () => {
    await open('viewer-many', '?refresh=');
    for (const title of ['Chart 1', 'Chart 6']) await ready(title);
    const box = await panel('Chart 1').locator('.u-over').boundingBox();
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 3 });
    await page.waitForFunction(() => [...document.querySelectorAll('section.panel')].slice(0, 6).every((p) => {
      const line = p.querySelector('.u-cursor-x');
      return line && !line.classList.contains('u-off');
    }));
    await panel('Chart 36').scrollIntoViewIfNeeded();
    await ready('Chart 36');
    await page.waitForFunction(() => !document.querySelectorAll('section.panel')[0].querySelector('canvas'));
    await panel('Chart 1').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelectorAll('section.panel')[0].querySelector('canvas'));
  });
  await step('360 pixels wide, in the dark', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 360, height: 800 });
    await open('viewer', '?refresh=');
    await ready('Load');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out sideways');
    await accessible(page);
    await shot('narrow-dark');
  });
});
