/** Reads the ends of a time range: `now-6h`, `now/d`, Unix ms, ISO dates and `YYYY-MM-DD HH:mm:ss`. */
import { fromParts, toParts, type Parts } from './zone';

type CalendarUnit = 's' | 'm' | 'h' | 'd' | 'w' | 'M' | 'Q' | 'y';
const units = new Set<string>(['s', 'm', 'h', 'd', 'w', 'M', 'Q', 'y']);
const fixedMs: Partial<Record<CalendarUnit, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Adds calendar units; days and longer keep the wall clock across daylight saving. */
function addUnits(ms: number, count: number, unit: CalendarUnit, zone: string): number {
  const fixed = fixedMs[unit];
  if (fixed !== undefined) return ms + count * fixed;
  const p = toParts(ms, zone);
  if (unit === 'd') return fromParts({ ...p, day: p.day + count }, zone);
  if (unit === 'w') return fromParts({ ...p, day: p.day + 7 * count }, zone);
  const months = unit === 'y' ? 12 * count : unit === 'Q' ? 3 * count : count;
  const month = p.month + months;
  const lastDay = new Date(Date.UTC(p.year, month, 0)).getUTCDate();
  return fromParts({ ...p, month, day: Math.min(p.day, lastDay) }, zone);
}

/** Start of the unit that holds the moment; weeks begin on `weekStart` (0 Sunday … 6). */
function startOf(ms: number, unit: CalendarUnit, zone: string, weekStart = 1): number {
  const p = toParts(ms, zone);
  const cut: Parts = { ...p, ms: 0 };
  if (unit === 's') return fromParts(cut, zone);
  cut.second = 0;
  if (unit === 'm') return fromParts(cut, zone);
  cut.minute = 0;
  if (unit === 'h') return fromParts(cut, zone);
  cut.hour = 0;
  if (unit === 'd') return fromParts(cut, zone);
  if (unit === 'w') {
    const weekday = new Date(Date.UTC(p.year, p.month - 1, p.day)).getUTCDay();
    return fromParts({ ...cut, day: p.day - ((weekday - weekStart + 7) % 7) }, zone);
  }
  cut.day = 1;
  if (unit === 'M') return fromParts(cut, zone);
  if (unit === 'Q') return fromParts({ ...cut, month: p.month - ((p.month - 1) % 3) }, zone);
  return fromParts({ ...cut, month: 1 }, zone);
}

interface ParseOptions {
  now: number;
  zone: string;
  /** True for the end of a range: `now/d` is then the last millisecond of the day. */
  roundUp: boolean;
  weekStart?: number;
}

const step = /^([+-])(\d+)?([a-zA-Z])|^\/([a-zA-Z])/;

/** Applies `-1d/d`-style steps to a moment; undefined if a step cannot be read. */
function applySteps(from: number, steps: string, options: ParseOptions): number | undefined {
  let at = from;
  let rest = steps.replace(/\s+/g, '');
  while (rest !== '') {
    const m = step.exec(rest);
    if (!m) return undefined;
    const unit = (m[3] ?? m[4]) as CalendarUnit;
    if (!units.has(unit)) return undefined;
    if (m[4] !== undefined) {
      at = startOf(at, unit, options.zone, options.weekStart);
      if (options.roundUp) at = addUnits(at, 1, unit, options.zone) - 1;
    } else {
      const count = m[2] === undefined ? 1 : Number(m[2]);
      at = addUnits(at, m[1] === '-' ? -count : count, unit, options.zone);
    }
    rest = rest.slice(m[0].length);
  }
  return Number.isFinite(at) ? at : undefined;
}

const wall = /^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?$/;

/** The moment in Unix ms, or undefined if the text is not a time. */
export function parseTime(value: string | number, options: ParseOptions): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  const s = value.trim();
  if (s === 'now') return options.now;
  if (s.startsWith('now')) return applySteps(options.now, s.slice(3), options);
  if (/^-?\d{5,}$/.test(s)) return Number(s);
  const m = wall.exec(s);
  if (m) {
    const p: Parts = {
      year: Number(m[1]), month: Number(m[2]), day: Number(m[3] ?? 1),
      hour: Number(m[4] ?? 0), minute: Number(m[5] ?? 0), second: Number(m[6] ?? 0), ms: Number((m[7] ?? '').padEnd(3, '0')),
    };
    const bad = p.month < 1 || p.month > 12 || p.day < 1 || p.day > 31 || p.hour > 23 || p.minute > 59 || p.second > 59;
    if (bad) return undefined;
    const dateOnly = m[4] === undefined;
    const at = fromParts(p, options.zone);
    return dateOnly && options.roundUp ? addUnits(at, 1, 'd', options.zone) - 1 : at;
  }
  if (/^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:?\d{2})$/.test(s)) {
    const at = Date.parse(s);
    return Number.isNaN(at) ? undefined : at;
  }
  return undefined;
}

const durationMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, M: 2_592_000_000, y: 31_536_000_000 };

/** A duration such as `30s`, `1h30m` or `5000` (ms) in ms; undefined if it is none. */
export function parseDuration(value: string): number | undefined {
  const s = value.trim();
  if (s === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(s)) return Number(s);
  let total = 0;
  let rest = s;
  while (rest !== '') {
    const m = /^(\d+(?:\.\d+)?)(ms|[smhdwMy])/.exec(rest);
    if (!m) return undefined;
    total += Number(m[1]) * (durationMs[m[2] ?? ''] ?? 0);
    rest = rest.slice(m[0].length);
  }
  return total;
}
