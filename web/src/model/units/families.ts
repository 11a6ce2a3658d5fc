/** The kinds of scaling a unit can have: fixed suffix, SI prefixes, binary prefixes, short scale, counts per time, currency. */
import { toFixed } from './decimals';

/** A formatted value; the text to show is `prefix + text + suffix`. */
export interface FormattedValue {
  text: string;
  prefix?: string;
  suffix?: string;
}
export type Formatter = (value: number, decimals?: number | null, zone?: string) => FormattedValue;

export const fixed = (suffix: string): Formatter => (value, decimals) => (suffix === '' ? { text: toFixed(value, decimals) } : { text: toFixed(value, decimals), suffix: ` ${suffix}` });
/** As `fixed`, without the space before the suffix. */
export const tight = (suffix: string): Formatter => (value, decimals) => ({ text: toFixed(value, decimals), suffix });

/** Divides by `factor` until the value is below it, walking `steps` from `start`; small values walk back when `down`. */
function scale(value: number, factor: number, start: number, count: number, down: boolean): { scaled: number; index: number } {
  let scaled = value;
  let index = start;
  if (!Number.isFinite(value)) return { scaled, index };
  while (Math.abs(scaled) >= factor && index < count - 1) {
    scaled /= factor;
    index += 1;
  }
  if (down && scaled !== 0) {
    while (Math.abs(scaled) < 1 && index > 0) {
      scaled *= factor;
      index -= 1;
    }
  }
  return { scaled, index };
}

/** Undoes noise such as 250.00000000000003 that dividing leaves, so that whole numbers stay whole. */
const clean = (value: number): number => Number(value.toPrecision(12));

const siPrefixes = ['f', 'p', 'n', 'µ', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const siBase = siPrefixes.indexOf('');

/** SI prefixes in thousands; `offset` says which prefix the stored value already has (1 = k, -1 = m). */
export const si = (unit: string, offset = 0): Formatter => (value, decimals) => {
  const { scaled, index } = scale(value, 1000, siBase + offset, siPrefixes.length, true);
  return { text: toFixed(clean(scaled), decimals), suffix: ` ${siPrefixes[index] ?? ''}${unit}` };
};

const binaryPrefixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];

/** Binary prefixes in steps of 1024; `offset` as for `si`. Nothing is smaller than one. */
export const binary = (unit: string, offset = 0): Formatter => (value, decimals) => {
  const { scaled, index } = scale(value, 1024, offset, binaryPrefixes.length, true);
  return { text: toFixed(clean(scaled), decimals), suffix: ` ${binaryPrefixes[index] ?? ''}${unit}` };
};

const shortScale = ['', ' K', ' Mil', ' Bil', ' Tri', ' Quadr', ' Quint', ' Sext', ' Sept'];

/** Thousand, million, billion … in words. */
export const short: Formatter = (value, decimals) => {
  const { scaled, index } = scale(value, 1000, 0, shortScale.length, false);
  const suffix = shortScale[index] ?? '';
  return suffix === '' ? { text: toFixed(clean(scaled), decimals) } : { text: toFixed(clean(scaled), decimals), suffix };
};

const letters = ['', 'K', 'M', 'B', 'T'];

/** Counts per time: `1.23K req/s`. */
export const count = (unit: string): Formatter => (value, decimals) => {
  const { scaled, index } = scale(value, 1000, 0, letters.length, false);
  return { text: toFixed(clean(scaled), decimals), suffix: `${letters[index] ?? ''} ${unit}` };
};

export const currency = (symbol: string, behind = false): Formatter => (value, decimals) => {
  const { scaled, index } = scale(Math.abs(value), 1000, 0, letters.length, false);
  const letter = letters[index] ?? '';
  const sign = value < 0 ? '-' : '';
  const text = toFixed(clean(scaled), decimals);
  return behind ? { text: sign + text, suffix: letter + symbol } : { text, prefix: sign + symbol, suffix: letter };
};
