/** The time range: quick ranges, two ends with validation, recent ranges, steps back and forward, zoom out. */
import { ChevronLeft, ChevronRight, Clock3, ZoomOut } from 'lucide-react';
import { useMemo, useState, type FormEvent } from 'react';
import { checkRange, describeRange, isRelative, quickRanges, shiftRange, zoomOut, type RawRange } from '../../model/time/range';
import { formatTime, formatTimeZoned } from '../../model/time/format';
import { parseTime } from '../../model/time/parse';
import { zoneAbbreviation, zoneName } from '../../model/time/zone';
import { Popover } from '../../ui/popover';
import type { DashboardUrl } from '../../model/url';
import type { TimeRange } from '../../model/time/range';

/** What the picker needs of a page: the range, and ways to change it and the zone. */
export interface TimeState {
  raw: RawRange;
  range: TimeRange;
  now: number;
  zone: string;
  setRange: (raw: RawRange) => void;
  address: { change: (part: Pick<DashboardUrl, 'timezone'>) => void };
}

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
const recentKey = 'orrery.ranges';
const recentMax = 4;

function readRecent(): RawRange[] {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(recentKey) ?? '[]');
    return Array.isArray(saved) ? (saved as RawRange[]).filter((r) => typeof r?.from === 'string' && typeof r.to === 'string') : [];
  } catch {
    return [];
  }
}
function remember(range: RawRange): void {
  try {
    localStorage.setItem(recentKey, JSON.stringify([range, ...readRecent().filter((r) => r.from !== range.from || r.to !== range.to)].slice(0, recentMax)));
  } catch {
    // Only comfort is lost.
  }
}

/** What the fields show: relative texts as they are, moments as dates. */
const editable = (end: string, zone: string): string => (/^\d+$/.test(end) ? formatTime(Number(end), zone) : end);

function RangeForm({ state, close }: { state: TimeState; close: () => void }) {
  const { raw, zone, setRange } = state;
  const [from, setFrom] = useState(() => editable(raw.from, zone));
  const [to, setTo] = useState(() => editable(raw.to, zone));
  const [search, setSearch] = useState('');
  const [recent] = useState(readRecent);
  const problem = checkRange({ from, to }, state.now, zone);
  const apply = (next: RawRange): void => {
    setRange(next);
    close();
  };
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    if (problem) return;
    // Absolute ends go into the address as Unix ms: a date would mean another moment in another zone.
    const fix = (text: string, roundUp: boolean): string => (text.includes('now') ? text.trim() : String(parseTime(text, { now: Date.now(), zone, roundUp }) ?? text));
    const next = { from: fix(from, false), to: fix(to, true) };
    remember(next);
    apply(next);
  };
  const quick = quickRanges.filter((q) => q.label.toLowerCase().includes(search.toLowerCase()));
  return (
    <div className="time-picker">
      <form className="time-form" onSubmit={submit}>
        <label htmlFor="range-from">From</label>
        <input id="range-from" className="input num" data-autofocus value={from} aria-invalid={problem?.field === 'from'} aria-describedby="range-problem" onChange={(e) => setFrom(e.target.value)} spellCheck={false} autoComplete="off" />
        <label htmlFor="range-to">To</label>
        <input id="range-to" className="input num" value={to} aria-invalid={problem?.field === 'to'} aria-describedby="range-problem" onChange={(e) => setTo(e.target.value)} spellCheck={false} autoComplete="off" />
        <p id="range-problem" className="field-error" role="alert">{problem?.message ?? ''}</p>
        <button type="submit" className="button primary" disabled={problem !== undefined}>Apply range</button>
        {recent.length > 0 && (
          <div className="time-recent">
            <h3>Used lately</h3>
            {recent.map((r) => <button key={r.from + r.to} type="button" className="menu-item num" onClick={() => apply(r)}>{describeRange(r, zone, state.now)}</button>)}
          </div>
        )}
        <div className="time-zone">
          <span>Times are in {zone === 'browser' ? `${zoneName(zone)}` : zoneName(zone)} ({zoneAbbreviation(state.now, zone)}).</span>
          {(zone === 'utc' || zoneName(zone) !== 'UTC') && <button type="button" className="chip" onClick={() => state.address.change({ timezone: zone === 'utc' ? 'browser' : 'utc' })}>Show {zone === 'utc' ? 'local time' : 'UTC'}</button>}
        </div>
      </form>
      <div className="time-quick">
        <input className="input" type="search" placeholder="Search ranges" aria-label="Search ranges" value={search} onChange={(e) => setSearch(e.target.value)} />
        <div className="time-quick-list">
          {quick.map((q) => (
            <button key={q.label} type="button" className="menu-item" aria-selected={q.from === raw.from && q.to === raw.to} role="option" onClick={() => apply({ from: q.from, to: q.to })}>{q.label}</button>
          ))}
        </div>
      </div>
    </div>
  );
}

export function TimePicker({ state }: { state: TimeState }) {
  const { raw, range, zone, setRange } = state;
  const label = useMemo(() => describeRange(raw, zone, range.to), [raw, zone, range.to]);
  return (
    <div className="button-group">
      <button type="button" className="button" aria-label="Earlier" title="Earlier (t ←)" onClick={() => setRange(shiftRange(range, -1, Date.now()))}><ChevronLeft {...icon} /></button>
      <Popover
        label={`Time range: ${label}`} title={`${formatTimeZoned(range.from, zone)} to ${formatTimeZoned(range.to, zone)}`} align="end" className="time-popover" triggerClass="button time-button"
        trigger={<><Clock3 {...icon} /><span className="num">{label}</span></>}
      >
        {(close) => <RangeForm state={state} close={close} />}
      </Popover>
      <button type="button" className="button" aria-label="Later" title="Later (t →)" disabled={isRelative(raw) && raw.to === 'now'} onClick={() => setRange(shiftRange(range, 1, Date.now()))}><ChevronRight {...icon} /></button>
      <button type="button" className="button" aria-label="Zoom out" title="Zoom out (t z)" onClick={() => setRange(zoomOut(range))}><ZoomOut {...icon} /></button>
    </div>
  );
}
