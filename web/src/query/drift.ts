/** Dashboards that come from files, each compared with its file: which there are is one question, and only those are compared. */
import { getDrift, listManaged, type Drift, type ManagedDashboard } from '../api/dashboard-edit';
import { wordsOf } from '../model/errors';

interface Compared extends ManagedDashboard, Drift {
  /** Why it could not be compared. */
  problem: string;
}
/** Compared at most; each is a request. */
export const comparedMax = 500;
const atOnce = 4;

interface ComparedList {
  dashboards: Compared[];
  /** Dashboards from files there are, compared or not. */
  total: number;
}

/** Those that differ come first. One that cannot be compared is listed with the reason. */
export async function compareWithFiles(signal: AbortSignal): Promise<ComparedList> {
  const managed = await listManaged(signal);
  const waiting = managed.slice(0, comparedMax);
  const out: Compared[] = [];
  const work = async (): Promise<void> => {
    for (let d = waiting.shift(); d; d = waiting.shift()) {
      try {
        out.push({ ...d, ...(await getDrift(d.uid, signal)), problem: '' });
      } catch (error) {
        if (signal.aborted) throw error;
        out.push({ ...d, provider: '', path: '', drifted: false, differences: [], problem: wordsOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { dashboards: out.sort((a, b) => Number(b.drifted) - Number(a.drifted) || a.title.localeCompare(b.title)), total: managed.length };
}
