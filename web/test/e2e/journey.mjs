/**
 * The frame of every journey: a browser and a page, whatever goes wrong in it, and the end. A journey fails for an error of a
 * script, an error on the console, a failed request and a request to another host, unless its own list allows it by name.
 * ORRERY_URL, ORRERY_USER, ORRERY_PASSWORD, CHROMIUM; pictures go into SCREENSHOTS.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { matcher } from './allowed.mjs';

export const url = process.env.ORRERY_URL ?? 'http://127.0.0.1:3000';
export const credentials = { user: process.env.ORRERY_USER ?? 'admin', password: process.env.ORRERY_PASSWORD ?? 'admin' };
const shots = process.env.SCREENSHOTS ?? '';

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** Collects what goes wrong on a page. */
function watch(page, problems, excused, reported, hosts) {
  const own = new Set([new URL(url).host, ...hosts]);
  const at = () => new URL(page.url()).pathname;
  page.on('pageerror', (error) => problems.push(`script error at ${at()}: ${error.message}`));
  page.on('console', (message) => {
    // The browser also logs each failed request; those are judged below, where status and address are known.
    if (message.type() !== 'error' || message.text().startsWith('Failed to load resource') || reported.some((r) => r.test(message.text()))) return;
    problems.push(`console at ${at()}: ${message.text()}`);
  });
  page.on('response', (response) => {
    if (response.status() < 400) return;
    const failure = { status: response.status(), method: response.request().method(), path: new URL(response.url()).pathname };
    if (!excused(failure)) problems.push(`request at ${at()}: ${failure.method} ${failure.path} answered ${failure.status}`);
  });
  page.on('requestfailed', (request) => {
    // What a page no longer needs it drops, and leaving a page drops the rest.
    const why = request.failure()?.errorText ?? '';
    const failure = { status: 0, method: request.method(), path: new URL(request.url()).pathname };
    if (why !== 'net::ERR_ABORTED' && !excused(failure)) problems.push(`request at ${at()}: ${failure.method} ${failure.path} failed: ${why}`);
  });
  page.on('request', (request) => {
    // The UI brings everything with it.
    const to = new URL(request.url());
    if (!['data:', 'blob:'].includes(to.protocol) && !own.has(to.host)) problems.push(`request to another host: ${request.url()}`);
  });
}

/**
 * Opens the browser of the journey `name`; `end` signs in, runs its steps and closes it. `allowed` lists the failed requests that belong to
 * the journey (see `allowed.mjs`), `reported` what its faults make the page write to the console, `context` goes to the browser, `hosts` are others of the same server, `signIn: false` begins without a session.
 */
export async function begin(name, { allowed = [], reported = [], hosts = [], context: settings = {}, signIn = true } = {}) {
  if (shots !== '') mkdirSync(shots, { recursive: true });
  const browser = await launch();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light', ...settings });
  const page = await context.newPage();
  const problems = [];
  const { excused, unused } = matcher(allowed);
  watch(page, problems, excused, reported, hosts);
  const shot = async (picture) => {
    if (shots !== '') await page.screenshot({ path: join(shots, `${name}-${picture}.png`) });
  };
  /** Runs the steps; the journey fails with them, and with what the page did wrong meanwhile. */
  const end = async (steps) => {
    try {
      if (signIn) {
        const answer = await page.request.post(`${url}/login`, { data: credentials });
        if (!answer.ok()) throw new Error(`signing in answered ${answer.status()}`);
      }
      await steps();
      problems.push(...unused());
      if (problems.length === 0) console.log(`${name}: all steps passed`);
    } catch (error) {
      await shot('failure').catch(() => undefined);
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    } finally {
      for (const problem of problems) console.error(problem);
      if (problems.length > 0) process.exitCode = 1;
      await browser.close();
    }
  };
  return { browser, context, page, shot, end };
}
