/** Unsaved drafts in the browser's own database, so that a reload or a crash loses nothing. */
const database = 'orrery-drafts';
const store = 'drafts';

export interface KeptDraft {
  uid: string;
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

export async function readKept(uid: string): Promise<KeptDraft | undefined> {
  const found = await run<KeptDraft | undefined>('readonly', (s) => s.get(uid) as IDBRequest<KeptDraft | undefined>);
  if (!found) return undefined;
  if (Date.now() - found.at < daysMax * 86_400_000) return found;
  await forgetKept(uid);
  return undefined;
}
export async function keep(draft: KeptDraft): Promise<void> {
  const fits = (d: KeptDraft): boolean => JSON.stringify(d).length <= bytesMax;
  // Without what they began from, the edits can still be taken up: comparing them is worse then.
  const { base: _base, ...alone } = draft;
  const kept = [draft, alone].find(fits);
  if (kept) await run('readwrite', (s) => s.put(kept));
}
export async function forgetKept(uid: string): Promise<void> {
  await run('readwrite', (s) => s.delete(uid));
}
