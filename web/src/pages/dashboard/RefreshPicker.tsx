/** Refresh now, how often by itself, and how long until the next time. */
import { ChevronDown, RefreshCw } from 'lucide-react';
import { useCallback, useState, useSyncExternalStore, type FormEvent } from 'react';
import { parseDuration } from '../../model/time/parse';
import { Popover } from '../../ui/popover';
import { refreshMinMs, type DashboardState, type Due } from './useDashboard';

const intervals = ['5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h', '2h', '1d'];

/** The seconds that are left, short: "12s", "3m", "2h". */
function leftText(seconds: number): string {
  if (seconds < 100) return `${seconds}s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)}m` : `${Math.round(seconds / 3600)}h`;
}

/** Counts down by itself, so that nothing else is drawn anew every second. */
function Countdown({ due }: { due: Due }) {
  const left = useSyncExternalStore(due.watch, due.left);
  return left === undefined ? null : <span className="refresh-left num" aria-hidden="true">{leftText(left)}</span>;
}

function Choices({ state, close }: { state: DashboardState; close: () => void }) {
  const { refresh, address } = state;
  const offered = state.doc.view.refreshIntervals.length > 0 ? state.doc.view.refreshIntervals : intervals;
  const all = refresh === '' || offered.includes(refresh) ? offered : [refresh, ...offered];
  const [own, setOwn] = useState('');
  const ms = parseDuration(own);
  const bad = own.trim() !== '' && (ms === undefined || ms < refreshMinMs || /^[\d.]+$/.test(own.trim()));
  const choose = (text: string): void => {
    address.change({ refresh: text });
    close();
  };
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    if (own.trim() !== '' && !bad) choose(own.trim());
  };
  return (
    <div className="refresh-choices">
      <div role="listbox" aria-label="Refresh interval">
        {['', ...all].map((i) => <button key={i} type="button" role="option" aria-selected={i === refresh} className="menu-item num" onClick={() => choose(i)}>{i === '' ? 'Off' : i}</button>)}
      </div>
      <form onSubmit={submit}>
        <input className="input num" aria-label="Another interval" placeholder="Another, as 45s" value={own} aria-invalid={bad} onChange={(e) => setOwn(e.target.value)} autoComplete="off" spellCheck={false} />
        {bad && <p className="field-error" role="alert">Write a time of a second or more, as 45s or 2m.</p>}
      </form>
    </div>
  );
}

export function RefreshPicker({ state }: { state: DashboardState }) {
  const { refresh, runner, refreshNow, due } = state;
  const busy = useSyncExternalStore(useCallback((f) => runner.onBusy(f), [runner]), () => runner.busy);
  return (
    <div className="button-group">
      <button type="button" className="button" aria-label="Refresh" title="Refresh (r)" onClick={refreshNow}>
        <RefreshCw size={16} strokeWidth={1.75} aria-hidden className={busy ? 'turning' : ''} />
        {refresh !== '' && <Countdown due={due} />}
      </button>
      <Popover
        label={`Refresh interval: ${refresh === '' ? 'off' : refresh}`} align="end" triggerClass="button refresh-interval"
        trigger={<>{refresh !== '' && <span className="num">{refresh}</span>}<ChevronDown size={14} strokeWidth={1.75} aria-hidden /></>}
      >
        {(close) => <Choices state={state} close={close} />}
      </Popover>
    </div>
  );
}
