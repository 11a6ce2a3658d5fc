/**
 * Unsaved drafts in the browser's own database, so that a reload or a crash loses nothing. Each visit (a page that was loaded) keeps
 * its own, beside what earlier visits and other windows have kept of the same dashboard.
 */
const database = 'orrery-drafts';
const store = 'drafts';

export interface KeptDraft {
  uid: string;
  /** The visit it was made in; empty for one that was kept before visits were told apart. */
  visit: string;
  /** The version the edits were made on. */
  version: number;
  /** The document of that version, to tell the edits from what others changed since. */
  base?: unknown;
  raw: unknown;
  at: number;
}
/** Older drafts are forgotten. */
const daysMax = 30;
const bytesMax = 8 * 1024 * 1024;
/** Visits whose edits are kept of one dashboard; the oldest makes room. */
export const visitsMax = 5;
/** Later visits sort behind earlier ones. */
export const thisVisit = `${Date.now().toString(36).padStart(9, '0')}-${Math.random().toString(36).slice(2, 8)}`;

/** Keys are the uid, or uid and visit: no uid has a slash. */
const keyOf = (uid: string, visit: string): string => (visit === '' ? uid : `${uid}/${visit}`);
const visitsOf = (uid: string): IDBKeyRange => IDBKeyRange.bound(`${uid}/`, `${uid}/\uffff`);

/** Keys of the visits that make room for others. Not the one that has just been kept: its window may have been open for longer than theirs. */
export const makingRoom = <T>(visits: readonly T[], own: T): T[] => visits.filter((key) => key !== own).slice(0, Math.max(0, visits.length - visitsMax));

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: 'uid' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser keeps no database'));
  });
}

async function run<T>(mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  try {
    const db = await open();
    try {
      return await new Promise<T>((resolve, reject) => {
        const request = act(db.transaction(store, mode).objectStore(store));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('the draft could not be kept'));
      });
    } finally {
      db.close();
    }
  } catch {
    // Private windows have no database: the draft lasts as long as the page.
    return undefined;
  }
}

/** What other visits have kept, the newest first. */
export async function readKept(uid: string): Promise<KeptDraft[]> {
  const [plain, visits] = await Promise.all([
    run<KeptDraft | undefined>('readonly', (s) => s.get(uid) as IDBRequest<KeptDraft | undefined>),
    run<KeptDraft[]>('readonly', (s) => s.getAll(visitsOf(uid)) as IDBRequest<KeptDraft[]>),
  ]);
  const found = [...(plain ? [{ ...plain, visit: '' }] : []), ...(visits ?? [])].filter((d) => d.visit !== thisVisit).map((d) => ({ ...d, uid }));
  const old = found.filter((d) => Date.now() - d.at >= daysMax * 86_400_000);
  await Promise.all(old.map((d) => forgetKept(uid, d.visit)));
  return found.filter((d) => !old.includes(d)).sort((a, b) => b.at - a.at);
}

/** Keeps what this visit has; false where that was not possible. */
export async function keep(draft: Omit<KeptDraft, 'visit'>): Promise<boolean> {
  const fits = (d: object): boolean => JSON.stringify(d).length <= bytesMax;
  // Without what they began from, the edits can still be taken up: comparing them is worse then.
  const { base: _base, ...alone } = draft;
  const kept = [draft, alone].find(fits);
  if (!kept) return false;
  const put = await run('readwrite', (s) => s.put({ ...kept, visit: thisVisit, uid: keyOf(draft.uid, thisVisit) }));
  if (put === undefined) return false;
  const visits = (await run('readonly', (s) => s.getAllKeys(visitsOf(draft.uid)))) ?? [];
  await Promise.all(makingRoom<IDBValidKey>(visits, keyOf(draft.uid, thisVisit)).map((key) => run('readwrite', (s) => s.delete(key))));
  return true;
}

export async function forgetKept(uid: string, visit = thisVisit): Promise<void> {
  await run('readwrite', (s) => s.delete(keyOf(uid, visit)));
}
