/** One label of a metric: how many values it has, and those that most series share. Asked when it comes into sight. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { instantVector } from '../../api/prometheus';
import { exploreLink } from '../../model/explore';
import { metricSelector, openQuery, type MetricRow } from '../../model/metrics';

const topMax = 10;

export function Labels({ label, row, source }: { label: string; row: MetricRow; source: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const watch = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && setSeen(true), { rootMargin: '100px' });
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const selector = metricSelector(row.name);
  const by = /^[a-zA-Z_]\w*$/.test(label) ? label : JSON.stringify(label);
  const { data, error } = useQuery({
    queryKey: ['metric-label', source, row.name, label], enabled: seen, retry: false,
    queryFn: async ({ signal }) => {
      const [top, values] = await Promise.all([instantVector(source, `topk(${topMax}, count by (${by}) (${selector}))`, signal), instantVector(source, `count(count by (${by}) (${selector}))`, signal)]);
      return { top: top.map((s) => ({ value: s.metric[label] ?? '', count: s.value })).sort((a, b) => b.count - a.count || a.value.localeCompare(b.value)), values: values[0]?.value ?? 0 };
    },
  });
  const most = data?.top[0]?.count ?? 1;
  return (
    <div ref={box} className="metric-label">
      <h4><code>{label}</code>{data && <span className="quiet num">{data.values.toLocaleString('en-US')} {data.values === 1 ? 'value' : 'values'}</span>}</h4>
      {error && <p className="field-error" role="alert">{error.message}</p>}
      <ul>
        {data?.top.map((t) => (
          <li key={t.value}>
            <Link to={exploreLink(source, openQuery(row, { name: label, value: t.value }))} title={`Open ${label}="${t.value}" in Explore`}>{t.value === '' ? '(none)' : t.value}</Link>
            <span className="metric-bar" aria-hidden="true"><span style={{ width: `${(t.count / most) * 100}%` }} /></span>
            <span className="num">{t.count.toLocaleString('en-US')}</span>
          </li>
        ))}
      </ul>
      {data && data.values > data.top.length && <p className="quiet">and {(data.values - data.top.length).toLocaleString('en-US')} more</p>}
    </div>
  );
}
