/** Time ranges: the two texts a person chose, the moments they mean now, and the moves over them (shift, zoom, set). */
import { parseTime } from './parse';
import { formatTime } from './format';

/** What the URL holds: relative texts or Unix ms as text. */
export interface RawRange {
  from: string;
  to: string;
}
/** Unix ms, `from < to`. */
export interface TimeRange {
  from: number;
  to: number;
}

export const sameRange = (a: TimeRange, b: TimeRange): boolean => a.from === b.from && a.to === b.to;

/** The moments a raw range means; an unreadable end falls back to the last six hours. */
export function resolveRange(raw: RawRange, now: number, zone: string, weekStart = 1): TimeRange {
  const from = parseTime(raw.from, { now, zone, roundUp: false, weekStart }) ?? now - 6 * 3_600_000;
  const to = parseTime(raw.to, { now, zone, roundUp: true, weekStart }) ?? now;
  return from < to ? { from, to } : { from: to - 1000, to: to === from ? to : Math.max(to, from) };
}

type RangeProblem = { field: 'from' | 'to'; message: string };

/** Why a range cannot be applied, in words, or nothing. */
export function checkRange(raw: RawRange, now: number, zone: string): RangeProblem | undefined {
  const hint = 'Write a time like now-6h, now/d or 2026-01-31 14:00.';
  const from = parseTime(raw.from, { now, zone, roundUp: false });
  if (from === undefined) return { field: 'from', message: `“${raw.from}” is not a time. ${hint}` };
  const to = parseTime(raw.to, { now, zone, roundUp: true });
  if (to === undefined) return { field: 'to', message: `“${raw.to}” is not a time. ${hint}` };
  if (from >= to) return { field: 'to', message: 'The end must be later than the start.' };
  return undefined;
}

export const isRelative = (raw: RawRange): boolean => raw.from.includes('now') || raw.to.includes('now');
const absolute = (from: number, to: number): RawRange => ({ from: String(Math.round(from)), to: String(Math.round(to)) });

/** Moves by half of the shown width; never past now when going forward from the past. */
export function shiftRange(range: TimeRange, direction: -1 | 1, now: number): RawRange {
  const by = ((range.to - range.from) / 2) * direction;
  const to = range.to + by;
  if (direction === 1 && to > now) return absolute(now - (range.to - range.from), now);
  return absolute(range.from + by, to);
}

/** Doubles the width around the centre. */
export function zoomOut(range: TimeRange): RawRange {
  const half = range.to - range.from || 60_000;
  const centre = (range.from + range.to) / 2;
  return absolute(centre - half, centre + half);
}

const words: Record<string, [string, string]> = {
  s: ['second', 'seconds'], m: ['minute', 'minutes'], h: ['hour', 'hours'], d: ['day', 'days'],
  w: ['week', 'weeks'], M: ['month', 'months'], Q: ['quarter', 'quarters'], y: ['year', 'years'],
};
const period: Record<string, string> = { d: 'day', w: 'week', M: 'month', Q: 'quarter', y: 'year' };

export interface QuickRange extends RawRange {
  label: string;
}
const last = (text: string): QuickRange => ({ from: `now-${text}`, to: 'now', label: describeRange({ from: `now-${text}`, to: 'now' }, 'utc') });

/** The range in words: "Last 6 hours", "Today", or the two moments. */
export function describeRange(raw: RawRange, zone: string, now = 0): string {
  const m = /^now-(\d+)([smhdwMQy])$/.exec(raw.from);
  const pair = m?.[2] === undefined ? undefined : words[m[2]];
  if (m && pair && raw.to === 'now') return `Last ${m[1] === '1' ? `1 ${pair[0]}` : `${m[1]} ${pair[1]}`}`;
  const thisPeriod = /^now\/([dwMQy])$/.exec(raw.from)?.[1];
  if (thisPeriod !== undefined && raw.to === raw.from) return thisPeriod === 'd' ? 'Today' : `This ${period[thisPeriod]}`;
  if (thisPeriod !== undefined && raw.to === 'now') return thisPeriod === 'd' ? 'Today so far' : `This ${period[thisPeriod]} so far`;
  const previous = /^now-1([dwMQy])\/\1$/.exec(raw.from)?.[1];
  if (previous !== undefined && raw.to === raw.from) return previous === 'd' ? 'Yesterday' : `Previous ${period[previous]}`;
  const show = (text: string, roundUp: boolean): string => {
    if (text.includes('now')) return text;
    const at = parseTime(text, { now, zone, roundUp });
    return at === undefined ? text : formatTime(at, zone);
  };
  return `${show(raw.from, false)} to ${show(raw.to, true)}`;
}

export const quickRanges: readonly QuickRange[] = [
  ...['5m', '15m', '30m', '1h', '3h', '6h', '12h', '24h', '2d', '7d', '30d', '90d', '6M', '1y'].map(last),
  ...([['now/d', 'now/d'], ['now/d', 'now'], ['now-1d/d', 'now-1d/d'], ['now/w', 'now/w'], ['now-1w/w', 'now-1w/w'], ['now/M', 'now/M'], ['now-1M/M', 'now-1M/M'], ['now/y', 'now/y']] as const)
    .map(([from, to]) => ({ from, to, label: describeRange({ from, to }, 'utc') })),
];
