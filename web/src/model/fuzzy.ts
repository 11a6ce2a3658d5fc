/** Finding by a few letters: every word must be in the text in order; whole pieces and early places rank first. */

/** A score for one word, higher is better; undefined if its letters are not there in this order. */
function scoreWord(word: string, text: string): number | undefined {
  const whole = text.indexOf(word);
  if (whole >= 0) {
    const begins = whole === 0 || /[^a-z0-9]/.test(text.charAt(whole - 1));
    return 1000 - Math.min(whole, 200) + (begins ? 300 : 0) + (word.length === text.length ? 500 : 0);
  }
  let at = -1;
  let score = 400;
  for (const c of word) {
    const next = text.indexOf(c, at + 1);
    if (next < 0) return undefined;
    // A gap is cheap when it ends at the start of a piece: `nclt` for node_cpu_load_total.
    if (next > at + 1) score -= /[^a-z0-9]/.test(text.charAt(next - 1)) ? 4 : 20;
    at = next;
  }
  return score;
}

/** `query` and `text` in lower case. */
function fuzzyScore(query: string, text: string): number | undefined {
  let total = 0;
  for (const word of query.split(/\s+/)) {
    if (word === '') continue;
    const score = scoreWord(word, text);
    if (score === undefined) return undefined;
    total += score;
  }
  return total - text.length * 0.1;
}

/** The items that fit, best first; all in their own order when nothing is asked. */
export function fuzzyFilter<T>(items: readonly T[], query: string, textOf: (item: T) => string, limit = Infinity): T[] {
  const q = query.trim().toLowerCase();
  if (q === '') return limit < items.length ? items.slice(0, limit) : [...items];
  const scored: { item: T; score: number }[] = [];
  for (const item of items) {
    const score = fuzzyScore(q, textOf(item).toLowerCase());
    if (score !== undefined && score > 0) scored.push({ item, score });
  }
  scored.sort((a, b) => b.score - a.score);
  return scored.slice(0, limit).map((s) => s.item);
}
