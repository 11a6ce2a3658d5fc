/** What is in a file that somebody wants to import: its dashboard, what it asks for, and what of it maps here. */
import { isObject, list, object, text } from '../json';
import { pageNotices } from './notices';
import type { DashboardView } from './types';
import { wordsOf } from '../errors';

interface Input {
  name: string;
  label: string;
  type: string;
  pluginId: string;
  value: string;
}
export interface Parsed {
  title: string;
  dashboard: Record<string, unknown>;
  inputs: Input[];
}
/** As much as the server takes in one body. */
export const importBytesMax = 4 << 20;

/** Reads the text; throws words for a person. An export of the API (`{"dashboard": …}`) is unwrapped, a resource stays as it is. */
export function parseImport(source: string): Parsed {
  if (source.trim() === '') throw new Error('There is nothing in it.');
  if (source.length > importBytesMax) throw new Error('It has more than 4 MiB, which is more than a dashboard can have.');
  let data: unknown;
  try {
    data = JSON.parse(source);
  } catch (error) {
    throw new Error(`This is no JSON: ${wordsOf(error)}`, { cause: error });
  }
  if (!isObject(data)) throw new Error('This is JSON, but no dashboard: a dashboard is an object with panels.');
  const dashboard = isObject(data['dashboard']) ? data['dashboard'] : data;
  const spec = isObject(dashboard['spec']) ? dashboard['spec'] : dashboard;
  const looksRight = Array.isArray(spec['panels']) || Array.isArray(spec['rows']) || isObject(spec['elements']) || spec['schemaVersion'] !== undefined;
  if (!looksRight) throw new Error('This is JSON, but no dashboard: it has neither panels nor rows nor elements.');
  const inputs = list(dashboard['__inputs']).map(object).map((i): Input => ({ name: text(i['name']), label: text(i['label']) || text(i['name']), type: text(i['type']), pluginId: text(i['pluginId']), value: text(i['value']) }));
  return { title: text(spec['title']) || 'Untitled', dashboard, inputs: inputs.filter((i) => i.name !== '') };
}

interface Source {
  uid: string;
  name: string;
  type: string;
  isDefault?: boolean | undefined;
}

/**
 * What may stand for an input of a file, with the choice to begin with first. Nothing for what needs no choice: expressions, which no
 * source answers. Where there is no source of the type, the reference stays one to a source that is not here: the panels that ask it say so.
 */
export function inputChoices(input: Pick<Input, 'pluginId'>, sources: readonly Source[]): { value: string; choices: [value: string, words: string][] } {
  if (input.pluginId === '__expr__') return { value: '__expr__', choices: [] };
  const fitting = sources.filter((s) => input.pluginId === '' || s.type === input.pluginId);
  if (fitting.length === 0) return { value: input.pluginId, choices: [[input.pluginId, `There is no source of type ${input.pluginId}: its panels stay empty`]] };
  return { value: (fitting.find((s) => s.isDefault === true && s.type === input.pluginId) ?? fitting[0])?.uid ?? '', choices: fitting.map((s) => [s.uid, s.name]) };
}

interface MapLine {
  good: boolean;
  words: string;
}

/** Panel types with how many of each, which are drawn as something newer, and what the server could not take over. */
export function importReport(view: DashboardView, isKnown: (type: string) => boolean, titleOf: (type: string) => string): MapLine[] {
  const counts = new Map<string, { n: number; from: string; to: string }>();
  for (const p of view.panels) {
    if (p.type === 'row') continue;
    const from = p.originalType || p.type;
    const key = `${from}>${p.type}`;
    counts.set(key, { n: (counts.get(key)?.n ?? 0) + 1, from, to: p.type });
  }
  const panels = [...counts.values()].map(({ n, from, to }): MapLine => {
    const many = `${n} × ${from}`;
    if (!isKnown(to)) return { good: false, words: `${many}: not known here; its data is shown as a table, and its settings are kept.` };
    return { good: true, words: from === to ? `${many}: ${titleOf(to)}` : `${many}: becomes ${titleOf(to)}` };
  });
  const variables = view.variables.length > 0 ? [{ good: true, words: `${view.variables.length} variables: ${view.variables.map((v) => v.name).join(', ')}` }] : [];
  return [...panels, ...variables, ...pageNotices(view, isKnown, () => true).map((words) => ({ good: false, words }))];
}
