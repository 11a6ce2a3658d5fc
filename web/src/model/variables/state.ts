/** What a variable is set to. */
import type { Variable } from '../dashboard/types';
import type { AdhocFilter } from './adhoc';

export interface VariableState {
  name: string;
  type: string;
  /** The chosen values; with "All", every option (or none when `allValue` is set). */
  values: string[];
  /** Texts of the chosen values, in the same order. */
  texts: string[];
  /** It may stand for several values, so that a query has them as a pattern; also with a single choice beside "All". */
  multi: boolean;
  isAll: boolean;
  /** What "All" stands for instead of the list of options. */
  allValue: string | null;
  /** Conditions of an ad hoc variable: those of its data source's queries. */
  filters?: AdhocFilter[] | undefined;
  /** The data source whose queries the conditions are for; may be a `${var}`. */
  source?: string | undefined;
}
export type VariableValues = Record<string, VariableState>;

/** "All" is written as the dashboard's author spelled it, whatever options there are. */
export const spellsAll = (state: VariableState): state is VariableState & { allValue: string } => state.isAll && state.allValue !== null && state.allValue !== '';

/** The part of its state that is the same whatever is chosen. */
export const stateBase = (variable: Pick<Variable, 'name' | 'type' | 'multi' | 'includeAll' | 'allValue'>): Pick<VariableState, 'name' | 'type' | 'multi' | 'allValue'> =>
  ({ name: variable.name, type: variable.type, multi: variable.multi || variable.includeAll, allValue: variable.allValue });

/** The value "All" has in URLs and in saved dashboards. */
export const allMarker = '$__all';
