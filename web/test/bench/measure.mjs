/** The measurements of the page, one function each: opens what it needs in a fresh browser context and answers figures. */
import { open as openPage } from './bare.mjs';
import { charts, choices, manyOptions, manyRows, rows } from './boards.mjs';
import { cpuSeconds } from './cpu-time.mjs';
import { frames, mainThread, noteTimes } from './watch.mjs';

const auth = { authorization: `Basic ${Buffer.from(`${process.env.ORRERY_USER ?? 'admin'}:${process.env.ORRERY_PASSWORD ?? 'admin'}`).toString('base64')}` };

const signIn = (context, url) => context.request.post(`${url}/login`, { data: { user: process.env.ORRERY_USER ?? 'admin', password: process.env.ORRERY_PASSWORD ?? 'admin' } });

/** A page of its own cache, signed in. What it asks for is in `asked`. */
export async function fresh(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light', reducedMotion: 'reduce' });
  await context.addInitScript(noteTimes);
  await signIn(context, url);
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => asked.push({ path: new URL(request.url()).pathname, body: request.postData() ?? '' }));
  return { context, page, asked };
}

export async function save(browser, url, board) {
  const context = await browser.newContext();
  const saved = await context.request.post(`${url}/api/dashboards/db`, { data: { dashboard: board, overwrite: true }, headers: auth });
  if (!saved.ok()) throw new Error(await saved.text());
  await context.close();
}

const painted = (page) => page.waitForFunction(() => globalThis.bench?.all !== undefined, undefined, { timeout: 120_000 });

/** From an empty cache to everything in sight: wall ms of the first panel and of all, CPU ms of the main thread, requests (`before`: for what comes with the page), heap. */
export async function open(browser, url, count) {
  await save(browser, url, charts(`bench-${count}`, count));
  const { context, page, asked } = await fresh(browser, url);
  const main = await mainThread(page);
  const { task, script } = await main.during(async () => {
    await page.goto(`${url}/d/bench-${count}`);
    await painted(page);
  });
  const times = await page.evaluate(() => globalThis.bench);
  const out = { first: times.first, all: times.all, task, script, requests: asked.length, queries: asked.filter((a) => a.path === '/api/ui/query').length, before: asked.filter((a) => /^\/api\/(ui\/dashboards\/|datasources$)/.test(a.path)).length, long: Math.max(0, ...times.long) };
  // Down to the last panel and back: every one asks, and most have drawn.
  const scroll = await main.during(async () => {
    for (;;) {
      const end = await page.evaluate(() => {
        const area = document.querySelector('.dashboard-scroll');
        area.scrollTop += 700;
        return area.scrollTop + area.clientHeight >= area.scrollHeight - 1;
      });
      await page.waitForFunction(() => [...document.querySelectorAll('section.panel')].filter((p) => { const b = p.getBoundingClientRect(); return b.bottom > 0 && b.top < innerHeight; }).every((p) => p.dataset.state === 'ready' && p.querySelector('canvas')), undefined, { timeout: 60_000 });
      if (end) return;
    }
  });
  Object.assign(out, {
    scroll: scroll.task, heap: await main.heap(), nodes: await page.evaluate(() => document.querySelectorAll('*').length), canvases: await page.evaluate(() => document.querySelectorAll('canvas').length),
  });
  await context.close();
  return out;
}

/** The same without a debugger that works along: wall ms of the first panel and of all. */
export async function openBare(bare, browser, url, count) {
  await save(browser, url, charts(`bench-${count}`, count));
  const context = await browser.newContext();
  await signIn(context, url);
  const [{ name, value }] = await context.cookies(url);
  await context.close();
  return openPage(bare, url, `/d/bench-${count}`, { name, value });
}

/**
 * Eighteen charts in sight: CPU ms a move of the pointer; of a zoom, until all show the stretch with the data that is there, and
 * until all have drawn the finer data; how many moved before the answer; ms between frames.
 */
export async function together(browser, url) {
  await save(browser, url, charts('bench-18', 18, { width: 4, height: 7 }));
  const { context, page } = await fresh(browser, url);
  await page.setViewportSize({ width: 1600, height: 1000 });
  const main = await mainThread(page);
  await page.goto(`${url}/d/bench-18`);
  await page.waitForFunction(() => document.querySelectorAll('section.panel .u-over').length === 18, undefined, { timeout: 60_000 });
  const box = await page.locator('.u-over').first().boundingBox();
  const at = (share) => [box.x + box.width * share, box.y + box.height / 2];
  await page.mouse.move(...at(0.1));
  const moves = 60;
  const between = [];
  const move = await main.during(async () => {
    between.push(...await frames(page, async () => {
      for (let i = 0; i < moves; i += 1) await page.mouse.move(...at(0.1 + (0.8 * i) / moves));
    }));
  });
  const shown = await page.evaluate(() => [...document.querySelectorAll('.u-cursor-x')].filter((line) => !line.classList.contains('u-off')).length);
  let answer;
  const held = new Promise((resolve) => { answer = resolve; });
  await page.route('**/api/ui/query', async (route) => {
    await held;
    await route.continue();
  });
  const spans = () => page.evaluate(() => [...document.querySelectorAll('.chart-plot')].map((p) => `${p.dataset.from} ${p.dataset.to}`));
  const before = await spans();
  await page.mouse.move(...at(0.3));
  await page.mouse.down();
  await page.mouse.move(...at(0.7), { steps: 4 });
  const rescale = await main.during(async () => {
    await page.mouse.up();
    await page.waitForFunction((old) => [...document.querySelectorAll('.chart-plot')].every((p, i) => `${p.dataset.from} ${p.dataset.to}` !== old[i]), before);
  });
  const shownAhead = await spans();
  const moved = shownAhead.filter((s, i) => s !== before[i]).length;
  const zoom = await main.during(async () => {
    const answered = page.waitForResponse((r) => r.url().endsWith('/api/ui/query'));
    await page.waitForFunction(() => [...document.querySelectorAll('section.panel')].every((p) => p.dataset.loading === 'true'));
    answer();
    await answered;
    await page.waitForFunction(() => [...document.querySelectorAll('section.panel')].every((p) => p.dataset.loading === 'false' && p.dataset.state === 'ready'));
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
  });
  const steady = JSON.stringify(await spans()) === JSON.stringify(shownAhead);
  await context.close();
  return { move: move.task / moves, shown, rescale: rescale.task, moved, steady, zoom: rescale.task + zoom.task, between };
}

/** A variable of many options: CPU ms to open the list, to type into it and to choose; elements on the page. */
export async function options(browser, url, count) {
  await save(browser, url, choices('bench-options'));
  const { context, page } = await fresh(browser, url);
  await page.route('**/api/ui/variable', (route) => route.fulfill({ json: manyOptions(count) }));
  const main = await mainThread(page);
  const load = await main.during(async () => {
    await page.goto(`${url}/d/bench-options`);
    await painted(page);
  });
  const list = await main.during(async () => {
    await page.locator('.variables button').first().click();
    await page.waitForSelector('[role=option]');
  });
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
  const typed = `${count - 1}`;
  const type = await main.during(async () => {
    await page.keyboard.type(typed, { delay: 20 });
    await page.waitForFunction((text) => { const all = [...document.querySelectorAll('[role=option]')]; return all.length > 0 && all.length < 5 && all.some((o) => o.textContent.includes(text)); }, typed);
  });
  await context.close();
  return { load: load.task, list: list.task, type: type.task / typed.length, nodes };
}

/** A table of many rows: CPU ms until it shows, a wheel turn's, elements on the page, ms between frames while it scrolls. */
export async function table(browser, url, count) {
  await save(browser, url, rows('bench-rows'));
  const { context, page } = await fresh(browser, url);
  const body = manyRows(count, Date.now());
  await page.route('**/api/ui/query', (route) => route.fulfill({ body, contentType: 'application/x-ndjson' }));
  const main = await mainThread(page);
  const show = await main.during(async () => {
    await page.goto(`${url}/d/bench-rows`);
    await page.waitForSelector('section.panel tbody tr', { timeout: 120_000 });
    await painted(page);
  });
  const box = await page.locator('section.panel tbody tr').first().boundingBox();
  await page.mouse.move(box.x + 100, box.y + 100);
  const turns = 60;
  const between = [];
  const scroll = await main.during(async () => {
    between.push(...await frames(page, async () => {
      for (let i = 0; i < turns; i += 1) await page.mouse.wheel(0, 900);
    }));
  });
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
  const sort = await main.during(async () => {
    await page.locator('section.panel thead th button, section.panel thead th').last().click();
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
  });
  const heap = await main.heap();
  await context.close();
  return { show: show.task, turn: scroll.task / turns, sort: sort.task, nodes, heap, between };
}

/** A dashboard that refreshes every ten seconds, beside a page that does nothing: shares of one core, and what it asks for. */
export async function refresh(browser, url, { count = 20, seconds = 60, browserPid, serverPid }) {
  await save(browser, url, charts('bench-refresh', count, { width: 6, height: 6, refresh: '10s' }));
  const { context, page, asked } = await fresh(browser, url);
  await page.setViewportSize({ width: 1600, height: 1100 });
  const used = async () => {
    const before = [browserPid, serverPid].map((pid) => (pid === undefined ? NaN : cpuSeconds(pid)));
    await new Promise((done) => { setTimeout(done, seconds * 1000); });
    return [browserPid, serverPid].map((pid, i) => (pid === undefined ? NaN : (cpuSeconds(pid) - before[i]) / seconds));
  };
  await page.goto('about:blank');
  // A browser that has just started has work of its own.
  await page.waitForTimeout(10_000);
  const idle = await used();
  await page.goto(`${url}/d/bench-refresh`);
  await page.waitForFunction((n) => document.querySelectorAll('section.panel .u-over').length === n, count, { timeout: 60_000 });
  // The look again that a young dashboard does, and the browser's own work after a start, are no part of a refresh.
  await page.waitForTimeout(8_000);
  const main = await mainThread(page);
  const answers = [];
  const note = async (response) => {
    if (response.url().endsWith('/api/ui/query')) answers.push((await response.body().catch(() => '')).length);
  };
  page.on('response', note);
  const from = asked.length;
  const { result: busy, task } = await main.during(used);
  page.off('response', note);
  const meanwhile = asked.slice(from);
  const queries = meanwhile.filter((a) => a.path === '/api/ui/query');
  const tails = queries.flatMap((q) => JSON.parse(q.body).panels).flatMap((p) => p.queries).map((q) => q.have !== undefined);
  // The same without what is held: what a refresh would carry otherwise.
  const everything = JSON.stringify(JSON.parse(queries[0].body), (key, value) => (key === 'have' ? undefined : value));
  const whole = await page.evaluate(async (body) => (await (await fetch('/api/ui/query', { method: 'POST', body, headers: { 'content-type': 'application/json' } })).text()).length, everything);
  const heap = await main.heap();
  await context.close();
  return {
    browser: (busy[0] - idle[0]) * 100, server: (busy[1] - idle[1]) * 100, idleBrowser: idle[0] * 100, idleServer: idle[1] * 100, main: task / queries.length,
    ticks: queries.length, others: meanwhile.length - queries.length, tails: tails.filter(Boolean).length / tails.length, bytes: answers.reduce((a, b) => a + b, 0) / answers.length, whole, heap,
  };
}
