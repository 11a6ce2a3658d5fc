// @vitest-environment happy-dom
/** The list of data sources is asked for once, whoever needs it; and what home says of the health of targets. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { afterEach, describe, expect, it, test, vi } from 'vitest';
import { ApiError } from '../../src/api/http';
import type { DashboardView, Variable } from '../../src/model/dashboard/types';
import { loadHealth, tellHealth } from '../../src/pages/home/health';
import { sourcesQuery, useSources } from '../../src/query/sources';
import { loadVariables } from '../../src/query/variables';
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
