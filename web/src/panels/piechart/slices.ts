/** Slices of a pie: which values, how big, in which order and colour, and the geometry of their outline. */
import { showValue } from '../../model/fieldconfig/display';
import { colorByName, seriesColor } from '../../model/color/palette';
import type { Theme } from '../../model/color/names';
import type { Field, Frame } from '../../model/frame';
import { flag, list, number, object, oneOf, text } from '../../model/json';
import { formatValue, joinValue } from '../../model/units/format';
import type { Options } from '../types';
import { shownValues } from '../values';

export interface Slice {
  title: string;
  field: Field;
  value: number;
  valueText: string;
  /** Share of the whole, 0 to 1; 0 where it is put aside. */
  share: number;
  percentText: string;
  color: string;
  hideLegend: boolean;
  hideTooltip: boolean;
  hidden: boolean;
}

export interface PieOptions {
  donut: boolean;
  labels: { name: boolean; value: boolean; percent: boolean };
  legend: { show: boolean; table: boolean; placement: 'bottom' | 'right'; values: ('value' | 'percent')[]; width: number | undefined };
  sort: 'asc' | 'desc' | 'none';
}

export function pieOptions(options: Options): PieOptions {
  const labels = list(options['displayLabels']);
  const legend = object(options['legend']);
  const mode = text(legend['displayMode'], 'list');
  return {
    donut: options['pieType'] === 'donut',
    labels: { name: labels.includes('name'), value: labels.includes('value'), percent: labels.includes('percent') },
    legend: {
      show: flag(legend['showLegend'], true) && mode !== 'hidden', table: mode === 'table', placement: oneOf(legend['placement'], ['bottom', 'right'] as const, 'right'),
      values: list(legend['values']).filter((v): v is 'value' | 'percent' => v === 'value' || v === 'percent'), width: number(legend['width']),
    },
    sort: oneOf(options['sort'], ['asc', 'desc', 'none'] as const, 'desc'),
  };
}

/** Small shares get a decimal, unless the dashboard chose. */
function percentText(share: number, decimals: number | null | undefined): string {
  return joinValue(formatValue(share * 100, 'percent', decimals ?? (share > 0 && share < 0.0995 ? 1 : 0)));
}

const slicesMax = 500;

export function pieSlices(frames: readonly Frame[], options: Options, hidden: ReadonlySet<string>, theme: Theme): Slice[] {
  const rows = flag(object(options['reduceOptions'])['values']);
  const values = shownValues(frames, options).slice(0, slicesMax).filter((v) => !flag(object(v.field.config?.custom['hideFrom'])['viz']));
  const slices = values.map((v, i): Slice => {
    const hide = object(v.field.config?.custom['hideFrom']);
    const mode = v.field.config?.color?.mode ?? 'thresholds';
    // Rows of one column would all have the colour of the column.
    const color = rows && mode === 'palette-classic' ? seriesColor(i, theme) : mode === 'palette-classic-by-name' ? colorByName(v.title, theme) : (v.value.color ?? v.field.color ?? '#888888');
    const mapped = rows && v.value.color !== undefined && v.value.color !== v.field.color ? v.value.color : color;
    return {
      title: v.title, field: v.field, value: v.value.numeric, valueText: showValue(v.value), share: 0, percentText: '', color: mapped,
      hideLegend: flag(hide['legend']), hideTooltip: flag(hide['tooltip']), hidden: hidden.has(v.title),
    };
  });
  const counts = (s: Slice): number => (s.hidden || !Number.isFinite(s.value) ? 0 : Math.max(0, s.value));
  const total = slices.reduce((sum, s) => sum + counts(s), 0);
  for (const s of slices) {
    s.share = total > 0 ? counts(s) / total : 0;
    s.percentText = percentText(s.share, s.field.config?.decimals);
  }
  const { sort } = pieOptions(options);
  const order = (s: Slice): number => (Number.isFinite(s.value) ? s.value : -Infinity);
  return sort === 'none' ? slices : [...slices].sort((a, b) => (sort === 'asc' ? order(a) - order(b) : order(b) - order(a)));
}

const point = (share: number, radius: number): string => {
  const angle = share * 2 * Math.PI - Math.PI / 2;
  return `${(Math.cos(angle) * radius).toFixed(3)} ${(Math.sin(angle) * radius).toFixed(3)}`;
};

/** Outline between two shares of the circle around 0,0, clockwise from the top; `inner` 0 is a pie. Empty when nothing is between them. */
export function slicePath(from: number, to: number, outer: number, inner: number): string {
  const share = Math.min(1, to - from);
  if (share < 1e-5) return '';
  if (share > 1 - 1e-5) {
    const ring = (r: number, sweep: 0 | 1): string => `M${point(0, r)}A${r} ${r} 0 1 ${sweep} ${point(0.5, r)}A${r} ${r} 0 1 ${sweep} ${point(1, r)}Z`;
    return inner > 0 ? ring(outer, 1) + ring(inner, 0) : ring(outer, 1);
  }
  const large = share > 0.5 ? 1 : 0;
  const arc = `M${point(from, outer)}A${outer} ${outer} 0 ${large} 1 ${point(to, outer)}`;
  return inner > 0 ? `${arc}L${point(to, inner)}A${inner} ${inner} 0 ${large} 0 ${point(from, inner)}Z` : `${arc}L0 0Z`;
}

/** Where a slice's words stand. */
export function labelPlace(from: number, to: number, radius: number): { x: number; y: number } {
  const angle = ((from + to) / 2) * 2 * Math.PI - Math.PI / 2;
  return { x: Math.cos(angle) * radius, y: Math.sin(angle) * radius };
}
