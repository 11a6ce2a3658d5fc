/** The streamed query: one request for many panels, one JSON object a line, each as soon as it is ready. */
import type { TimeRange } from '../model/time/range';
import { ApiError, send } from './http';
import { asking } from './path';

export interface WireQuery {
  refId: string;
  datasource: string;
  expr: string;
  instant: boolean;
  range: boolean;
  format: 'time_series' | 'table' | 'heatmap';
  legendFormat: string;
  interval?: string;
}
/** What is held of an earlier answer: its first and last point (Unix ms), and the tag it came with. */
export interface Have {
  from: number;
  until: number;
  tag: string;
}
export interface WirePanel {
  id: string;
  maxDataPoints: number;
  intervalMs?: number;
  queries: (WireQuery & { have?: Have })[];
}
interface QueryRequest {
  range: TimeRange;
  panels: WirePanel[];
}
export type WireValue = number | null | 'NaN' | '+Inf' | '-Inf';
export interface SeriesFrame {
  kind: 'series';
  time: { t0: number; step: number; n: number };
  series: { name: string; labels: Record<string, string>; values: WireValue[] }[];
}
/** The points that are new to who has the others; `from` is the first point of the whole. */
export interface TailFrame extends Omit<SeriesFrame, 'kind'> {
  kind: 'tail';
  from: number;
}
export type WireFrame =
  | SeriesFrame
  | { kind: 'instant'; t: number; series: { name: string; labels: Record<string, string>; value: WireValue }[] }
  /** Native histograms: `[step on the grid, count, sum, [lower, upper, count, lower, …]]` each. */
  | { kind: 'histograms'; time: { t0: number; step: number; n: number }; series: { name: string; labels: Record<string, string>; points: [number, WireValue, WireValue, WireValue[]][] }[] };
export interface QueryStats {
  ms: number;
  series: number;
  samples: number;
  stepMs: number;
  /** Set when the engine of this server answered. */
  engine?: EngineCost;
}
/** What a query cost; times in ms, `stepsCached` of `steps` came from the result cache. */
export interface EngineCost {
  seriesSelected: number;
  samplesRead: number;
  samplesPeak: number;
  steps: number;
  stepsCached: number;
  prepareMs: number;
  evalMs: number;
  sortMs: number;
}
export type QueryLine =
  | { id: string; refId: string; frame: WireFrame | TailFrame }
  | { id: string; refId: string; notice: string }
  | { id: string; refId: string; error: { message: string; type: string } }
  | { id: string; refId: string; done: QueryStats & { tag?: string } }
  | { end: true };

/**
 * Calls `onLine` for each line; where it answers a promise, the next line waits for that. Rejects if the answer breaks off before
 * its end; aborting cancels on the server.
 */
export async function streamQuery(request: QueryRequest, signal: AbortSignal, onLine: (line: QueryLine) => void | Promise<void>): Promise<void> {
  const answer = await send(asking('/api/ui/query'), { method: 'POST', body: request, signal });
  if (!answer.body) throw new ApiError('The server sent no answer.', answer.status);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let ended = false;
  const take = (text: string): void | Promise<void> => {
    if (text.trim() === '') return undefined;
    const line = JSON.parse(text) as QueryLine;
    if (!('end' in line)) return onLine(line);
    ended = true;
    return undefined;
  };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const pause = take(line);
      if (pause) await pause;
    }
  }
  await take(rest);
  if (!ended) throw new ApiError('The answer broke off before its end.', answer.status);
}
