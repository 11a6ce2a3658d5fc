// @vitest-environment happy-dom
/** How often the server is asked: not per key, not for nothing, and again for what was changed. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, useState, type ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eachOnce } from '../../src/model/audit';
import { newPane } from '../../src/model/explore';
import { AnnotationDialog } from '../../src/pages/dashboard/AnnotationDialog';
import { useDashboard, type DashboardState } from '../../src/pages/dashboard/useDashboard';
import { AddToDashboard } from '../../src/pages/explore/AddToDashboard';
import { HistoryDrawer } from '../../src/pages/explore/HistoryDrawer';
import { compareWithFiles } from '../../src/query/drift';
import { useSettled } from '../../src/ui/settled';
import { mount, type Mounted } from './mounted';

let page: Mounted;
let client: QueryClient;
const asked: string[] = [];
/** Answers of the server, by the beginning of the address. */
let answers: Record<string, (url: string) => unknown> = {};
const wrap = (node: ReactNode): ReactNode => <QueryClientProvider client={client}>{node}</QueryClientProvider>;
beforeEach(() => {
  asked.length = 0;
  client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 30_000 } } });
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    const found = Object.entries(answers).find(([start]) => url.startsWith(start));
    return new Response(JSON.stringify(found ? found[1](url) : []), { status: found ? 200 : 404 });
  });
  page = mount();
});
afterEach(async () => {
  await page.unmount();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('a typed text settles when typing pauses; an emptied one at once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const seen: string[] = [];
  const Field = ({ text }: { text: string }): ReactNode => {
    const settled = useSettled(text);
    if (seen.at(-1) !== settled) seen.push(settled);
    return settled;
  };
  for (const text of ['', 'a', 'ab', 'abc']) await page.draw(<Field text={text} />);
  await act(async () => vi.runAllTimers());
  await page.draw(<Field text="" />);
  await page.draw(<Field text="x" />);
  expect(page.host.textContent).toBe('');
  await act(async () => vi.runAllTimers());
  expect(seen).toEqual(['', 'abc', '', 'x']);
});

test('an entry of the audit log that moved on to the next page is listed once', () => {
  expect(eachOnce([{ id: 5 }, { id: 4 }, { id: 4 }, { id: 3 }]).map((e) => e.id)).toEqual([5, 4, 3]);
});

test.each([[false, ['Newer', 'Older']], [true, ['Older', 'Newer']]])('the history turns its pages as far as they go, oldest first: %s', async (oldest, [back, on]) => {
  let total = 120;
  answers = { '/api/query-history': (url) => ({ result: { totalCount: total, queryHistory: [{ uid: url, datasourceUid: 'p', createdAt: 0, comment: '', queries: [{ expr: `page ${new URL(url, 'http://x').searchParams.get('page') ?? ''}` }], starred: false }] } }) };
  await page.draw(wrap(<HistoryDrawer sources={[]} zone="utc" asked={0} onRun={() => undefined} onClose={() => undefined} />));
  await page.until(() => expect(page.host.textContent).toContain('Page 1 of 3'));
  if (oldest) {
    await act(async () => {
      const order = page.host.querySelector<HTMLSelectElement>('select[aria-label=Order]');
      if (order) order.value = 'old';
      order?.dispatchEvent(new Event('change', { bubbles: true }));
    });
  }
  const button = (words: string | undefined): HTMLButtonElement | undefined => [...page.host.querySelectorAll('button')].find((b) => b.textContent === words);
  await page.until(() => expect(button(back)?.disabled).toBe(true));
  for (const at of [2, 3]) {
    await page.press(on ?? '');
    await page.until(() => expect(page.host.textContent).toContain(`page ${at}`));
  }
  expect(button(on)?.disabled).toBe(true);
  // Others were deleted meanwhile: the last page there is takes the place of one that is gone.
  total = 20;
  await act(async () => client.invalidateQueries({ queryKey: ['query-history'] }));
  await page.until(() => expect(page.host.textContent).not.toContain('Page'));
  expect(page.host.textContent).toContain('page 1');
});

test('a panel put onto a dashboard is there when the dashboard is opened next', async () => {
  answers = { '/api/search': () => [], '/api/dashboards/db': () => ({ uid: 'u', url: '/d/u', version: 2 }) };
  client.setQueryData(['dashboard', 'u'], { old: true });
  client.setQueryData(['dashboard', 'other'], { old: true });
  const pane = { ...newPane('p1'), queries: newPane('p1').queries.map((q) => ({ ...q, expr: 'up' })) };
  await page.draw(wrap(<AddToDashboard pane={pane} source={undefined} onClose={() => undefined} />));
  await page.type('input[id$=name]', 'Board');
  await page.press('Add the panel');
  await page.until(() => expect(document.body.textContent).toContain('is on “Board”'));
  expect([client.getQueryState(['dashboard', 'u'])?.isInvalidated, client.getQueryState(['dashboard', 'other'])?.isInvalidated]).toEqual([true, false]);
});

test('cancelling an annotation asks for nothing', async () => {
  const [reload, close] = [vi.fn(), vi.fn()];
  await page.draw(wrap(<AnnotationDialog task={{ kind: 'add', from: 0, to: 0, panelId: 1, panelTitle: 'P' }} dashboardUid="u" zone="utc" canEdit reload={reload} onClose={close} />));
  await page.press('Cancel');
  expect([reload.mock.calls.length, close.mock.calls.length]).toEqual([0, 1]);
});

test('only dashboards from files are compared with them, a few at a time', async () => {
  const item = (uid: string, provisioned: boolean) => ({ uid, title: `Title of ${uid}`, url: `/d/${uid}`, provisioned });
  answers = {
    '/api/search': () => [item('a', false), item('b', true), item('c', true), item('d', false)],
    '/api/ui/dashboards/c/drift': () => ({ provider: 'files', path: 'c.json', drifted: true, differences: [{}] }),
  };
  const { dashboards, total } = await compareWithFiles(new AbortController().signal);
  expect(total).toBe(2);
  // One of them cannot be asked: it says so, and the other is compared.
  expect(dashboards.map((d) => [d.uid, d.title, d.drifted, d.problem])).toEqual([['c', 'Title of c', true, ''], ['b', 'Title of b', false, 'The server answered 404.']]);
  expect(asked.filter((url) => url.endsWith('/drift'))).toHaveLength(2);
});

test('a dashboard’s state is the same object as long as nothing of it changes', async () => {
  answers = { '/api/datasources': () => [], '/api/annotations': () => [] };
  const view = { uid: 'u', title: 'T', description: '', tags: [], editable: true, time: { from: 'now-1h', to: 'now' }, timezone: 'utc', refresh: '', refreshIntervals: [], graphTooltip: 1 as const, weekStart: '', links: [], variables: [], annotations: [], panels: [], notices: [] };
  const doc = { meta: { uid: 'u', title: 'T', url: '', folderTitle: '', folderUid: '', version: 1, provisioned: false, canEdit: false, isStarred: false }, raw: {}, view };
  const states: DashboardState[] = [];
  let again: () => void = () => undefined;
  const Page = (): ReactNode => {
    const [n, setN] = useState(0);
    again = () => setN((x) => x + 1);
    states.push(useDashboard(doc));
    return n;
  };
  await page.draw(wrap(<Page />));
  await page.until(() => expect(states.at(-1)?.sources).toBeDefined());
  const before = states.length;
  await act(async () => again());
  await act(async () => again());
  expect(states.length).toBe(before + 2);
  expect(states.at(-1)).toBe(states.at(-2));
  expect(states.at(-1)).toBe(states[before - 1]);
});
