/** Three figures of the running system: targets up, what is down, samples per scrape. Asked again while somebody looks. */
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { formatValue, joinValue } from '../../model/units/format';
import { sourcesQuery } from '../../query/sources';
import { loadHealth, tellHealth } from './health';

const refreshMs = 15_000;

export function HealthTiles() {
  // A hidden tab does not ask; one that is shown again asks at once.
  const { data, error } = useQuery({
    queryKey: ['health'], refetchInterval: refreshMs, refetchIntervalInBackground: false, refetchOnWindowFocus: 'always', staleTime: 0, gcTime: 0, retry: false,
    queryFn: async ({ signal, client }) => loadHealth(await client.fetchQuery(sourcesQuery), signal),
  });
  const told = tellHealth(data, error);
  const known = error ? undefined : data;
  return (
    <section className="health" aria-label="Health" aria-live="polite">
      <div className={`card health-lead ${told.look}`}>
        {told.look === 'good' ? <CircleCheck size={20} strokeWidth={1.75} aria-hidden /> : <CircleAlert size={20} strokeWidth={1.75} aria-hidden />}
        <div>
          <h2>{told.title}</h2>
          <p>{told.text}</p>
        </div>
      </div>
      <div className="card health-figure"><span className="quiet">Targets up</span><strong className="num">{known ? `${known.up} of ${known.total}` : '–'}</strong></div>
      <div className="card health-figure"><span className="quiet">Samples a scrape</span><strong className="num">{known?.samples === null || known?.samples === undefined ? '–' : joinValue(formatValue(known.samples, 'short'))}</strong></div>
    </section>
  );
}
