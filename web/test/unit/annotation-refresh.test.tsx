// @vitest-environment happy-dom
/** Annotations on a page that refreshes: looked for as often as the data, without need never, and drawn anew when they differ. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, type ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DashboardDoc } from '../../src/api/dashboards';
import type { Mark } from '../../src/model/marks';
import { useDashboard, type DashboardState } from '../../src/pages/dashboard/useDashboard';
import { mount, type Mounted } from './mounted';

const docOf = (type: string): DashboardDoc => ({
  meta: { uid: 'u', title: 'T', url: '', folderTitle: '', folderUid: '', version: 1, provisioned: false, canEdit: false, isStarred: false }, raw: {},
  view: {
    uid: 'u', title: 'T', description: '', tags: [], editable: true, time: { from: 'now-1h', to: 'now' }, timezone: 'utc', refresh: '', refreshIntervals: [], graphTooltip: 1, weekStart: '', links: [], variables: [], annotations: [], notices: [],
    panels: [{ id: 1, type }] as DashboardDoc['view']['panels'],
  },
});

/** What is stored; an answer may have to wait until the test lets it go. */
const portal = { found: [] as object[], asked: 0, held: undefined as Promise<void> | undefined, aborted: 0 };
let page: Mounted;
const states: DashboardState[] = [];
const Page = ({ doc }: { doc: DashboardDoc }): ReactNode => {
  states.push(useDashboard(doc));
  return null;
};
const marks = (): readonly Mark[] => states[states.length - 1]?.annotations.of(1) ?? [];
const note = (id: number, text: string) => ({ id, dashboardUID: 'u', panelId: 0, time: 1, timeEnd: 1, text, tags: [], login: 'vera' });
/** What was asked has been answered, and the page has taken it up. */
const settled = (): Promise<void> => act(async () => {
  // The frame, the turn after it, the answer, and its news each take a turn.
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => { setTimeout(resolve, 0); });
});
/** The page's own refresh, some seconds later. */
const refresh = (): void => {
  vi.setSystemTime(Date.now() + 5000);
  act(() => states[states.length - 1]?.setRange({ from: 'now-1h', to: 'now' }));
};
const open = async (type: string, search = ''): Promise<void> => {
  history.replaceState(null, '', `/d/u${search}`);
  await page.draw(<QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}><Page doc={docOf(type)} /></QueryClientProvider>);
  await settled();
};
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000 });
  Object.assign(portal, { found: [note(1, 'deployed')], asked: 0, held: undefined, aborted: 0 });
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, 0));
  vi.stubGlobal('fetch', async (url: string, init?: { signal?: AbortSignal }) => {
    if (!url.startsWith('/api/annotations')) return new Response('[]');
    portal.asked += 1;
    init?.signal?.addEventListener('abort', () => { portal.aborted += 1; });
    await portal.held;
    return new Response(JSON.stringify(portal.found));
  });
  states.length = 0;
  page = mount();
});
afterEach(async () => {
  await page.unmount();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test.each([
  ['a range that ends now', 'timeseries', '', 4],
  ['a range that does not move', 'timeseries', '?from=1000&to=2000000', 1],
  ['a page that draws none', 'stat', '', 0],
])('three refreshes of %s', async (_, type, search, times) => {
  await open(type, search);
  for (let i = 0; i < 3; i += 1) {
    if (search === '') refresh();
    else act(() => states[states.length - 1]?.setRange({ from: '1000', to: '2000000' }));
    await settled();
  }
  expect(portal.asked).toBe(times);
});

test('what others added is there with the next refresh; what is the same is the same object', async () => {
  await open('timeseries');
  const first = marks();
  expect(first.map((m) => m.text)).toEqual(['deployed']);
  refresh();
  await settled();
  expect(portal.asked).toBe(2);
  expect(marks()).toBe(first);
  portal.found = [note(2, 'rolled back'), ...portal.found];
  refresh();
  await page.until(() => expect(marks().map((m) => m.text)).toEqual(['rolled back', 'deployed']));
});

test('an answer that takes longer than a refresh still comes', async () => {
  let letGo: () => void = () => undefined;
  portal.held = new Promise((resolve) => { letGo = resolve; });
  await open('timeseries');
  refresh();
  await settled();
  refresh();
  await settled();
  expect([portal.asked, portal.aborted, marks()]).toEqual([1, 0, []]);
  letGo();
  await settled();
  expect(marks()).toHaveLength(1);
});
