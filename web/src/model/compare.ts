/** "Compare with earlier": the same data of an hour, a day or a week before, laid behind the present. Pure. */
import type { Frame } from './frame';
import { parseDuration } from './time/parse';

export const compareChoices: readonly { offset: string; words: string }[] = [
  { offset: '1h', words: '1 hour earlier' }, { offset: '1d', words: '1 day earlier' }, { offset: '1w', words: '1 week earlier' },
];

/** Offsets of the address may be any duration; what is none, or longer than five years, compares with nothing. */
export function compareMs(offset: string | undefined): number {
  const ms = offset === undefined ? undefined : parseDuration(offset);
  return ms !== undefined && ms > 0 && ms <= 5 * 31_536_000_000 ? ms : 0;
}

export const compareWords = (offset: string): string => compareChoices.find((c) => c.offset === offset)?.words ?? `${offset} earlier`;

/** Frames with field options applied, moved to the present and named as what they are. */
export function ghostFrames(frames: readonly Frame[], ms: number, words: string): Frame[] {
  return frames.filter((f) => f.table !== true).map((frame): Frame => ({
    ...frame,
    ghost: words,
    fields: frame.fields.map((f) => (f.type === 'time'
      ? { ...f, values: f.values.map((t) => (typeof t === 'number' ? t + ms : t)) }
      : { ...f, title: ghostTitle(f.title ?? f.name, words) })),
  }));
}

const ghostTitle = (title: string, words: string): string => `${title} (${words})`;
/** The name of the series of the present that a ghost belongs to. */
export const ghostOrigin = (title: string, words: string): string => title.slice(0, title.length - words.length - 3);
