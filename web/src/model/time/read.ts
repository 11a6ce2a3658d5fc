/** Reads a time written in a pattern such as `DD/MM/YYYY HH:mm`; without a pattern, whatever looks like a date. */
import { fromParts, type Parts } from './zone';
import { parseTime } from './parse';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** What each token takes from the text. */
const tokens: Record<string, string> = {
  YYYY: '(\\d{4})', YY: '(\\d{2})', MMMM: '([A-Za-z]+)', MMM: '([A-Za-z]{3})', MM: '(\\d{1,2})', M: '(\\d{1,2})', DD: '(\\d{1,2})', D: '(\\d{1,2})',
  HH: '(\\d{1,2})', H: '(\\d{1,2})', hh: '(\\d{1,2})', h: '(\\d{1,2})', mm: '(\\d{1,2})', m: '(\\d{1,2})', ss: '(\\d{1,2})', s: '(\\d{1,2})', SSS: '(\\d{1,3})', A: '([AaPp][Mm])', a: '([AaPp][Mm])',
};

/** The moment in Unix ms; undefined if the text does not fit the pattern. */
export function readPatternTime(source: string, pattern: string, zone: string): number | undefined {
  if (pattern === '') return parseTime(source, { now: Date.now(), zone, roundUp: false }) ?? (Number.isNaN(Date.parse(source)) ? undefined : Date.parse(source));
  if (pattern === 'x') return /^-?\d+$/.test(source) ? Number(source) : undefined;
  if (pattern === 'X') return /^-?\d+(\.\d+)?$/.test(source) ? Number(source) * 1000 : undefined;
  const used: string[] = [];
  const expression = pattern.replace(/\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|HH|H|hh|h|mm|m|ss|s|SSS|A|a|[\\^$*+?.()|{}/]/g, (token, kept: string | undefined) => {
    if (kept !== undefined) return kept.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&');
    const part = tokens[token];
    if (part === undefined) return `\\${token}`;
    used.push(token);
    return part;
  });
  const found = new RegExp(`^\\s*${expression}`).exec(source);
  if (!found) return undefined;
  const p: Parts = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, ms: 0 };
  let afternoon: boolean | undefined;
  used.forEach((token, i) => {
    const word = found[i + 1] ?? '';
    switch (token.charAt(0)) {
      case 'Y': p.year = token === 'YY' ? 2000 + Number(word) : Number(word); break;
      case 'M': p.month = token.length > 2 ? months.indexOf(word.slice(0, 3).toLowerCase()) + 1 : Number(word); break;
      case 'D': p.day = Number(word); break;
      case 'H': case 'h': p.hour = Number(word); break;
      case 'm': p.minute = Number(word); break;
      case 's': p.second = Number(word); break;
      case 'S': p.ms = Number(word.padEnd(3, '0')); break;
      default: afternoon = word.toLowerCase() === 'pm';
    }
  });
  if (afternoon !== undefined) p.hour = (p.hour % 12) + (afternoon ? 12 : 0);
  if (p.month < 1 || p.month > 12 || p.day < 1 || p.day > 31 || p.hour > 23 || p.minute > 59 || p.second > 59) return undefined;
  return fromParts(p, zone);
}
