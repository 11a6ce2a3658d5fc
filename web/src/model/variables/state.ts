/** What a variable is set to. */
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

/** The value "All" has in URLs and in saved dashboards. */
export const allMarker = '$__all';
