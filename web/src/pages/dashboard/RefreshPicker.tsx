/** Refresh now, and how often by itself. */
import { ChevronDown, RefreshCw } from 'lucide-react';
import { Menu } from '../../ui/popover';
import type { DashboardState } from './useDashboard';

const intervals = ['5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h', '2h', '1d'];

export function RefreshPicker({ state }: { state: DashboardState }) {
  const { refresh, address, busy, refreshNow } = state;
  const offered = state.doc.view.refreshIntervals.length > 0 ? state.doc.view.refreshIntervals : intervals;
  const all = refresh === '' || offered.includes(refresh) ? offered : [refresh, ...offered];
  return (
    <div className="button-group">
      <button type="button" className="button" aria-label="Refresh" title="Refresh (r)" onClick={refreshNow}><RefreshCw size={16} strokeWidth={1.75} aria-hidden className={busy ? 'turning' : ''} /></button>
      <Menu
        label={`Refresh interval: ${refresh === '' ? 'off' : refresh}`} align="end" triggerClass="button refresh-interval"
        trigger={<>{refresh !== '' && <span className="num">{refresh}</span>}<ChevronDown size={14} strokeWidth={1.75} aria-hidden /></>}
        items={[{ label: 'Off', checked: refresh === '', run: () => address.change({ refresh: '' }) }, ...all.map((i) => ({ label: i, checked: i === refresh, run: () => address.change({ refresh: i }) }))]}
      />
    </div>
  );
}
