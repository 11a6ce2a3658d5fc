/**
 * Measures the page against a running Orrery that `orrery demo --history 4h` feeds, and prints Markdown for bench/RESULTS.md.
 * ORRERY_URL, ORRERY_USER, ORRERY_PASSWORD; SERVER_PID for the server's CPU; RUNS (5), SECONDS of each refresh measurement (120).
 * CPU times are of the main thread or of processes and hold on a busy machine; wall times are upper bounds there.
 */
import { chromium } from 'playwright-core';
import { load, median, percentile } from './cpu-time.mjs';
import { launch } from './bare.mjs';
import * as measure from './measure.mjs';

const url = process.env.ORRERY_URL ?? 'http://127.0.0.1:3000';
const runs = Number(process.env.RUNS ?? 5);
const seconds = Number(process.env.SECONDS ?? 120);
const serverPid = process.env.SERVER_PID === undefined ? undefined : Number(process.env.SERVER_PID);
const only = new Set((process.env.ONLY ?? 'open,bare,together,options,table,refresh').split(','));

const server = await chromium.launchServer({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const browser = await chromium.connect(server.wsEndpoint());
const several = async (run) => {
  const all = [];
  for (let i = 0; i < runs; i += 1) all.push(await run());
  return (key) => median(all.map((one) => one[key]));
};
const ms = (v) => `${v.toFixed(v < 10 ? 1 : 0)} ms`;
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);

console.log(`Load at the start ${load()}; medians of ${runs}.\n`);
row('what', 'CPU of the main thread', 'wall', 'else');
row('---', '---', '---', '---');
try {
  if (only.has('open')) for (const count of [1, 30, 200]) {
    const of = await several(() => measure.open(browser, url, count));
    row(`${count} panels, cold cache, until all in sight are painted`, `${ms(of('task'))}, scripts ${ms(of('script'))}`, `first ${ms(of('first'))}, all ${ms(of('all'))}, longest task ${ms(of('long'))}`,
      `${of('requests')} requests, ${of('queries')} of them queries; scrolled through: ${ms(of('scroll'))} CPU, heap ${of('heap').toFixed(0)} MB, ${of('nodes')} elements, ${of('canvases')} canvases; load ${load()}`);
  }
  if (only.has('bare')) {
    const bare = launch();
    for (const count of [1, 30, 200]) {
      const of = await several(() => measure.openBare(bare, browser, url, count));
      row(`${count} panels, cold cache, without a debugger`, '', `first ${ms(of('first'))}, all ${ms(of('all'))}, longest task ${ms(of('long'))}`, `load ${load()}`);
    }
    await bare.close();
  }
  if (only.has('together')) {
    const all = [];
    for (let i = 0; i < runs; i += 1) all.push(await measure.together(browser, url));
    const between = all.flatMap((one) => one.between);
    row('18 charts: a move of the shared cursor', `${ms(median(all.map((one) => one.move)))}`, `frames p50 ${ms(percentile(between, 0.5))}, p95 ${ms(percentile(between, 0.95))}`, `shown in ${all[0].shown}; load ${load()}`);
    row('18 charts: a zoom, until all show it with the data that is there', `${ms(median(all.map((one) => one.rescale)))}`, '', `${all[0].moved} before the answer`);
    row('18 charts: a zoom, the finer data included', `${ms(median(all.map((one) => one.zoom)))}`, '', '');
  }
  if (only.has('options')) {
    const of = await several(() => measure.options(browser, url, 50_000));
    row('variable of 50,000 options', `page ${ms(of('load'))}, list opens ${ms(of('list'))}, a key ${ms(of('type'))}`, '', `${of('nodes')} elements`);
  }
  if (only.has('table')) {
    const all = [];
    for (let i = 0; i < runs; i += 1) all.push(await measure.table(browser, url, 100_000));
    const of = (key) => median(all.map((one) => one[key]));
    const between = all.flatMap((one) => one.between);
    row('table of 100,000 rows', `shows ${ms(of('show'))}, a turn of the wheel ${ms(of('turn'))}, sorts ${ms(of('sort'))}`, `frames p50 ${ms(percentile(between, 0.5))}, p95 ${ms(percentile(between, 0.95))}`, `${of('nodes')} elements, heap ${of('heap').toFixed(0)} MB; load ${load()}`);
  }
  if (only.has('refresh')) {
    const one = await measure.refresh(browser, url, { seconds, browserPid: server.process().pid, serverPid });
    row(`20 panels every 10 s, over ${seconds} s`, `browser ${one.browser.toFixed(2)} % of one core (an empty page: ${one.idleBrowser.toFixed(2)}), server ${one.server.toFixed(2)} % (without: ${one.idleServer.toFixed(2)}); main thread ${ms(one.main)} a refresh`, '',
      `${one.ticks} refreshes, ${one.others} other requests; ${(one.tails * 100).toFixed(0)} % of the queries for the tail, ${(one.bytes / 1000).toFixed(1)} kB each of ${(one.whole / 1000).toFixed(0)}; heap ${one.heap.toFixed(0)} MB; load ${load()}`);
  }
} finally {
  await browser.close();
  await server.close();
}
