/** The health of what is scraped: asked through the same stream as panels, and what the tile says of it. */
import type { DataSource } from '../../api/datasources';
import { ApiError } from '../../api/http';
import { streamQuery } from '../../api/query';
import { wordsOf } from '../../model/errors';

interface Health {
  up: number;
  total: number;
  down: string[];
  /** Samples of one scrape of everything; null when nobody knows. */
  samples: number | null;
}
/** Targets that are named. */
const namedMax = 5;

export async function loadHealth(sources: readonly DataSource[], signal: AbortSignal): Promise<Health> {
  const source = sources.find((s) => s.isDefault && s.type === 'prometheus') ?? sources.find((s) => s.type === 'prometheus');
  const out: Health = { up: 0, total: 0, down: [], samples: null };
  if (!source) return out;
  const now = Date.now();
  const problems: string[] = [];
  const query = (refId: string, expr: string) => ({ refId, datasource: source.uid, expr, instant: true, range: false, format: 'table' as const, legendFormat: '' });
  await streamQuery({
    range: { from: now - 300_000, to: now },
    panels: [{ id: 'home', maxDataPoints: 100, queries: [query('A', 'up'), query('B', 'sum(scrape_samples_scraped)')] }],
  }, signal, (line) => {
    if ('error' in line) problems.push(line.error.message);
    if (!('frame' in line) || line.frame.kind !== 'instant') return;
    if (line.refId === 'A') {
      out.total = line.frame.series.length;
      out.up = line.frame.series.filter((s) => s.value === 1).length;
      out.down = line.frame.series.filter((s) => s.value !== 1).map((s) => `${s.labels['job'] ?? '?'} at ${s.labels['instance'] ?? '?'}`);
    }
    const value = line.frame.series[0]?.value;
    if (line.refId === 'B' && typeof value === 'number') out.samples = value;
  });
  // A source that cannot be asked says nothing about its targets: that is not the same as having none.
  if (problems[0] !== undefined) throw new Error(problems[0]);
  return out;
}

interface Told {
  look: 'good' | 'bad' | '';
  title: string;
  text: string;
}

/** What the tile says. While asking fails, what was known before is no news, and nothing is called good. */
export function tellHealth(health: Health | undefined, error: unknown): Told {
  // Who may not ask has no reason to worry.
  const look = error instanceof ApiError && error.status === 403 ? '' : 'bad';
  if (error) return { look, title: 'Health could not be asked', text: wordsOf(error) };
  if (!health) return { look: '', title: 'Asking…', text: ' ' };
  if (health.total === 0) return { look: 'bad', title: 'Nothing is scraped yet', text: 'The first scrape runs right after the start; if this stays, look at the scrape configuration.' };
  if (health.up === health.total) return { look: 'good', title: 'All targets are up', text: `All ${health.total} targets answered their last scrape.` };
  const more = health.down.length - namedMax;
  return { look: 'bad', title: `${health.total - health.up} of ${health.total} targets are down`, text: `${health.down.slice(0, namedMax).join(', ')}${more > 0 ? `, and ${more} more` : ''}` };
}
