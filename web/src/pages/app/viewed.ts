/** When this person opened each dashboard last, in this browser. */
const key = 'orrery.viewed';
const entriesMax = 500;

export function viewedTimes(): Record<string, number> {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    return typeof saved === 'object' && saved !== null ? Object.fromEntries(Object.entries(saved).filter((e): e is [string, number] => typeof e[1] === 'number')) : {};
  } catch {
    return {};
  }
}

/** Keeps the newest. */
export function withVisit(times: Readonly<Record<string, number>>, uid: string, at: number): Record<string, number> {
  return Object.fromEntries(Object.entries({ ...times, [uid]: at }).sort((a, b) => b[1] - a[1]).slice(0, entriesMax));
}

export function noteVisit(uid: string, at: number): void {
  try {
    localStorage.setItem(key, JSON.stringify(withVisit(viewedTimes(), uid, at)));
  } catch {
    // Only comfort is lost.
  }
}
