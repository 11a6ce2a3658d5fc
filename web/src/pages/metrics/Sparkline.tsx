/** The last hour of a metric in a row: asked for once the row has been in sight for a moment. */
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { glanceQuery, grows, type MetricRow } from '../../model/metrics';
import { valueFields } from '../../model/frame';
import { formatValue, joinValue } from '../../model/units/format';
import type { QueryRunner } from '../../query/runner';

const width = 120;
const height = 24;
const restMs = 150;

/** Units as targets declare them, in the words of ours. */
const units: Record<string, string> = { seconds: 's', bytes: 'bytes', ratio: 'percentunit', celsius: 'celsius', volts: 'volt', amperes: 'amp', joules: 'joule', meters: 'lengthm', grams: 'massg' };
const perSecond: Record<string, string> = { bytes: 'Bps', seconds: 'short' };

/** The unit of the metric, declared or told by its name; of its rate where that is shown. */
export function unitOf(row: MetricRow): string {
  const named = /_(seconds|bytes|ratio|celsius|volts|amperes|joules|meters|grams)(?:_total|_sum)?$/.exec(row.name)?.[1];
  const unit = row.unit || named || '';
  if (grows(row)) return row.name.endsWith('_bucket') || row.name.endsWith('_count') ? 'short' : (perSecond[unit] ?? 'short');
  return units[unit] ?? 'short';
}

export function Sparkline({ row, source, runner, range }: { row: MetricRow; source: string; runner: QueryRunner; range: { from: number; to: number } }) {
  const id = row.name;
  useEffect(() => {
    // Rows that fly past while one scrolls ask for nothing.
    const timer = setTimeout(() => {
      runner.setRequest(id, { range, maxDataPoints: 60, queries: [{ refId: 'A', datasource: source, expr: glanceQuery(row), instant: false, range: true, format: 'time_series', legendFormat: '' }] });
      runner.setVisible(id, true);
    }, restMs);
    return () => {
      clearTimeout(timer);
      runner.setVisible(id, false);
    };
  }, [id, row, source, runner, range]);
  const data = useSyncExternalStore(useCallback((f) => runner.subscribe(id, f), [runner, id]), () => runner.data(id));
  const values = (data.frames[0] && valueFields(data.frames[0])[0]?.values) ?? [];
  const points = values.map((v, i) => ({ v, i })).filter((p): p is { v: number; i: number } => typeof p.v === 'number' && Number.isFinite(p.v));
  const last = points.at(-1);
  if (!last) return <span className="metric-spark quiet">{data.answered && !data.loading ? 'no values' : ''}</span>;
  let min = Infinity;
  let max = -Infinity;
  for (const p of points) {
    min = Math.min(min, p.v);
    max = Math.max(max, p.v);
  }
  const x = (i: number): string => ((i / Math.max(1, values.length - 1)) * width).toFixed(1);
  const y = (v: number): string => (max === min ? height / 2 : height - 2 - ((v - min) / (max - min)) * (height - 4)).toFixed(1);
  return (
    <span className="metric-spark">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true"><polyline points={points.map((p) => `${x(p.i)},${y(p.v)}`).join(' ')} fill="none" stroke="var(--accent)" strokeWidth="1.25" strokeLinejoin="round" /></svg>
      <span className="num" title={grows(row) ? 'Per second, all series together' : 'Mean of all series'}>{joinValue(formatValue(last.v, unitOf(row)))}{grows(row) && unitOf(row) !== 'Bps' ? ' /s' : ''}</span>
    </span>
  );
}
