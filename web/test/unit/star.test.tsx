// @vitest-environment happy-dom
/** Stars: one place keeps them, and all that show a star show the same. */
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { act, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StarButton } from '../../src/pages/dashboard/StarButton';
import dashlist from '../../src/panels/dashlist';
import type { PanelInput } from '../../src/panels/types';
import { CursorBus } from '../../src/query/cursor';
import type { DashboardDoc } from '../../src/api/dashboards';
import { dashboardQuery, followStars, foundKey, keepSent } from '../../src/query/dashboards';
import { Stars, stars } from '../../src/query/stars';
import { mount, type Mounted } from './mounted';

describe('the place that keeps them', () => {
  /** A server whose answers come when the test says so. */
  const server = () => {
    const sent: string[] = [];
    const waiting: { done: () => void; fail: (e: Error) => void }[] = [];
    const store = new Stars((uid, on) => {
      sent.push(`${uid} ${on}`);
      return new Promise((done, fail) => { waiting.push({ done, fail }); });
    });
    return { sent, waiting, store };
  };
  const found = (isStarred: boolean) => [{ uid: 'u', isStarred }];

  it('of several stars in a row only the first and the last are sent, one after the other', async () => {
    const { sent, waiting, store } = server();
    const all = [true, false, true, false].map((on) => store.set('u', on));
    expect([sent, store.of('u')]).toEqual([['u true'], false]);
    waiting[0]?.done();
    await vi.waitFor(() => expect(sent).toEqual(['u true', 'u false']));
    waiting[1]?.done();
    await Promise.all(all);
    expect(store.of('u')).toBe(false);
  });

  it('one that is set already is not sent, and the next one is', async () => {
    const { sent, waiting, store } = server();
    await store.learn(Promise.resolve(0), () => found(true));
    await store.set('u', true);
    const set = store.set('u', false);
    expect(sent).toEqual(['u false']);
    waiting[0]?.done();
    await set;
    expect(store.of('u')).toBe(false);
  });

  it('what is refused is what it was', async () => {
    const { waiting, store } = server();
    await store.learn(Promise.resolve(0), () => found(true));
    const set = store.set('u', false);
    expect(store.of('u')).toBe(false);
    waiting[0]?.fail(new Error('no room'));
    await expect(set).rejects.toThrow('no room');
    expect(store.of('u')).toBe(true);
  });

  it('an answer that was asked for before the star was set says nothing about it; a later one does', async () => {
    const { waiting, store } = server();
    let answer: (stars: ReturnType<typeof found>) => void = () => undefined;
    const early = store.learn(new Promise<ReturnType<typeof found>>((resolve) => { answer = resolve; }), (a) => a);
    const set = store.set('u', true);
    await store.learn(Promise.resolve(0), () => found(false));
    expect(store.of('u')).toBe(true);
    waiting[0]?.done();
    await set;
    answer(found(false));
    await early;
    expect(store.of('u')).toBe(true);
    await store.learn(Promise.resolve(0), () => found(false));
    expect(store.of('u')).toBe(false);
  });

  it('tells of changes only, and of what was sent', async () => {
    const { waiting, store } = server();
    const news: string[] = [];
    store.subscribe((n) => news.push(n));
    await store.learn(Promise.resolve(0), () => found(true));
    await store.learn(Promise.resolve(0), () => found(true));
    const set = store.set('u', false);
    waiting[0]?.done();
    await set;
    expect(news).toEqual(['shown', 'shown', 'sent']);
  });
});

const portal = { starred: new Set<string>(), fails: false };
const asked: string[] = [];
const hit = (uid: string) => ({ uid, title: `Title of ${uid}`, url: `/d/${uid}`, tags: [], isStarred: portal.starred.has(uid) });
function answer(url: string, method = 'GET'): Response {
  asked.push(`${method} ${url}`);
  const uid = /stars\/dashboard\/uid\/(.+)$/.exec(url)?.[1];
  if (uid === undefined) {
    if (url.startsWith('/api/search')) return new Response(JSON.stringify(['u', 'v'].map(hit).filter((d) => d.isStarred)));
    return new Response(JSON.stringify({ meta: { uid: 'u', isStarred: portal.starred.has('u') }, raw: {}, view: {} }));
  }
  if (portal.fails) return new Response(JSON.stringify({ message: 'no room' }), { status: 507 });
  if (method === 'POST') portal.starred.add(uid);
  else portal.starred.delete(uid);
  return new Response('{}');
}

let page: Mounted;
let client: QueryClient;
/** What the page is given of its dashboard; each draws all panels. */
const docs = new Set<unknown>();
function Page(): ReactNode {
  const { data } = useQuery({ ...dashboardQuery('u'), enabled: false });
  docs.add(data);
  return <header><StarButton uid="u" title="Board" /></header>;
}
const button = () => page.host.querySelector('header button');
const pressed = () => button()?.getAttribute('aria-pressed');
const load = async (): Promise<void> => {
  await client.fetchQuery(dashboardQuery('u'));
  await page.until(() => expect(button()?.hasAttribute('disabled')).toBe(false));
};
beforeEach(async () => {
  portal.starred = new Set(['u', 'v']);
  portal.fails = false;
  asked.length = 0;
  docs.clear();
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  vi.stubGlobal('fetch', vi.fn(async (url: string, init?: { method?: string }) => answer(url, init?.method)));
  page = mount();
  await page.draw(<QueryClientProvider client={client}><Page /></QueryClientProvider>);
});
afterEach(async () => {
  await page.unmount();
  vi.unstubAllGlobals();
});

describe('the star of the dashboard that is shown', () => {
  it('waits for the dashboard, and asks for nothing itself', async () => {
    expect([pressed(), button()?.hasAttribute('disabled'), asked]).toEqual(['false', true, []]);
    await load();
    expect([pressed(), asked]).toEqual(['true', ['GET /api/ui/dashboards/u']]);
  });

  it('is known of a dashboard that came with its page, which nobody asks for', async () => {
    const doc = { meta: { uid: 'sent', isStarred: true }, raw: {}, view: {} } as unknown as DashboardDoc;
    keepSent(client, 'sent', doc);
    expect(client.getQueryData(dashboardQuery('sent').queryKey)).toBe(doc);
    await page.draw(<QueryClientProvider client={client}><StarButton uid="sent" title="Board" /></QueryClientProvider>);
    expect([page.host.querySelector('button')?.getAttribute('aria-pressed'), page.host.querySelector('button')?.disabled, asked]).toEqual(['true', false, []]);
  });

  it('is changed at once, and the dashboard stays the same object: its panels are not drawn anew', async () => {
    await load();
    await page.until(() => expect(docs.size).toBe(2));
    await page.press('Remove the star');
    await page.until(() => expect([pressed(), portal.starred.has('u')]).toEqual(['false', false]));
    expect(docs.size).toBe(2);
  });

  it('makes what was found by its stars old when the server has it, and not before', async () => {
    const stop = followStars(client);
    const [key, ofAll] = [[...foundKey(true), 'words'], [...foundKey(false), 'words']];
    client.setQueryData(key, []);
    client.setQueryData(ofAll, []);
    await load();
    const old = () => client.getQueryState(key)?.isInvalidated;
    expect(old()).toBe(false);
    await page.press('Remove the star');
    await page.until(() => expect([portal.starred.has('u'), old()]).toEqual([false, true]));
    expect(client.getQueryState(ofAll)?.isInvalidated).toBe(false);
    stop();
  });

  it('is what it was when it could not be saved', async () => {
    await load();
    portal.fails = true;
    await page.press('Remove the star');
    await page.until(() => expect(asked.at(-1)).toBe('DELETE /api/user/stars/dashboard/uid/u'));
    await page.until(() => expect(pressed()).toBe('true'));
  });
});

describe('a list of dashboards on the page', () => {
  const host = document.createElement('div');
  const rows = () => [...host.querySelectorAll('li')].map((li) => `${li.querySelector('a')?.textContent} ${li.querySelector('button')?.getAttribute('aria-pressed')}`);
  const input = (): PanelInput => ({
    frames: [], options: { showHeadings: false, showRecentlyViewed: true }, size: { width: 100, height: 100 }, theme: 'light', zone: 'utc', range: { from: 0, to: 1 }, interpolate: (t) => t,
    page: { uid: 'u', asked: 1, recent: [{ uid: 'u', title: 'Title of u', url: '/d/u' }] },
  });
  const shown = async () => {
    vi.stubGlobal('IntersectionObserver', class {
      constructor(told: (entries: { isIntersecting: boolean }[]) => void) { queueMicrotask(() => told([{ isIntersecting: true }])); }
      observe(): void { return undefined; }
      disconnect(): void { return undefined; }
    });
    const view = dashlist.mount(host, { cursor: new CursorBus(0), onRange: () => undefined, onZoomOut: () => undefined });
    view.update(input());
    await page.until(() => expect(rows()).toEqual(['Title of u true', 'Title of v true', 'Title of u true']));
    return view;
  };

  it('shows the star of the title, and the title shows the star of the list', async () => {
    await load();
    const view = await shown();
    await page.press('Remove the star');
    expect(rows()).toEqual(['Title of v true', 'Title of u false']);
    await page.until(() => expect(stars.of('u')).toBe(false));
    await act(async () => [...host.querySelectorAll('button')].at(-1)?.click());
    expect(pressed()).toBe('true');
    // The list asks for what it has not seen yet.
    await page.until(() => expect(rows()).toEqual(['Title of u true', 'Title of v true', 'Title of u true']));
    view.destroy();
  });

  it('hears of stars as long as it is shown', async () => {
    await load();
    const view = await shown();
    view.destroy();
    asked.length = 0;
    await page.press('Remove the star');
    await page.until(() => expect(portal.starred.has('u')).toBe(false));
    expect(asked).toEqual(['DELETE /api/user/stars/dashboard/uid/u']);
  });
});
