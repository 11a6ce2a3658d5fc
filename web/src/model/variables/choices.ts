/**
 * A variable's regex with its groups, and its order, over options that are there: for patterns that look around or back, which the
 * server's engine does without so that every pattern ends in time. Same answers as the server's otherwise. Pure.
 */
import type { VariableOption } from '../dashboard/types';
import { readPattern } from '../fieldconfig/mappings';

/** Matches in one text that count. */
const matchesMax = 1000;
/** Texts that are looked at: such a pattern may be slow, and the page waits for it. */
const textsMax = 10_000;

/**
 * Whether a pattern needs what only the browser has: look-ahead, look-behind, references back; or is written as only it reads it: braces
 * that count nothing, as for the `{} 3` that a query answers, and brackets within brackets.
 */
export const onlyHere = (regex: string): boolean => /\(\?<?[=!]|\\[1-9]|\\k<|(?<!\\)\{(?!\d+(?:,\d*)?\})|(?<!\\)\[[^\]]*(?:\[|&&|--|~~)/.test(regex);

function captured(re: RegExp, all: boolean, text: string): VariableOption[] {
  const matches: RegExpMatchArray[] = [];
  for (const m of text.matchAll(re)) {
    matches.push(m);
    if (!all || matches.length >= matchesMax) break;
  }
  const named = (name: string): string | undefined => matches.map((m) => m.groups?.[name]).find((v) => v !== undefined);
  const value = named('value') ?? named('text');
  if (value !== undefined) return [{ text: named('text') ?? value, value }];
  const groups = matches.map((m) => m.slice(1).find((g) => g !== undefined)).filter((g) => g !== undefined);
  if (groups.length > 0) return groups.map((g) => ({ text: g, value: g }));
  return matches.length > 0 ? [{ text, value: text }] : [];
}

const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const plain = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** The first number in a text; texts without one come first. */
const firstNumber = (text: string): number => Number(/\d+(?:\.\d+)?/.exec(text)?.[0] ?? -1);

function inOrder(options: VariableOption[], sort: number): VariableOption[] {
  const by: ((a: string, b: string) => number) | undefined = [plain, (a: string, b: string) => firstNumber(a) - firstNumber(b), (a: string, b: string) => plain(a.toLowerCase(), b.toLowerCase()), (a: string, b: string) => natural.compare(a, b)][Math.ceil(sort / 2) - 1];
  if (!by) return options;
  const sorted = [...options].sort((a, b) => by(a.text, b.text));
  return sort % 2 === 0 ? sorted.reverse() : sorted;
}

/** Throws when the pattern is none. */
export function chooseOptions(found: readonly VariableOption[], regex: string, sort: number): VariableOption[] {
  const pattern = regex.trim();
  const delimited = /^\/[^]*\/([a-z]*)$/.exec(pattern);
  // Without slashes it is a pattern for the whole text.
  const re = readPattern(delimited ? pattern : `^(?:${pattern})$`);
  if (!re) throw new Error(`The variable’s regex cannot be used: ${regex}`);
  const each = new RegExp(re.source, re.flags.includes('g') ? re.flags : `${re.flags}g`);
  const seen = new Set<string>();
  const all = delimited?.[1]?.includes('g') === true;
  return inOrder(found.slice(0, textsMax).flatMap((o) => captured(each, all, o.text)).filter((o) => !seen.has(o.value) && seen.add(o.value)), sort);
}
