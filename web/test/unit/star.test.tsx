// @vitest-environment happy-dom
/** The star beside a dashboard's name comes with the dashboard itself. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StarButton } from '../../src/pages/dashboard/StarButton';
import { dashboardQuery } from '../../src/query/dashboards';
import { mount, type Mounted } from './mounted';

const portal = { starred: false, fails: false };
const asked: string[] = [];
function answer(url: string, method = 'GET'): Response {
  asked.push(`${method} ${url}`);
  if (url !== '/api/user/stars/dashboard/uid/u') return new Response(JSON.stringify({ meta: { uid: 'u', isStarred: portal.starred }, raw: {}, view: {} }));
  if (portal.fails) return new Response(JSON.stringify({ message: 'no room' }), { status: 507 });
  portal.starred = method === 'POST';
  return new Response('{}');
}

let page: Mounted;
let client: QueryClient;
const kept = () => client.getQueryData(dashboardQuery('u').queryKey)?.meta.isStarred;
const pressed = () => page.host.querySelector('button')?.getAttribute('aria-pressed');
const loaded = async (): Promise<void> => {
  await client.fetchQuery(dashboardQuery('u'));
  await page.until(() => expect([pressed(), page.host.querySelector('button')?.disabled]).toEqual(['true', false]));
};
beforeEach(async () => {
  Object.assign(portal, { starred: true, fails: false });
  asked.length = 0;
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  vi.stubGlobal('fetch', vi.fn(async (url: string, init?: { method?: string }) => answer(url, init?.method)));
  page = mount();
  await page.draw(<QueryClientProvider client={client}><StarButton uid="u" title="Board" /></QueryClientProvider>);
});
afterEach(async () => {
  await page.unmount();
  vi.unstubAllGlobals();
});

describe('the star of the dashboard that is shown', () => {
  it('waits for the dashboard, and asks for nothing itself', async () => {
    expect([pressed(), page.host.querySelector('button')?.disabled, asked]).toEqual(['false', true, []]);
    await loaded();
    expect(asked).toEqual(['GET /api/ui/dashboards/u']);
  });

  it('is changed at once, and in the list that is kept', async () => {
    await loaded();
    client.setQueryData(['dashboards'], [{ uid: 'u', isStarred: true }, { uid: 'v', isStarred: true }]);
    await page.press('Remove the star');
    await page.until(() => expect([pressed(), kept(), portal.starred]).toEqual(['false', false, false]));
    expect(client.getQueryData(['dashboards'])).toEqual([{ uid: 'u', isStarred: false }, { uid: 'v', isStarred: true }]);
  });

  it('is what it was when it could not be saved', async () => {
    await loaded();
    portal.fails = true;
    await page.press('Remove the star');
    await page.until(() => expect([pressed(), kept()]).toEqual(['true', true]));
    expect(asked.at(-1)).toBe('DELETE /api/user/stars/dashboard/uid/u');
  });
});
