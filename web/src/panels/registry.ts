/** The code of the panel types. The common ones come with the dashboard's, the others bring their own. */
import type { PanelModule, PanelPlugin } from './types';
import bargauge from './bargauge';
import gauge from './gauge';
import { kindOf, type KnownType } from './kinds';
import stat from './stat';
import table from './table';
import timeseries from './timeseries';

const here = (module: PanelModule) => (): Promise<PanelModule> => Promise.resolve(module);

const loads: Readonly<Record<KnownType, PanelPlugin['load']>> = {
  timeseries: here(timeseries),
  stat: here(stat),
  gauge: here(gauge),
  bargauge: here(bargauge),
  table: here(table),
  barchart: async () => (await import('./barchart')).default,
  piechart: async () => (await import('./piechart')).default,
  histogram: async () => (await import('./histogram')).default,
  heatmap: async () => (await import('./heatmap')).default,
  'state-timeline': async () => (await import('./state-timeline')).default,
  'status-history': async () => (await import('./status-history')).default,
  text: async () => (await import('./text')).default,
  dashlist: async () => (await import('./dashlist')).default,
  annolist: async () => (await import('./annolist')).default,
  alertlist: async () => (await import('./alertlist')).default,
  trend: async () => (await import('./trend')).default,
  xychart: async () => (await import('./xychart')).default,
  candlestick: async () => (await import('./candlestick')).default,
  nodeGraph: async () => (await import('./nodegraph')).default,
  geomap: async () => (await import('./geomap')).default,
  news: async () => (await import('./news')).default,
};
const loadOf = new Map(Object.entries(loads));
const plugins = new Map<string, PanelPlugin>();

/** The plug-in of a type, the same object every time; one we do not have shows its data as a table. */
export function pluginFor(type: string): PanelPlugin {
  const kind = kindOf(type);
  let found = plugins.get(kind.type);
  if (!found) {
    found = { ...kind, load: loadOf.get(kind.type) ?? here(table) };
    plugins.set(kind.type, found);
  }
  return found;
}
