// @vitest-environment happy-dom
/** The form of an annotation query: what it writes is what the page asks and draws. */
import { useState, type ReactNode } from 'react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DataSource } from '../../src/api/datasources';
import { annotationQueries, showsIn } from '../../src/model/dashboard/annotations';
import { AnnotationForm } from '../../src/pages/dashboard-settings/AnnotationForm';
import { mount, type Mounted } from './mounted';

let page: Mounted;
let now: Record<string, unknown>;
beforeEach(() => { page = mount(); });
afterEach(() => page.unmount());
const sources = [{ uid: 'p', name: 'Metrics', type: 'prometheus', isDefault: true }] as DataSource[];
const panels = [{ id: 1, title: 'Load' }, { id: 2, title: '' }];

function Form({ first, builtIn = false }: { first: Record<string, unknown>; builtIn?: boolean }): ReactNode {
  const [entry, setEntry] = useState(first);
  const put = (part: Record<string, unknown>): void => {
    now = Object.fromEntries(Object.entries({ ...entry, ...part }).filter(([, v]) => v !== undefined));
    setEntry(now);
  };
  return <AnnotationForm entry={entry} sources={sources} panels={panels} builtIn={builtIn} set={(key, value) => put({ [key]: value })} put={put} />;
}
const choose = (words: string, value: string): Promise<void> => page.choose({ beside: words }, value);
const query = () => annotationQueries({ annotations: [now] }).find((q) => q.name === 'A');
const prometheus = { name: 'A', datasource: { type: 'prometheus', uid: 'p' }, expr: 'x > 0' };

test('another list of stored annotations is by tags, and may be of this dashboard', async () => {
  await page.draw(<Form first={prometheus} />);
  await choose('Data source', '-- Grafana --');
  expect(query()).toMatchObject({ kind: 'stored', byTags: true, limit: 100 });
  expect(page.host.querySelector('textarea')).toBeNull();
  await page.type('input[type=number]', '7');
  await choose('Found by', 'dashboard');
  expect(query()).toMatchObject({ kind: 'stored', byTags: false, limit: 7 });
  await choose('Data source', 'p');
  expect(query()).toMatchObject({ kind: 'prometheus', expr: 'x > 0' });
});

test.each([
  ['in the query itself', prometheus, { expr: 'y' }], ['in its target', { name: 'A', datasource: prometheus.datasource, target: { refId: 'Anno', expr: 'x' } }, { target: { refId: 'Anno', expr: 'y' } }],
])('the expression is changed where it stands: %s', async (_, first, part) => {
  await page.draw(<Form first={first} />);
  await page.type('textarea', 'y');
  expect(now).toMatchObject(part);
  expect('expr' in now && 'target' in now).toBe(false);
  expect(query()?.expr).toBe('y');
});

test('it is drawn in all panels, in some, in all but some', async () => {
  await page.draw(<Form first={{ ...prometheus, filter: { exclude: false, ids: [1, 2] } }} />);
  const shown = () => [1, 2].filter((id) => { const q = query(); return q && showsIn(q, id); });
  await page.press('Remove Panel 2');
  expect([now['filter'], shown()]).toEqual([{ exclude: false, ids: [1] }, [1]]);
  await choose('Shown in', 'exclude');
  expect(shown()).toEqual([2]);
  await choose('Shown in', 'all');
  expect([now['filter'], shown()]).toEqual([undefined, [1, 2]]);
});

test('the dashboard’s own have no source to choose, but panels', async () => {
  await page.draw(<Form first={{ builtIn: 1, name: 'A', datasource: { type: 'grafana', uid: '-- Grafana --' } }} builtIn />);
  expect([...page.host.querySelectorAll('select')].length).toBe(1);
  await choose('Shown in', 'only');
  expect(now['filter']).toEqual({ exclude: false, ids: [] });
});
