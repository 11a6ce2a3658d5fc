/** What a dashboard's variables are set to, as far as one knows before any data source is asked. Pure. */
import type { DashboardDoc } from '../../api/dashboards';
import type { DataSource } from '../../api/datasources';
import type { Panel, Variable } from '../../model/dashboard/types';
import type { TimeRange } from '../../model/time/range';
import { savedFilters } from '../../model/variables/adhoc';
import { loadLevels } from '../../model/variables/graph';
import { localOptions, unsavedSources, wantedValues } from '../../model/variables/options';
import { allMarker, spellsAll, stateBase, type VariableState, type VariableValues } from '../../model/variables/state';
import { referencedNames } from '../../model/variables/syntax';
import { adhocState, stateAmong } from '../../query/variables';

export interface Known {
  values: VariableValues;
  /** Variables of which only their data source can say more. */
  unknown: ReadonlySet<string>;
  /** Variables that are known well enough to be written into a query, but not how many values they have. */
  uncounted: ReadonlySet<string>;
}

export const nothingToKnow: Known = { values: {}, unknown: new Set(), uncounted: new Set() };

/**
 * A query variable as its address or its dashboard has it, which its data source will confirm or not: what is asked for with it is
 * used only where the page asks the very same. Undefined where only the list of options tells.
 */
function expected(variable: Variable, fromUrl: readonly string[] | undefined): VariableState | undefined {
  const wanted = wantedValues(variable, fromUrl);
  const base = stateBase(variable);
  if (wanted.some((w) => w === allMarker || w === 'All') || (wanted.length === 0 && variable.includeAll)) {
    const all: VariableState = { ...base, values: [], texts: [], isAll: true };
    return variable.includeAll && spellsAll(all) ? all : undefined;
  }
  if (wanted.length === 0) return variable.type === 'groupby' ? { ...base, values: [], texts: [], isAll: false } : undefined;
  const values = variable.multi ? wanted : wanted.slice(0, 1);
  const saved = Array.isArray(variable.current.text) ? variable.current.text : [variable.current.text];
  return { ...base, values, texts: fromUrl === undefined && saved.length >= values.length ? saved.slice(0, values.length) : values, isAll: false };
}

/** For a page that is being opened at this address. `sources` is undefined as long as nobody knows which there are. */
export function knownVariables(doc: DashboardDoc, fromUrl: Record<string, string[]>, range: TimeRange, sources: readonly DataSource[] | undefined): Known {
  const { variables } = doc.view;
  if (variables.length === 0) return nothingToKnow;
  const values: VariableValues = {};
  const unknown = new Set<string>();
  const uncounted = new Set<string>();
  const filters = savedFilters(doc.raw);
  const unsaved = unsavedSources(doc.raw, variables);
  for (const variable of loadLevels(variables).flat()) {
    const { name } = variable;
    const local = variable.type === 'datasource' && sources === undefined ? undefined : localOptions(variable, sources ?? []);
    const state = variable.type === 'adhoc' ? adhocState(variable, fromUrl[name], filters[name])
      : local ? stateAmong(variable, local, { fromUrl, opened: fromUrl, unsaved, range }, sources ?? [])
        : variable.type === 'query' || variable.type === 'groupby' ? expected(variable, fromUrl[name]) : undefined;
    if (!state) unknown.add(name);
    else values[name] = state;
    if (state?.isAll && !local) uncounted.add(name);
  }
  return { values, unknown, uncounted };
}

const uses = (names: ReadonlySet<string>, texts: readonly string[]): boolean => names.size > 0 && texts.some((t) => [...referencedNames(t)].some((n) => names.has(n)));

/** Whether where the panels stand, and how many there are, is known. */
export const placesKnown = (panels: readonly Panel[], { unknown, uncounted }: Known): boolean => panels.every((p) => !unknown.has(p.repeat) && !uncounted.has(p.repeat));

/** Whether all that a panel's queries are made of is known. */
export function panelKnown(panel: Panel, { unknown }: Known): boolean {
  const sourceOf = (ds: Panel['datasource']): string => ds?.uid ?? '';
  return !uses(unknown, [
    panel.timeFrom, panel.timeShift, panel.interval, sourceOf(panel.datasource), ...panel.targets.flatMap((t) => [t.expr, t.legendFormat, t.interval, sourceOf(t.datasource)]),
  ]);
}
