/** Looks through all dashboards and rules for the metrics they use: a few requests at a time, with a limit. */
import { getDashboard, searchDashboards } from '../api/dashboards';
import { listRules } from '../api/prometheus';
import { addUsage, queryTexts, type UsageIndex } from '../model/usage';

/** Dashboards looked through at most; each is one request. */
const scannedMax = 300;
const atOnce = 4;

export interface UsageScan {
  index: UsageIndex;
  scanned: number;
  /** All there are, or as many as the search lists. */
  total: number;
  /** Dashboards that could not be read. */
  failed: number;
}

export async function scanUsage(signal: AbortSignal): Promise<UsageScan> {
  const all = await searchDashboards(signal);
  const waiting = all.slice(0, scannedMax);
  const scan: UsageScan = { index: new Map(), scanned: waiting.length, total: all.length, failed: 0 };
  const work = async (): Promise<void> => {
    for (let hit = waiting.pop(); hit && !signal.aborted; hit = waiting.pop()) {
      try {
        const { view } = await getDashboard(hit.uid, signal);
        addUsage(scan.index, { title: hit.title, url: hit.url, kind: 'dashboard' }, queryTexts(view));
      } catch (error) {
        if (signal.aborted) throw error;
        scan.failed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  for (const rule of await listRules(signal).catch(() => [])) addUsage(scan.index, { title: rule.name, url: '', kind: 'rule' }, [rule.query]);
  return scan;
}
