/** Which threshold a value has reached. */
import type { Threshold, Thresholds } from './types';

export const standardThresholds: Thresholds = { mode: 'absolute', steps: [{ value: -Infinity, color: 'green' }, { value: 80, color: 'red' }] };

/** The last step at or below the value; for percentages the value is first placed between min and max. */
export function activeThreshold(value: number, thresholds: Thresholds, min: number, max: number): Threshold | undefined {
  const at = thresholds.mode === 'percentage' ? (max > min ? ((value - min) / (max - min)) * 100 : 0) : value;
  let found = thresholds.steps[0];
  for (const step of thresholds.steps) if (at >= step.value) found = step;
  return found;
}

/** The steps as values of the axis, which percentages need min and max for. */
export function absoluteSteps(thresholds: Thresholds, min: number, max: number): Threshold[] {
  if (thresholds.mode === 'absolute') return thresholds.steps;
  return thresholds.steps.map((s) => ({ color: s.color, value: s.value === -Infinity ? s.value : min + ((max - min) * s.value) / 100 }));
}
