/** What completion asks a data source: names and values from live data, kept for a while so that typing does not ask again. */
import type { PrometheusClient } from '@prometheus-io/codemirror-promql';
import { labelNames, labelValues, listSeries, metricMetadata, type MetricMetadata, type NameRequest, type Names } from '../../api/prometheus';

/** Names the editor holds at most; beyond them it asks the server for those that fit what was typed. */
const namesMax = 100_000;
const suggestedMax = 2000;
const keptMs = 120_000;
const keptMax = 200;

const kept = new Map<string, { at: number; answer: Promise<unknown> }>();

/** The answer of a short while ago, or a new one; what failed is not kept. */
function keep<T>(key: string, ask: () => Promise<T>): Promise<T> {
  const before = kept.get(key);
  if (before && Date.now() - before.at < keptMs) return before.answer as Promise<T>;
  const answer = ask();
  kept.delete(key);
  kept.set(key, { at: Date.now(), answer });
  answer.catch(() => kept.delete(key));
  for (const oldest of kept.keys()) {
    if (kept.size <= keptMax) break;
    kept.delete(oldest);
  }
  return answer;
}

const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const quote = (text: string): string => JSON.stringify(text);

const metricNames = (source: string): Promise<Names> => keep(`names ${source}`, () => labelValues('__name__', { source, limit: namesMax }));
export const metadataOf = (source: string): Promise<Record<string, MetricMetadata[]>> => keep(`metadata ${source}`, () => metricMetadata(source));

/** Metrics that hold the text, where the whole list is too long to keep. */
export async function findMetrics(source: string, text: string): Promise<string[]> {
  const all = await metricNames(source);
  if (!all.truncated || text === '') return all.names;
  return (await keep(`names ${source} ${text}`, () => labelValues('__name__', { source, match: [`{__name__=~${quote(`.*${escapeRegex(text)}.*`)}}`], limit: suggestedMax }))).names;
}

const selectors = (match: string | undefined): Pick<NameRequest, 'match'> => (match === undefined || match === '' ? {} : { match: [match] });
export const namesOfLabels = (source: string, match?: string): Promise<Names> => keep(`labels ${source} ${match ?? ''}`, () => labelNames({ source, ...selectors(match), limit: suggestedMax }));
export const valuesOfLabel = (source: string, label: string, match?: string): Promise<Names> =>
  keep(`values ${source} ${label} ${match ?? ''}`, () => labelValues(label, { source, ...selectors(match), limit: suggestedMax }));

interface LooseMatcher {
  name: string;
  value: string;
}

/** The client of one editor; `source` is asked at each call, so that another source needs no new editor. */
export function completionClient(source: () => string): PrometheusClient {
  /** The metric alone decides what is offered: other matchers of a half-written query would hide what one looks for. */
  const selector = (metric: string | undefined): string | undefined => (metric === undefined || metric === '' || metric.includes('$') ? undefined : `{__name__=${quote(metric)}}`);
  const quiet = async <T>(ask: Promise<T>, otherwise: T): Promise<T> => ask.catch(() => otherwise);
  const none: Names = { names: [], truncated: false };
  return {
    labelNames: async (metric) => (await quiet(namesOfLabels(source(), selector(metric)), none)).names,
    labelValues: async (label, metric, matchers?: readonly LooseMatcher[]) =>
      (await quiet(label === '__name__' && !matchers?.length ? metricNames(source()) : valuesOfLabel(source(), label, selector(metric)), none)).names,
    metricMetadata: () => quiet(metadataOf(source()), {}),
    metricNames: (prefix) => quiet(findMetrics(source(), prefix ?? ''), []),
    series: async (metric) => {
      const { series } = await quiet(listSeries({ source: source(), match: [selector(metric) ?? '{__name__!=""}'], limit: suggestedMax }), { series: [], truncated: false });
      return series.map((s) => new Map(Object.entries(s)));
    },
    flags: () => Promise.resolve({}),
  };
}
