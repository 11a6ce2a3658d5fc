// @vitest-environment happy-dom
/** Steps through time on a dashboard: each starts from the one before, also when none of them is drawn yet. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, type ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { shiftRange, zoomOut, type RawRange, type TimeRange } from '../../src/model/time/range';
import { useDashboard, type DashboardState } from '../../src/pages/dashboard/useDashboard';
import { paintByHand } from './frames';
import { mount, type Mounted } from './mounted';

const { frame } = paintByHand();
const view = { uid: 'u', title: 'T', description: '', tags: [], editable: true, time: { from: '1000000', to: '2000000' }, timezone: 'utc', refresh: '', refreshIntervals: [], graphTooltip: 1 as const, weekStart: '', links: [], variables: [], annotations: [], panels: [], notices: [] };
const doc = { meta: { uid: 'u', title: 'T', url: '', folderTitle: '', folderUid: '', version: 1, provisioned: false, canEdit: false, isStarred: false }, raw: {}, view };

let page: Mounted;
const states: DashboardState[] = [];
const shown = (): DashboardState => states[states.length - 1] as DashboardState;
const Page = (): ReactNode => {
  states.push(useDashboard(doc));
  return null;
};
beforeEach(async () => {
  vi.stubGlobal('fetch', async () => new Response('[]'));
  history.replaceState(null, '', '/d/u');
  page = mount();
  await page.draw(<QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}><Page /></QueryClientProvider>);
});
afterEach(async () => {
  await page.unmount();
  vi.useRealTimers();
});
/** What waits for a frame happens, with all that follows. */
const painted = (): Promise<void> => act(async () => {
  frame();
  await new Promise((resolve) => { setTimeout(resolve, 0); });
});

const back = (r: TimeRange): RawRange => shiftRange(r, -1, 9_000_000);
test.each<[string, (((r: TimeRange) => RawRange) | RawRange | 'frame')[], TimeRange]>([
  ['two zooms, each in a frame of its own', [zoomOut, 'frame', zoomOut], { from: -500_000, to: 3_500_000 }],
  ['two zooms within one frame', [zoomOut, zoomOut], { from: -500_000, to: 3_500_000 }],
  ['a zoom and a step back', [zoomOut, back], { from: -500_000, to: 1_500_000 }],
  ['a range that is chosen, and a zoom', [{ from: '3000000', to: '4000000' }, zoomOut], { from: 2_500_000, to: 4_500_000 }],
  ['what is shown already, and later a zoom', [{ from: '1000000', to: '2000000' }, 'frame', zoomOut], { from: 500_000, to: 2_500_000 }],
])('%s', async (_, moves, range) => {
  for (const move of moves) {
    if (move === 'frame') await painted();
    else act(() => (typeof move === 'function' ? shown().moveRange(move) : shown().setRange(move)));
  }
  await painted();
  expect(shown().range).toEqual(range);
});

test('a refresh while a choice waits for its frame brings a later now, which stays', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 5_000_000 });
  act(() => shown().setRange({ from: 'now-1h', to: 'now' }));
  vi.setSystemTime(5_000_900);
  await act(async () => shown().refreshNow());
  await painted();
  expect(shown().raw).toEqual({ from: 'now-1h', to: 'now' });
  expect(shown().now).toBe(5_000_900);
});

test('a choice that the page was left before is not the start of the next step', async () => {
  act(() => shown().moveRange(zoomOut));
  act(() => history.replaceState(null, '', '/d/another'));
  await painted();
  act(() => history.replaceState(null, '', '/d/u'));
  act(() => shown().moveRange(zoomOut));
  await painted();
  expect(shown().range).toEqual({ from: 500_000, to: 2_500_000 });
});
