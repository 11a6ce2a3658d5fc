// @vitest-environment happy-dom
/** Forms show what the dashboard says: a variable's query after undo, its values, the fields a transformation can name. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, useState, type ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Variable } from '../../src/model/dashboard/types';
import { makeFrame, type Frame } from '../../src/model/frame';
import type { DashboardState } from '../../src/pages/dashboard/useDashboard';
import { VariableForm } from '../../src/pages/dashboard-settings/VariableForm';
import { VariablePreview } from '../../src/pages/dashboard-settings/VariablePreview';
import { TransformTab } from '../../src/pages/panel-editor/TransformTab';
import type { PanelDraft } from '../../src/pages/panel-editor/usePanelDraft';
import { forgetVariableOptions } from '../../src/query/variables';
import { mount, type Mounted } from './mounted';

type Raw = Record<string, unknown>;
let page: Mounted;
let client: QueryClient;
/** The queries that were sent for options. */
const asked: string[] = [];
const wrap = (node: ReactNode): ReactNode => <QueryClientProvider client={client}>{node}</QueryClientProvider>;
const stateOf = (to: number, env: string, raw = { from: 'now-1h', to: 'now' }): DashboardState => {
  const range = { from: to - 3_600_000, to };
  const value = { name: 'env', type: 'custom', multi: false, isAll: false, allValue: null, values: [env], texts: [env] };
  return {
    raw, range, sources: [{ uid: 'p', name: 'Prom', type: 'prometheus', isDefault: true }],
    context: { variables: { env: value }, range, zone: 'utc', dashboard: { uid: 'u', title: 'T' }, user: { login: '', email: '' } },
  } as unknown as DashboardState;
};
const variable = (query: string, part: Partial<Variable> = {}): Variable => ({
  name: 'v', label: '', type: 'query', hide: 0, multi: false, includeAll: false, allValue: null, query, datasource: null, regex: '', sort: 0, refresh: 2, options: [],
  current: { text: '', value: '' }, auto: false, autoCount: 0, autoMin: '', skipUrlSync: false, ...part,
});
beforeEach(() => {
  asked.length = 0;
  forgetVariableOptions();
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  vi.stubGlobal('fetch', async (_url: string, init?: { body?: string }) => {
    const { query } = JSON.parse(init?.body ?? '{}') as { query?: string };
    if (query !== undefined) asked.push(query);
    return new Response(JSON.stringify({ options: [{ text: query, value: query }], truncated: false }));
  });
  page = mount();
});
afterEach(async () => {
  await page.unmount();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const names: Raw = { name: 'v', type: 'query', query: { query: 'label_names(up)', qryType: 0 } };
const empty: Raw = { name: 'v', type: 'query', query: '' };
test.each<[string, Raw, string, Raw[], [kind: string, metric: string | undefined]]>([
  // Values of a label that is not named yet, which has no text.
  ['stays while nothing else changes', names, 'Values of a label', [{ label: 'L' }], ['Values of a label', 'up']],
  ['stays where the dashboard has no query either', empty, 'Result of a query', [{ label: 'L' }], ['Result of a query', undefined]],
  ['goes with an undo', names, 'Values of a label', [names], ['Names of labels', 'up']],
  ['goes when the kind of the variable changes and comes back', names, 'Values of a label', [{ ...empty, type: 'custom' }, empty], ['Values of a label', '']],
  ['goes when the same text is of another type', names, 'Values of a label', [{ query: { query: '', qryType: 0 } }], ['Names of labels', '']],
])('half a query %s', async (_, start, pressed, then, want) => {
  let put: (part: Raw) => void = () => undefined;
  const Page = (): ReactNode => {
    const [raw, setRaw] = useState(start);
    put = (part) => setRaw((before) => ({ ...before, ...part }));
    return <VariableForm raw={raw} names={[]} view={undefined} state={stateOf(0, '')} onChange={put} onBack={() => undefined} />;
  };
  await page.draw(wrap(<Page />));
  await page.press(pressed);
  for (const part of then) await act(async () => put(part));
  const form = page.host.querySelector('.variable-query');
  expect([form?.querySelector('.segmented [aria-pressed=true]')?.textContent, form?.querySelector<HTMLInputElement>('input[placeholder=any]')?.value]).toEqual(want);
});

test.each([['b', 'a|b'], ['.+', '.+']])('“All” in the author’s own words stands in the preview as a query gets it: %s', async (env, want) => {
  await page.draw(wrap(<VariablePreview variable={variable('a', { type: 'custom', includeAll: true, allValue: env === 'b' ? 'a|$env' : env })} state={stateOf(1e12, env)} />));
  expect(page.host.querySelector('code')?.textContent).toBe(want);
});

test('the values of a variable are asked for when what is asked changes, and typing pauses', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const show = async (query: string, state: DashboardState, part: Partial<Variable> = {}): Promise<void> => {
    await page.draw(wrap(<VariablePreview variable={variable(query, part)} state={state} />));
    await act(async () => void (await vi.advanceTimersByTimeAsync(100)));
  };
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i += 1) await act(async () => void (await vi.advanceTimersByTimeAsync(200)));
  };
  await show('metrics($env)', stateOf(1e12, 'a'));
  expect(asked).toEqual(['metrics(a)']);
  // A refresh moves the range, and is nobody's wish for other values.
  await show('metrics($env)', stateOf(1e12 + 60_000, 'a'));
  await settle();
  expect(asked).toEqual(['metrics(a)']);
  await show('metrics($env)', stateOf(1e12, 'b'));
  await settle();
  expect(asked).toEqual(['metrics(a)', 'metrics(b)']);
  await page.until(() => expect(page.host.querySelector('.chip')?.textContent).toBe('metrics(b)'));
  for (const typed of ['metrics(x', 'metrics(xy', 'metrics(xyz)']) await show(typed, stateOf(1e12, 'b'));
  expect(page.host.querySelector('section')?.getAttribute('aria-busy')).toBe('true');
  await settle();
  expect(asked).toEqual(['metrics(a)', 'metrics(b)', 'metrics(xyz)']);
  await show('metrics(xyz)', stateOf(2e12, 'b', { from: 'now-6h', to: 'now' }));
  await settle();
  expect(asked).toHaveLength(4);
});

const series = (legend: string): Frame => makeFrame('A', [{ name: 'Time', type: 'time', values: [0] }, { name: 'Value', type: 'number', values: [1], labels: { host: legend }, legend }]);
const labelled = makeFrame('A', [{ name: 'Time', type: 'time', values: [0] }, { name: 'Value', type: 'number', values: [1], labels: { host: 'x' } }]);
const organize = (options: Raw = {}): Raw => ({ id: 'organize', options });
test.each<[string, Frame[], Raw[], string[]]>([
  ['legends, and no “Value” beside them', [series('a'), series('b')], [organize()], ['Time', 'a', 'b']],
  ['labels where there is no legend', [labelled], [organize()], ['Time', 'x']],
  ['the names an earlier step gave', [series('a')], [{ id: 'renameByRegex', options: { regex: 'a', renamePattern: 'Load' } }, organize()], ['Time', 'Load']],
])('a transformation offers %s', async (_, frames, transformations, want) => {
  const panel = { json: { transformations }, set: () => undefined } as unknown as PanelDraft;
  await page.draw(<TransformTab panel={panel} frames={frames} zone="utc" />);
  expect([...page.host.querySelectorAll('.transform-field-name')].map((e) => e.textContent)).toEqual(want);
});
