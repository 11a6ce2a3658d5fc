// @vitest-environment happy-dom
/** Saving a dashboard against a server where others save too: nobody's edits are lost without being asked. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DashboardDoc } from '../../src/api/dashboards';
import { isChanged } from '../../src/model/dashboard/edit/history';
import type { DashboardView } from '../../src/model/dashboard/types';
import { object } from '../../src/model/json';
import { answerOffer, beginDraft, draftOf, draftSaved, dropDraft, edit, holdOffer, isOffered, isUnsaved, resumeDraft, setTyped, useDrafts } from '../../src/pages/dashboard-edit/draft';
import { useDiscard } from '../../src/pages/dashboard-edit/Discard';
import type { KeptDraft } from '../../src/pages/dashboard-edit/kept';
import RestoreOffer from '../../src/pages/dashboard-edit/RestoreOffer';
import { SaveDialog } from '../../src/pages/dashboard-edit/SaveDialog';
import { saveRequest } from '../../src/pages/dashboard-edit/saving';
import type { DashboardState } from '../../src/pages/dashboard/useDashboard';
import { mount, type Mounted } from './mounted';

/** What the browser's own database has. */
const kept = vi.hoisted(() => new Map<string, KeptDraft>());
vi.mock('../../src/pages/dashboard-edit/kept', () => ({
  keep: async (d: KeptDraft) => void kept.set(d.uid, d),
  forgetKept: async (uid: string) => void kept.delete(uid),
  readKept: async (uid: string) => kept.get(uid),
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
function Dialog({ onClose }: { onClose: () => void }): ReactNode {
  const draft = useDrafts((s) => s.drafts['u']);
  return draft ? <SaveDialog state={state} draft={draft} onClose={onClose} /> : 'no draft';
}
beforeEach(() => {
  Object.assign(portal, { version: 1, raw: { uid: 'u', title: 'Board', a: 1, b: 1, version: 1, panels: [] }, saves: [] });
  kept.clear();
  vi.stubGlobal('fetch', vi.fn(async (url: string, init?: { method?: string; body?: string }) => answer(url, init)));
  page = mount();
});
afterEach(async () => {
  await page.unmount();
  answerOffer('u', 'unwanted');
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
  const mine = (): KeptDraft => ({ uid: 'u', version: 1, base: { title: 'Board', a: 1, b: 1, panels: [] }, raw: { title: 'Board', a: 2, b: 1, panels: [] }, at: 0 });

  it('are on the version they were made on: saving them over a newer one is a conflict, and a merge has both', async () => {
    saveAsOther({ b: 2 });
    resumeDraft(docOf(portal.version, portal.raw), mine());
    const close = vi.fn();
    await page.draw(wrap(<Dialog onClose={close} />));
    await page.press('Save');
    await page.until(() => expect(document.body.textContent).toContain('You began with version 1; by now it is version 2'));
    expect(portal.raw).toMatchObject({ a: 1, b: 2 });
    await page.press('Merge both');
    await page.until(() => expect(close).toHaveBeenCalled());
    expect(portal.raw).toMatchObject({ a: 2, b: 2 });
  });

  it('are offered, also when a draft has begun, and not written over until the answer is there', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    kept.set('u', mine());
    begin();
    holdOffer('u');
    set(['a'], 7);
    vi.runAllTimers();
    expect(kept.get('u')?.raw).toMatchObject({ a: 2 });
    answerOffer('u', 'unwanted');
    vi.runAllTimers();
    expect(kept.get('u')).toMatchObject({ version: 1, base: { a: 1 }, raw: { a: 7 } });
    vi.useRealTimers();
  });

  it('“Take them up again” does, and says when others saved since', async () => {
    saveAsOther({ b: 2 });
    kept.set('u', mine());
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
    kept.set('u', { uid: 'u', version: 1, raw: { title: 'Board', a: 2, panels: [] }, at: 0 });
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
    expect(kept.get('u')?.raw).toMatchObject(still);
    await page.draw(<RestoreOffer doc={doc} zone="utc" />);
    await page.until(() => expect(page.host.textContent).toContain(offer));
  });

  it('is not made on another dashboard', async () => {
    kept.set('u', { uid: 'u', version: 1, raw: { title: 'Board', a: 2, panels: [] }, at: 0 });
    const doc = docOf(portal.version, portal.raw);
    await page.draw(<RestoreOffer doc={doc} zone="utc" />);
    await page.until(() => expect(page.host.textContent).toContain('are not saved yet'));
    await page.draw(<RestoreOffer doc={{ ...doc, meta: { ...doc.meta, uid: 'v' } }} zone="utc" />);
    expect(page.host.textContent).toBe('');
  });

  it('is none where nothing was kept, even when the page is left before that is known', async () => {
    await page.draw(<RestoreOffer doc={docOf(portal.version, portal.raw)} zone="utc" />);
    await page.draw('another page');
    await page.until(() => expect(isOffered('u')).toBe(false));
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
