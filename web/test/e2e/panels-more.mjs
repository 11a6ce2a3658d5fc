/** Lists of the portal, charts along numbers, candles, graphs and maps, against the running Orrery: data, words, keys, links, both themes, wide and narrow. */
import assert from 'node:assert/strict';
import { begin, url } from './journey.mjs';
import { accessible, panelsReady, step } from './steps.mjs';

const uid = 'more-panels';

const source = { type: 'prometheus', uid: 'orrery-metrics' };
let id = 0;
const panel = (type, title, w, targets = [], options = {}, rest = {}) => {
  const at = id++;
  return {
    id: at + 1, type, title, gridPos: { x: (at % 2) * 12, y: Math.floor(at / 2) * 8, w, h: 8 }, datasource: source, options,
    fieldConfig: { defaults: { color: { mode: 'palette-classic' }, ...rest.defaults }, overrides: [] }, transformations: rest.transformations ?? [],
    targets: targets.map((t, i) => ({ refId: String.fromCharCode(65 + i), datasource: source, range: !t.instant, ...t })),
  };
};
const table = (expr) => ({ expr, instant: true, format: 'table' });
/** A row of labels with a value, which PromQL can make from nothing. */
const row = (value, labels) => Object.entries(labels).reduce((e, [k, v]) => `label_replace(${e}, "${k}", "${v}", "", "")`, `vector(${value})`);
const rows = (...list) => table(list.map(([value, labels]) => row(value, labels)).join(' or '));
const seconds = 'orrery_scrape_duration_seconds_bucket';
const dashboard = {
  uid, title: 'More panels', tags: ['more'], schemaVersion: 41, graphTooltip: 1, time: { from: 'now-15m', to: 'now' }, timezone: 'utc', panels: [
    panel('dashlist', 'Dashboards', 12, [], { showStarred: true, showRecentlyViewed: true, showSearch: true, tags: ['more'] }),
    panel('annolist', 'Notes', 12, [], { limit: 10, onlyInTimeRange: true }),
    panel('alertlist', 'Alerts', 12),
    panel('news', 'News', 12, [], { feedUrl: 'https://feeds.example/x.xml' }),
    panel('trend', 'Along the bounds', 12, [table(`sum by (le) (${seconds}{le!="+Inf"})`)], { xField: 'le' }),
    panel('xychart', 'Points', 12, [rows([1, { host: 'a', y: '1' }], [4, { host: 'b', y: '5' }], [9, { host: 'c', y: '2' }])], { mapping: 'manual', series: [{ name: { fixed: 'Hosts' }, x: { matcher: { id: 'byName', options: 'Value' } }, y: { matcher: { id: 'byName', options: 'y' } } }] },
      { transformations: [{ id: 'convertFieldType', options: { conversions: [{ targetField: 'y', destinationType: 'number' }] } }], defaults: { links: [{ title: 'Look at ${__data.fields.host}', url: '/dashboards?host=${__data.fields.host}' }], custom: { pointSize: { fixed: 16 } } } }),
    panel('candlestick', 'Candles', 12, ['open', 'high', 'low', 'close'].map((p) => ({ expr: `sum(orrery_ingest_samples_total) * ${{ open: 1, high: 1.2, low: 0.8, close: 1.1 }[p]}`, legendFormat: p }))),
    panel('nodeGraph', 'Graph', 12, [rows([80, { source: 'web', target: 'shop' }], [20, { source: 'shop', target: 'orders' }], [9, { source: 'shop', target: 'mail' }])]),
    panel('geomap', 'Map', 12, [rows([40, { country: 'DE' }], [70, { country: 'FR' }], [10, { country: 'nowhere' }])], { layers: [{ type: 'markers', location: { mode: 'lookup', lookup: 'country' }, config: { style: { size: { field: 'Value', min: 6, max: 20 } } } }] }),
    panel('geomap', 'Heat', 12, [rows([1, { latitude: '52.5', longitude: '13.4' }], [1, { latitude: '48.9', longitude: '2.4' }])], { view: { id: 'fit' }, layers: [{ type: 'heatmap' }] }),
  ],
};

const { page, shot, end } = await begin('more');
const of = (title) => page.locator('section.panel').filter({ has: page.locator('h2', { hasText: new RegExp(`^${title}$`) }) });
/** Presses a key on a panel until it has said something else. */
async function walk(title, key) {
  const section = of(title);
  const before = await section.locator('> [aria-live]').textContent();
  await section.focus();
  await page.keyboard.press(key);
  await page.waitForFunction(([el, old]) => el.querySelector(':scope > [aria-live]').textContent !== old, [await section.elementHandle(), before]);
  return section.locator('> [aria-live]').textContent();
}

await end(async () => {
  await step('a dashboard of these types is made, with a note', async () => {
    const made = await page.request.post(`${url}/api/dashboards/db`, { data: { dashboard, overwrite: true } });
    assert.ok(made.ok(), await made.text());
    // Notes of a run before this one would stand on top of each other.
    const before = await (await page.request.get(`${url}/api/annotations?dashboardUID=${uid}`)).json();
    for (const note of before) assert.ok((await page.request.delete(`${url}/api/annotations/${note.id}`)).ok());
    const noted = await page.request.post(`${url}/api/annotations`, { data: { dashboardUID: uid, time: Date.now() - 60_000, tags: ['deploy'], text: 'Deployed <b>1.4</b>' } });
    assert.ok(noted.ok(), await noted.text());
  });
  await step('each shows its data or says why there is none', async () => {
    await page.goto(`${url}/d/${uid}`);
    const found = await panelsReady(page, 60_000);
    assert.equal(found.length, dashboard.panels.length);
    await of('Dashboards').locator('.portal-title', { hasText: 'More panels' }).first().waitFor();
    await of('Notes').locator('.portal-title', { hasText: 'Deployed 1.4' }).first().waitFor();
    await of('Alerts').getByText('no alert rules yet').waitFor();
    await of('News').getByText('Feeds from other hosts are off').waitFor();
    await of('Map').getByText('1 row has no known place').waitFor();
    await shot('light');
  });
  await step('a star set in the list is there, and is taken back', async () => {
    const star = of('Dashboards').getByRole('button', { name: 'Star More panels' }).last();
    await star.click();
    // The title knows of it, and takes it back for the list.
    await page.locator('.title-row [aria-label="Remove the star"][aria-pressed=true]').click();
    await of('Dashboards').getByRole('button', { name: 'Star More panels' }).last().click();
    await page.waitForSelector('.title-row [aria-label="Remove the star"]');
    await of('Dashboards').getByRole('button', { name: 'Remove the star from More panels' }).first().click();
    await page.waitForFunction(() => !document.querySelector('.portal-star[aria-label="Remove the star from More panels"]'));
  });
  await step('a tag leaves only its notes, and the note leads to its moment', async () => {
    await of('Notes').getByRole('button', { name: 'Only annotations tagged deploy' }).first().click();
    await of('Notes').getByRole('button', { name: 'Stop filtering by deploy' }).click();
    await of('Notes').locator('.portal-title').first().click();
    await page.waitForURL(/from=\d+&to=\d+/);
    await page.goBack();
    await page.waitForFunction(() => !location.search.includes('from='));
    await panelsReady(page);
  });
  await step('each says what it shows, and the keys walk through it', async () => {
    const words = { Candles: /^Candlestick chart with \d+ candles/, Points: /^XY chart: Hosts against Value, 3 points/, 'Along the bounds': /^Trend of Value along le, \d+ points/, Graph: /^Node graph with 4 nodes and 3 edges: /, Map: /^Map with 2 markers: France 70; Germany 40/ };
    for (const [title, pattern] of Object.entries(words)) {
      await of(title).scrollIntoViewIfNeeded();
      assert.match(await of(title).locator('.panel-host').getAttribute('aria-label') ?? '', pattern);
    }
    assert.match(await walk('Along the bounds', 'ArrowLeft'), /^Value: .* at le: /);
    assert.match(await walk('Points', 'ArrowRight'), /^Hosts: Value 1, y 1, host a$/);
    assert.match(await walk('Candles', 'ArrowLeft'), /^open: .* UTC$/);
    assert.match(await walk('Graph', 'ArrowRight'), /^web\. Leads to shop\.$/);
    assert.match(await walk('Graph', ']'), /^shop, 80\. Leads to orders, mail\.$/);
    assert.match(await walk('Map', 'ArrowRight'), /Place: France.*Value: 70/);
  });
  await step('a click pins what a point says, with its link', async () => {
    await of('Points').scrollIntoViewIfNeeded();
    const box = await of('Points').locator('.canvas-surface').boundingBox();
    // The points lie on a line through the plot: the pointer finds one.
    search: for (let x = 0.1; x < 1; x += 0.02) {
      for (let y = 0.05; y < 0.95; y += 0.05) {
        await page.mouse.move(box.x + box.width * x, box.y + box.height * y);
        if (await page.locator('.chart-tooltip:not([hidden])', { hasText: 'Hosts' }).count() > 0) break search;
      }
    }
    await page.mouse.down();
    await page.mouse.up();
    const link = page.locator('.chart-tooltip.pinned a');
    assert.match(await link.textContent() ?? '', /^Look at [abc]$/);
    assert.match(await link.getAttribute('href') ?? '', /^\/dashboards\?host=[abc]$/);
    await page.keyboard.press('Escape');
    await page.waitForSelector('.chart-tooltip.pinned', { state: 'detached' });
  });
  await step('the graph is a table too, and buttons zoom the map', async () => {
    await of('Graph').focus();
    await page.keyboard.press('t');
    await of('Graph').locator('.data-table td', { hasText: 'orders (20), mail (9)' }).waitFor();
    await page.keyboard.press('t');
    await of('Map').getByRole('button', { name: 'Zoom in' }).click();
    await of('Map').getByRole('button', { name: 'Back to the first view' }).click();
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
  });
  await step('series of an XY chart are set in a form, rules of shapes as well', async () => {
    const side = page.locator('.panel-editor-side');
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${url}/d/${uid}?editPanel=${dashboard.panels.find((p) => p.title === 'Points').id}`);
    await page.waitForSelector('.panel-editor-preview section.panel[data-state=ready]');
    assert.equal(await side.getByLabel('Y', { exact: true }).inputValue(), 'y');
    await side.getByRole('group', { name: 'Series', exact: true }).getByRole('button', { name: 'Series', exact: true }).click();
    const second = side.getByRole('group', { name: /^Series 2/ });
    await second.getByLabel('X', { exact: true }).click();
    await page.waitForSelector('[role=option]');
    // Numbers and times alone: no host.
    assert.deepEqual((await page.locator('[role=option]').allTextContents()).includes('host'), false);
    await second.getByLabel('X', { exact: true }).fill('y');
    await second.getByLabel('Y', { exact: true }).fill('Value');
    await second.getByLabel('Name', { exact: true }).fill('The other way');
    await page.waitForSelector('.panel-editor-preview >> text="The other way"');
    await second.getByRole('button', { name: 'Reset Name' }).click();
    await page.waitForSelector('.panel-editor-preview >> text="The other way"', { state: 'detached' });
    await accessible(page);
    await shot('series');
    await page.click('.edit-bar >> text="Discard"');
    await page.click('dialog[open] >> text="Throw away"');
    await page.goto(`${url}/d/${uid}?editPanel=${dashboard.panels.find((p) => p.title === 'Heat').id}`);
    await page.waitForSelector('.panel-editor');
    await side.getByLabel('Kind', { exact: true }).selectOption('geojson');
    await side.getByRole('button', { name: 'Rule', exact: true }).click();
    // Properties and their values are offered as the file has them.
    const shape = (kind, lon) => ({ type: 'Feature', properties: { kind }, geometry: { type: 'Polygon', coordinates: [[[lon, 0], [lon + 20, 0], [lon + 20, 20], [lon, 0]]] } });
    await page.route('**/public/maps/areas.geojson', (route) => route.fulfill({ json: { type: 'FeatureCollection', features: [shape('park', 0), shape('lake', 30)] } }));
    await side.getByLabel('File', { exact: true }).fill('public/maps/areas.geojson');
    await side.getByLabel('Property', { exact: true }).click();
    await page.locator('[role=option]', { hasText: 'kind' }).click();
    await side.getByLabel('Condition', { exact: true }).selectOption('ne');
    await side.getByLabel('Value', { exact: true }).click();
    await page.locator('[role=option]', { hasText: 'park' }).waitFor();
    assert.deepEqual(await page.locator('[role=option]').allTextContents(), ['lake', 'park']);
    await page.locator('[role=option]', { hasText: 'park' }).click();
    await side.getByRole('group', { name: 'Rule 1: kind ≠ park' }).scrollIntoViewIfNeeded();
    await accessible(page);
    await shot('rules');
    await page.click('.edit-bar >> text="Discard"');
    await page.click('dialog[open] >> text="Throw away"');
  });
});
