/** Drives a real browser against a running Orrery: ORRERY_URL, ORRERY_USER, ORRERY_PASSWORD; screenshots go into SCREENSHOTS. */
import assert from 'node:assert/strict';
import { begin, credentials, url } from './journey.mjs';
import { accessible, openDashboard, panelsReady, step } from './steps.mjs';

const dashboard = process.env.DASHBOARD ?? 'orrery-host';

const { browser, page, shot, end } = await begin('run', {
  signIn: false,
  allowed: [{ status: 401, method: 'POST', path: /\/login/, why: 'a wrong password is refused' }],
});

await end(async () => {
  await step('an address without a session leads to the sign-in page', async () => {
    await page.goto(`${url}/d/${dashboard}`);
    await page.waitForURL(/\/login\?redirect=/);
    await accessible(page);
    await shot('login');
  });
  await step('a wrong password is refused, in words, under the field', async () => {
    await page.fill('#user', credentials.user);
    await page.fill('#password', `${credentials.password}-wrong`);
    await page.click('#login button[type=submit]');
    await page.waitForFunction(() => document.getElementById('error')?.textContent?.includes('Invalid'));
    assert.match(page.url(), /\/login/);
    await shot('login-refused');
  });
  await step('the right one signs in; a new password can be put off', async () => {
    await page.fill('#password', credentials.password);
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
    await plain.fill('#user', credentials.user);
    await plain.fill('#password', `${credentials.password}-wrong`);
    await plain.click('#login button[type=submit]');
    assert.match(await plain.textContent('#error'), /Invalid username or password/);
    await plain.fill('#user', credentials.user);
    await plain.fill('#password', credentials.password);
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
    await page.click('button[aria-label^="Account of"]');
    await page.click('.menu >> text="Sign out"');
    await page.waitForURL(/\/login/);
    await page.goto(`${url}/dashboards`);
    await page.waitForURL(/\/login/);
  });
});
