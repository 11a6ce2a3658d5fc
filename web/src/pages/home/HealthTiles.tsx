/** Three figures of the running system: targets up, what is down, samples per second. Asked through the same stream as panels. */
import { useEffect, useState } from 'react';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { streamQuery } from '../../api/query';
import { listDataSources } from '../../api/datasources';
import { formatValue, joinValue } from '../../model/units/format';

interface Health {
  up: number;
  total: number;
  down: string[];
  series: number | null;
}
const refreshMs = 15_000;

async function loadHealth(signal: AbortSignal): Promise<Health> {
  const sources = await listDataSources(signal);
  const source = sources.find((s) => s.isDefault && s.type === 'prometheus') ?? sources.find((s) => s.type === 'prometheus');
  const out: Health = { up: 0, total: 0, down: [], series: null };
  if (!source) return out;
  const now = Date.now();
  const query = (refId: string, expr: string) => ({ refId, datasource: source.uid, expr, instant: true, range: false, format: 'table' as const, legendFormat: '' });
  await streamQuery({
    range: { from: now - 300_000, to: now },
    panels: [{ id: 'home', maxDataPoints: 100, queries: [query('A', 'up'), query('B', 'sum(scrape_samples_scraped)')] }],
  }, signal, (line) => {
    if (!('frame' in line) || line.frame.kind !== 'instant') return;
    if (line.refId === 'A') {
      out.total = line.frame.series.length;
      out.up = line.frame.series.filter((s) => s.value === 1).length;
      out.down = line.frame.series.filter((s) => s.value !== 1).map((s) => `${s.labels['job'] ?? '?'} at ${s.labels['instance'] ?? '?'}`);
    }
    const value = line.frame.series[0]?.value;
    if (line.refId === 'B' && typeof value === 'number') out.series = value;
  });
  return out;
}

export function HealthTiles() {
  const [health, setHealth] = useState<Health>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      try {
        setHealth(await loadHealth(controller.signal));
        setProblem('');
      } catch (error) {
        if (!controller.signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
      }
      if (!controller.signal.aborted) timer = setTimeout(() => void load(), refreshMs);
    };
    void load();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, []);
  const allUp = health !== undefined && health.total > 0 && health.up === health.total;
  return (
    <section className="health" aria-label="Health" aria-live="polite">
      <div className={`card health-lead ${health ? (allUp ? 'good' : 'bad') : ''}`}>
        {allUp ? <CircleCheck size={20} strokeWidth={1.75} aria-hidden /> : <CircleAlert size={20} strokeWidth={1.75} aria-hidden />}
        <div>
          <h2>{problem !== '' ? 'Health could not be asked' : !health ? 'Asking…' : health.total === 0 ? 'Nothing is scraped yet' : allUp ? 'All targets are up' : `${health.total - health.up} of ${health.total} targets are down`}</h2>
          <p>{problem !== '' ? problem : !health ? ' ' : health.total === 0 ? 'The first scrape runs right after the start; if this stays, look at the scrape configuration.' : allUp ? `All ${health.total} targets answered their last scrape.` : health.down.slice(0, 5).join(', ')}</p>
        </div>
      </div>
      <div className="card health-figure"><span className="quiet">Targets up</span><strong className="num">{health ? `${health.up} of ${health.total}` : '–'}</strong></div>
      <div className="card health-figure"><span className="quiet">Samples a scrape</span><strong className="num">{health?.series === null || health?.series === undefined ? '–' : joinValue(formatValue(health.series, 'short'))}</strong></div>
    </section>
  );
}
