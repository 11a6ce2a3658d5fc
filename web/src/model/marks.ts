/** What happened at moments: annotations and exemplars as panels with a time axis draw them. Pure. */
import type { Labels } from './frame';
import { safeUrl } from './links';

/** An annotation on the time axis: a moment, or a stretch when `timeEnd` is later than `time`. */
export interface Mark {
  key: string;
  /** Number of the stored annotation; 0 for one that a query made. */
  id: number;
  time: number;
  timeEnd: number;
  title: string;
  /** Plain text; links of the original are in `links`. */
  text: string;
  links: readonly { text: string; url: string }[];
  /** The text as it was written, for changing it. */
  source: string;
  tags: readonly string[];
  /** Name of a colour, as dashboards have it. */
  color: string;
  /** The panel it belongs to; 0 for all. */
  panelId: number;
  /** Who wrote it; empty for a query. */
  login: string;
}

export interface Exemplar {
  time: number;
  value: number;
  /** Of the exemplar itself, such as the trace. */
  labels: Labels;
  series: Labels;
}

export const isRegion = (mark: Mark): boolean => mark.timeEnd > mark.time;

/** Marks that stand so close that one handle serves them all, in order of time. `place` answers pixels. */
export function clusterMarks(marks: readonly Mark[], place: (t: number) => number, closer: number): { at: number; marks: Mark[] }[] {
  const out: { at: number; marks: Mark[] }[] = [];
  for (const mark of [...marks].sort((a, b) => a.time - b.time)) {
    const at = place(mark.time);
    const last = out.at(-1);
    if (last && at - last.at < closer) last.marks.push(mark);
    else out.push({ at, marks: [mark] });
  }
  return out;
}

/** Links that are kept of one text. */
const linksMax = 10;
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' };
const decode = (s: string): string => s.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => entities[name] ?? '');

/**
 * The words of a text that may hold HTML or Markdown links, and the addresses it links to. Tags are dropped, not drawn:
 * nothing of the text ever becomes part of the page but as text.
 */
export function plainText(source: string): { text: string; links: { text: string; url: string }[] } {
  const links: { text: string; url: string }[] = [];
  const keep = (url: string, words: string): string => {
    const safe = safeUrl(url);
    if (safe !== undefined && links.length < linksMax) links.push({ text: words.trim() || safe, url: safe });
    return words;
  };
  const text = source
    .replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/<a\b[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))[^>]*>([\s\S]*?)<\/a\s*>/gi, (_, a?: string, b?: string, c?: string, words = '') => keep(decode(a ?? b ?? c ?? ''), words))
    .replace(/\[([^\]\n]+)\]\(([^)\s]+)\)/g, (_, words: string, url: string) => keep(url, words))
    .replace(/<(br|\/p|\/div|\/li)\b[^>]*>/gi, '\n')
    .replace(/<\/?[a-z][^>]*>/gi, '');
  return { text: decode(text).replace(/\n{3,}/g, '\n\n').trim(), links: links.map((l) => ({ ...l, text: decode(l.text.replace(/<[^>]*>/g, '')) })) };
}
