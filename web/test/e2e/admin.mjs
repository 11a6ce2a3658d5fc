/** An administrator's journey: a user, a team with a permission, a token, all of it in the audit log; a data source; a dashboard from a file. */
import assert from 'node:assert/strict';
import { begin, url } from './journey.mjs';
import { accessible, step } from './steps.mjs';

const { page, shot, end } = await begin('admin', { allowed: [{ status: 403, method: 'GET', path: /\/api\/.*/, why: 'a viewer may not see what administrators see' }] });
const button = (name) => page.getByRole('button', { name, exact: true });
/** Names that a second run does not meet again. */
const mark = Date.now().toString(36);
const login = `vera-${mark}`;
const team = `Payments ${mark}`;
const account = `pipeline-${mark}`;
const dashboard = {
  __inputs: [{ name: 'DS_PROM', label: 'Prometheus', type: 'datasource', pluginId: 'prometheus', pluginName: 'Prometheus' }],
  uid: `imported-${mark}`, title: `Imported ${mark}`, schemaVersion: 39,
  panels: [{ id: 1, type: 'timeseries', title: 'Targets', gridPos: { x: 0, y: 0, w: 24, h: 8 }, datasource: { type: 'prometheus', uid: '${DS_PROM}' }, targets: [{ refId: 'A', expr: 'up' }] }],
};

await end(async () => {
  await step('the list of sources has Prometheus, and a click shows its address', async () => {
    await page.goto(`${url}/datasources`);
    await page.getByRole('link', { name: 'Prometheus', exact: true }).click();
    await page.waitForURL(/\/connections\/datasources\/edit\/prometheus$/);
    assert.match(await page.getByLabel('URL').first().inputValue(), /^http:\/\//);
    await accessible(page);
  });
  await step('Save & test says that it works', async () => {
    await button('Save & test').click();
    await page.getByText('Data source is working').waitFor();
    await shot('source');
  });
  await step('a user is created', async () => {
    await page.goto(`${url}/admin/users`);
    await button('New user').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Login').fill(login);
    await dialog.getByLabel('Password').fill('a long enough one');
    await button('Create the user').click();
    await page.getByRole('link', { name: login, exact: true }).waitFor();
    await accessible(page);
    await shot('users');
  });
  await step('a team is created, and the user is in it', async () => {
    await page.goto(`${url}/org/teams`);
    await button('New team').click();
    await page.getByRole('dialog').getByLabel('Name').fill(team);
    await button('Create the team').click();
    await page.waitForURL(/\/org\/teams\/\d+$/);
    await page.getByLabel('Add', { exact: true }).selectOption({ label: login });
    await button('Add to the team').click();
    await page.getByRole('cell', { name: login, exact: true }).waitFor();
    await accessible(page);
  });
  await step('the team is given a folder, and the page says why the user may edit it', async () => {
    await page.goto(`${url}/admin/access`);
    await page.getByLabel('Thing').selectOption({ label: 'Platform' });
    await page.getByLabel('Give to').selectOption('teams');
    await page.getByLabel('Which').selectOption({ label: team });
    await page.getByLabel('May', { exact: true }).selectOption('Edit');
    await button('Give').click();
    await page.getByLabel('Person').selectOption(login);
    await page.getByText(`May edit “Platform”: the team ${team} was given it.`).waitFor();
    await accessible(page);
    await shot('access');
    await button(`Take the permission of ${team} away`).click();
    await page.getByText('so the role Viewer decides').waitFor();
  });
  await step('a service account gets a token, shown once, and it opens the API', async () => {
    await page.goto(`${url}/org/serviceaccounts`);
    await button('New service account').click();
    await page.getByRole('dialog').getByLabel('Name').fill(account);
    await button('Create the account').click();
    await page.waitForURL(/\/org\/serviceaccounts\/\d+$/);
    await button('New token').click();
    await page.getByRole('dialog').getByLabel('Name').fill(account);
    await button('Make the token').click();
    const token = await page.locator('[data-token]').textContent();
    const answer = await fetch(`${url}/api/search`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200);
    await accessible(page);
    await button('Close').click();
    assert.equal(await page.locator('[data-token]').count(), 0);
  });
  await step('the audit log has all of it', async () => {
    await page.goto(`${url}/admin/audit`);
    for (const kind of ['token', 'service account', 'permission', 'team membership', 'team', 'user']) await page.locator('.audit-list').getByText(kind, { exact: true }).first().waitFor();
    await accessible(page);
    await shot('audit');
  });
  await step('a dashboard comes from a file, with its source chosen', async () => {
    await page.goto(`${url}/dashboards`);
    await button('Import').click();
    await page.getByLabel('Dashboard file').setInputFiles({ name: 'dashboard.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(dashboard)) });
    await page.getByText('1 × timeseries: Time series').waitFor();
    await page.getByRole('dialog').getByLabel('Prometheus').selectOption({ label: 'Prometheus' });
    await accessible(page);
    await shot('import');
    await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
    await page.waitForURL(new RegExp(`/d/imported-${mark}`));
    await page.waitForSelector('section.panel');
  });
  await step('it is deleted, and brought back', async () => {
    await page.goto(`${url}/dashboards`);
    await page.getByLabel(`Choose Imported ${mark}`).check();
    await button('Delete').click();
    await button('Delete the dashboard').click();
    await button('Undo').click();
    await page.getByRole('link', { name: `Imported ${mark}` }).first().waitFor();
    await accessible(page);
  });
  await step('the profile shows this session', async () => {
    await page.goto(`${url}/profile`);
    await page.getByText('This one').waitFor();
    await accessible(page);
    await shot('profile');
  });
  await step('on a narrow screen nothing sticks out', async () => {
    await page.setViewportSize({ width: 360, height: 800 });
    for (const path of ['/connections/datasources', '/org/users', '/admin/audit', '/profile', '/dashboards', '/']) {
      await page.goto(`${url}${path}`);
      await page.waitForSelector('h1');
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });
  await step('a viewer reads why there is nothing to see', async () => {
    await page.request.get(`${url}/logout`);
    await page.request.post(`${url}/login`, { data: { user: login, password: 'a long enough one' } });
    await page.goto(`${url}/admin/users`);
    await page.getByText(/You may not see/).waitFor();
    await page.goto(`${url}/connections/datasources`);
    await page.getByText(/You may not see/).waitFor();
    await accessible(page);
  });
});
