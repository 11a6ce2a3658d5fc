// @vitest-environment happy-dom
/** What is asked before a dashboard is drawn, and who takes the answer over. */
import { createElement, StrictMode, useEffect, useState } from 'react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DashboardDoc } from '../../src/api/dashboards';
import type { DataSource } from '../../src/api/datasources';
import type { Panel } from '../../src/model/dashboard/types';
import { parseDashboardUrl } from '../../src/model/url';
import { beginOpening, openingOf, settleOpening } from '../../src/pages/dashboard/begin';
import { knownVariables } from '../../src/pages/dashboard/known';
import { openingRange, openingRequests } from '../../src/pages/dashboard/opening';
import { BegunQuery, serves, type Begun } from '../../src/query/begun';
import { QueryRunner, type PanelRequest } from '../../src/query/runner';
import { mount } from './mounted';

const request = (expr: string, maxDataPoints = 100): PanelRequest => ({
  range: { from: 0, to: 1000 }, choice: 'now-1s now', maxDataPoints, queries: [{ refId: 'A', datasource: 'm', expr, instant: false, range: true, format: 'time_series', legendFormat: '' }],
});
const panel = (id: number, y: number, part: Partial<Panel> = {}): Panel => ({
  id, type: 'timeseries', title: '', gridPos: { x: 0, y, w: 12, h: 8 }, datasource: { type: 'prometheus', uid: 'm' }, repeat: '', rowId: null, timeFrom: '', timeShift: '', interval: '', maxDataPoints: null,
  targets: [{ refId: 'A', expr: `q${id}`, datasource: null, hide: false, instant: false, range: true, format: 'time_series', legendFormat: '', interval: '', raw: {} }], ...part,
} as unknown as Panel);
const doc = (panels: Panel[], view: object = {}): DashboardDoc => ({ raw: {}, view: { uid: 'u', title: 'T', time: { from: 'now-1h', to: 'now' }, timezone: 'utc', weekStart: '', variables: [], panels, ...view } }) as unknown as DashboardDoc;
const room = { width: 1280, height: 900, rail: 208 };
const sourceList = [{ uid: 'm', name: 'Metrics', type: 'prometheus', isDefault: true }, { uid: 'n', name: 'Next', type: 'prometheus', isDefault: false }] as DataSource[];
const requests = (d: DashboardDoc, search = '', width = room.width, sources: DataSource[] | undefined = undefined): ReadonlyMap<string, PanelRequest> => {
  const url = parseDashboardUrl(search);
  return openingRequests(d, url, { ...room, width }, 3_600_000, knownVariables(d, url.variables, openingRange(d, url, 3_600_000), sources), sources).requests;
};
const opened = (d: DashboardDoc, search = ''): string[] => [...requests(d, search).keys()];

describe('what a dashboard opens with', () => {
  test('asks over the range of the page, in the points of its width', () => {
    expect(requests(doc([panel(1, 0)])).get('1')).toEqual({
      range: { from: 0, to: 3_600_000 }, choice: 'now-1h now', maxDataPoints: 500, intervalMs: undefined,
      queries: [{ refId: 'A', datasource: 'm', expr: 'q1', instant: false, range: true, format: 'time_series', legendFormat: '' }],
    });
  });
  test.each([
    ['panels in sight, not those far below', doc([panel(1, 0), panel(2, 8, { gridPos: { x: 0, y: 8, w: 24, h: 30 } }), panel(3, 38)]), '', ['1', '2']],
    ['not panels that ask nothing', doc([panel(1, 0), panel(2, 8, { type: 'text' }), panel(3, 16, { targets: [] })]), '', ['1']],
    ['not over a range of their own', doc([panel(1, 0), panel(2, 8, { timeFrom: '2h' }), panel(3, 16, { timeShift: '1d' })]), '', ['1']],
    ['not where the list of sources decides', doc([panel(1, 0), panel(2, 8, { datasource: null }), panel(3, 16, { datasource: { type: '', uid: '$ds' } })]), '', ['1']],
    ['nothing where one panel is viewed', doc([panel(1, 0)]), 'viewPanel=1', []],
    ['nothing where one is edited', doc([panel(1, 0)]), 'editPanel=1', []],
    ['nothing without panels', doc([]), '', []],
  ])('%s', (_what, d, search, keys) => {
    expect(opened(d, search)).toEqual(keys);
  });
  test.each([
    [1280, 12, 500], [1280, 24, 1050], [900, 12, 450], [700, 12, 350], [640, 12, 600], [360, 8, 350],
  ])('in a window of %d pixels a panel %d wide asks for %d points', (width, w, points) => {
    expect(requests(doc([panel(1, 0, { gridPos: { x: 0, y: 0, w, h: 8 } })]), '', width).get('1')?.maxDataPoints).toBe(points);
  });
});

const variable = (name: string, part: object): object => ({
  name, label: '', type: 'query', hide: 0, multi: false, includeAll: false, allValue: null, query: '', datasource: { type: 'prometheus', uid: 'm' }, regex: '', sort: 0, refresh: 1, options: [],
  current: { text: '', value: '' }, auto: false, autoCount: 30, autoMin: '10s', skipUrlSync: false, ...part,
});
const chosen = (value: string | string[]): object => ({ current: { text: value, value } });
const asking = (expr: string, part: Partial<Panel> = {}): Panel => panel(1, 0, { targets: [{ ...panel(1, 0).targets[0], expr } as Panel['targets'][0]], ...part });

describe('variables that are known before anybody is asked', () => {
  test.each<[what: string, variables: object[], expr: string, search: string, asked: string | undefined]>([
    ['a constant', [variable('v', { type: 'constant', query: 'c' })], '$v', '', 'c'],
    ['a text as it was saved', [variable('v', { type: 'textbox', query: 'd', ...chosen('t') })], '$v', '', 't'],
    ['a text of the address', [variable('v', { type: 'textbox', query: 'd' })], '$v', 'var-v=u', 'u'],
    ['a list of its own', [variable('v', { type: 'custom', query: 'a,b', ...chosen('b') })], '$v', '', 'b'],
    ['a list that no longer has the choice', [variable('v', { type: 'custom', query: 'a,b', ...chosen('gone') })], '$v', '', 'a'],
    ['all of a list', [variable('v', { type: 'custom', query: 'a,b', multi: true, includeAll: true, ...chosen('$__all') })], '$v', '', '(a|b)'],
    ['an interval', [variable('v', { type: 'interval', query: '1m,5m', ...chosen('5m') })], 'rate(x[$v])', '', 'rate(x[5m])'],
    ['an interval that fits the range', [variable('v', { type: 'interval', query: '1m', auto: true, ...chosen('$__auto') })], 'rate(x[$v])', '', 'rate(x[2m])'],
    ['a query variable of the address', [variable('v', {})], '$v', 'var-v=u', 'u'],
    ['a query variable as it was saved', [variable('v', chosen('s'))], '$v', '', 's'],
    ['several values', [variable('v', { multi: true, ...chosen(['s', 't']) })], '$v', '', '(s|t)'],
    ['all, where the dashboard spells it', [variable('v', { includeAll: true, allValue: '.+', ...chosen('$__all') })], '$v', '', '.+'],
    ['not all of a list that nobody has', [variable('v', { multi: true, includeAll: true, ...chosen('$__all') })], '$v', '', undefined],
    ['not a query variable without a choice', [variable('v', {})], '$v', '', undefined],
    ['but what does not use it', [variable('v', {})], 'up', '', 'up'],
    ['not a data source before the list is there', [variable('v', { type: 'datasource', query: 'prometheus', ...chosen('m') })], 'up{a="$v"}', '', undefined],
    ['conditions', [variable('v', { type: 'adhoc' })], 'up', 'var-v=job%7C%3D%7Ca', 'up{job="a"}'],
  ])('%s', (_what, variables, expr, search, asked) => {
    expect(requests(doc([asking(expr)], { variables }), search).get('1')?.queries[0]?.expr).toBe(asked);
  });
  test('where panels stand is not known before the values that repeat them are', () => {
    const repeated = asking('$v', { repeat: 'v' });
    expect(opened(doc([repeated, panel(2, 8)], { variables: [variable('v', {})] }))).toEqual([]);
    expect(opened(doc([repeated], { variables: [variable('v', { includeAll: true, allValue: '.+', ...chosen('$__all') })] }))).toEqual([]);
    expect(opened(doc([repeated], { variables: [variable('v', { multi: true, type: 'custom', query: 'a,b', ...chosen(['a', 'b']) })] }))).toEqual(['1', '1-b']);
  });
  test.each([
    ['the saved choice', variable('ds', { type: 'datasource', query: 'prometheus', ...chosen('n') }), '', 'n'],
    ['that of the address, by its name', variable('ds', { type: 'datasource', query: 'prometheus', ...chosen('m') }), 'var-ds=Next', 'n'],
    ['the default one where nothing fits', variable('ds', { type: 'datasource', query: 'prometheus', ...chosen('gone') }), '', 'm'],
  ])('with the list of sources, a data source variable is %s', (_what, ds, search, uid) => {
    const raw = { templating: { list: [{ ...ds }] } };
    const board = { ...doc([asking('up', { datasource: { type: 'prometheus', uid: '$ds' } })], { variables: [ds] }), raw };
    expect(requests(board, search).size).toBe(0);
    expect(requests(board, search, room.width, sourceList).get('1')?.queries[0]?.datasource).toBe(uid);
  });
});

test.each([
  [request('a'), request('a'), true], [request('a', 350), request('a', 400), true], [request('a', 350), request('a', 450), false], [request('a'), request('b'), false],
  [request('a'), { ...request('a'), range: { from: 1, to: 1000 } }, false], [request('a'), { ...request('a'), choice: '1 2' }, false],
])('an answer serves the same question with about as many points: %#', (begun, wanted, served) => {
  expect(serves(begun, wanted)).toBe(served);
});

const begunWith = (requests: ReadonlyMap<string, PanelRequest>): Begun => ({ query: new BegunQuery(requests), whole: true, over: false });

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
    const runner = new QueryRunner(undefined, begunWith(new Map([['1', request('a')], ['2', request('b')], ['gone', request('c')], ['late', request('d')]])));
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
    const runner = new QueryRunner(undefined, begunWith(new Map([['1', request('a')]])));
    shows(runner, { 1: request('b') });
    await runner.idle();
    expect(sent.map((s) => s.signal.aborted)).toEqual([true, false]);
    const left = new QueryRunner(undefined, begunWith(new Map([['1', request('a')]])));
    left.destroy();
    expect(sent.at(-1)?.signal.aborted).toBe(true);
  });
  test('that fails is the failure of the panels it was for', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('{"message":"too busy"}', { status: 503 })));
    const runner = new QueryRunner(undefined, begunWith(new Map([['1', request('a')]])));
    shows(runner, { 1: request('a') });
    await runner.idle();
    expect(runner.data('1').problems.map((p) => p.message)).toEqual(['too busy']);
  });

  const ids = (): string[][] => sent.map((s) => s.ids);
  const aborted = (): boolean[] => sent.map((s) => s.signal.aborted);
  test('stays for the page of its dashboard, however often that looks, until it has come', async () => {
    serve();
    beginOpening(doc([panel(1, 0)]), sourceList);
    const found = openingOf('u');
    expect(found).toBeDefined();
    expect([openingOf('u'), openingOf('other')]).toEqual([found, undefined]);
    settleOpening(found);
    expect(openingOf('u')).toBeUndefined();
    expect([ids(), aborted()]).toEqual([[['1']], [false]]);
    // One that nobody wanted is dropped by the page that comes instead, or by the next beginning.
    beginOpening(doc([panel(2, 0)]), sourceList);
    settleOpening(undefined);
    beginOpening(doc([panel(3, 0)]), sourceList);
    beginOpening(doc([panel(4, 0)]), sourceList);
    expect([ids(), aborted()]).toEqual([[['1'], ['2'], ['3'], ['4']], [false, true, true, false]]);
    settleOpening(undefined);
  });
  test('is dropped when no page comes', () => {
    vi.useFakeTimers();
    serve();
    beginOpening(doc([panel(1, 0)]), sourceList);
    vi.runAllTimers();
    expect([openingOf('u'), aborted()]).toEqual([undefined, [true]]);
    vi.useRealTimers();
  });
  test('is taken by a component that React draws twice and puts up twice', async () => {
    serve();
    const seen = new Set<unknown>();
    const Page = (): null => {
      const [found] = useState(() => openingOf('u'));
      seen.add(found);
      useEffect(() => settleOpening(found), [found]);
      return null;
    };
    beginOpening(doc([panel(1, 0)]), sourceList);
    const begun = openingOf('u');
    const page = mount();
    await page.draw(createElement(StrictMode, null, createElement(Page)));
    expect([...seen]).toEqual([begun]);
    expect([openingOf('u'), aborted()]).toEqual([undefined, [false]]);
    await page.unmount();
  });
  test('waits for the options of a variable where nothing else tells what to ask', async () => {
    serve();
    const streamed = globalThis.fetch;
    const asked: string[] = [];
    let held = Promise.resolve();
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      asked.push(url);
      return url.endsWith('/variable') ? held.then(() => new Response(JSON.stringify({ options: [{ text: 'x', value: 'x' }], truncated: false }))) : streamed(url, init);
    });
    beginOpening(doc([asking('q{a="$v"}')], { variables: [variable('v', { query: 'label_values(a)' })] }), sourceList);
    expect(openingOf('u')?.query).toBeUndefined();
    // A page that is drawn meanwhile gets it, too: it looks when it asks.
    const found = openingOf('u');
    settleOpening(found);
    await vi.waitFor(() => expect(found?.query).toBeDefined());
    expect(asked).toEqual(['/api/ui/variable', '/api/ui/query']);
    expect(found?.whole).toBe(true);
    new QueryRunner(undefined, found).destroy();
    // One that has asked by itself does not.
    let answer = (): void => undefined;
    held = new Promise((resolve) => {
      answer = resolve;
    });
    const late = doc([asking('q{a="$v"}')], { variables: [variable('v', { query: 'label_values(b)' })] });
    beginOpening(late, sourceList);
    const taken = openingOf('u');
    settleOpening(taken);
    const runner = new QueryRunner(undefined, taken);
    shows(runner, { 1: request('q{a="x"}') });
    await runner.idle();
    answer();
    await held;
    await new Promise((resolve) => { setTimeout(resolve, 0); });
    expect([taken?.query, asked.slice(2)]).toEqual([undefined, ['/api/ui/variable', '/api/ui/query']]);
    // Nor is a part asked for where the rest has to wait anyway.
    beginOpening(doc([asking('up'), panel(2, 8, { targets: [{ ...panel(1, 0).targets[0], expr: '$v' } as Panel['targets'][0]] })], { variables: [variable('v', { query: 'label_values(c)' })] }), sourceList);
    expect(openingOf('u')?.query).toBeUndefined();
    settleOpening(undefined);
  });
});
