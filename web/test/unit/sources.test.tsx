// @vitest-environment happy-dom
/** The list of data sources is asked for once, whoever needs it; and what home says of the health of targets. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { afterEach, describe, expect, it, test, vi } from 'vitest';
import { ApiError } from '../../src/api/http';
import type { DashboardView, Panel, Variable } from '../../src/model/dashboard/types';
import { loadHealth, tellHealth } from '../../src/pages/home/health';
import { sourcesQuery, useSources } from '../../src/query/sources';
import { foreignType } from '../../src/pages/dashboard/PanelState';
import { foreignSource, loadVariables } from '../../src/query/variables';
import { mount } from './mounted';

afterEach(() => vi.unstubAllGlobals());
const prometheus = { uid: 'p', name: 'Prom', type: 'prometheus', isDefault: true, url: '', typeName: 'Prometheus', readOnly: false };

test('components, variables and loaders share one answer', async () => {
  const fetched = vi.fn(async () => new Response(JSON.stringify([prometheus])));
  vi.stubGlobal('fetch', fetched);
  const client = new QueryClient();
  const Names = (): ReactNode => useSources().data?.map((s) => s.name).join() ?? 'none';
  const page = mount();
  await page.draw(<QueryClientProvider client={client}><Names /><Names /></QueryClientProvider>);
  await page.until(() => expect(page.host.textContent).toBe('PromProm'));
  const variable: Variable = { name: 'ds', label: '', type: 'datasource', hide: 0, multi: false, includeAll: false, allValue: null, query: 'prometheus', datasource: null, regex: '', sort: 0, refresh: 1, options: [], current: { text: '', value: '' }, auto: false, autoCount: 0, autoMin: '', skipUrlSync: false };
  const loaded = await loadVariables({
    view: { uid: 'u', title: '', variables: [variable] } as unknown as DashboardView, fromUrl: {}, range: { from: 0, to: 1 }, zone: 'utc', user: { login: '', email: '' }, signal: new AbortController().signal,
    sources: () => client.fetchQuery(sourcesQuery),
  });
  expect(loaded.options['ds']?.map((o) => o.value)).toEqual(['p']);
  expect(fetched).toHaveBeenCalledTimes(1);
  await page.unmount();
});

test('options that one load gave up are asked for again by another that waits for them', async () => {
  const asked = vi.fn((_url: string, { signal }: { signal: AbortSignal }) => new Promise<Response>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('gone', 'AbortError')));
    if (asked.mock.calls.length > 1) resolve(new Response(JSON.stringify({ options: [{ text: 'a', value: 'a' }], truncated: false })));
  }));
  vi.stubGlobal('fetch', asked);
  const variable = { name: 'job', label: '', type: 'query', hide: 0, multi: false, includeAll: false, allValue: null, query: 'label_values(given_up, job)', datasource: { type: 'prometheus', uid: 'p' }, regex: '', sort: 0, refresh: 1, options: [], current: { text: '', value: '' }, auto: false, autoCount: 0, autoMin: '', skipUrlSync: false };
  const load = (signal: AbortSignal) => loadVariables({
    view: { uid: 'u', title: '', variables: [variable] } as unknown as DashboardView, fromUrl: {}, range: { from: 0, to: 1 }, zone: 'utc', user: { login: '', email: '' }, signal, sources: async () => [],
  });
  const first = new AbortController();
  const given = load(first.signal);
  // As a page does when another value is chosen meanwhile.
  first.abort();
  const second = load(new AbortController().signal);
  await expect(given).rejects.toThrow('gone');
  expect(await second).toMatchObject({ problems: {}, options: { job: [{ value: 'a' }] } });
  expect(asked).toHaveBeenCalledTimes(2);
});

test('what an address named when the page was opened stays, until it or what it depends on is chosen anew', async () => {
  const custom = (name: string, query: string): Variable => ({ name, label: '', type: 'custom', hide: 0, multi: false, includeAll: true, allValue: null, query, datasource: null, regex: '', sort: 0, refresh: 1, options: [], current: { text: '', value: '' }, auto: false, autoCount: 0, autoMin: '', skipUrlSync: false });
  const opened = { job: ['gone'], node: ['old'] };
  const load = async (fromUrl: Record<string, string[]>): Promise<string[]> => {
    const { values } = await loadVariables({
      view: { uid: 'u', title: '', variables: [custom('job', 'a, b'), custom('node', '$job-1, $job-2')] } as unknown as DashboardView, fromUrl, opened, range: { from: 0, to: 1 }, zone: 'utc',
      user: { login: '', email: '' }, signal: new AbortController().signal, sources: async () => [],
    });
    return ['job', 'node'].map((name) => (values[name]?.isAll === true ? 'all' : (values[name]?.values.join() ?? '')));
  };
  expect(await load(opened)).toEqual(['gone', 'old']);
  expect(await load({ ...opened, job: ['b'] })).toEqual(['b', 'all']);
  expect(await load({ ...opened, job: ['neither'] })).toEqual(['all', 'all']);
  expect(await load({ node: ['old'] })).toEqual(['all', 'all']);
});

test.each([
  ['a query in a language of its own', [{ expr: '', datasource: { type: 'infinity', uid: 'x' } }], 'infinity'],
  ['the type of the panel', [{ expr: '', datasource: null }], 'influxdb'],
  ['Prometheus', [{ expr: '', datasource: { type: 'prometheus', uid: 'x' } }], undefined],
  ['what answers as Prometheus does', [{ expr: '', datasource: { type: 'mimir', uid: 'x' } }], undefined],
  ['switched off', [{ expr: '', hide: true, datasource: { type: 'infinity', uid: 'x' } }], undefined],
  ['written', [{ expr: 'up', datasource: { type: 'infinity', uid: 'x' } }], undefined],
])('the source of a query without an expression: %s', (_, targets, type) => {
  expect(foreignType({ targets, datasource: { type: 'influxdb', uid: 'i' } } as unknown as Panel)).toBe(type);
});

test.each([
  ['loki', 'l', 'loki'], ['loki', 'gone', 'loki'], ['prometheus', 'p', undefined], ['', 'p', undefined], ['', 'gone', undefined],
  // The reference says what it was written for, the source what it is.
  ['victoriametrics-datasource', 'p', undefined], ['prometheus', 'l', 'loki'],
])('a variable of the type “%s” that asks %s', (type, uid, foreign) => {
  expect(foreignSource({ datasource: { type, uid } }, uid, [{ uid: 'p', type: 'prometheus' }, { uid: 'l', type: 'loki' }])).toBe(foreign);
});

describe('health', () => {
  const all = { up: 2, total: 2, down: [], samples: 1 };
  it.each([
    ['nothing known', undefined, undefined, '', 'Asking…'],
    ['all up', all, undefined, 'good', 'All targets are up'],
    ['asking fails after all were up', all, new Error('gone'), 'bad', 'Health could not be asked'],
    ['asking fails at once', undefined, new Error('gone'), 'bad', 'Health could not be asked'],
    ['not allowed', undefined, new ApiError('no', 403), '', 'Health could not be asked'],
    ['none', { ...all, up: 0, total: 0 }, undefined, 'bad', 'Nothing is scraped yet'],
    ['some down', { ...all, up: 1, down: ['node at a'] }, undefined, 'bad', '1 of 2 targets are down'],
  ])('%s', (_, health, error, look, title) => expect(tellHealth(health, error)).toMatchObject({ look, title }));
  it('names a few targets and counts the others', () => {
    expect(tellHealth({ up: 0, total: 7, samples: null, down: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }, undefined).text).toBe('a, b, c, d, e, and 2 more');
  });
  it('a source that cannot be asked is an error, not an empty list', async () => {
    const lines = [{ id: 'home', refId: 'A', error: { message: 'connection refused', type: 'datasource' } }, { end: true }];
    vi.stubGlobal('fetch', async () => new Response(lines.map((l) => JSON.stringify(l)).join('\n')));
    await expect(loadHealth([prometheus], new AbortController().signal)).rejects.toThrow('connection refused');
  });
});
