/** What to do with a query that shows raw counters: they only grow, and their total says nothing about now. Pure. */

interface Fix {
  label: string;
  expr: string;
}
export interface Hint {
  words: string;
  fixes: Fix[];
}

/** A whole query that is one selector without a range. */
const bare = /^\s*([a-zA-Z_:][\w:]*)\s*(?:\{(?:[^"'`{}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\})?\s*$/;

/**
 * The hint for `expr`; `native` is whether its answer has native histograms. Undefined where there is nothing to say: for
 * whatever is more than a selector, and for names that no counter has.
 */
export function counterHint(expr: string, native: boolean): Hint | undefined {
  const name = bare.exec(expr)?.[1];
  if (name === undefined) return undefined;
  const rate = `rate(${expr.trim()}[$__rate_interval])`;
  if (native) return { words: 'These histograms count everything since their start.', fixes: [{ label: 'What happens now: rate()', expr: rate }, { label: 'The 95th percentile', expr: `histogram_quantile(0.95, sum(${rate}))` }] };
  if (name.endsWith('_bucket')) return { words: 'Buckets count everything since their start, each with all below it.', fixes: [{ label: 'The 95th percentile', expr: `histogram_quantile(0.95, sum by (le) (${rate}))` }, { label: 'How fast they grow: rate()', expr: rate }] };
  if (/_(total|sum|count)$/.test(name)) return { words: 'A counter only grows.', fixes: [{ label: 'How fast it grows: rate()', expr: rate }] };
  return undefined;
}
