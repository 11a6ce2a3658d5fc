// @vitest-environment happy-dom
/** The panel inspector asks for the server's account of a query as the query itself was asked. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';
import type { Panel } from '../../src/model/dashboard/types';
import { Inspect } from '../../src/pages/dashboard/Inspect';
import type { PanelData } from '../../src/query/runner';
import { mount } from './mounted';

afterEach(() => vi.unstubAllGlobals());

it.each([
  ['at one moment', { instant: true, range: false }, 'api/v1/query?query=up&stats=all&time=100', false],
  ['over the range', { instant: false, range: true }, 'api/v1/query_range?query=up&stats=all&start=40&end=100&step=20', true],
  ['over the range', { instant: true, range: true }, 'api/v1/query_range?query=up&stats=all&start=40&end=100&step=20', true],
])('%s: %j', async (words, how, address, tellsStep) => {
  const asked = vi.fn(async (_url: string) => new Response(JSON.stringify({ data: { stats: { samples: { read: 7 } } } })));
  vi.stubGlobal('fetch', asked);
  const data = {
    frames: [], notices: [], problems: [], range: { from: 40_000, to: 100_000 }, queries: [{ refId: 'A', expr: 'up', datasource: 'p', ...how }],
    // The server tells a step of every query.
    stats: [{ refId: 'A', ms: 1, series: 1, samples: 1, stepMs: 20_000 }],
  } as unknown as PanelData;
  const page = mount();
  await page.draw(
    <QueryClientProvider client={new QueryClient()}>
      <Inspect title="T" data={data} frames={[]} table={{ columns: [], rows: [] }} panel={{} as Panel} zone="utc" onClose={() => undefined} />
    </QueryClientProvider>,
  );
  expect(document.body.textContent).toContain(words);
  expect(document.body.textContent.includes('a point every')).toBe(tellsStep);
  await page.press('Ask once more for the server’s account');
  await page.until(() => expect(document.body.textContent).toContain('Read7'));
  expect(asked.mock.calls[0]?.[0]).toContain(address);
  await page.unmount();
});
