/** Value mappings: text and colour for single values, ranges, patterns and missing values. The first that fits wins. */
import type { Cell } from '../frame';
import type { Mapping, MappingResult } from './types';

const patterns = new Map<string, RegExp | null>();

/** Reads `/re/flags`, or a bare pattern, which must fit the whole text; null if it is not a regular expression. */
export function readPattern(pattern: string): RegExp | null {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const m = /^\/(.*)\/([gimsuy]*)$/s.exec(pattern);
  let made: RegExp | null = null;
  try {
    made = m ? new RegExp(m[1] ?? '', (m[2] ?? '').replace(/[gy]/g, '')) : new RegExp(`^${pattern}$`);
  } catch {
    made = null;
  }
  patterns.set(pattern, made);
  return made;
}

const isNoNumber = (value: Cell): boolean => typeof value === 'number' && Number.isNaN(value);

function matchSpecial(match: string, value: Cell): boolean {
  const missing = value === null || value === undefined;
  switch (match) {
    case 'null': return missing;
    case 'nan': return isNoNumber(value);
    case 'null+nan': return missing || isNoNumber(value);
    case 'true': return value === true || value === 'true';
    case 'false': return value === false || value === 'false';
    default: return value === '';
  }
}

/**
 * What the first mapping that fits says, in the order of the list: special values have no place of their own before or behind the
 * others. Source: Grafana's `getValueMappingResult` (13.2.3).
 */
export function mapValue(value: Cell, mappings: readonly Mapping[]): MappingResult | undefined {
  for (const m of mappings) {
    if (m.type === 'special') {
      if (matchSpecial(m.match, value)) return m.result;
      continue;
    }
    if (value === null || value === undefined) continue;
    if (m.type === 'value') {
      const key = String(value);
      // Own members alone: the word “constructor” is no mapping.
      if (Object.hasOwn(m.options, key)) return m.options[key];
    } else if (m.type === 'range') {
      const n = typeof value === 'string' ? parseFloat(value) : typeof value === 'number' ? value : NaN;
      if (!Number.isNaN(n) && n >= (m.from ?? -Infinity) && n <= (m.to ?? Infinity)) return m.result;
    } else {
      // Patterns are for texts: a number is mapped by itself or by a range.
      if (typeof value !== 'string') continue;
      const re = readPattern(m.pattern);
      if (!re?.test(value)) continue;
      return m.result.text === undefined ? m.result : { ...m.result, text: value.replace(re, m.result.text) };
    }
  }
  return undefined;
}
