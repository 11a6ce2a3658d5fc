/** The journey of an editor: a dashboard from nothing, a variable, saving, changing, versions, restoring; unsaved edits survive a reload. */
import assert from 'node:assert/strict';
import { begin, url } from './journey.mjs';
import { accessible, panelsReady, step } from './steps.mjs';

const title = `Built in the browser ${Date.now().toString(36)}`;

const { page, shot, end } = await begin('editor', {
  context: { viewport: { width: 1400, height: 900 } },
  allowed: [
    { status: 400, path: /\/api\/(ui\/query|ui\/variable|datasources\/.*)/, why: 'half a query is refused', sometimes: true },
    { status: 412, method: 'POST', path: /\/api\/dashboards\/db/, why: 'somebody else has saved' },
  ],
});
page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined));
const save = async (message) => {
  await page.keyboard.press('Control+s');
  await page.waitForSelector('dialog[open]');
  if (message) await page.getByLabel(/What did you change/).fill(message);
  await page.click('dialog[open] button[type=submit]');
  await page.waitForSelector('dialog[open]', { state: 'detached' });
};

await end(async () => {
  await step('a new dashboard is empty and says what to do', async () => {
    await page.goto(`${url}/dashboard/new`);
    await page.waitForSelector('.edit-empty');
    await accessible(page);
    await shot('empty');
  });
  await step('a panel is added, and its query drawn', async () => {
    await page.click('.edit-bar >> text="Add"');
    await page.click('.menu >> text="Panel"');
    await page.waitForSelector('.panel-editor');
    await page.getByRole('group', { name: /Edit query A/ }).getByText('Code').click();
    await page.locator('.query-row .cm-content').click();
    await page.keyboard.type('node_load1');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.panel-editor-preview section.panel[data-state=ready]', { timeout: 30_000 });
  });
  await step('its title and unit are set; an option that differs has a mark and can be reset', async () => {
    await page.getByLabel('Title', { exact: true }).first().fill('Load');
    await page.waitForFunction(() => document.querySelector('.panel-editor-preview h2')?.textContent === 'Load');
    await page.fill('input[aria-label="Search options"]', 'line width');
    const width = page.getByLabel('Line width');
    await width.fill('4');
    await page.waitForSelector('.option.changed >> text="Line width"');
    await page.click('button[aria-label="Reset Line width"]');
    await page.waitForSelector('.option.changed >> text="Line width"', { state: 'detached' });
    await page.fill('input[aria-label="Search options"]', '');
    await accessible(page);
    await shot('panel-light');
  });
  await step('another kind of picture is chosen from suggestions', async () => {
    await page.click('.viz-button');
    await page.waitForSelector('.viz-card .thumb > *');
    await shot('kinds');
    await page.click('.viz-card >> text="Stat"');
    await page.waitForSelector('.panel-editor-preview section.panel[data-panel-type=stat]');
  });
  await step('a variable is added, with its values', async () => {
    await page.click('.edit-bar >> text="Settings"');
    await page.click('.settings-nav >> text="Variables"');
    await page.click('.settings-head >> text="Variable"');
    await page.getByLabel('Name', { exact: true }).fill('host');
    // The combobox hands its text over when it is left.
    await page.getByRole('combobox', { name: 'Metric' }).fill('node_uname_info');
    await page.getByRole('combobox', { name: 'Label', exact: true }).fill('instance');
    await page.keyboard.press('Tab');
    await page.waitForSelector('.preview-list .chip', { timeout: 30_000 });
    await accessible(page);
    await shot('variable');
  });
  await step('it is saved as a new dashboard, and opens with its panel', async () => {
    await page.keyboard.press('Control+s');
    await page.getByLabel('Title', { exact: true }).last().fill(title);
    await page.click('dialog[open] button[type=submit]');
    await page.waitForURL(/\/d\/[^/]+\//);
    const panels = await panelsReady(page);
    assert.equal(panels[0]?.title, 'Load');
    assert.match(await page.textContent('h1'), new RegExp(title));
  });
  const address = new URL(page.url()).pathname;
  await step('without edits it can be saved as a copy', async () => {
    await page.goto(url + address);
    await page.click('button:has-text("Edit")');
    await page.click('.edit-bar button:has-text("Save as a copy")');
    await page.locator('dialog[open] input').first().fill(`${title} cloned`);
    await page.click('dialog[open] button[type=submit]');
    await page.waitForURL((to) => to.pathname.startsWith('/d/') && to.pathname !== address);
    const panels = await panelsReady(page);
    assert.equal(panels[0]?.title, 'Load');
    assert.match(await page.textContent('h1'), / cloned$/);
  });
  await step('its settings offer every time zone, and the axes follow', async () => {
    await page.goto(`${page.url().split('?')[0]}?editview=settings`);
    await page.locator('label:has-text("Time zone") select').selectOption('Asia/Tokyo');
    await page.click('button:has-text("Back to the dashboard")');
    await page.waitForFunction(() => document.querySelector('.time-button')?.title.includes('GMT+9'));
    await page.click('button:has-text("Discard")');
    await page.click('dialog[open] button:has-text("Throw away")');
    await page.goto(url + address);
    await panelsReady(page);
  });
  await step('edits that are not saved are offered again after a reload', async () => {
    await page.click('.title-tools >> text="Edit"');
    await page.waitForSelector('.edit-item section.panel');
    await page.focus('.edit-item section.panel');
    await page.keyboard.press('Alt+Shift+ArrowRight');
    await page.waitForSelector('.edit-bar-state >> text="Not saved yet"');
    // Kept under the dashboard's uid, a moment after the last edit; of each visit by itself.
    const kept = (uid) => page.evaluate((key) => new Promise((resolve) => {
      const open = indexedDB.open('orrery-drafts');
      open.onerror = () => resolve(0);
      open.onsuccess = () => {
        const count = open.result.transaction('drafts').objectStore('drafts').count(IDBKeyRange.bound(`${key}/`, `${key}/\uffff`));
        count.onsuccess = () => {
          open.result.close();
          resolve(count.result);
        };
      };
    }), uid);
    const keptOf = async (visits) => {
      const until = Date.now() + 20_000;
      while ((await kept(address.split('/')[2])) !== visits) assert.ok(Date.now() < until, `the drafts of ${visits} visits are kept`);
    };
    await keptOf(1);
    await page.goto(`${url}${address}`);
    // Nobody answers, and others are begun beside them.
    await page.waitForSelector('text="Take them up again"');
    await page.click('.title-tools >> text="Edit"');
    await page.focus('.edit-item section.panel');
    await page.keyboard.press('Alt+Shift+ArrowDown');
    await keptOf(2);
    await page.goto(`${url}${address}`);
    await page.waitForFunction(() => document.querySelectorAll('.edit-offer').length === 2);
    await accessible(page);
    await shot('offers');
    await page.locator('.edit-offer >> text="Forget them"').first().click();
    await page.click('text="Take them up again"');
    await page.waitForSelector('.edit-item');
    await page.waitForFunction(() => document.querySelectorAll('.edit-offer').length === 0);
    await keptOf(1);
    await accessible(page);
    await shot('arranging');
  });
  await step('a duplicate, undone and done again, is saved with a message', async () => {
    await page.focus('.edit-item section.panel');
    await page.keyboard.press('p');
    await page.keyboard.press('d');
    await page.waitForFunction(() => document.querySelectorAll('.edit-item section.panel').length === 2);
    await page.keyboard.press('Control+z');
    await page.waitForFunction(() => document.querySelectorAll('.edit-item section.panel').length === 1);
    await page.keyboard.press('Control+y');
    await page.waitForFunction(() => document.querySelectorAll('.edit-item section.panel').length === 2);
    await save('A second panel');
    await page.waitForSelector('.edit-bar', { state: 'detached' });
    assert.equal((await panelsReady(page)).length, 2);
  });
  await step('somebody else saves in between: both are put together', async () => {
    await page.click('.title-tools >> text="Edit"');
    await page.waitForSelector('.edit-item section.panel');
    const uid = address.split('/')[2];
    const theirs = await (await page.request.get(`${url}/api/dashboards/uid/${uid}`)).json();
    await page.request.post(`${url}/api/dashboards/db`, { data: { dashboard: { ...theirs.dashboard, description: 'theirs' }, message: 'from elsewhere' } });
    await page.focus('.edit-item section.panel');
    await page.keyboard.press('Alt+Shift+ArrowDown');
    await page.waitForSelector('.edit-bar-state >> text="Not saved yet"');
    await page.keyboard.press('Control+s');
    await page.click('dialog[open] button[type=submit]');
    await page.click('text="Merge both"');
    await page.waitForSelector('dialog[open]', { state: 'detached' });
    const merged = await (await page.request.get(`${url}/api/dashboards/uid/${uid}`)).json();
    assert.equal(merged.dashboard.description, 'theirs');
  });
  await step('versions are compared by panels, and the first is restored', async () => {
    await page.goto(`${url}${address}?editview=versions`);
    await page.waitForSelector('text="A second panel"');
    await page.check('input[aria-label="Compare version 1"]');
    await page.check('input[aria-label="Compare version 2"]');
    await page.waitForSelector('.diff >> text=/added/');
    await accessible(page);
    await shot('versions');
    await page.locator('tr', { has: page.locator('input[aria-label="Compare version 1"]') }).getByText('Restore').click();
    await page.waitForFunction(() => !location.search.includes('editview'));
    await page.waitForFunction(() => document.querySelectorAll('section.panel').length === 1);
  });
  await step('the JSON model shows the dashboard and refuses what is not JSON', async () => {
    await page.goto(`${url}${address}?editview=dashboard_json`);
    await page.waitForSelector('.json-editor .cm-content');
    assert.match(await page.textContent('.json-editor .cm-content'), /"panels"|"title"|"uid"/);
    await page.locator('.json-editor .cm-content').click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('no ');
    await page.waitForSelector('text=/This is not JSON/');
    await page.click('text="Undo typing"');
    await accessible(page);
  });
  await step('dark, and narrow', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(`${url}${address}?editPanel=1`);
    await page.waitForSelector('.panel-editor-preview section.panel[data-state=ready]', { timeout: 30_000 });
    await accessible(page);
    await shot('panel-dark');
    await page.setViewportSize({ width: 390, height: 900 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out sideways');
    await shot('panel-narrow');
  });
});
