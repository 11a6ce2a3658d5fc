/** What goes wrong costs one part of the page: code that does not come, a picture that cannot be drawn, a save that met another. */
import assert from 'node:assert/strict';
import { begin, url } from './journey.mjs';
import { accessible, step } from './steps.mjs';

const { page, shot, end } = await begin('faults', {
  allowed: [
    { status: 0, method: 'GET', path: /\/assets\/(piechart|ExplorePage)-[^/]*\.js/, why: 'the journey cuts this code off' },
    { status: 412, method: 'POST', path: /\/api\/dashboards\/db/, why: 'somebody else has saved' },
  ],
  reported: [/could not be loaded/, /could not be drawn/, /a part of the page failed/, /Failed to fetch dynamically imported module/],
});
const uid = 'faults';
const panel = (id, type) => ({ id, type, title: `A ${type}`, gridPos: { x: (id - 1) * 8, y: 0, w: 8, h: 8 }, datasource: { type: 'prometheus', uid: 'orrery-metrics' }, targets: [{ refId: 'A', expr: 'vector(1)' }] });
const dashboard = { uid, title: 'Faults', schemaVersion: 42, tags: ['a'], panels: [panel(1, 'timeseries'), panel(2, 'piechart'), panel(3, 'gauge')] };
const of = (type) => page.locator(`section.panel[data-panel-type="${type}"]`);
const state = (type, wanted) => page.waitForFunction(([t, s]) => document.querySelector(`section.panel[data-panel-type="${t}"]`)?.dataset.state === s, [type, wanted]);
const store = async (part, message) => {
  const { dashboard: now } = await (await page.request.get(`${url}/api/dashboards/uid/${uid}`)).json();
  assert.ok((await page.request.post(`${url}/api/dashboards/db`, { data: { dashboard: { ...now, ...part }, message, overwrite: true } })).ok());
};
let cut = true;
await page.route(/\/assets\/(piechart|ExplorePage)-.*\.js$/, (route) => (cut ? route.abort() : route.continue()));

await end(async () => {
  await step('a panel whose code does not come says so; the others are drawn', async () => {
    assert.ok((await page.request.post(`${url}/api/dashboards/db`, { data: { dashboard, overwrite: true } })).ok());
    await page.goto(`${url}/d/${uid}`);
    await of('piechart').getByText('This panel’s code could not be loaded').waitFor();
    await state('timeseries', 'ready');
    await of('timeseries').locator('.u-over').waitFor();
    await accessible(page);
    await shot('panel');
  });
  await step('trying again draws it', async () => {
    cut = false;
    await of('piechart').getByRole('button', { name: 'Try again' }).click();
    await state('piechart', 'ready');
    await of('piechart').locator('canvas, svg').first().waitFor();
  });
  await step('a picture that cannot be drawn says so, and the next try may succeed', async () => {
    // Panels put their drawings in place with it; the page around them does not.
    await page.evaluate(() => {
      const { replaceChildren } = Element.prototype;
      Element.prototype.replaceChildren = () => {
        throw new Error('no pictures today');
      };
      window.mended = () => {
        Element.prototype.replaceChildren = replaceChildren;
      };
    });
    await page.click('button[aria-label="Theme"]');
    await page.click('.menu >> text="Dark"');
    await of('gauge').getByText('no pictures today').waitFor();
    await page.evaluate(() => window.mended());
    await of('gauge').getByRole('button', { name: 'Try again' }).click();
    await of('gauge').locator('svg').first().waitFor();
    await shot('drawn');
  });
  await step('a chart whose engine fails says so, also when a person only points at its legend', async () => {
    const fail = (method) => page.evaluate((name) => {
      const { prototype } = CanvasRenderingContext2D;
      const { [name]: whole } = prototype;
      prototype[name] = () => {
        throw new Error('no ink today');
      };
      window.mended = () => {
        prototype[name] = whole;
      };
    }, method);
    const mend = async () => {
      // An answer that comes after it would draw the panel by itself.
      await page.waitForFunction(() => document.querySelector('section.panel[data-panel-type="timeseries"]')?.dataset.loading === 'false');
      await page.evaluate(() => window.mended());
      await of('timeseries').getByRole('button', { name: 'Try again' }).click();
      await of('timeseries').locator('.u-over').waitFor();
    };
    await fail('clearRect');
    await page.keyboard.press('r');
    await of('timeseries').getByText('no ink today').waitFor();
    await mend();
    await fail('clearRect');
    await of('timeseries').locator('.chart-legend button').first().hover();
    await of('timeseries').getByText('no ink today').waitFor();
    await mend();
  });
  await step('a page whose code does not come says so, and the shell stays', async () => {
    cut = true;
    await page.click('nav >> text="Explore"');
    await page.getByText('This page could not be shown').waitFor();
    await accessible(page);
    await shot('page');
    cut = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.waitForSelector('.explore-pane');
  });
  await step('a merge counts for the version that was seen: one more save is a conflict again', async () => {
    await page.goto(`${url}/d/${uid}?editview=settings`);
    await page.getByLabel('Title').fill('Mine');
    await store({ description: 'theirs' }, 'a second author');
    await page.keyboard.press('Control+s');
    await page.click('dialog[open] button[type=submit]');
    await page.getByText('a second author').waitFor();
    await accessible(page);
    await shot('conflict');
    await store({ tags: ['b'] }, 'a third');
    await page.getByRole('button', { name: 'Merge both' }).click();
    await page.getByText('It was saved once more').waitFor();
    await page.getByRole('button', { name: 'Merge both' }).click();
    await page.waitForSelector('dialog[open]', { state: 'detached' });
    const { dashboard: saved } = await (await page.request.get(`${url}/api/dashboards/uid/${uid}`)).json();
    assert.deepEqual([saved.title, saved.description, saved.tags], ['Mine', 'theirs', ['b']]);
  });
  await step('restoring a version with edits that are not saved asks first', async () => {
    await page.getByLabel('Description').fill('typed');
    await page.click('.settings-nav >> text="Versions"');
    await page.getByRole('button', { name: 'Restore' }).first().click();
    await page.getByText('One edit is not saved').waitFor();
    await accessible(page);
    await page.getByRole('button', { name: 'Keep editing' }).click();
    await page.click('.settings-nav >> text="General"');
    assert.equal(await page.getByLabel('Description').inputValue(), 'typed');
  });
});
