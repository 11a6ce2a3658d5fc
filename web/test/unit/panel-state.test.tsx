// @vitest-environment happy-dom
/** What stands in a panel without data: of a snapshot, of a dashboard that is not saved yet, of one that is, of a source that cannot be asked. */
import { Suspense } from 'react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Panel } from '../../src/model/dashboard/types';
import { PanelState } from '../../src/pages/dashboard/PanelState';
import type { DashboardState } from '../../src/pages/dashboard/useDashboard';
import type { PanelData } from '../../src/query/runner';
import { mount, type Mounted } from './mounted';

let page: Mounted;
beforeEach(() => { page = mount(); });
afterEach(() => page.unmount());

test.each([
  ['a snapshot', '', false, 'when the snapshot was taken'], ['a new dashboard', '', true, 'asks for nothing yet'], ['a saved one', 'u', true, 'asks for nothing yet'], ['one that may only be read', 'u', false, 'asks for nothing yet'],
])('a panel of %s without data', async (_, uid, canEdit, words) => {
  const state = { doc: { view: { uid, variables: [] }, meta: { uid, canEdit } }, sources: [] } as unknown as DashboardState;
  const data = { queries: [], problems: [], frames: [] } as unknown as PanelData;
  await page.draw(<Suspense><PanelState kind="empty" data={data} panel={{ targets: [], datasource: undefined } as unknown as Panel} state={state} near onInspect={() => undefined} /></Suspense>);
  expect(page.host.textContent).toContain(words);
});

test('a panel with an expression over its queries', async () => {
  const state = { doc: { view: { uid: 'u', variables: [] }, meta: { uid: 'u' } }, sources: [] } as unknown as DashboardState;
  const problems = [{ refId: 'B', type: 'datasource', message: 'data source "__expr__" not found', expr: '$A > 1' }];
  const data = { queries: [{ refId: 'B', datasource: '__expr__' }], problems, frames: [] } as unknown as PanelData;
  const panel = { targets: [{ refId: 'A', expr: 'up' }, { refId: 'B', expr: '$A > 1', datasource: { type: '__expr__', uid: '__expr__' } }], datasource: undefined } as unknown as Panel;
  await page.draw(<Suspense><PanelState kind="error" data={data} panel={panel} state={state} near onInspect={() => undefined} /></Suspense>);
  expect(page.host.textContent).toContain('an expression over its queries, which panels cannot calculate yet');
});

test.each(['loki', 'grafana-athena-datasource'])('a panel that asks a source of the type %s, which the server cannot ask', async (type) => {
  const state = { doc: { view: { uid: 'u', variables: [] }, meta: { uid: 'u' } }, sources: [{ uid: 'x', name: 'X', type }] } as unknown as DashboardState;
  const problems = [{ refId: 'A', type: 'datasource', message: `panels cannot show data sources of type "${type}" yet`, expr: 'a' }];
  const data = { queries: [{ refId: 'A', datasource: 'x' }], problems, frames: [] } as unknown as PanelData;
  await page.draw(<Suspense><PanelState kind="error" data={data} panel={{ targets: [], datasource: undefined } as unknown as Panel} state={state} near onInspect={() => undefined} /></Suspense>);
  expect(page.host.textContent).toContain(`cannot ask data sources of the type “${type}” yet`);
});
