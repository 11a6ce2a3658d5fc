/** The cost of a query as rows of name and figure. Pure. */
import { object } from './json';
import { formatValue, joinValue } from './units/format';

export type AccountRow = readonly [name: string, figure: string];

const count = (n: unknown): string => Number(n).toLocaleString('en-US');
const seconds = (n: unknown): string => joinValue(formatValue(Number(n), 's'));
const milliseconds = (n: number): string => joinValue(formatValue(n, 'ms'));
/** `evalTotalTime` as words. */
const words = (key: string): string => key.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`).replace(/^./, (c) => c.toUpperCase());
const percent = (part: number, whole: number): string => `${Math.round((part / whole) * 100)} %`;

/** What the engine tells with every answer. */
export function engineFigures(e: { seriesSelected: number; samplesRead: number; samplesPeak: number; steps: number; stepsCached: number; prepareMs: number; evalMs: number; sortMs: number }): AccountRow[] {
  return [
    ...(e.steps > 0 ? [['From the result cache', e.stepsCached > 0 ? `${count(e.stepsCached)} of ${count(e.steps)} points (${percent(e.stepsCached, e.steps)})` : 'nothing'] as const] : []),
    ['Series read', count(e.seriesSelected)], ['Samples read', count(e.samplesRead)], ['Samples held at once', count(e.samplesPeak)],
    ['Preparing', milliseconds(e.prepareMs)], ['Evaluating', milliseconds(e.evalMs)], ['Sorting', milliseconds(e.sortMs)],
  ];
}

/** The `stats` of an answer: Prometheus' timings and samples, and whatever a server adds beside them. */
export function accountRows(stats: unknown): AccountRow[] {
  const known = object(stats);
  const numbers = (part: unknown): [string, number][] => Object.entries(object(part)).filter((e): e is [string, number] => typeof e[1] === 'number');
  return [
    ...numbers(known['timings']).map(([k, v]): AccountRow => [words(k), seconds(v)]),
    ...numbers(known['samples']).map(([k, v]): AccountRow => [words(k), count(v)]),
    ...numbers(known['cache']).map(([k, v]): AccountRow => [`Cache: ${words(k).toLowerCase()}`, count(v)]),
  ];
}
