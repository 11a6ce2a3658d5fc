// @vitest-environment happy-dom
/** A library panel in the editor: opened where it stands by then, and never saved over what nobody has seen. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DashboardDoc } from '../../src/api/dashboards';
import { isLinked, libraryLink } from '../../src/model/dashboard/edit/library';
import { beginDraft, draftOf, dropDraft, edit } from '../../src/pages/dashboard-edit/draft';
import { openForEditing, panelOf, unlink } from '../../src/pages/dashboard-edit/library';
import { LibraryNote } from '../../src/pages/panel-editor/LibraryNote';
import { mount, type Mounted } from './mounted';

vi.mock('../../src/pages/dashboard-edit/kept', () => ({ keep: async () => undefined, forgetKept: async () => undefined, readKept: async () => [] }));

type Raw = Record<string, unknown>;
const linked = { id: 4, title: 'x', libraryPanel: { uid: 'lib', name: 'CPU' } };
const other = { id: 9, type: 'text', title: 'other' };
const model = { type: 'stat', title: 'CPU' };
const library = { version: 5, sent: [] as Raw[], meanwhile: (): void => undefined };
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
function answer(url: string, init?: { method?: string; body?: string }): Response {
  if (url.includes('/connections')) return json({ result: [] });
  if (!url.startsWith('/api/library-elements/lib')) return json(url.startsWith('/api/ui/dashboard-view') ? { view: {} } : []);
  if (init?.method === 'PATCH') {
    const sent = JSON.parse(init.body ?? '{}') as Raw;
    library.sent.push(sent);
    if (sent['version'] !== library.version) return json({ message: 'changed' }, 412);
    library.version += 1;
  } else library.meanwhile();
  return json({ result: { uid: 'lib', name: 'CPU', version: library.version, folderUid: '', model, meta: { folderName: '', connectedDashboards: 2 } } });
}
const begin = (...panels: Raw[]): void => void beginDraft({ meta: { uid: 'u', version: 1 }, raw: { title: 'B', panels }, view: { panels: [] } } as unknown as DashboardDoc);
const setPanels = (panels: unknown[]): void => edit('u', { label: 'edit', patch: [{ op: 'set', path: ['panels'], value: panels }] });
const panels = (): unknown => (draftOf('u')?.history.raw as Raw | undefined)?.['panels'];

let page: Mounted;
beforeEach(() => {
  Object.assign(library, { version: 5, sent: [], meanwhile: () => undefined });
  vi.stubGlobal('fetch', vi.fn(async (url: string, init?: { method?: string; body?: string }) => answer(url, init)));
  page = mount();
});
afterEach(async () => {
  await page.unmount();
  dropDraft('u');
  vi.unstubAllGlobals();
});

describe('edits made while the library is asked', () => {
  const copy = { ...model, id: 4, libraryPanel: { uid: 'lib', name: 'CPU', openedVersion: 5 } };
  const elsewhere = { ...linked, libraryPanel: { uid: 'mem', name: 'Memory' } };
  const edited = { ...copy, title: 'mine' };
  it.each<[string, (uid: string, id: number) => Promise<void>, Raw[], Raw[]]>([
    ['opened where it was moved to', openForEditing, [other, linked], [other, copy]],
    ['not opened when it is gone', openForEditing, [other], [other]],
    ['not opened when it stands for another', openForEditing, [elsewhere, other], [elsewhere, other]],
    ['not opened when it is opened already', openForEditing, [edited, other], [edited, other]],
    ['unlinked where it was moved to', unlink, [other, linked], [other, { ...model, id: 4 }]],
    ['not unlinked when it stands for another', unlink, [elsewhere, other], [elsewhere, other]],
    ['unlinked with what was edited', unlink, [edited, other], [{ ...model, id: 4, title: 'mine' }, other]],
  ])('%s', async (_, act, after, want) => {
    begin(linked, other);
    library.meanwhile = () => setPanels(after);
    await act('u', 4);
    expect(panels()).toEqual(want);
  });
});

describe('saving to the library', () => {
  const draw = async (): Promise<void> => {
    const panel = panelOf('u', 4) ?? {};
    const link = libraryLink(panel) ?? { uid: '', name: '' };
    await page.draw(<QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}><LibraryNote uid="u" id={4} link={link} linked={isLinked(panel)} /></QueryClientProvider>);
    await page.until(() => expect(page.host.textContent).toContain('it is on 2 dashboards'));
  };
  it.each<[string, Raw, string | undefined]>([
    ['the version it was opened from', { openedVersion: 5 }, undefined],
    ['a version that is no longer the newest', { openedVersion: 3 }, 'This copy was made of version 3, and the library has version 5 by now'],
    ['no version', {}, 'It is not known which version'],
  ])('knows %s, also when the page was loaded anew', async (_, known, warning) => {
    begin({ ...linked, ...model, libraryPanel: { ...linked.libraryPanel, ...known } });
    await draw();
    await page.press('Save to the library…');
    expect(document.querySelector('[role=alert]')?.textContent).toEqual(warning === undefined ? undefined : expect.stringContaining(warning));
    expect(library.sent).toEqual([]);
    await page.press(warning === undefined ? 'Save to the library' : 'Overwrite the library’s panel');
    await page.until(() => expect(panels()).toEqual([{ ...linked, title: 'CPU' }]));
    expect(library.sent).toEqual([{ model, version: 5, kind: 1 }]);
  });

  it('is refused when somebody saves while the question stands, and then tells of it', async () => {
    begin(linked);
    await openForEditing('u', 4);
    await draw();
    await page.press('Save to the library…');
    library.version = 6;
    await page.press('Save to the library');
    await page.until(() => expect(document.querySelector('.dialog-foot')).toBeNull());
    expect([library.version, library.sent.length]).toEqual([6, 1]);
    await page.press('Save to the library…');
    expect(document.body.textContent).toContain('This copy was made of version 5, and the library has version 6 by now');
  });
});
