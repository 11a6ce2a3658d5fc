/** Options of variables that need no query, and which option is chosen after the list changed. */
import type { Variable, VariableOption } from '../dashboard/types';
import { parseDuration } from '../time/parse';
import { list, object, text } from '../json';
import type { TimeRange } from '../time/range';
import { readPattern } from '../fieldconfig/mappings';
import { allMarker, stateBase, type VariableState } from './state';

/** `a, b : 2, c\,d`: commas separate, ` : ` gives text and value, a backslash keeps a comma. */
export function parseCustom(query: string): VariableOption[] {
  const items = query.match(/(?:\\,|[^,])+/g) ?? [];
  return items.map((item) => item.replace(/\\,/g, ',').trim()).filter((item) => item !== '').map((item) => {
    const pair = /^(.+?)\s:\s(.+)$/.exec(item);
    return pair ? { text: (pair[1] ?? '').trim(), value: (pair[2] ?? '').trim() } : { text: item, value: item };
  });
}

const roundSteps = [1, 2, 5, 10, 15, 20, 30].flatMap((n) => [n * 1000, n * 60_000]).concat([1, 2, 3, 6, 12].map((n) => n * 3_600_000), [1, 7, 30].map((n) => n * 86_400_000)).sort((a, b) => a - b);

/** `1m`, `30s`: a step in the largest unit that divides it. */
export function intervalText(ms: number): string {
  if (ms % 86_400_000 === 0) return `${ms / 86_400_000}d`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return `${Math.max(1, Math.round(ms / 1000))}s`;
}

/** The interval that cuts the range into about `count` steps, a round one, at least `min`. */
export function autoInterval(range: TimeRange, count: number, min: string): string {
  const wanted = Math.max((range.to - range.from) / Math.max(1, count), parseDuration(min) ?? 0, 1000);
  return intervalText(roundSteps.find((s) => s >= wanted * 0.75) ?? roundSteps.at(-1) ?? 86_400_000);
}

interface DataSourceInfo {
  uid: string;
  name: string;
  type: string;
  isDefault?: boolean | undefined;
}

/** Options known without asking a data source; undefined for a query variable. */
export function localOptions(variable: Variable, sources: readonly DataSourceInfo[]): VariableOption[] | undefined {
  switch (variable.type) {
    case 'custom':
      return variable.query.trim() === '' ? variable.options.filter((o) => o.value !== allMarker) : parseCustom(variable.query);
    case 'interval': {
      const listed = variable.query.split(',').map((s) => s.trim()).filter((s) => s !== '').map((s) => ({ text: s, value: s }));
      return variable.auto ? [{ text: 'auto', value: '$__auto' }, ...listed] : listed;
    }
    case 'constant':
    case 'textbox':
      return [{ text: variable.query, value: variable.query }];
    case 'datasource': {
      const re = variable.regex === '' ? null : readPattern(variable.regex);
      return sources.filter((s) => (variable.query === '' || s.type === variable.query) && (re === null || re.test(s.name))).map((s) => ({ text: s.name, value: s.uid }));
    }
    case 'query':
      return undefined;
    case 'groupby':
      // Labels to group by: those the dashboard lists, else those of the data source.
      return variable.options.length > 0 ? variable.options : undefined;
    default:
      return variable.options;
  }
}

/** An empty text is no choice: files say so for variables that were never set. */
const asList = (v: string | string[]): string[] => (Array.isArray(v) ? v : [v]).filter((one) => one !== '');

/** What the page asks for: from the URL if it names the variable, else what the dashboard was saved with. */
export function wantedValues(variable: Variable, fromUrl: readonly string[] | undefined): string[] {
  if (fromUrl !== undefined && fromUrl.length > 0) return [...fromUrl];
  return asList(variable.current.value);
}

/** The data source a variable starts with: what is wanted, by uid or name, else the default one of its type and not the first by name. */
export function wantedSource(options: readonly VariableOption[], wanted: readonly string[], sources: readonly DataSourceInfo[]): string[] {
  const known = wanted.filter((w) => options.some((o) => o.value === w || o.text === w));
  if (known.length > 0 || wanted.includes(allMarker)) return [...wanted];
  const byDefault = sources.find((s) => s.isDefault === true && options.some((o) => o.value === s.uid));
  return byDefault ? [byDefault.uid] : [...wanted];
}

/**
 * Data source variables whose saved choice says nothing here: none, "default", or a source that is not there. The view fills in the
 * first source by name for them, so what it has is not what was saved.
 */
export function unsavedSources(raw: unknown, shown: readonly Pick<Variable, 'name' | 'current'>[]): ReadonlySet<string> {
  const root = object(raw);
  const spec = object(root['spec'] ?? root);
  const classic = list(object(spec['templating'])['list']).map(object).filter((v) => v['type'] === 'datasource');
  const resource = list(spec['variables']).map(object).filter((v) => v['kind'] === 'DatasourceVariable').map((v) => object(v['spec']));
  const words = (v: unknown): string[] => list(Array.isArray(v) ? v : [v]).map((w) => text(w)).filter((w) => w !== '');
  const stands = (v: Record<string, unknown>): boolean => {
    const saved = words(object(v['current'])['value']);
    const now = shown.find((s) => s.name === v['name'])?.current;
    return saved.some((w) => w === allMarker || words(now?.value).includes(w) || words(now?.text).includes(w));
  };
  return new Set([...classic, ...resource].filter((v) => !stands(v)).map((v) => text(v['name'])));
}

/**
 * Fits what is wanted to the options there are: wanted values that exist, else "All" where the variable has it, else the first option.
 * With `keep` a value stays that is no option (any more): an address names what its author wanted to see, and something else in its place
 * would be taken for that.
 */
export function chooseState(variable: Variable, options: readonly VariableOption[], wanted: readonly string[], range: TimeRange, keep = false): VariableState {
  const base = stateBase(variable);
  if (variable.type === 'groupby' && wanted.length === 0 && !variable.includeAll) return { ...base, values: [], texts: [], isAll: false };
  if (variable.type === 'textbox') {
    const value = wanted[0] ?? variable.query;
    return { ...base, values: [value], texts: [value], isAll: false };
  }
  if (variable.type === 'constant') return { ...base, values: [variable.query], texts: [variable.query], isAll: false };
  const isAllWord = (v: string): boolean => v === allMarker || (v === 'All' && !options.some((o) => o.value === 'All'));
  const all = (): VariableState => ({ ...base, values: options.map((o) => o.value), texts: options.map((o) => o.text), isAll: true });
  if (variable.includeAll && wanted.some(isAllWord)) return all();
  const option = (w: string): VariableOption | undefined =>
    options.find((o) => o.value === w) ?? options.find((o) => o.text === w) ?? (keep && w !== '' && !isAllWord(w) ? { text: w, value: w } : undefined);
  const chosen = wanted.map(option).filter((o): o is VariableOption => o !== undefined);
  if (chosen.length > 0) {
    const kept = variable.multi ? chosen : chosen.slice(0, 1);
    return withAuto({ ...base, values: kept.map((o) => o.value), texts: kept.map((o) => o.text), isAll: false }, variable, range);
  }
  if (variable.includeAll) return all();
  if (options.length === 0) return { ...base, values: [], texts: [], isAll: false };
  const first = options[0];
  return withAuto({ ...base, values: first ? [first.value] : [], texts: first ? [first.text] : [], isAll: false }, variable, range);
}

/** "auto" of an interval variable stands for a step that fits the range. */
function withAuto(state: VariableState, variable: Variable, range: TimeRange): VariableState {
  if (variable.type !== 'interval' || !(state.values[0] ?? '').startsWith('$__auto')) return state;
  return { ...state, values: [autoInterval(range, variable.autoCount, variable.autoMin)] };
}
