/** The normalised dashboard as the server computes it; field names are Grafana's. */
export interface DsRef {
  type: string;
  /** Resolved where possible; may be `${var}`. */
  uid: string;
}
export interface VariableOption {
  text: string;
  value: string;
}
export interface Variable {
  name: string;
  label: string;
  type: string;
  hide: 0 | 1 | 2;
  multi: boolean;
  includeAll: boolean;
  allValue: string | null;
  query: string;
  datasource: DsRef | null;
  regex: string;
  sort: number;
  refresh: 0 | 1 | 2;
  options: VariableOption[];
  current: { text: string | string[]; value: string | string[] };
  auto: boolean;
  autoCount: number;
  autoMin: string;
  skipUrlSync: boolean;
}
export interface Target {
  refId: string;
  expr: string;
  datasource: DsRef | null;
  legendFormat: string;
  instant: boolean;
  range: boolean;
  format: 'time_series' | 'table' | 'heatmap';
  interval: string;
  intervalFactor: number;
  hide: boolean;
  raw: unknown;
}
export interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}
export interface Panel {
  id: number;
  type: string;
  originalType: string;
  title: string;
  description: string;
  transparent: boolean;
  gridPos: GridPos;
  datasource: DsRef | null;
  targets: Target[];
  options: Record<string, unknown>;
  fieldConfig: { defaults: unknown; overrides: unknown[] };
  transformations: unknown[];
  interval: string;
  maxDataPoints: number | null;
  timeFrom: string;
  timeShift: string;
  hideTimeOverride: boolean;
  repeat: string;
  repeatDirection: 'h' | 'v';
  maxPerRow: number;
  links: unknown[];
  rowId: number | null;
  collapsed: boolean;
  /** A copy of a repeated panel that an old dashboard saved; the original is repeated anew instead. */
  isSavedCopy?: boolean;
  /** Uid of the library panel that this one stands for. */
  libraryPanel?: string | null;
}
export interface DashboardView {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  editable: boolean;
  time: { from: string; to: string };
  timezone: string;
  refresh: string;
  refreshIntervals: string[];
  quickRanges?: unknown[];
  hideTimePicker?: boolean;
  nowDelay?: string;
  graphTooltip: 0 | 1 | 2;
  weekStart: string;
  links: unknown[];
  variables: Variable[];
  annotations: unknown[];
  panels: Panel[];
  notices: string[];
}
