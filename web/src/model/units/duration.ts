/** Units of time: the largest unit that fits, clocks, and durations in words. */
import { toFixed } from './decimals';
import type { FormattedValue, Formatter } from './families';

interface Rung {
  /** Length in seconds. */
  seconds: number;
  one: string;
  many: string;
}
const ladder: readonly Rung[] = [
  { seconds: 1e-9, one: ' ns', many: ' ns' },
  { seconds: 1e-6, one: ' µs', many: ' µs' },
  { seconds: 1e-3, one: ' ms', many: ' ms' },
  { seconds: 1, one: ' s', many: ' s' },
  { seconds: 60, one: ' min', many: ' mins' },
  { seconds: 3600, one: ' hour', many: ' hours' },
  { seconds: 86_400, one: ' day', many: ' days' },
  { seconds: 604_800, one: ' week', many: ' weeks' },
  { seconds: 31_536_000, one: ' year', many: ' years' },
];

/**
 * The times (in seconds) on the largest rung below `below` (its suffix for many) on which each of them has at most one decimal and less
 * than five digits; undefined where there is none.
 */
export function onLowerRung(seconds: readonly number[], below: string): string[] | undefined {
  const top = ladder.findIndex((r) => r.many === below || r.one === below);
  for (let i = top - 1; i >= 0; i -= 1) {
    const rung = ladder[i];
    const shown = rung ? seconds.map((s) => Number((s / rung.seconds).toPrecision(12))) : [];
    if (shown.some((v) => Math.abs(v) >= 10_000)) return undefined;
    const tenths = shown.some((v) => Math.abs(v - Math.round(v)) > 1e-9);
    if (rung && shown.every((v) => Math.abs(v * 10 - Math.round(v * 10)) < 1e-9)) return shown.map((v) => `${v.toFixed(tenths ? 1 : 0)}${Math.abs(v) > 1 ? rung.many : rung.one}`);
  }
  return undefined;
}

/** Shows a time given in units of `unitSeconds` on the rung that fits, from `lowest` to `highest`, leaving out the rungs in `skip`. */
export const elapsed = (unitSeconds: number, lowest: number, skip: readonly number[] = [], highest = ladder.length - 1): Formatter => (value, decimals) => {
  if (value === 0) return { text: unitSeconds === 1 ? '0' : toFixed(0, decimals), suffix: (ladder.find((r) => Math.abs(r.seconds - unitSeconds) < unitSeconds * 1e-9) ?? ladder[3])?.one ?? ' s' };
  const seconds = value * unitSeconds;
  const size = Math.abs(seconds);
  let index = lowest;
  for (let i = lowest; i <= highest; i += 1) {
    if (skip.includes(i)) continue;
    const rung = ladder[i];
    // A hair of tolerance, because 1e-3 * 1000 is not always 1.
    if (rung && size >= rung.seconds * (1 - 1e-12)) index = i;
  }
  const rung = ladder[index];
  if (!rung) return { text: toFixed(value, decimals) };
  const own = Math.abs(rung.seconds - unitSeconds) < unitSeconds * 1e-9;
  const shown = own ? value : Number((seconds / rung.seconds).toPrecision(12));
  return { text: toFixed(shown, decimals), suffix: Math.abs(shown) > 1 && !(own && (rung.one === ' min' || rung.one === ' hour')) ? rung.many : rung.one };
};

const wordRungs: readonly [number, string][] = [
  [31_536_000_000, 'year'], [2_592_000_000, 'month'], [604_800_000, 'week'], [86_400_000, 'day'],
  [3_600_000, 'hour'], [60_000, 'minute'], [1000, 'second'], [1, 'millisecond'],
];

/** A duration in words, biggest unit first; as many units more as there are decimals asked for. */
export const inWords = (unitMs: number): Formatter => (value, decimals) => {
  let rest = Math.abs(Math.trunc(value * unitMs));
  if (rest === 0 && value === 0) return { text: '0', suffix: unitMs === 1 ? ' milliseconds' : ' seconds' };
  const ago = value < 0 ? ' ago' : '';
  const parts: string[] = [];
  for (const [size, word] of wordRungs) {
    const n = Math.floor(rest / size);
    if (n === 0 && parts.length === 0) continue;
    parts.push(`${n} ${word}${n === 1 ? '' : 's'}`);
    rest -= n * size;
    if (parts.length > (decimals ?? 0)) break;
  }
  return { text: parts.length > 0 ? parts.join(', ') + ago : '' };
};

const two = (n: number): string => String(n).padStart(2, '0');

/** `34:17:36`, hours without bound; with `days`, `1 d 10:17:36`. */
export const clock = (days: boolean): Formatter => (value): FormattedValue => {
  let rest = Math.floor(Math.abs(value));
  const ago = value < 0 ? ' ago' : '';
  const d = days ? Math.floor(rest / 86_400) : 0;
  rest -= d * 86_400;
  const text = `${two(Math.floor(rest / 3600))}:${two(Math.floor((rest % 3600) / 60))}:${two(rest % 60)}`;
  return { text: (d > 0 ? `${d} d ${text}` : text) + ago };
};

/** `02m:03s:456ms`: as many parts as the value needs. */
export const stopwatch = (unitMs: number): Formatter => (value, decimals): FormattedValue => {
  const total = Math.floor(Math.abs(value * unitMs));
  const ms = String(total % 1000).padStart(3, '0');
  const s = Math.floor(total / 1000) % 60;
  const m = Math.floor(total / 60_000) % 60;
  const h = Math.floor(total / 3_600_000);
  const all = [`${h}h`, `${two(m)}m`, `${two(s)}s`, `${ms}ms`];
  const parts = all.slice(total < 1000 ? 3 : total < 60_000 ? 2 : total < 3_600_000 ? 1 : 0);
  return { text: (decimals === undefined || decimals === null ? parts : parts.slice(0, decimals + 1)).join(':') };
};
