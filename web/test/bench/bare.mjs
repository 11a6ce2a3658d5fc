/**
 * Opens a dashboard in Chromium with as little of a debugger as there can be. Playwright's own costs 50 ms of CPU before the first
 * panel: with it attached the browser notes where every error is made (React makes some while it starts, and the file is parsed
 * again for that), and code of the tester runs in the page while it opens.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noteTimes } from './watch.mjs';

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** A browser of its own; `send` is one command of the DevTools protocol, over a pipe. */
export function launch() {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-bare-'));
  const chromium = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', [...flags, '--remote-debugging-pipe', `--user-data-dir=${folder}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const [to, from] = [chromium.stdio[3], chromium.stdio[4]];
  const waiting = new Map();
  let rest = Buffer.alloc(0);
  from.on('data', (part) => {
    rest = Buffer.concat([rest, part]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const message = JSON.parse(rest.subarray(0, end).toString());
      rest = rest.subarray(end + 1);
      const who = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) who?.failed(new Error(message.error.message));
      else who?.done(message.result);
    }
  });
  let count = 0;
  const send = (method, params = {}, sessionId = undefined) => new Promise((done, failed) => {
    count += 1;
    waiting.set(count, { done, failed });
    to.write(`${JSON.stringify({ id: count, method, params, sessionId })}\0`);
  });
  const close = async () => {
    const ended = new Promise((done) => { chromium.once('exit', done); });
    await send('Browser.close').catch(() => undefined);
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { send, close };
}

/** From an empty cache: wall ms until the first panel is there and until all in sight are. `cookie` is the session's, name and value. */
export async function open({ send }, url, path, cookie) {
  const { browserContextId } = await send('Target.createBrowserContext');
  await send('Storage.setCookies', { cookies: [{ ...cookie, url }], browserContextId });
  const { targetId } = await send('Target.createTarget', { url: 'about:blank', browserContextId });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  await send('Emulation.setDeviceMetricsOverride', { width: 1280, height: 900, deviceScaleFactor: 1, mobile: false }, sessionId);
  await send('Page.enable', {}, sessionId);
  await send('Page.addScriptToEvaluateOnNewDocument', { source: `(${noteTimes})()` }, sessionId);
  await send('Page.navigate', { url: url + path }, sessionId);
  // Nothing is asked of the page before it is through.
  for (let waits = 0; waits < 60; waits += 1) {
    await sleep(1000);
    const { result } = await send('Runtime.evaluate', { expression: 'JSON.stringify(globalThis.bench)' }, sessionId);
    const times = JSON.parse(result.value ?? '{}');
    if (times.all === undefined) continue;
    await send('Target.disposeBrowserContext', { browserContextId });
    return { first: times.first, all: times.all, long: Math.max(0, ...times.long) };
  }
  throw new Error(`${path} shows no panel after a minute`);
}
