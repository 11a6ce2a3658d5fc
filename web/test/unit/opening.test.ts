// @vitest-environment happy-dom
/** What is asked before a dashboard is drawn, and who takes the answer over. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DashboardDoc } from '../../src/api/dashboards';
import type { Panel } from '../../src/model/dashboard/types';
import { parseDashboardUrl } from '../../src/model/url';
import { openingRequests } from '../../src/pages/dashboard/opening';
import { BegunQuery, serves } from '../../src/query/begun';
import { QueryRunner, type PanelRequest } from '../../src/query/runner';

const request = (expr: string, maxDataPoints = 100): PanelRequest => ({
  range: { from: 0, to: 1000 }, choice: 'now-1s now', maxDataPoints, queries: [{ refId: 'A', datasource: 'm', expr, instant: false, range: true, format: 'time_series', legendFormat: '' }],
});
const panel = (id: number, y: number, part: Partial<Panel> = {}): Panel => ({
  id, type: 'timeseries', title: '', gridPos: { x: 0, y, w: 12, h: 8 }, datasource: { type: 'prometheus', uid: 'm' }, repeat: '', rowId: null, timeFrom: '', timeShift: '', interval: '', maxDataPoints: null,
  targets: [{ refId: 'A', expr: `q${id}`, datasource: null, hide: false, instant: false, range: true, format: 'time_series', legendFormat: '', interval: '', raw: {} }], ...part,
} as unknown as Panel);
const doc = (panels: Panel[], view: object = {}): DashboardDoc => ({ raw: {}, view: { uid: 'u', title: 'T', time: { from: 'now-1h', to: 'now' }, timezone: 'utc', weekStart: '', variables: [], panels, ...view } }) as unknown as DashboardDoc;
const room = { width: 1280, height: 900, rail: 208 };
const opened = (d: DashboardDoc, search = '', width = room.width): string[] => [...openingRequests(d, parseDashboardUrl(search), { ...room, width }, 3_600_000).keys()];

describe('what a dashboard opens with', () => {
  test('asks over the range of the page, in the points of its width', () => {
    expect(openingRequests(doc([panel(1, 0)]), parseDashboardUrl(''), room, 3_600_000).get('1')).toEqual({
      range: { from: 0, to: 3_600_000 }, choice: 'now-1h now', maxDataPoints: 500, intervalMs: undefined,
      queries: [{ refId: 'A', datasource: 'm', expr: 'q1', instant: false, range: true, format: 'time_series', legendFormat: '' }],
    });
  });
  test.each([
    ['panels in sight, not those far below', doc([panel(1, 0), panel(2, 8, { gridPos: { x: 0, y: 8, w: 24, h: 30 } }), panel(3, 38)]), '', ['1', '2']],
    ['not panels that ask nothing', doc([panel(1, 0), panel(2, 8, { type: 'text' }), panel(3, 16, { targets: [] })]), '', ['1']],
    ['not over a range of their own', doc([panel(1, 0), panel(2, 8, { timeFrom: '2h' }), panel(3, 16, { timeShift: '1d' })]), '', ['1']],
    ['not where the list of sources decides', doc([panel(1, 0), panel(2, 8, { datasource: null }), panel(3, 16, { datasource: { type: '', uid: '$ds' } })]), '', ['1']],
    ['nothing before the variables are known', doc([panel(1, 0)], { variables: [{ name: 'v' }] }), '', []],
    ['nothing where one panel is viewed', doc([panel(1, 0)]), 'viewPanel=1', []],
    ['nothing where one is edited', doc([panel(1, 0)]), 'editPanel=1', []],
    ['nothing without panels', doc([]), '', []],
  ])('%s', (_what, d, search, keys) => {
    expect(opened(d, search)).toEqual(keys);
  });
  test('nothing in a narrow window', () => {
    expect(opened(doc([panel(1, 0)]), '', 800)).toEqual([]);
  });
});

test.each([
  [request('a'), request('a'), true], [request('a', 350), request('a', 400), true], [request('a', 350), request('a', 450), false], [request('a'), request('b'), false],
  [request('a'), { ...request('a'), range: { from: 1, to: 1000 } }, false], [request('a'), { ...request('a'), choice: '1 2' }, false],
])('an answer serves the same question with about as many points: %#', (begun, wanted, served) => {
  expect(serves(begun, wanted)).toBe(served);
});

describe('the answer', () => {
  const sent: { ids: string[]; signal: AbortSignal }[] = [];
  const lines = (id: string): object[] => [
    { id, refId: 'A', frame: { kind: 'series', time: { t0: 0, step: 500, n: 2 }, series: [{ name: 's', labels: {}, values: [1, 2] }] } }, { id, refId: 'A', done: { ms: 1, series: 1, samples: 2, stepMs: 500 } },
  ];
  function serve(): void {
    sent.length = 0;
    vi.stubGlobal('fetch', (_url: string, init: { body: string; signal: AbortSignal }) => {
      const ids = (JSON.parse(init.body) as { panels: { id: string }[] }).panels.map((p) => p.id);
      sent.push({ ids, signal: init.signal });
      return Promise.resolve(new Response([...ids.flatMap(lines), { end: true }].map((l) => JSON.stringify(l)).join('\n')));
    });
  }
  const shows = (runner: QueryRunner, wanted: Record<string, PanelRequest>): void => {
    for (const [id, r] of Object.entries(wanted)) {
      runner.setRequest(id, r);
      runner.setVisible(id, true);
    }
  };
  afterEach(() => vi.unstubAllGlobals());

  test('goes to the panels that ask what was asked; the others ask by themselves', async () => {
    serve();
    const runner = new QueryRunner(undefined, new BegunQuery(new Map([['1', request('a')], ['2', request('b')], ['gone', request('c')], ['late', request('d')]])));
    shows(runner, { 1: request('a', 120), 2: request('other'), 3: request('d') });
    await runner.idle();
    expect(sent.map((s) => s.ids)).toEqual([['1', '2', 'gone', 'late'], ['2', '3']]);
    for (const id of ['1', '2', '3']) expect(runner.data(id)).toMatchObject({ answered: true, loading: false, problems: [] });
    expect(sent.map((s) => s.signal.aborted)).toEqual([false, false]);
    // One that comes onto the page later finds its answer there.
    shows(runner, { late: request('d') });
    await runner.idle();
    expect(sent).toHaveLength(2);
    expect(runner.data('late')).toMatchObject({ answered: true, loading: false, problems: [] });
    // What comes next is asked as ever, with what is held.
    await runner.refresh();
    expect(sent.map((s) => s.ids).slice(2)).toEqual([['1', '2', '3', 'late']]);
  });
  test('that nobody wants is dropped; so is that of a page that goes away', async () => {
    serve();
    const runner = new QueryRunner(undefined, new BegunQuery(new Map([['1', request('a')]])));
    shows(runner, { 1: request('b') });
    await runner.idle();
    expect(sent.map((s) => s.signal.aborted)).toEqual([true, false]);
    const left = new QueryRunner(undefined, new BegunQuery(new Map([['1', request('a')]])));
    left.destroy();
    expect(sent.at(-1)?.signal.aborted).toBe(true);
  });
  test('that fails is the failure of the panels it was for', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('{"message":"too busy"}', { status: 503 })));
    const runner = new QueryRunner(undefined, new BegunQuery(new Map([['1', request('a')]])));
    shows(runner, { 1: request('a') });
    await runner.idle();
    expect(runner.data('1').problems.map((p) => p.message)).toEqual(['too busy']);
  });
});
