/** The distance of samples. */

/** The smallest distance of two neighbours; 0 when there are none. */
export function sampleStep(times: readonly number[]): number {
  let step = Infinity;
  for (let i = 1; i < times.length; i += 1) {
    const d = (times[i] ?? 0) - (times[i - 1] ?? 0);
    if (d > 0 && d < step) step = d;
  }
  return Number.isFinite(step) ? step : 0;
}
