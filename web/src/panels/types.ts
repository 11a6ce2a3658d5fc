/** What a panel type is to the page: mount, update, destroy; no framework in between. */
import type { Theme } from '../model/color/names';
import type { Frame } from '../model/frame';
import type { Exemplar, Mark } from '../model/marks';
import type { Table } from '../model/table';
import type { TimeRange } from '../model/time/range';
import type { CursorBus } from '../query/cursor';

export type Options = Record<string, unknown>;

export interface PanelContext {
  cursor: CursorBus;
  /** A person chose a stretch of time in the panel. */
  onRange: (from: number, to: number) => void;
  onZoomOut: () => void;
  /** A person wants to annotate a moment or a stretch; undefined where that is not allowed. */
  onAnnotate?: ((from: number, to: number) => void) | undefined;
  /** A person opened these annotations. */
  onMarks?: ((marks: readonly Mark[]) => void) | undefined;
  /** Drawing failed outside of `mount`, `update` and `rescale`: the view is taken down, and the page says why. */
  onFailure?: ((error: unknown) => void) | undefined;
}

export interface VisitedDashboard {
  uid: string;
  title: string;
  url: string;
}

/** The page a panel stands on: what panels without queries need to ask the portal by themselves. */
interface PanelPage {
  /** Of the dashboard; empty where there is none. */
  uid: string;
  /** Unix ms of the last refresh: another value means "ask again". */
  asked: number;
  /** Dashboards this person opened last, newest first. */
  recent: readonly VisitedDashboard[];
}

export interface PanelInput {
  /** With field config applied: titles, colours and display functions are set. */
  frames: Frame[];
  options: Options;
  /** Room for the content, in CSS pixels. */
  size: { width: number; height: number };
  theme: Theme;
  zone: string;
  range: TimeRange;
  /** Fills dashboard variables into text. */
  interpolate: (text: string) => string;
  page?: PanelPage | undefined;
  /** Annotations of this panel, for its time axis. */
  marks?: readonly Mark[] | undefined;
  exemplars?: readonly Exemplar[] | undefined;
}

export interface PanelView {
  update(input: PanelInput): void;
  /** Shows another stretch of time with the data that is there; missing where the picture has no time axis. */
  rescale?(range: TimeRange): void;
  /** Moves a cursor by points and series with the keys; answers what stands there, in words. */
  walk?(points: number, series: number): string | undefined;
  destroy(): void;
}

export interface PanelModule {
  mount(host: HTMLElement, ctx: PanelContext): PanelView;
  /** The content in one or two sentences, for people who do not see the picture. */
  describe(frames: readonly Frame[], options: Options): string;
  toTable(frames: readonly Frame[], options: Options): Table;
}

/** What is known of a panel type without its code. */
export interface PanelKind {
  type: string;
  title: string;
  wants: 'series' | 'table' | 'none';
  /** True where values are placed between min and max, which the data gives when the dashboard does not. */
  wantsRange: boolean;
  /** It has a time axis that annotations are drawn on. */
  marks?: true;
  /** The colour mode where the dashboard names none; thresholds if undefined. */
  colorMode?: string;
}

export interface PanelPlugin extends PanelKind {
  load: () => Promise<PanelModule>;
}
