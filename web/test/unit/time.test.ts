/** Times: relative expressions, zones and daylight saving, ranges and their words. */
import { expect, test } from 'vitest';
import { parseDuration, parseTime } from '../../src/model/time/parse';
import { checkRange, describeRange, resolveRange, shiftRange, zoomOut } from '../../src/model/time/range';
import { formatTick, formatTime, formatTimeZoned } from '../../src/model/time/format';

const now = Date.UTC(2026, 2, 29, 12, 34, 56); // a Sunday; clocks in Berlin went forward that night
const iso = (ms: number | undefined): string => (ms === undefined ? 'none' : new Date(ms).toISOString().replace('.000Z', 'Z'));

test.each([
  ['now', 'utc', false, '2026-03-29T12:34:56Z'],
  ['now-1h', 'utc', false, '2026-03-29T11:34:56Z'],
  ['now - 90s', 'utc', false, '2026-03-29T12:33:26Z'],
  ['now+1d', 'utc', false, '2026-03-30T12:34:56Z'],
  ['now/d', 'utc', false, '2026-03-29T00:00:00Z'],
  ['now/d', 'utc', true, '2026-03-29T23:59:59.999Z'],
  ['now-1d/d', 'utc', false, '2026-03-28T00:00:00Z'],
  ['now/w', 'utc', false, '2026-03-23T00:00:00Z'],
  ['now/M', 'utc', true, '2026-03-31T23:59:59.999Z'],
  ['now-1M', 'utc', false, '2026-02-28T12:34:56Z'],
  ['now-1y/y', 'utc', false, '2025-01-01T00:00:00Z'],
  ['now/Q', 'utc', false, '2026-01-01T00:00:00Z'],
  ['now/d', 'Europe/Berlin', false, '2026-03-28T23:00:00Z'],
  ['now-1d', 'Europe/Berlin', false, '2026-03-28T13:34:56Z'],
  ['2026-01-31', 'utc', true, '2026-01-31T23:59:59.999Z'],
  ['2026-01-31 14:00', 'Europe/Berlin', false, '2026-01-31T13:00:00Z'],
  ['2026-07-01 14:00:05', 'Europe/Berlin', false, '2026-07-01T12:00:05Z'],
  ['2026-01-31T14:00:00Z', 'Asia/Tokyo', false, '2026-01-31T14:00:00Z'],
  ['1767225600000', 'utc', false, '2026-01-01T00:00:00Z'],
  ['now-', 'utc', false, 'none'], ['now-5x', 'utc', false, 'none'], ['yesterday', 'utc', false, 'none'], ['2026-13-01', 'utc', false, 'none'], ['', 'utc', false, 'none'],
])('%s in %s, up %s', (text, zone, roundUp, want) => {
  expect(iso(parseTime(text, { now, zone, roundUp }))).toBe(want);
});

test.each([['30s', 30_000], ['1h30m', 5_400_000], ['500ms', 500], ['1d', 86_400_000], ['5000', 5000], ['', undefined], ['x', undefined], ['5 m', undefined]])('duration %s', (text, want) => {
  expect(parseDuration(text)).toBe(want);
});

test.each([
  ['now-6h', 'now', 'Last 6 hours'], ['now-1h', 'now', 'Last 1 hour'], ['now/d', 'now/d', 'Today'], ['now/d', 'now', 'Today so far'], ['now-1d/d', 'now-1d/d', 'Yesterday'],
  ['now-1w/w', 'now-1w/w', 'Previous week'], ['now/M', 'now/M', 'This month'], ['1767225600000', '1767229200000', '2026-01-01 00:00:00 to 2026-01-01 01:00:00'], ['now-2h', 'now-1h', 'now-2h to now-1h'],
])('%s to %s in words', (from, to, want) => {
  expect(describeRange({ from, to }, 'utc')).toBe(want);
});

test('ranges move and grow', () => {
  const range = { from: 1_000_000, to: 2_000_000 };
  expect(shiftRange(range, -1, now)).toEqual({ from: '500000', to: '1500000' });
  expect(shiftRange(range, 1, now)).toEqual({ from: '1500000', to: '2500000' });
  expect(shiftRange(range, 1, 2_100_000)).toEqual({ from: '1100000', to: '2100000' });
  expect(zoomOut(range)).toEqual({ from: '500000', to: '2500000' });
});

test('a range is checked before it is applied', () => {
  expect(checkRange({ from: 'now-1h', to: 'now' }, now, 'utc')).toBeUndefined();
  expect(checkRange({ from: 'soon', to: 'now' }, now, 'utc')?.field).toBe('from');
  expect(checkRange({ from: 'now', to: 'now-1h' }, now, 'utc')?.field).toBe('to');
});

test('an unreadable range still is one', () => {
  const range = resolveRange({ from: 'x', to: 'y' }, now, 'utc');
  expect(range).toEqual({ from: now - 21_600_000, to: now });
  const turned = resolveRange({ from: 'now', to: 'now-1h' }, now, 'utc');
  expect(turned.from).toBeLessThan(turned.to);
});

test('times as text', () => {
  expect(formatTime(now, 'America/New_York')).toBe('2026-03-29 08:34:56');
  expect(formatTimeZoned(now, 'utc')).toBe('2026-03-29 12:34:56 UTC');
  expect(formatTick(Date.UTC(2026, 0, 2), 3_600_000, 'utc', undefined)).toBe('Jan 2');
  expect(formatTick(Date.UTC(2026, 0, 2, 5), 3_600_000, 'utc', Date.UTC(2026, 0, 2, 4))).toBe('05:00');
  expect(formatTick(Date.UTC(2026, 0, 2, 5, 0, 10), 10_000, 'utc', Date.UTC(2026, 0, 2, 5))).toBe('05:00:10');
});
