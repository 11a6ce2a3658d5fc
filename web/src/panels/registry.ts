/** The panel types there are. The common ones come with the dashboard's code, the text panel brings its own. */
import type { PanelModule, PanelPlugin } from './types';
import bargauge from './bargauge';
import gauge from './gauge';
import stat from './stat';
import table from './table';
import timeseries from './timeseries';

const here = (module: PanelModule) => (): Promise<PanelModule> => Promise.resolve(module);

/** Each series has a colour of its own, by its place among them. */
const series = 'palette-classic';

const plugins: readonly PanelPlugin[] = [
  { type: 'timeseries', title: 'Time series', wants: 'series', wantsRange: false, colorMode: series, marks: true, load: here(timeseries) },
  { type: 'stat', title: 'Stat', wants: 'series', wantsRange: true, load: here(stat) },
  { type: 'gauge', title: 'Gauge', wants: 'series', wantsRange: true, load: here(gauge) },
  { type: 'bargauge', title: 'Bar gauge', wants: 'series', wantsRange: true, load: here(bargauge) },
  { type: 'table', title: 'Table', wants: 'table', wantsRange: true, load: here(table) },
  { type: 'barchart', title: 'Bar chart', wants: 'table', wantsRange: false, colorMode: series, marks: true, load: async () => (await import('./barchart')).default },
  { type: 'piechart', title: 'Pie chart', wants: 'series', wantsRange: false, colorMode: series, load: async () => (await import('./piechart')).default },
  { type: 'histogram', title: 'Histogram', wants: 'series', wantsRange: false, colorMode: series, load: async () => (await import('./histogram')).default },
  { type: 'heatmap', title: 'Heatmap', wants: 'series', wantsRange: false, marks: true, load: async () => (await import('./heatmap')).default },
  { type: 'state-timeline', title: 'State timeline', wants: 'series', wantsRange: false, marks: true, load: async () => (await import('./state-timeline')).default },
  { type: 'status-history', title: 'Status history', wants: 'series', wantsRange: false, marks: true, load: async () => (await import('./status-history')).default },
  { type: 'text', title: 'Text', wants: 'none', wantsRange: false, load: async () => (await import('./text')).default },
  { type: 'dashlist', title: 'Dashboard list', wants: 'none', wantsRange: false, load: async () => (await import('./dashlist')).default },
  { type: 'annolist', title: 'Annotations list', wants: 'none', wantsRange: false, load: async () => (await import('./annolist')).default },
  { type: 'alertlist', title: 'Alert list', wants: 'none', wantsRange: false, load: async () => (await import('./alertlist')).default },
  { type: 'trend', title: 'Trend', wants: 'series', wantsRange: false, colorMode: series, load: async () => (await import('./trend')).default },
  { type: 'xychart', title: 'XY chart', wants: 'table', wantsRange: false, colorMode: series, load: async () => (await import('./xychart')).default },
  { type: 'candlestick', title: 'Candlestick', wants: 'series', wantsRange: false, colorMode: series, marks: true, load: async () => (await import('./candlestick')).default },
  { type: 'nodeGraph', title: 'Node graph', wants: 'table', wantsRange: false, load: async () => (await import('./nodegraph')).default },
  { type: 'geomap', title: 'Geomap', wants: 'table', wantsRange: false, load: async () => (await import('./geomap')).default },
  { type: 'news', title: 'News', wants: 'none', wantsRange: false, load: async () => (await import('./news')).default },
];
const byType = new Map(plugins.map((p) => [p.type, p]));
const fallback: PanelPlugin = { type: 'unknown', title: 'Data', wants: 'table', wantsRange: false, load: here(table) };

/** All of them, for choosing one. */
export const panelTypes: readonly Pick<PanelPlugin, 'type' | 'title' | 'wants'>[] = plugins;
export const isKnown = (type: string): boolean => byType.has(type);
/** Whether panels of the type have a time axis that annotations are drawn on. */
export const drawsMarks = (type: string): boolean => byType.get(type)?.marks === true;
/** The plug-in of a type; one we do not have shows its data as a table. */
export const pluginFor = (type: string): PanelPlugin => byType.get(type) ?? fallback;
