/** What is known of each panel type without its code: for who decides what a panel asks before anything is drawn. */
import type { PanelKind } from './types';

/** Each series has a colour of its own, by its place among them. */
const series = 'palette-classic';

const kinds = [
  { type: 'timeseries', title: 'Time series', wants: 'series', wantsRange: false, colorMode: series, marks: true },
  { type: 'stat', title: 'Stat', wants: 'series', wantsRange: true },
  { type: 'gauge', title: 'Gauge', wants: 'series', wantsRange: true },
  { type: 'bargauge', title: 'Bar gauge', wants: 'series', wantsRange: true },
  { type: 'table', title: 'Table', wants: 'table', wantsRange: true },
  { type: 'barchart', title: 'Bar chart', wants: 'table', wantsRange: false, colorMode: series, marks: true },
  { type: 'piechart', title: 'Pie chart', wants: 'series', wantsRange: false, colorMode: series },
  { type: 'histogram', title: 'Histogram', wants: 'series', wantsRange: false, colorMode: series },
  { type: 'heatmap', title: 'Heatmap', wants: 'series', wantsRange: false, marks: true },
  { type: 'state-timeline', title: 'State timeline', wants: 'series', wantsRange: false, marks: true },
  { type: 'status-history', title: 'Status history', wants: 'series', wantsRange: false, marks: true },
  { type: 'text', title: 'Text', wants: 'none', wantsRange: false },
  { type: 'dashlist', title: 'Dashboard list', wants: 'none', wantsRange: false },
  { type: 'annolist', title: 'Annotations list', wants: 'none', wantsRange: false },
  { type: 'alertlist', title: 'Alert list', wants: 'none', wantsRange: false },
  { type: 'trend', title: 'Trend', wants: 'series', wantsRange: false, colorMode: series },
  { type: 'xychart', title: 'XY chart', wants: 'table', wantsRange: false, colorMode: series },
  { type: 'candlestick', title: 'Candlestick', wants: 'series', wantsRange: false, colorMode: series, marks: true },
  { type: 'nodeGraph', title: 'Node graph', wants: 'table', wantsRange: false },
  { type: 'geomap', title: 'Geomap', wants: 'table', wantsRange: false },
  { type: 'news', title: 'News', wants: 'none', wantsRange: false },
] as const satisfies readonly PanelKind[];
/** The types there are; each has its code in the registry. */
export type KnownType = (typeof kinds)[number]['type'];
const byType = new Map<string, PanelKind>(kinds.map((k) => [k.type, k]));
const unknown: PanelKind = { type: 'unknown', title: 'Data', wants: 'table', wantsRange: false };

/** All of them, for choosing one. */
export const panelTypes: readonly Pick<PanelKind, 'type' | 'title' | 'wants'>[] = kinds;
export const isKnown = (type: string): boolean => byType.has(type);
/** Whether panels of the type have a time axis that annotations are drawn on. */
export const drawsMarks = (type: string): boolean => byType.get(type)?.marks === true;
/** The kind of a type; one we do not have shows its data as a table. */
export const kindOf = (type: string): PanelKind => byType.get(type) ?? unknown;
