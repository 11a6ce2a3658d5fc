/** Bounds of histogram buckets, from labels and names to numbers, and from running totals to what lies in each bucket. */
import type { Cell, Labels } from '../frame';

/** `0.5`, `+Inf`, `1e3` as a number; undefined for anything else. */
export function parseBound(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const t = text.trim();
  if (/^\+?Inf(inity)?$/i.test(t)) return Infinity;
  if (/^-Inf(inity)?$/i.test(t)) return -Infinity;
  const n = Number(t);
  return Number.isNaN(n) ? undefined : n;
}

/** `1e-3...5e-3` and `0.1-0.2`: a bucket named by both of its ends. */
export function parseSpan(text: string): { low: number; high: number } | undefined {
  const parts = text.includes('...') ? text.split('...') : text.split(/(?<=[\d\s])[-–]/);
  if (parts.length !== 2) return undefined;
  const low = parseBound(parts[0]);
  const high = parseBound(parts[1]);
  return low !== undefined && high !== undefined && low < high ? { low, high } : undefined;
}

interface BucketSeries {
  labels: Labels;
  values: Cell[];
}

const groupOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).filter(([k]) => k !== 'le').sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Prometheus counts in each bucket everything up to its bound: the buckets in order of their bounds, less what the one below holds.
 * Series that differ in other labels are histograms of their own.
 */
export function perBucket<S extends BucketSeries>(series: readonly S[]): S[] {
  const groups = new Map<string, S[]>();
  for (const s of series) groups.set(groupOf(s.labels), [...(groups.get(groupOf(s.labels)) ?? []), s]);
  return [...groups.values()].flatMap((group) => {
    const sorted = group.map((s) => ({ s, bound: parseBound(s.labels['le']) })).filter((x): x is { s: S; bound: number } => x.bound !== undefined).sort((a, b) => a.bound - b.bound);
    return sorted.map(({ s }, i) => {
      const below = sorted[i - 1]?.s.values;
      return {
        ...s,
        values: s.values.map((v, k) => {
          const under = below?.[k];
          // Sums of rounded figures can come out a hair below zero.
          return typeof v === 'number' && typeof under === 'number' ? Math.max(0, v - under) : v;
        }),
      };
    });
  });
}
