/** A refresh asks only for the tail: how it is put onto what is held, and what the runner sends. */
import { afterEach, expect, test, vi } from 'vitest';
import type { SeriesFrame, TailFrame, WireValue } from '../../src/api/query';
import { QueryRunner, type PanelRequest } from '../../src/query/runner';
import { appendTail, compareLabels, countValues } from '../../src/query/tail';

const series = (t0: number, rows: Record<string, WireValue[]>): SeriesFrame => ({
  kind: 'series', time: { t0, step: 10, n: Object.values(rows)[0]?.length ?? 0 }, series: Object.entries(rows).map(([host, values]) => ({ name: host, labels: { host }, values })),
});
const tail = (from: number, t0: number, rows: Record<string, WireValue[]>, n = 2): TailFrame => ({ ...series(t0, rows), kind: 'tail', from, time: { t0, step: 10, n } });
const rows = (frame: SeriesFrame | undefined): Record<string, WireValue[]> | undefined => frame && Object.fromEntries(frame.series.map((s) => [s.name, s.values]));

test.each<[string, SeriesFrame, TailFrame, Record<string, WireValue[]> | undefined]>([
  ['the old points move out, the new ones come', series(0, { a: [1, 2, 3, 4] }), tail(10, 30, { a: [5, 6] }), { a: [2, 3, 5, 6] }],
  ['what changed late is replaced', series(0, { a: [1, 2, 3, 4] }), tail(0, 20, { a: [7, 8] }), { a: [1, 2, 7, 8] }],
  ['a series without new points has a gap', series(0, { a: [1, 2], b: [1, 2] }), tail(0, 20, { a: [3, 4] }), { a: [1, 2, 3, 4], b: [1, 2, null, null] }],
  ['one that has no point left is gone', series(0, { a: [1, 1], b: [1, null] }), tail(10, 20, { a: [3, 4] }), { a: [1, 3, 4] }],
  ['a new one stands in the order of labels', series(0, { b: [1, 2], d: [1, 2] }), tail(0, 20, { b: [3, 4], c: [5, 6], d: [7, 8] }), { b: [1, 2, 3, 4], c: [null, null, 5, 6], d: [1, 2, 7, 8] }],
  ['words stay words', series(0, { a: ['NaN', '+Inf'] }), tail(0, 10, { a: [null, '-Inf'] }), { a: ['NaN', null, '-Inf'] }],
  ['an answer that had nothing', series(0, {}), tail(0, 0, { a: [1, 2] }), { a: [1, 2] }],
  ['a hole between the two', series(0, { a: [1, 2] }), tail(0, 30, { a: [5, 6] }), undefined],
  ['another grid', series(5, { a: [1, 2, 3, 4] }), tail(10, 30, { a: [5, 6] }), undefined],
  ['what begins before what is held', series(10, { a: [1, 2] }), tail(0, 30, { a: [5, 6] }), undefined],
])('%s', (_, held, fresh, want) => {
  const got = appendTail(held, fresh);
  expect(rows(got)).toEqual(want);
  if (got) expect(got.time).toEqual({ t0: fresh.from, step: 10, n: (fresh.time.t0 - fresh.from) / 10 + fresh.time.n });
});

test('labels are ordered as the server orders them', () => {
  const sets: Record<string, string>[] = [{}, { __name__: 'up' }, { a: '1' }, { a: '1', b: '1' }, { a: '10' }, { a: '2', b: '0' }, { b: '0' }];
  expect([...sets].reverse().sort(compareLabels)).toEqual(sets);
  expect(compareLabels({ b: '1', a: '2' }, { a: '2', b: '1' })).toBe(0);
  expect(countValues(series(0, { a: [1, null], b: ['NaN', 2] }))).toBe(3);
});

const bodies: { range: { from: number; to: number }; panels: { queries: { have?: unknown }[] }[] }[] = [];
/** Stands in for the server: each call takes the next frame. */
function serve(frames: (SeriesFrame | TailFrame)[], tag: string | undefined = 'tag'): void {
  bodies.length = 0;
  vi.stubGlobal('fetch', (_url: string, init: { body: string }) => {
    bodies.push(JSON.parse(init.body) as (typeof bodies)[number]);
    const lines = [{ id: '1', refId: 'A', frame: frames[bodies.length - 1] }, { id: '1', refId: 'A', done: { ms: 1, series: 1, samples: 2, stepMs: 10, tag } }, { end: true }];
    return Promise.resolve(new Response(lines.map((l) => JSON.stringify(l)).join('\n'), { status: 200 }));
  });
}
const ask = (from: number, to: number): PanelRequest => ({ range: { from, to }, maxDataPoints: 100, queries: [{ refId: 'A', datasource: 'm', expr: 'up', instant: false, range: true, format: 'time_series', legendFormat: '' }] });
afterEach(() => vi.unstubAllGlobals());

async function run(...refreshes: { to: number; whole?: boolean }[]): Promise<QueryRunner> {
  const runner = new QueryRunner();
  runner.setVisible('1', true);
  runner.setRequest('1', ask(0, 30));
  await runner.idle();
  for (const { to, whole } of refreshes) {
    runner.setRequest('1', ask(to - 30, to));
    await runner.refresh(whole);
  }
  return runner;
}
const asked = (): unknown[] => bodies.map((b) => b.panels[0]?.queries[0]?.have ?? 'all');

test('a refresh says what is held, and shows old and new points as one', async () => {
  serve([series(0, { a: [1, 2, 3, 4] }), tail(10, 30, { a: [5, 6] }), tail(20, 40, { a: [7, 8] })]);
  const runner = await run({ to: 40 }, { to: 50 });
  expect(asked()).toEqual(['all', { from: 0, until: 30, tag: 'tag' }, { from: 10, until: 40, tag: 'tag' }]);
  const { frames, stats, problems } = runner.data('1');
  expect(frames[0]?.fields.map((f) => f.values)).toEqual([[20, 30, 40, 50], [3, 5, 7, 8]]);
  expect(stats[0]).toMatchObject({ series: 1, samples: 4 });
  expect(problems).toEqual([]);
});

test('a person who refreshes gets everything, and so does who has no tag', async () => {
  serve([series(0, { a: [1, 2, 3, 4] }), series(10, { a: [2, 3, 4, 5] })]);
  await run({ to: 40, whole: true });
  expect(asked()).toEqual(['all', 'all']);
  serve([series(0, { a: [1, 2, 3, 4] }), series(10, { a: [2, 3, 4, 5] })], '');
  vi.stubGlobal('fetch', vi.fn((_url: string, init: { body: string }) => {
    bodies.push(JSON.parse(init.body) as (typeof bodies)[number]);
    return Promise.resolve(new Response([{ id: '1', refId: 'A', frame: series(0, { a: [1] }) }, { id: '1', refId: 'A', done: { ms: 1, series: 1, samples: 1, stepMs: 10 } }, { end: true }].map((l) => JSON.stringify(l)).join('\n'), { status: 200 }));
  }));
  await run({ to: 40 });
  expect(asked()).toEqual(['all', 'all']);
});

test('a new part that does not fit is said, and everything is asked for next', async () => {
  serve([series(0, { a: [1, 2, 3, 4] }), tail(10, 90, { a: [5, 6] }), series(20, { a: [3, 4, 5, 6] })]);
  const runner = await run({ to: 40 });
  expect(runner.data('1').problems[0]?.message).toContain('does not fit');
  runner.setRequest('1', ask(20, 50));
  await runner.refresh();
  expect(asked()[2]).toBe('all');
  expect(runner.data('1')).toMatchObject({ problems: [], frames: [{ length: 4 }] });
});
