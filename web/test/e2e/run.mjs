/** Drives a real browser against a running Orrery: ORRERY_URL, ORRERY_USER, ORRERY_PASSWORD; screenshots go into SCREENSHOTS. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { accessible, refuseForeignHosts, openDashboard, panelsReady, step } from './steps.mjs';

const url = process.env.ORRERY_URL ?? 'http://127.0.0.1:3000';
const user = process.env.ORRERY_USER ?? 'admin';
const password = process.env.ORRERY_PASSWORD ?? 'admin';
const shots = process.env.SCREENSHOTS ?? '';
const dashboard = process.env.DASHBOARD ?? 'orrery-host';
if (shots !== '') mkdirSync(shots, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
const page = await context.newPage();
const problems = [];
page.on('pageerror', (error) => problems.push(`script error: ${error.message}`));
page.on('console', (message) => {
  // A refused sign-in is logged by the browser as a failed request; it is part of the test.
  if (message.type() === 'error' && !message.text().includes('401')) problems.push(`console: ${message.text()}`);
});
refuseForeignHosts(page, new URL(url).host, problems);
const shot = async (name) => {
  if (shots !== '') await page.screenshot({ path: join(shots, `${name}.png`) });
};

try {
  await step('an address without a session leads to the sign-in page', async () => {
    await page.goto(`${url}/d/${dashboard}`);
    await page.waitForURL(/\/login\?redirect=/);
    await accessible(page);
    await shot('login');
  });
  await step('a wrong password is refused, in words, under the field', async () => {
    await page.fill('#user', user);
    await page.fill('#password', `${password}-wrong`);
    await page.click('#login button[type=submit]');
    await page.waitForFunction(() => document.getElementById('error')?.textContent?.includes('Invalid'));
    assert.match(page.url(), /\/login/);
    await shot('login-refused');
  });
  await step('the right one signs in; a new password can be put off', async () => {
    await page.fill('#password', password);
    await page.click('#login button[type=submit]');
    await Promise.race([page.waitForURL((to) => to.pathname.startsWith(`/d/${dashboard}`)), page.waitForSelector('#change:not([hidden])')]);
    if (await page.isVisible('#change')) {
      await shot('login-new-password');
      await page.click('#skip');
      await page.waitForURL((to) => to.pathname.startsWith(`/d/${dashboard}`));
    }
  });
  await step('without scripts one can sign in, and is told what the pages need', async () => {
    const bare = await browser.newContext({ javaScriptEnabled: false });
    const plain = await bare.newPage();
    await plain.goto(`${url}/dashboards`);
    await plain.fill('#user', user);
    await plain.fill('#password', `${password}-wrong`);
    await plain.click('#login button[type=submit]');
    assert.match(await plain.textContent('#error'), /Invalid username or password/);
    await plain.fill('#user', user);
    await plain.fill('#password', password);
    await plain.click('#login button[type=submit]');
    assert.equal(new URL(plain.url()).pathname, '/dashboards');
    assert.ok(await plain.isVisible('.no-script h1'));
    await bare.close();
  });
  await step('the list shows the dashboard and opens it', async () => {
    await page.goto(`${url}/dashboards`);
    await page.waitForSelector(`.dash-title[href^="/d/${dashboard}"]`);
    await accessible(page);
    await shot('dashboards');
    await page.fill('input[type=search]', 'this host');
    await page.click(`.dash-title[href^="/d/${dashboard}"]`);
    await page.waitForSelector('section.panel');
  });
  await step('every panel shows data', async () => {
    await openDashboard(page, url, dashboard, '');
    const panels = await panelsReady(page);
    assert.ok(panels.length > 0, 'the dashboard has panels');
    await accessible(page);
    await shot('dashboard-light');
    console.log(`    ${panels.length} panels, ${panels.reduce((n, p) => n + p.points, 0)} values`);
  });
  await step('another range is asked for and stands in the address', async () => {
    await page.click('.time-button');
    const answered = page.waitForResponse((r) => r.url().endsWith('/api/ui/query') && r.ok());
    await page.click('.time-quick-list >> text="Last 15 minutes"');
    await page.waitForURL(/from=now-15m/);
    await answered;
    await panelsReady(page);
  });
  await step('a range that makes no sense is refused in the form', async () => {
    await page.click('.time-button');
    await page.fill('#range-from', 'soon');
    assert.match(await page.textContent('#range-problem'), /not a time/);
    assert.ok(await page.isDisabled('.time-form button[type=submit]'));
    await page.keyboard.press('Escape');
  });
  await step('one panel alone, the table behind it, and back', async () => {
    await page.focus('section.panel[data-panel-type=timeseries]');
    await page.keyboard.press('v');
    await page.waitForURL(/viewPanel=/);
    await page.waitForSelector('.view-panel section.panel[data-state=ready]');
    await page.focus('.view-panel section.panel');
    await page.keyboard.press('t');
    await page.waitForSelector('.view-panel .data-table tbody tr');
    await shot('panel-table');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !location.search.includes('viewPanel'));
  });
  await step('the theme changes and stays', async () => {
    await page.click('button[aria-label="Theme"]');
    await page.click('.menu >> text="Dark"');
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await page.reload();
    await panelsReady(page);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    await accessible(page);
    await shot('dashboard-dark');
  });
  await step('a narrow window shows the same panels below each other', async () => {
    await page.setViewportSize({ width: 420, height: 900 });
    await panelsReady(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out sideways');
    await shot('dashboard-narrow');
    await page.setViewportSize({ width: 1280, height: 900 });
  });
  await step('home says what needs you', async () => {
    await page.goto(`${url}/`);
    await page.waitForFunction(() => /^\d+ of \d+$/.test(document.querySelector('.health-figure strong')?.textContent ?? ''));
    await accessible(page);
    await shot('home');
  });
  await step('signing out ends the session', async () => {
    await page.goto(`${url}/logout`);
    await page.goto(`${url}/dashboards`);
    await page.waitForURL(/\/login/);
  });
  assert.deepEqual(problems, [], 'no errors in the browser');
  console.log('e2e: all steps passed');
} catch (error) {
  await shot('failure').catch(() => undefined);
  console.error(error instanceof Error ? error.message : error);
  for (const problem of problems) console.error(problem);
  process.exitCode = 1;
} finally {
  await browser.close();
}
