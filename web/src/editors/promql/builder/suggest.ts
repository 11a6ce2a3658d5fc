/** What the builder's fields offer: metrics with their kind, labels and values of the series that fit the other filters. */
import { fuzzyFilter } from '../../../model/fuzzy';
import type { Suggestion } from '../../../ui/combobox';
import { findMetrics, metadataOf, namesOfLabels, valuesOfLabel } from '../client';
import { printQuery } from './print';
import type { VisualQuery } from './types';

const offered = 200;

export async function suggestMetrics(source: string, text: string): Promise<Suggestion[]> {
  const [names, known] = await Promise.all([findMetrics(source, text), metadataOf(source).catch(() => ({}) as Awaited<ReturnType<typeof metadataOf>>)]);
  return fuzzyFilter(names, text, (n) => n, offered).map((value) => {
    const meta = (known[value] ?? known[value.replace(/_(bucket|sum|count|total)$/, '')])?.[0];
    return { value, detail: meta ? `${meta.type} · ${meta.help}` : undefined };
  });
}

/** The selector without the filter that is being edited; nothing where variables would make it mean nothing. */
function selectorWithout(query: VisualQuery, skip: number): string | undefined {
  const filters = query.filters.filter((f, i) => i !== skip && f.label !== '' && f.value !== '' && !/[$[]/.test(f.value));
  const text = printQuery({ metric: query.metric.includes('$') ? '' : query.metric, filters, steps: [] });
  return text === '' ? undefined : text;
}

const fitting = (names: readonly string[], text: string): Suggestion[] => fuzzyFilter(names, text, (n) => n, offered).map((value) => ({ value }));

export const suggestLabels = async (source: string, query: VisualQuery, index: number, text: string): Promise<Suggestion[]> =>
  fitting((await namesOfLabels(source, selectorWithout(query, index))).names.filter((n) => n !== '__name__'), text);
export const suggestValues = async (source: string, query: VisualQuery, index: number, text: string): Promise<Suggestion[]> => {
  const label = query.filters[index]?.label ?? '';
  return label === '' ? [] : fitting((await valuesOfLabel(source, label, selectorWithout(query, index))).names, text);
};
