// @vitest-environment happy-dom
/** Forms of what was JSON before: matchers of overrides, the data a transformation is for, units, folders, queries. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeMatcher } from '../../src/model/fieldconfig/matchers';
import { makeFrame, type Field, type Frame } from '../../src/model/frame';
import { Control } from '../../src/pages/panel-editor/controls';
import { freshOptions, MatcherOptions } from '../../src/pages/panel-editor/MatcherOptions';
import { Offer, offerOf } from '../../src/pages/panel-editor/offer';
import { TransformTab } from '../../src/pages/panel-editor/TransformTab';
import type { PanelDraft } from '../../src/pages/panel-editor/usePanelDraft';
import { option } from '../../src/panels/schema/types';
import { mount, type Mounted } from './mounted';

let page: Mounted;
let now: unknown;
beforeEach(() => { page = mount(); });
afterEach(async () => {
  await page.unmount();
  vi.unstubAllGlobals();
});
const frames: Frame[] = ['A', 'B'].map((refId) => makeFrame(refId, [
  { name: 'host', type: 'string', values: ['h'] }, { name: 'cpu', type: 'number', values: [0] }, { name: 'mem', type: 'number', values: [7] },
]));

function Matcher({ id, first }: { id: string; first: unknown }): ReactNode {
  const [value, setValue] = useState(first);
  return <Offer value={offerOf(frames)}><MatcherOptions id={id} value={value} fields={['host', 'cpu', 'mem']} onChange={(next) => { now = next; setValue(next); }} /></Offer>;
}
const matched = (id: string): string[] => frames.slice(0, 1).flatMap((f) => f.fields.filter((x: Field) => makeMatcher({ id, options: now })(x, f, x.name)).map((x) => x.name));

describe('what a matcher looks for', () => {
  test.each<[string, unknown, () => Promise<void>, unknown, string[]]>([
    ['byNames', { mode: 'include', names: ['cpu', 'host'] }, () => page.press('All but these'), { mode: 'exclude', names: ['cpu', 'host'] }, ['mem']],
    ['byNames', { mode: 'exclude', names: ['cpu', 'host'], prefix: 'All except:', readOnly: true }, () => page.press('Remove host'), { mode: 'exclude', names: ['cpu'], prefix: 'All except:', readOnly: true }, ['host', 'mem']],
    ['byTypes', { types: ['number', 'string'] }, () => page.press('Remove Number'), { types: ['string'] }, ['host']],
    ['byTypes', ['number', 'string'], () => page.press('Remove Text'), ['number'], ['cpu', 'mem']],
    ['byValue', freshOptions('byValue'), () => page.choose('[aria-label="Calculation"]', 'max'), { reducer: 'max', op: 'gte', value: 0 }, ['cpu', 'mem']],
    ['byValue', { reducer: 'max', op: 'gte', value: 0 }, () => page.type('[aria-label="Value"]', '5'), { reducer: 'max', op: 'gte', value: 5 }, ['mem']],
    ['byValue', { reducer: 'max', op: 'gte', value: 5 }, () => page.choose('[aria-label="Comparison"]', 'lt'), { reducer: 'max', op: 'lt', value: 5 }, ['cpu']],
    ['byFrameRefID', '', () => page.choose('[aria-label="Query"]', 'B'), 'B', []],
    ['byIndex', '', () => page.type('input', '2'), '2', ['mem']],
  ])('%s %j', async (id, first, does, want, fields) => {
    await page.draw(<Matcher id={id} first={first} />);
    await does();
    expect(now).toEqual(want);
    expect(matched(id)).toEqual(fields);
  });
  test('one that is not known stays JSON', async () => {
    await page.draw(<Matcher id="another" first={{ a: 1 }} />);
    expect(page.host.querySelector('textarea')?.value).toContain('"a": 1');
  });
});

describe('the data a transformation is for', () => {
  const drawn = async (filter: unknown): Promise<void> => {
    const panel = { json: { transformations: [{ id: 'limit', options: { limitField: 1 }, ...(filter === undefined ? {} : { filter }) }] }, set: (_: unknown, value: unknown) => { now = value; } } as unknown as PanelDraft;
    await page.draw(<TransformTab panel={panel} frames={frames} zone="utc" />);
  };
  test.each([
    [undefined, '', 'B', { id: 'byRefId', options: 'B' }],
    [{ id: 'byRefId', options: 'A' }, 'A', '', undefined],
    [{ id: 'byName', options: 'x' }, 'byName: x', 'A', { id: 'byRefId', options: 'A' }],
  ])('%j shows “%s”; “%s” makes %j', async (filter, shown, chosen, want) => {
    await drawn(filter);
    expect(page.host.querySelector<HTMLSelectElement>('[aria-label="For the results of"]')?.value).toBe(shown);
    await page.choose('[aria-label="For the results of"]', chosen);
    expect(now).toEqual([{ id: 'limit', options: { limitField: 1 }, ...(want === undefined ? {} : { filter: want }) }]);
  });
});

test('a folder is chosen by its name; one that is gone stays', async () => {
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify([{ uid: 'f', title: 'Shops', type: 'dash-folder', url: '', tags: [] }])));
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await page.draw(<QueryClientProvider client={client}><Control spec={option('', 'folderUID', 'Folder', 'folder', '')} value="gone" fields={[]} onChange={(v) => { now = v; }} /></QueryClientProvider>);
  await page.until(() => expect([...page.host.querySelectorAll('option')].map((o) => o.textContent)).toEqual(['All folders', 'gone', 'Shops']));
  await page.choose('select', 'f');
  expect(now).toBe('f');
});
