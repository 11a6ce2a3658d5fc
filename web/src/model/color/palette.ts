/** Colours for series by index, by name, and along a scale. */
import { mix, resolveColor, series, type Theme } from './names';

export const seriesColor = (index: number, theme: Theme): string => series[theme][index % series[theme].length] ?? '#888888';
/** After the eight colours the same hues come dashed: 0 is solid. */
export const seriesDash = (index: number): number => Math.floor(index / series.light.length);

/** The same name always gets the same colour. */
export function colorByName(name: string, theme: Theme): string {
  let hash = 0;
  for (let i = 0; i < name.length; i += 1) hash = (hash * 31 + name.charCodeAt(i)) % 1_000_003;
  return seriesColor(hash, theme);
}

const scales: Record<string, readonly string[]> = {
  'continuous-GrYlRd': ['green', 'yellow', 'red'],
  'continuous-RdYlGr': ['red', 'yellow', 'green'],
  'continuous-BlYlRd': ['blue', 'yellow', 'red'],
  'continuous-YlRd': ['yellow', 'red'],
  'continuous-BlPu': ['blue', 'purple'],
  'continuous-YlBl': ['yellow', 'blue'],
  'continuous-viridis': ['#440154', '#3b528b', '#21918c', '#5ec962', '#fde725'],
  'continuous-magma': ['#000004', '#51127c', '#b73779', '#fc8961', '#fcfdbf'],
  'continuous-plasma': ['#0d0887', '#7e03a8', '#cc4778', '#f89540', '#f0f921'],
  'continuous-inferno': ['#000004', '#57106e', '#bc3754', '#f98e09', '#fcffa4'],
  'continuous-cividis': ['#00224e', '#434e6c', '#7d7c78', '#bcae6c', '#fee838'],
  'continuous-blues': ['panel-bg', 'dark-blue'],
  'continuous-reds': ['panel-bg', 'dark-red'],
  'continuous-greens': ['panel-bg', 'dark-green'],
  'continuous-purples': ['panel-bg', 'dark-purple'],
};
export const isContinuous = (mode: string): boolean => mode in scales;

/** The colour at a share of 0 to 1 of a continuous scale. */
export function scaleColor(mode: string, share: number, theme: Theme): string {
  const stops = (scales[mode] ?? ['green', 'red']).map((c) => resolveColor(c, theme));
  const at = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  return mix(stops[low] ?? '#888888', stops[low + 1] ?? '#888888', at - low);
}
