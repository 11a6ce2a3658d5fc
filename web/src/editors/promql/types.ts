/** What a field for a PromQL query needs to know; the same for the editor and for the plain box before it. */
export interface PromQLFieldProps {
  value: string;
  onChange: (value: string) => void;
  /** Ctrl+Enter, Cmd+Enter or Shift+Enter. */
  onRun?: (() => void) | undefined;
  onBlur?: (() => void) | undefined;
  /** Uid of the data source that completion and help come from. */
  source: string;
  /** The field's name for people who do not see it. */
  label: string;
  describedBy?: string | undefined;
  /** Names of the dashboard's variables, without the dollar sign. */
  variables?: readonly string[] | undefined;
  /** Queries asked before, newest first: offered in an empty field. */
  recent?: readonly string[] | undefined;
  /** What the server said of a query; marked in the text as long as it is still that query. */
  problem?: { value: string; message: string } | undefined;
  placeholder?: string | undefined;
  autoFocus?: boolean | undefined;
}
