/** The first-run stopwatch's browser half: signs in, opens "This host", and ends when every panel shows data. */
import { chromium } from 'playwright-core';
import { openDashboard, panelsReady } from './steps.mjs';

const url = process.env.ORRERY_URL;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const credentials = { user: process.env.ORRERY_USER, password: process.env.ORRERY_PASSWORD };
  await page.request.post(`${url}/login`, { data: credentials });
  await openDashboard(page, url, 'orrery-host', '');
  const panels = await panelsReady(page);
  console.log(`${panels.length} panels show data`);
} finally {
  await browser.close();
}
