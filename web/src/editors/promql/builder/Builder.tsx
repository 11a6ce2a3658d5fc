/** The query builder: metric, filters, operations, and the text they make. */
import { Combobox } from '../../../ui/combobox';
import { Filters } from './Filters';
import { printQuery } from './print';
import { Steps } from './Steps';
import { suggestMetrics } from './suggest';
import type { VisualQuery } from './types';
import './builder.css';

export default function Builder({ source, query, onChange }: { source: string; query: VisualQuery; onChange: (query: VisualQuery) => void }) {
  const text = printQuery(query);
  return (
    <div className="builder">
      <div className="builder-row">
        <span className="builder-name">Metric</span>
        <Combobox className="metric" label="Metric" placeholder="Choose a metric" value={query.metric} suggest={(typed) => suggestMetrics(source, typed)} onChange={(metric) => onChange({ ...query, metric: metric.trim() })} />
      </div>
      <div className="builder-row"><span className="builder-name">Filters</span><Filters source={source} query={query} onChange={(filters) => onChange({ ...query, filters })} /></div>
      <div className="builder-row"><span className="builder-name">Operations</span><Steps source={source} query={query} onChange={(steps) => onChange({ ...query, steps })} /></div>
      <pre className="builder-text" aria-label="The query in words of PromQL" tabIndex={0}>{text === '' ? 'Choose a metric to begin.' : text}</pre>
    </div>
  );
}
