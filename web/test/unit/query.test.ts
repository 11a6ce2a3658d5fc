/** The query layer: one request for what is in sight, errors by query, and a clock that never overtakes itself. */
import { afterEach, expect, test, vi } from 'vitest';
import { QueryRunner, type PanelRequest } from '../../src/query/runner';
import { Ticker, type TickerHost } from '../../src/query/ticker';

const request = (expr: string, from = 0): PanelRequest => ({ range: { from, to: from + 1000 }, maxDataPoints: 100, queries: [{ refId: 'A', datasource: 'm', expr, instant: false, range: true, format: 'time_series', legendFormat: '' }] });
const bodies: { panels: { id: string }[]; range: { from: number } }[] = [];

/** Stands in for the server: answers each panel by what its expression says. */
function serve(reply: (id: string, expr: string) => unknown[], end = true): void {
  bodies.length = 0;
  vi.stubGlobal('fetch', (_url: string, init: { body: string }) => {
    const body = JSON.parse(init.body) as { panels: { id: string; queries: { expr: string }[] }[]; range: { from: number } };
    bodies.push(body);
    const lines = body.panels.flatMap((p) => reply(p.id, p.queries[0]?.expr ?? ''));
    const text = [...lines, ...(end ? [{ end: true }] : [])].map((l) => JSON.stringify(l)).join('\n');
    return Promise.resolve(new Response(text, { status: 200 }));
  });
}
const ok = (id: string): unknown[] => [
  { id, refId: 'A', frame: { kind: 'series', time: { t0: 0, step: 500, n: 2 }, series: [{ name: 's', labels: {}, values: [1, 2] }] } },
  { id, refId: 'A', done: { ms: 1, series: 1, samples: 2, stepMs: 500 } },
];
afterEach(() => vi.unstubAllGlobals());

test('panels in sight share one request; the others wait', async () => {
  serve(ok);
  const runner = new QueryRunner();
  for (const id of ['1', '2', '3']) runner.setRequest(id, request(`q${id}`));
  runner.setVisible('1', true);
  runner.setVisible('2', true);
  await runner.idle();
  expect(bodies.map((b) => b.panels.map((p) => p.id))).toEqual([['1', '2']]);
  expect(runner.data('1')).toMatchObject({ answered: true, loading: false, problems: [] });
  expect(runner.data('3').answered).toBe(false);
  runner.setVisible('3', true);
  await runner.idle();
  expect(bodies).toHaveLength(2);
});

test('a range of its own is a request of its own; the same question is not asked twice', async () => {
  serve(ok);
  const runner = new QueryRunner();
  runner.setRequest('1', request('a'));
  runner.setRequest('2', request('b', 5000));
  runner.setVisible('1', true);
  runner.setVisible('2', true);
  await runner.idle();
  expect(bodies.map((b) => b.range.from).sort()).toEqual([0, 5000]);
  runner.setRequest('1', request('a'));
  await runner.idle();
  expect(bodies).toHaveLength(2);
  await runner.refresh();
  expect(bodies).toHaveLength(4);
});

test('a panel that is gone hears nothing more, and a request that nobody waits for is dropped', async () => {
  const signals: AbortSignal[] = [];
  let send: (text: string) => void = () => undefined;
  vi.stubGlobal('fetch', (_url: string, init: { signal: AbortSignal }) => {
    signals.push(init.signal);
    const body = new ReadableStream<Uint8Array>({
      start: (c) => {
        send = (text) => c.enqueue(new TextEncoder().encode(text));
        init.signal.addEventListener('abort', () => c.error(new DOMException('dropped', 'AbortError')));
      },
    });
    return Promise.resolve(new Response(body));
  });
  const runner = new QueryRunner();
  const heard = vi.fn();
  const leave = runner.subscribe('1', heard);
  for (const id of ['1', '2']) {
    runner.setRequest(id, request(`q${id}`));
    runner.setVisible(id, true);
  }
  await vi.waitFor(() => expect(signals).toHaveLength(1));
  leave();
  runner.forget('1');
  heard.mockClear();
  expect(signals[0]?.aborted).toBe(false);
  send(`${[...ok('1'), ...ok('2')].map((l) => JSON.stringify(l)).join('\n')}\n`);
  await vi.waitFor(() => expect(runner.data('2').answered).toBe(true));
  expect(heard).not.toHaveBeenCalled();
  expect(runner.data('1').answered).toBe(false);
  // The other has its answer: the request may come to its end by itself.
  runner.forget('2');
  expect(signals[0]?.aborted).toBe(false);
  runner.destroy();
  await runner.idle();

  const next = new QueryRunner();
  next.setRequest('3', request('q3'));
  next.setVisible('3', true);
  await vi.waitFor(() => expect(signals).toHaveLength(2));
  next.forget('3');
  expect(signals[1]?.aborted).toBe(true);
  await next.idle();
  expect(next.busy).toBe(false);
});

test('a panel that is gone does not come back by going out of sight', async () => {
  serve(ok);
  const runner = new QueryRunner();
  runner.setRequest('1', request('a'));
  runner.setVisible('1', true);
  await runner.idle();
  runner.forget('1');
  runner.setVisible('1', false);
  await runner.refresh();
  expect(bodies).toHaveLength(1);
});

test('one query fails, the others do not', async () => {
  serve((id, expr) => (expr === 'bad' ? [{ id, refId: 'A', error: { message: 'parse error', type: 'bad_data' } }] : ok(id)));
  const runner = new QueryRunner();
  runner.setRequest('1', request('bad'));
  runner.setRequest('2', request('good'));
  runner.setVisible('1', true);
  runner.setVisible('2', true);
  await runner.idle();
  expect(runner.data('1').problems).toEqual([{ refId: 'A', message: 'parse error', expr: 'bad', type: 'bad_data' }]);
  expect(runner.data('2').frames).toHaveLength(1);
});

test('an answer that breaks off is an error, and what was there stays', async () => {
  serve(ok);
  const runner = new QueryRunner();
  runner.setRequest('1', request('a'));
  runner.setVisible('1', true);
  await runner.idle();
  serve(() => [], false);
  await runner.refresh();
  expect(runner.data('1').problems[0]?.message).toContain('broke off');
  expect(runner.data('1').frames).toHaveLength(1);
});

test('a request nobody waits for any more is dropped', async () => {
  const signals: AbortSignal[] = [];
  vi.stubGlobal('fetch', (_url: string, init: { signal: AbortSignal }) => new Promise((_resolve, reject) => {
    signals.push(init.signal);
    init.signal.addEventListener('abort', () => reject(new DOMException('dropped', 'AbortError')));
  }));
  const runner = new QueryRunner();
  runner.setRequest('1', request('a'));
  runner.setVisible('1', true);
  await vi.waitFor(() => expect(signals).toHaveLength(1));
  serve(ok);
  runner.setRequest('1', request('b'));
  await runner.idle();
  expect(signals[0]?.aborted).toBe(true);
  expect(runner.data('1')).toMatchObject({ loading: false, problems: [] });
  expect(runner.data('1').frames).toHaveLength(1);
});

function clock(): TickerHost & { fire: () => void; show: (visible: boolean) => void; pending: () => number } {
  let hidden = false;
  let due: (() => void)[] = [];
  const listeners = new Set<() => void>();
  return {
    hidden: () => hidden,
    onVisibility: (f) => { listeners.add(f); return () => listeners.delete(f); },
    after: (_ms, run) => { due.push(run); return () => { due = due.filter((d) => d !== run); }; },
    fire: () => { const now = due; due = []; for (const run of now) run(); },
    show: (visible) => { hidden = !visible; for (const f of listeners) f(); },
    pending: () => due.length,
  };
}

test('the next tick starts after the last one ended', async () => {
  const host = clock();
  let finish: () => void = () => undefined;
  let ticks = 0;
  const ticker = new Ticker(1000, () => { ticks += 1; return new Promise<void>((resolve) => { finish = resolve; }); }, undefined, host);
  host.fire();
  expect([ticks, host.pending()]).toEqual([1, 0]);
  finish();
  await vi.waitFor(() => expect(host.pending()).toBe(1));
  ticker.stop();
  expect(host.pending()).toBe(0);
});

test('a hidden tab waits and ticks at once when it is seen again', async () => {
  const host = clock();
  let ticks = 0;
  const ticker = new Ticker(1000, () => { ticks += 1; return Promise.resolve(); }, undefined, host);
  host.show(false);
  host.fire();
  expect([ticks, host.pending()]).toEqual([0, 0]);
  host.show(true);
  expect(ticks).toBe(1);
  await vi.waitFor(() => expect(host.pending()).toBe(1));
  ticker.stop();
});

test('while something in sight is empty it looks again sooner, and only so often', async () => {
  const delays: number[] = [];
  const host = { ...clock(), after: (ms: number, run: () => void) => { delays.push(ms); if (delays.length < 12) queueMicrotask(run); return () => undefined; } };
  let lacking = true;
  let ticks = 0;
  const ticker = new Ticker(5000, () => { ticks += 1; lacking = ticks < 3; return Promise.resolve(); }, () => lacking, host);
  await vi.waitFor(() => expect(delays.length).toBeGreaterThan(6));
  ticker.stop();
  // Three looks a second apart; then a last look finds nothing lacking, and the interval goes on.
  expect(delays.slice(0, 6)).toEqual([1000, 1000, 1000, 1000, 4000, 5000]);
});
