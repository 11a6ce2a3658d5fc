/** The list itself: only the rows in sight are in the page, so fifty thousand metrics scroll like fifty. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { MetricRow } from '../../model/metrics';
import { usersOf } from '../../model/usage';
import { QueryRunner } from '../../query/runner';
import type { UsageScan } from '../../query/usage';
import { Sparkline } from './Sparkline';

const rowPx = 46;
const narrowPx = 64;
const hourMs = 3_600_000;

interface MetricListProps {
  rows: readonly MetricRow[];
  source: string;
  scan: UsageScan | undefined;
  linkOf: (name: string) => string;
}

export function MetricList({ rows, source, scan, linkOf }: MetricListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [runner] = useState(() => new QueryRunner());
  const [range] = useState(() => ({ from: Date.now() - hourMs, to: Date.now() }));
  const [narrow, setNarrow] = useState(false);
  useEffect(() => () => runner.destroy(), [runner]);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const measure = new ResizeObserver(() => setNarrow(element.clientWidth < 640));
    measure.observe(element);
    return () => measure.disconnect();
  }, []);
  // oxlint-disable-next-line react/incompatible-library -- the compiler leaves this component alone, which is what the library needs
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => (narrow ? narrowPx : rowPx), overscan: 8 });
  useEffect(() => virtual.measure(), [virtual, narrow]);
  useEffect(() => {
    box.current?.scrollTo({ top: 0 });
  }, [rows]);
  return (
    <div ref={box} className={narrow ? 'metric-list narrow' : 'metric-list'} tabIndex={0} role="region" aria-label="Metrics">
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const users = scan && usersOf(scan.index, row.name).length;
          return (
            <li key={row.name} className="metric-row" style={{ transform: `translateY(${item.start}px)`, height: item.size }} aria-posinset={item.index + 1} aria-setsize={rows.length}>
              <div className="metric-name">
                <Link to={linkOf(row.name)} title={row.name}>{row.name}</Link>
                <span className="quiet" title={row.help}>{row.help || 'No description'}</span>
              </div>
              <span className="metric-kind">
                {row.type !== '' && <span className="chip">{row.type}</span>}
                {row.unit !== '' && <span className="chip">{row.unit}</span>}
                {users !== undefined && (users === 0 ? <span className="chip unused">unused</span> : <span className="chip on" title={`Used by ${users} dashboards or rules`}>used {users}×</span>)}
              </span>
              <Sparkline row={row} source={source} runner={runner} range={range} />
              <span className="metric-count num">{row.series === undefined ? '' : row.series.toLocaleString('en-US')}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
