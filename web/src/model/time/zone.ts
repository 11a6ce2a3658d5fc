/** Calendar arithmetic in a time zone ("browser", "utc" or an IANA name), with nothing but `Intl`. */
export interface Parts {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', era: 'short',
      year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    formatters.set(zone, found);
  }
  return found;
}

/** The zone's IANA name; an unknown zone counts as the browser's own. */
export function zoneName(zone: string | undefined): string {
  if (zone === 'utc' || zone === 'UTC') return 'UTC';
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === 'browser') return own;
  try {
    formatter(zone);
    return zone;
  } catch {
    return own;
  }
}

let listed: string[] | undefined;
/** All zones the browser knows, but for UTC, which stands by itself in every list. Listing them is slow: only where they are shown. */
export const zoneNames = (): readonly string[] => (listed ??= Intl.supportedValuesOf('timeZone').filter((z) => z !== 'UTC'));

export function toParts(ms: number, zone: string): Parts {
  const name = zoneName(zone);
  if (name === 'UTC') {
    const d = new Date(ms);
    return {
      year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, day: d.getUTCDate(),
      hour: d.getUTCHours(), minute: d.getUTCMinutes(), second: d.getUTCSeconds(), ms: d.getUTCMilliseconds(),
    };
  }
  const parts: Parts = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, ms: ((ms % 1000) + 1000) % 1000 };
  for (const { type, value } of formatter(name).formatToParts(ms)) {
    if (type === 'year' || type === 'month' || type === 'day' || type === 'hour' || type === 'minute' || type === 'second') parts[type] = Number(value);
  }
  return parts;
}

const asUtc = (p: Parts): number => Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second, p.ms);

/** Offset of the zone from UTC at that moment, in ms; positive east of Greenwich. */
const zoneOffset = (ms: number, zone: string): number => asUtc(toParts(ms, zone)) - ms;

/** The moment at which clocks in the zone show these parts; parts out of bounds carry over (month 13 is next January). */
export function fromParts(parts: Parts, zone: string): number {
  const wall = asUtc(parts);
  const first = wall - zoneOffset(wall, zone);
  const second = wall - zoneOffset(first, zone);
  return second;
}

/** Short name of the zone at that moment: `UTC`, `CET`, `GMT+2`. */
export function zoneAbbreviation(ms: number, zone: string): string {
  const name = zoneName(zone);
  if (name === 'UTC') return 'UTC';
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'short' }).formatToParts(ms);
  return parts.find((p) => p.type === 'timeZoneName')?.value ?? name;
}
