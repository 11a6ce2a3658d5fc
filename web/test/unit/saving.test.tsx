// @vitest-environment happy-dom
/** Saving a dashboard against a server where others save too: nobody's edits are lost without being asked. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DashboardDoc } from '../../src/api/dashboards';
import { isChanged } from '../../src/model/dashboard/edit/history';
import type { DashboardView } from '../../src/model/dashboard/types';
import { object } from '../../src/model/json';
import { beginDraft, draftOf, draftSaved, dropDraft, edit, isUnsaved, resumeDraft, setTyped, useDrafts } from '../../src/pages/dashboard-edit/draft';
import { useDiscard } from '../../src/pages/dashboard-edit/Discard';
import type { KeptDraft } from '../../src/pages/dashboard-edit/kept';
import RestoreOffer from '../../src/pages/dashboard-edit/RestoreOffer';
import { SaveDialog } from '../../src/pages/dashboard-edit/SaveDialog';
import { saveRequest } from '../../src/pages/dashboard-edit/saving';
import type { DashboardState } from '../../src/pages/dashboard/useDashboard';
import { mount, type Mounted } from './mounted';

/** What the browser's own database has, by visit; `this` is the one of the test. */
const kept = vi.hoisted(() => new Map<string, KeptDraft>());
vi.mock('../../src/pages/dashboard-edit/kept', () => ({
  keep: async (d: Omit<KeptDraft, 'visit'>) => kept.set('this', { ...d, visit: 'this' }) === kept,
  forgetKept: async (uid: string, visit = 'this') => void (kept.get(visit)?.uid === uid && kept.delete(visit)),
  readKept: async (uid: string) => [...kept.values()].filter((d) => d.uid === uid && d.visit !== 'this').sort((a, b) => b.at - a.at),
}));

type Raw = Record<string, unknown>;
const view: DashboardView = {
  uid: 'u', title: 'Board', description: '', tags: [], editable: true, time: { from: 'now-6h', to: 'now' }, timezone: '', refresh: '', refreshIntervals: [], graphTooltip: 0, weekStart: '', links: [], variables: [], annotations: [], panels: [], notices: [],
};
const docOf = (version: number, raw: Raw): DashboardDoc => ({ meta: { uid: 'u', title: 'Board', url: '/d/u', folderTitle: '', folderUid: '', version, provisioned: false, canEdit: true, isStarred: false }, raw, view });

/** A portal with one dashboard, which compares versions as the real one does. */
const portal = { version: 1, raw: {} as Raw, saves: [] as { dashboard: Raw; overwrite: boolean }[] };
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
function answer(url: string, init?: { method?: string; body?: string }): Response {
  const body = init?.body === undefined ? {} : (JSON.parse(init.body) as Raw);
  if (url === '/api/dashboards/db') {
    const save = body as { dashboard: Raw; overwrite: boolean };
    portal.saves.push(save);
    if (!save.overwrite && save.dashboard['version'] !== portal.version) return json({ message: 'changed by someone else', status: 'version-mismatch' }, 412);
    portal.version += 1;
    portal.raw = { ...save.dashboard, version: portal.version };
    return json({ uid: 'u', url: '/d/u', version: portal.version });
  }
  if (url.startsWith('/api/ui/dashboards/u')) return json(docOf(portal.version, portal.raw));
  if (url.startsWith('/api/ui/dashboard-view')) return json({ view });
  if (url.startsWith('/api/folders')) return json([]);
  if (url.includes('/versions')) return json({ versions: [{ version: portal.version, created: '2026-01-01T00:00:00Z', createdBy: 'vera', message: 'their edit', restoredFrom: 0 }] });
  return json({ changes: [], summary: { panels: [], variables: [], settings: [] } });
}
const saveAsOther = (part: Raw): void => {
  portal.version += 1;
  portal.raw = { ...portal.raw, ...part, version: portal.version };
};
const set = (path: string[], value: unknown): void => edit('u', { label: 'edit', patch: [{ op: 'set', path, value }] });
const begin = (): void => void beginDraft(docOf(portal.version, portal.raw));

let page: Mounted;
const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
const state = { address: { url: { editPanel: '1' } }, raw: { from: 'now-1h', to: 'now' }, refresh: '', zone: 'utc' } as unknown as DashboardState;
const wrap = (node: ReactNode): ReactNode => <QueryClientProvider client={client}>{node}</QueryClientProvider>;
function Dialog({ onClose, copyOnly }: { onClose: () => void; copyOnly?: boolean }): ReactNode {
  const draft = useDrafts((s) => s.drafts['u']);
  return draft ? <SaveDialog state={state} draft={draft} copyOnly={copyOnly === true} onClose={onClose} /> : 'no draft';
}
beforeEach(() => {
  Object.assign(portal, { version: 1, raw: { uid: 'u', title: 'Board', a: 1, b: 1, version: 1, panels: [] }, saves: [] });
  kept.clear();
  vi.stubGlobal('fetch', vi.fn(async (url: string, init?: { method?: string; body?: string }) => answer(url, init)));
  page = mount();
});
afterEach(async () => {
  await page.unmount();
  dropDraft('u');
  client.clear();
  vi.unstubAllGlobals();
});

describe('what a save sends', () => {
  const document = { id: 7, uid: 'x', version: 3, title: 'T' };
  it.each([
    ['the dashboard itself', { document, seen: 5, message: 'm' }, { dashboard: { id: 7, uid: 'u', version: 5, title: 'T' }, message: 'm', overwrite: false }],
    ['one that is stored without a number', { document: { title: 'T' }, seen: 0, message: '' }, { dashboard: { uid: 'u', version: 0, title: 'T' }, message: '', overwrite: false }],
    ['a copy', { document, seen: 5, message: '', copy: { title: 'C', folder: 'f' } }, { dashboard: { title: 'C' }, message: '', folderUid: 'f', overwrite: false }],
  ])('%s', (_, plan, request) => expect(saveRequest(plan, 'u')).toEqual(request));
});

describe('the dialog', () => {
  it('saves once, however often it is pressed', async () => {
    begin();
    set(['a'], 2);
    const close = vi.fn();
    await page.draw(wrap(<Dialog onClose={close} />));
    await act(async () => {
      document.querySelector('form')?.requestSubmit();
      document.querySelector('form')?.requestSubmit();
    });
    await page.until(() => expect(close).toHaveBeenCalled());
    expect(portal.saves).toHaveLength(1);
    expect(isChanged((draftOf('u') ?? beginDraft(docOf(0, {}))).history)).toBe(false);
  });

  it('copies a dashboard without edits, under another title', async () => {
    begin();
    await page.draw(wrap(<Dialog onClose={vi.fn()} copyOnly />));
    expect([...document.querySelectorAll('button')].map((b) => b.textContent)).not.toContain('This dashboard');
    await page.press('Save');
    await page.until(() => expect(portal.saves).toHaveLength(1));
    expect(portal.saves[0]?.dashboard).toMatchObject({ title: 'Board copy', a: 1, b: 1 });
    expect(portal.saves[0]?.dashboard).not.toHaveProperty('uid');
  });

  it.each([['Merge both', { a: 2, b: 2, c: 3 }], ['Overwrite theirs with mine', { a: 2, b: 1 }]])('“%s” counts for the version that was seen: one more save is a conflict again', async (way, result) => {
    begin();
    set(['a'], 2);
    saveAsOther({ b: 2 });
    const close = vi.fn();
    await page.draw(wrap(<Dialog onClose={close} />));
    await page.press('Save');
    await page.until(() => expect(document.body.textContent).toContain('by now it is version 2'));
    expect(document.body.textContent).toContain('by vera: their edit');
    saveAsOther({ c: 3 });
    await page.press(way);
    await page.until(() => expect(document.body.textContent).toContain('by now it is version 3'));
    expect(document.body.textContent).toContain('saved once more');
    expect(portal.raw).toMatchObject({ a: 1, b: 2, c: 3 });
    await page.press(way);
    await page.until(() => expect(close).toHaveBeenCalled());
    expect(portal.saves.every((s) => !s.overwrite)).toBe(true);
    expect(portal.raw).toMatchObject(result);
    expect(portal.version).toBe(4);
    expect(draftOf('u')?.base.meta.version).toBe(4);
  });

  it('taking theirs leaves what is saved', async () => {
    begin();
    set(['a'], 2);
    saveAsOther({ b: 2 });
    const close = vi.fn();
    await page.draw(wrap(<Dialog onClose={close} />));
    await page.press('Save');
    await page.until(() => expect(document.body.textContent).toContain('Merge both'));
    await page.press('Take theirs, drop mine');
    await page.until(() => expect(close).toHaveBeenCalled());
    expect(draftOf('u')).toBeUndefined();
    expect(portal.raw).toMatchObject({ a: 1, b: 2 });
  });
});

describe('edits made while a save is on its way', () => {
  it('stay unsaved, on top of what was saved', () => {
    begin();
    set(['a'], 2);
    const edited = draftOf('u')?.history.raw;
    set(['a'], 3);
    draftSaved('u', 2, edited, edited);
    expect(draftOf('u')).toMatchObject({ base: { meta: { version: 2 }, raw: { a: 2, version: 2 } }, history: { raw: { a: 3 } } });
    expect(isUnsaved(draftOf('u'))).toBe(true);
  });
  it('and lack what a merge brought: saving them is a conflict', () => {
    begin();
    set(['a'], 2);
    const edited = draftOf('u')?.history.raw;
    set(['a'], 3);
    draftSaved('u', 2, edited, { ...object(edited), b: 9 });
    expect(draftOf('u')?.base.meta.version).toBe(1);
    expect(isUnsaved(draftOf('u'))).toBe(true);
  });
  it('a merge without further edits is the draft', () => {
    begin();
    set(['a'], 2);
    const edited = draftOf('u')?.history.raw;
    draftSaved('u', 2, edited, { ...object(edited), b: 9 });
    expect(draftOf('u')).toMatchObject({ base: { meta: { version: 2 } }, history: { raw: { a: 2, b: 9 } } });
    expect(isUnsaved(draftOf('u'))).toBe(false);
  });
});

describe('edits of an earlier visit', () => {
  const mine = (visit = 'before', a = 2, at = 0): KeptDraft => ({ uid: 'u', visit, version: 1, base: { title: 'Board', a: 1, b: 1, panels: [] }, raw: { title: 'Board', a, b: 1, panels: [] }, at });

  it('are on the version they were made on: saving them over a newer one is a conflict, and a merge has both', async () => {
    saveAsOther({ b: 2 });
    await resumeDraft(docOf(portal.version, portal.raw), mine());
    const close = vi.fn();
    await page.draw(wrap(<Dialog onClose={close} />));
    await page.press('Save');
    await page.until(() => expect(document.body.textContent).toContain('You began with version 1; by now it is version 2'));
    expect(portal.raw).toMatchObject({ a: 1, b: 2 });
    await page.press('Merge both');
    await page.until(() => expect(close).toHaveBeenCalled());
    expect(portal.raw).toMatchObject({ a: 2, b: 2 });
  });

  it('stay as they are while others are made beside them, which are kept, too', async () => {
    kept.set('before', mine());
    await page.draw(<RestoreOffer doc={docOf(portal.version, portal.raw)} zone="utc" />);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    begin();
    set(['a'], 7);
    vi.runAllTimers();
    vi.useRealTimers();
    expect([...kept.values()].map((d) => [d.visit, object(d.raw)['a']])).toEqual([['before', 2], ['this', 7]]);
    await page.draw(<RestoreOffer doc={docOf(portal.version, portal.raw)} zone="utc" />);
    await page.until(() => expect(page.host.textContent).toContain('takes the place of the edits you have begun'));
    await page.press('Forget them');
    expect([...kept.keys()]).toEqual(['this']);
    expect(page.host.textContent).toBe('');
  });

  it('of several visits are offered each by itself, the newest first; the one taken up is this visit’s', async () => {
    kept.set('one', mine('one', 2, 1_000));
    kept.set('two', mine('two', 3, 90_000));
    await page.draw(<RestoreOffer doc={docOf(portal.version, portal.raw)} zone="utc" />);
    await page.until(() => expect(page.host.querySelectorAll('.notice')).toHaveLength(2));
    expect([...page.host.querySelectorAll('p')].map((p) => /00:0\d/.exec(p.textContent ?? '')?.[0])).toEqual(['00:01', '00:00']);
    await page.press('Take them up again');
    await page.until(() => expect([...kept.values()].map((d) => [d.visit, object(d.raw)['a']])).toEqual([['one', 2], ['this', 3]]));
    expect(page.host.querySelectorAll('.notice')).toHaveLength(1);
  });

  it('“Take them up again” does, and says when others saved since', async () => {
    saveAsOther({ b: 2 });
    kept.set('before', mine());
    const doc = docOf(portal.version, portal.raw);
    await page.draw(<RestoreOffer doc={doc} zone="utc" />);
    await page.until(() => expect(page.host.textContent).toContain('They were made on version 1, and version 2 is saved by now'));
    await page.press('Take them up again');
    expect(draftOf('u')).toMatchObject({ base: { meta: { version: 1 }, raw: { b: 1 } }, history: { raw: { a: 2 } } });
    expect(page.host.textContent).toBe('');
  });
});

describe('an offer that nobody has answered', () => {
  it.each<[string, () => void, Raw]>([
    ['is made again, and nothing was written over it', () => set(['a'], 7), { a: 2 }],
    ['outlives a draft that is thrown away', () => dropDraft('u'), { a: 2 }],
  ])('%s', async (_, meanwhile, still) => {
    kept.set('before', { uid: 'u', visit: 'before', version: 1, raw: { title: 'Board', a: 2, panels: [] }, at: 0 });
    const doc = docOf(portal.version, portal.raw);
    const offer = 'are not saved yet';
    await page.draw(<RestoreOffer doc={doc} zone="utc" />);
    await page.until(() => expect(page.host.textContent).toContain(offer));
    await page.draw('another page');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    begin();
    meanwhile();
    vi.runAllTimers();
    vi.useRealTimers();
    expect(kept.get('before')?.raw).toMatchObject(still);
    await page.draw(<RestoreOffer doc={doc} zone="utc" />);
    await page.until(() => expect(page.host.textContent).toContain(offer));
  });

  it('is not made on another dashboard', async () => {
    kept.set('before', { uid: 'u', visit: 'before', version: 1, raw: { title: 'Board', a: 2, panels: [] }, at: 0 });
    const doc = docOf(portal.version, portal.raw);
    await page.draw(<RestoreOffer doc={doc} zone="utc" />);
    await page.until(() => expect(page.host.textContent).toContain('are not saved yet'));
    await page.draw(<RestoreOffer doc={{ ...doc, meta: { ...doc.meta, uid: 'v' } }} zone="utc" />);
    expect(page.host.textContent).toBe('');
  });
});

describe('what throws a draft away', () => {
  function Button({ act }: { act: () => void }): ReactNode {
    const draft = useDrafts((s) => s.drafts['u']) ?? beginDraft(docOf(1, {}));
    const { ask, question } = useDiscard(draft);
    return <><button type="button" onClick={() => ask(act)}>Restore</button>{question}</>;
  }
  it.each<[string, () => void, boolean]>([
    ['nothing was edited', () => undefined, false],
    ['something was edited', () => set(['a'], 2), true],
    ['JSON was typed', () => setTyped('u', '{'), true],
  ])('asks first when something would be lost: %s', async (_, prepare, asks) => {
    begin();
    prepare();
    const act = vi.fn();
    await page.draw(<Button act={act} />);
    await page.press('Restore');
    expect(act).toHaveBeenCalledTimes(asks ? 0 : 1);
    if (!asks) return;
    await page.press('Throw away');
    expect(act).toHaveBeenCalledTimes(1);
  });
});
