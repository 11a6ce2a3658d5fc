/** A query as the builder shows it: a metric, filters on labels, and what is done with it, from the inside out. */

export type MatchOperator = '=' | '!=' | '=~' | '!~';
export interface Filter {
  label: string;
  op: MatchOperator;
  /** As a person reads it, without quotes and escapes. */
  value: string;
}
/** One step: a function, an aggregation, or arithmetic with a number. */
export interface Step {
  /** The function's or aggregation's name, or the operator. */
  id: string;
  /** In the order of the operation's own parameters; texts without quotes. */
  params: string[];
  /** Aggregations only. */
  grouping?: { by: boolean; labels: string[] } | undefined;
}
export interface VisualQuery {
  metric: string;
  filters: Filter[];
  steps: Step[];
}
