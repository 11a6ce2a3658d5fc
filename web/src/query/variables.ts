/** Loads the variables of a dashboard: level by level of their dependencies, each level at once. */
import type { DataSource } from '../api/datasources';
import { queryVariable } from '../api/variables';
import type { DashboardView, Variable, VariableOption } from '../model/dashboard/types';
import { wordsOf } from '../model/errors';
import type { TimeRange } from '../model/time/range';
import { chooseOptions, onlyHere } from '../model/variables/choices';
import { dependencies, loadLevels } from '../model/variables/graph';
import { interpolate, type InterpolationContext } from '../model/variables/interpolate';
import { parseFilter, printMatcher, type AdhocFilter, type SavedFilters } from '../model/variables/adhoc';
import { chooseState, localOptions, wantedSource, wantedValues } from '../model/variables/options';
import type { VariableState, VariableValues } from '../model/variables/state';

export interface LoadedVariables {
  values: VariableValues;
  options: Record<string, VariableOption[]>;
  /** Variables of which only the first options were sent. */
  truncated: Record<string, boolean>;
  /** Why the options of a variable could not be loaded, by its name. */
  problems: Record<string, string>;
}

export interface LoadInput {
  view: DashboardView;
  fromUrl: Record<string, string[]>;
  /** The variables of the address the page was opened with. */
  opened?: Record<string, string[]> | undefined;
  range: TimeRange;
  zone: string;
  user: { login: string; email: string };
  signal: AbortSignal;
  /** The list of sources; called only where a variable needs it. */
  sources: () => Promise<readonly DataSource[]>;
  /** What ad hoc variables were saved with. */
  filters?: Record<string, SavedFilters> | undefined;
  /** Data source variables that were saved without a choice. */
  unsaved?: ReadonlySet<string> | undefined;
}

interface LoadedOptions {
  options: VariableOption[];
  truncated: boolean;
}

/** Answers of one page, so that a change loads only what depends on it. */
const cache = new Map<string, Promise<LoadedOptions>>();
const cacheMax = 200;

/** The uid of a data source a dashboard names by uid, by name, or not at all. */
export function resolveSource(wanted: string | undefined, type: string | undefined, sources: readonly DataSource[]): string {
  if (wanted !== undefined && wanted !== '' && wanted !== 'default') {
    const found = sources.find((s) => s.uid === wanted) ?? sources.find((s) => s.name === wanted);
    if (found) return found.uid;
    // A variable that the dashboard does not have, or that has no value, names nothing: then one of the same type, as for a
    // source that is not here.
    if (!wanted.includes('$') && wanted !== '{}') return wanted;
    const alike = sources.filter((s) => type === undefined || type === '' || s.type === type);
    return (alike.find((s) => s.isDefault) ?? alike[0])?.uid ?? wanted;
  }
  const fallback = sources.find((s) => s.isDefault && (type === undefined || type === '' || s.type === type)) ?? sources.find((s) => s.type === type) ?? sources.find((s) => s.isDefault) ?? sources[0];
  return fallback?.uid ?? '';
}

/** What a data source is asked for a variable's options, other variables filled in. */
export const optionsRequest = (variable: Variable, ctx: InterpolationContext, sources: readonly DataSource[]) => ({
  datasource: resolveSource(interpolate(variable.datasource?.uid ?? '', ctx), variable.datasource?.type, sources),
  query: variable.type === 'groupby' ? 'label_names()' : interpolate(variable.query, ctx, 'prometheus'),
  regex: interpolate(variable.regex, ctx),
  sort: variable.sort,
  range: ctx.range,
});

/** Types of data sources that answer as Prometheus does; the same as the server's. */
export const speakPromql: ReadonlySet<string> = new Set(['prometheus', 'mimir', 'grafana-amazonprometheus-datasource', 'grafana-azureprometheus-datasource']);

/** The type of a variable's source, where it is one that no variable can ask. */
export function foreignSource(variable: Pick<Variable, 'datasource'>, uid: string, sources: readonly Pick<DataSource, 'uid' | 'type'>[]): string | undefined {
  const type = sources.find((s) => s.uid === uid)?.type ?? variable.datasource?.type ?? '';
  return type === '' || speakPromql.has(type) ? undefined : type;
}

/** What the source has, chosen from and sorted by the server, or here where only the browser reads the pattern. */
async function askOptions(request: ReturnType<typeof optionsRequest>, signal: AbortSignal): Promise<LoadedOptions> {
  if (!onlyHere(request.regex)) return queryVariable(request, signal);
  const { options, truncated } = await queryVariable({ ...request, regex: '', sort: 0 }, signal);
  return { options: chooseOptions(options, request.regex, request.sort), truncated };
}

/** The options as they are now: from the variable itself, else from its data source; throws with the source's words. */
export async function loadOptions(variable: Variable, ctx: InterpolationContext, sources: readonly DataSource[], signal: AbortSignal): Promise<LoadedOptions> {
  const local = localOptions(variable, sources);
  if (local) return { options: local, truncated: false };
  const request = optionsRequest(variable, ctx, sources);
  const foreign = foreignSource(variable, request.datasource, sources);
  // The server would say the same, as a failed request.
  if (foreign !== undefined) throw new Error(`variables cannot ask data sources of the type “${foreign}” yet`);
  // Options "on dashboard load" do not depend on the range; "on time range change" (2) do.
  const key = JSON.stringify(variable.refresh === 2 ? request : { ...request, range: null });
  let found = cache.get(key);
  if (!found) {
    found = askOptions(request, signal).then((answer) => {
      // An empty list is no answer to keep: the first samples may be on their way.
      if (answer.options.length === 0) cache.delete(key);
      return answer;
    });
    if (cache.size >= cacheMax) cache.clear();
    cache.set(key, found);
    found.catch(() => cache.delete(key));
  }
  try {
    return await found;
  } catch (error) {
    // Whoever asked has gone; whoever waits along with them has not.
    if (signal.aborted || !(error instanceof DOMException && error.name === 'AbortError')) throw error;
    return loadOptions(variable, ctx, sources, signal);
  }
}

/** The address says about this variable, and about all it depends on, what it said when the page was opened. */
function asOpened(variable: Variable, { fromUrl, opened }: Pick<LoadInput, 'fromUrl' | 'opened'>): boolean {
  if (opened?.[variable.name] === undefined) return false;
  return [variable.name, ...dependencies(variable)].every((name) => JSON.stringify(fromUrl[name]) === JSON.stringify(opened[name]));
}

export const forgetVariableOptions = (): void => cache.clear();

/** An ad hoc variable has no options: its value is its conditions, from the address or as saved. */
export function adhocState(variable: Variable, fromUrl: readonly string[] | undefined, saved: SavedFilters | undefined): VariableState {
  const chosen = fromUrl === undefined ? (saved?.filters ?? []) : fromUrl.map(parseFilter).filter((f): f is AdhocFilter => f !== undefined);
  const filters = [...(saved?.base ?? []), ...chosen];
  const written = filters.map(printMatcher);
  return {
    name: variable.name, type: variable.type, multi: false, isAll: false, allValue: null, filters, source: variable.datasource?.uid ?? '',
    values: written.length > 0 ? [written.join(',')] : [], texts: chosen.map((f) => `${f.key} ${f.operator} ${f.values.join(', ')}`),
  };
}

/** What a variable is set to, given its options: as the address says, else as it was saved. */
export function stateAmong(variable: Variable, options: readonly VariableOption[], input: Pick<LoadInput, 'fromUrl' | 'opened' | 'unsaved' | 'range'>, sources: readonly DataSource[]): VariableState {
  const named = input.fromUrl[variable.name];
  const asked = named === undefined && input.unsaved?.has(variable.name) === true ? [] : wantedValues(variable, named);
  const wanted = variable.type === 'datasource' ? wantedSource(options, asked, sources) : asked;
  return chooseState(variable, options, wanted, input.range, variable.type !== 'datasource' && asOpened(variable, input));
}

export async function loadVariables(input: LoadInput): Promise<LoadedVariables> {
  const { view, range, zone, user } = input;
  const out: LoadedVariables = { values: {}, options: {}, truncated: {}, problems: {} };
  if (view.variables.length === 0) return out;
  // The server has resolved most references already; the list is another round trip, so only where it is needed.
  const open = (uid: string): boolean => uid === '' || uid === 'default' || uid.includes('$');
  const needSources = view.variables.some((v) => v.type === 'datasource' || ((v.type === 'query' || v.type === 'groupby') && open(v.datasource?.uid ?? '')));
  const sources = needSources ? await input.sources() : [];
  for (const level of loadLevels(view.variables)) {
    const ctx: InterpolationContext = { variables: out.values, range, zone, dashboard: view, user };
    await Promise.all(level.map(async (variable) => {
      if (variable.type === 'adhoc') {
        out.options[variable.name] = [];
        out.values[variable.name] = adhocState(variable, input.fromUrl[variable.name], input.filters?.[variable.name]);
        return;
      }
      let options: VariableOption[] = [];
      try {
        const loaded = await loadOptions(variable, ctx, sources, input.signal);
        options = loaded.options;
        out.truncated[variable.name] = loaded.truncated;
      } catch (error) {
        if (error instanceof DOMException) throw error;
        out.problems[variable.name] = wordsOf(error);
        options = variable.options;
      }
      out.options[variable.name] = options;
      out.values[variable.name] = stateAmong(variable, options, input, sources);
    }));
  }
  return out;
}
