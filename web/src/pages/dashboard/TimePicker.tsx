/** The time range: quick ranges, two ends with validation, recent ranges, steps back and forward, zoom out. */
import { ChevronLeft, ChevronRight, Clock3, ZoomOut } from 'lucide-react';
import { useMemo, useState, type FormEvent } from 'react';
import { checkRange, describeRange, isRelative, quickRanges, shiftRange, zoomOut, type QuickRange, type RawRange } from '../../model/time/range';
import { formatTime, formatTimeZoned } from '../../model/time/format';
import { object, text } from '../../model/json';
import { parseTime } from '../../model/time/parse';
import { zoneAbbreviation, zoneName, zoneNames } from '../../model/time/zone';
import { Popover } from '../../ui/popover';
import type { DashboardUrl } from '../../model/url';
import type { TimeRange } from '../../model/time/range';

/** What the picker needs of a page: the range, and ways to change it and the zone. */
interface TimeState {
  raw: RawRange;
  range: TimeRange;
  now: number;
  zone: string;
  setRange: (raw: RawRange) => void;
  moveRange: (how: (range: TimeRange) => RawRange) => void;
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

const known = (zone: string): string => (zone === 'UTC' || zone === 'Etc/UTC' ? 'utc' : zone === 'utc' || zone === 'browser' || zoneNames().includes(zone) ? zone : 'browser');

/** Quick ranges of the dashboard itself, which stand before ours. */
function ownRanges(v: readonly unknown[] | undefined): QuickRange[] {
  return (v ?? []).map(object).map((o) => ({ label: text(o['display'] ?? o['label']), from: text(o['from']), to: text(o['to'], 'now') })).filter((r) => r.label !== '' && r.from !== '');
}

function RangeForm({ state, own, close }: { state: TimeState; own?: readonly unknown[] | undefined; close: () => void }) {
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
    const fix = (end: string, roundUp: boolean): string => (end.includes('now') ? end.trim() : String(parseTime(end, { now: Date.now(), zone, roundUp }) ?? end));
    const next = { from: fix(from, false), to: fix(to, true) };
    remember(next);
    apply(next);
  };
  const offered = useMemo(() => {
    const first = ownRanges(own);
    // What the dashboard offers itself is not offered twice.
    const there = new Set(first.map((q) => `${q.from} ${q.to}`));
    return [...first, ...quickRanges.filter((q) => !there.has(`${q.from} ${q.to}`))];
  }, [own]);
  const quick = offered.filter((q) => q.label.toLowerCase().includes(search.toLowerCase()));
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
          <label htmlFor="range-zone">Times are shown in</label>
          <select id="range-zone" className="select" value={known(zone)} onChange={(e) => state.address.change({ timezone: e.target.value })}>
            <option value="browser">Local time, {zoneName('browser')}</option>
            <option value="utc">UTC</option>
            {zoneNames().map((z) => <option key={z} value={z}>{z.replace(/_/g, ' ')}</option>)}
          </select>
          <span className="num">now {zoneAbbreviation(state.now, zone)}</span>
        </div>
      </form>
      <div className="time-quick">
        <input className="input" type="search" placeholder="Search ranges" aria-label="Search ranges" value={search} onChange={(e) => setSearch(e.target.value)} />
        <div className="time-quick-list" role="listbox" aria-label="Quick ranges">
          {quick.map((q) => (
            <button key={`${q.label} ${q.from}`} type="button" className="menu-item" aria-selected={q.from === raw.from && q.to === raw.to} role="option" onClick={() => apply({ from: q.from, to: q.to })}>{q.label}</button>
          ))}
        </div>
      </div>
    </div>
  );
}

/** `own` are quick ranges of the dashboard itself. */
export function TimePicker({ state, own }: { state: TimeState; own?: readonly unknown[] | undefined }) {
  const { raw, range, zone, moveRange } = state;
  const label = useMemo(() => describeRange(raw, zone, range.to), [raw, zone, range.to]);
  return (
    <div className="button-group">
      <button type="button" className="button" aria-label="Earlier" title="Earlier (t ←)" onClick={() => moveRange((r) => shiftRange(r, -1, Date.now()))}><ChevronLeft {...icon} /></button>
      <Popover
        label={`Time range: ${label}`} title={`${formatTimeZoned(range.from, zone)} to ${formatTimeZoned(range.to, zone)}`} align="end" className="time-popover" triggerClass="button time-button"
        trigger={<><Clock3 {...icon} /><span className="num">{label}</span></>}
      >
        {(close) => <RangeForm state={state} own={own} close={close} />}
      </Popover>
      <button type="button" className="button" aria-label="Later" title="Later (t →)" disabled={isRelative(raw) && raw.to === 'now'} onClick={() => moveRange((r) => shiftRange(r, 1, Date.now()))}><ChevronRight {...icon} /></button>
      <button type="button" className="button" aria-label="Zoom out" title="Zoom out (t z)" onClick={() => moveRange(zoomOut)}><ZoomOut {...icon} /></button>
    </div>
  );
}
