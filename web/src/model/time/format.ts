/** Times as text, always in a named zone. */
import { toParts, zoneAbbreviation } from './zone';

const two = (n: number): string => String(n).padStart(2, '0');
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const monthLong = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** `2026-01-31 14:00:05`, with `.123` when there are milliseconds and they are asked for. */
export function formatTime(ms: number, zone: string, withMs = false): string {
  if (!Number.isFinite(ms)) return '';
  const p = toParts(ms, zone);
  const base = `${p.year}-${two(p.month)}-${two(p.day)} ${two(p.hour)}:${two(p.minute)}:${two(p.second)}`;
  return withMs && p.ms !== 0 ? `${base}.${String(p.ms).padStart(3, '0')}` : base;
}

/** With the zone's short name, for hovering. */
export const formatTimeZoned = (ms: number, zone: string): string => `${formatTime(ms, zone, true)} ${zoneAbbreviation(ms, zone)}`;

/** From and to, the date only once when it is the same. */
export function formatSpan(from: number, to: number, zone: string): string {
  const a = formatTime(from, zone, true);
  const b = formatTime(to, zone, true);
  return a.slice(0, 10) === b.slice(0, 10) ? `${a} – ${b.slice(11)}` : `${a} – ${b}`;
}

/** Formats by a pattern of the tokens YYYY YY MMMM MMM MM M DD D dddd ddd HH H hh h mm m ss s SSS A a X x Z; `[text]` is kept. */
export function formatPattern(ms: number, pattern: string, zone: string): string {
  const p = toParts(ms, zone);
  const weekday = dayNames[new Date(Date.UTC(p.year, p.month - 1, p.day)).getUTCDay()] ?? '';
  const hour12 = p.hour % 12 === 0 ? 12 : p.hour % 12;
  const tokens: Record<string, () => string> = {
    YYYY: () => String(p.year), YY: () => two(p.year % 100),
    MMMM: () => monthLong[p.month - 1] ?? '', MMM: () => monthNames[p.month - 1] ?? '', MM: () => two(p.month), M: () => String(p.month),
    DD: () => two(p.day), D: () => String(p.day), dddd: () => weekday, ddd: () => weekday.slice(0, 3),
    HH: () => two(p.hour), H: () => String(p.hour), hh: () => two(hour12), h: () => String(hour12),
    mm: () => two(p.minute), m: () => String(p.minute), ss: () => two(p.second), s: () => String(p.second),
    SSS: () => String(p.ms).padStart(3, '0'), A: () => (p.hour < 12 ? 'AM' : 'PM'), a: () => (p.hour < 12 ? 'am' : 'pm'),
    X: () => String(Math.floor(ms / 1000)), x: () => String(ms),
  };
  return pattern.replace(/\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|A|a|X|x/g, (token, kept: string | undefined) =>
    kept !== undefined ? kept : (tokens[token]?.() ?? token));
}

/** A tick of a time axis: as short as the step allows. `previous` decides whether the date is shown. */
export function formatTick(ms: number, stepMs: number, zone: string, previous: number | undefined): string {
  const p = toParts(ms, zone);
  const clock = stepMs < 60_000 ? `${two(p.hour)}:${two(p.minute)}:${two(p.second)}` : `${two(p.hour)}:${two(p.minute)}`;
  const date = `${monthNames[p.month - 1] ?? ''} ${p.day}`;
  if (stepMs >= 28 * 86_400_000) return `${monthNames[p.month - 1] ?? ''} ${p.year}`;
  if (stepMs >= 86_400_000) return date;
  if (stepMs < 1000) return `${clock}.${String(p.ms).padStart(3, '0')}`;
  const midnight = p.hour === 0 && p.minute === 0 && p.second === 0;
  if (midnight || (previous !== undefined && toParts(previous, zone).day !== p.day)) return stepMs >= 3_600_000 ? date : `${date}\n${clock}`;
  return clock;
}

/** How long ago, in words: "12 s ago", "3 h ago". */
export function formatAgo(ms: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}
