/** The colours of the theme as a canvas needs them: the design tokens, read from the page's style. */
import type { Theme } from '../../model/color/names';

export interface Ink {
  text1: string;
  text2: string;
  text3: string;
  line: string;
  grid: string;
  panel: string;
  accent: string;
}
const tokens: Record<keyof Ink, string> = { text1: '--text-1', text2: '--text-2', text3: '--text-3', line: '--line', grid: '--grid', panel: '--panel', accent: '--accent' };
const known = new Map<string, Ink>();

/** Read once per theme; a page that has not switched yet is read again next time. */
export function readInk(theme: Theme): Ink {
  const found = known.get(theme);
  if (found) return found;
  const style = getComputedStyle(document.documentElement);
  const ink = Object.fromEntries(Object.entries(tokens).map(([key, token]) => [key, style.getPropertyValue(token).trim() || '#888888'])) as unknown as Ink;
  if (document.documentElement.dataset['theme'] === theme) known.set(theme, ink);
  return ink;
}
