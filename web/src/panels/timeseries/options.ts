/** Options of the time series panel, read from the dashboard's JSON. */
import type { FieldConfig } from '../../model/fieldconfig/types';
import { flag, isObject, list, number, object, oneOf, text } from '../../model/json';
import type { Options } from '../types';

export interface LegendOptions {
  show: boolean;
  mode: 'list' | 'table';
  placement: 'bottom' | 'right';
  calcs: string[];
  width: number | undefined;
  sortBy: string;
  sortDesc: boolean;
  /** Series listed at most; undefined for all. */
  limit: number | undefined;
}
export interface TooltipOptions {
  mode: 'single' | 'multi' | 'none';
  sort: 'none' | 'asc' | 'desc';
  hideZeros: boolean;
  maxWidth: number | undefined;
  maxHeight: number | undefined;
}

/** Time axes below each other at most. */
const axisZonesMax = 4;

const positive = (v: unknown): number | undefined => {
  const n = number(v);
  return n !== undefined && n > 0 ? n : undefined;
};

export function legendOptions(options: Options): LegendOptions {
  const o = object(options['legend']);
  const mode = text(o['displayMode'], 'list');
  return {
    show: flag(o['showLegend'], true) && mode !== 'hidden',
    mode: mode === 'table' ? 'table' : 'list',
    placement: oneOf(o['placement'], ['bottom', 'right'] as const, 'bottom'),
    calcs: list(o['calcs']).map((c) => text(c)),
    width: number(o['width']),
    sortBy: text(o['sortBy']),
    sortDesc: flag(o['sortDesc']),
    limit: positive(o['limit']),
  };
}

export function tooltipOptions(options: Options): TooltipOptions {
  const o = object(options['tooltip']);
  return {
    mode: oneOf(o['mode'], ['single', 'multi', 'none'] as const, 'single'),
    sort: oneOf(o['sort'], ['none', 'asc', 'desc'] as const, 'none'),
    hideZeros: flag(o['hideZeros']),
    maxWidth: positive(o['maxWidth']),
    maxHeight: positive(o['maxHeight']),
  };
}

/** Zones of the time axes, the lowest first; an empty name is the page's own zone. */
export function axisZones(options: Options, own: string): string[] {
  const zones = list(options['timezone']).map((z) => text(z)).slice(0, axisZonesMax);
  return zones.length === 0 ? [own] : [...new Set(zones.map((z) => (z === '' ? own : z)))];
}

export interface DrawOptions {
  style: 'line' | 'bars' | 'points';
  interpolation: 'linear' | 'smooth' | 'stepBefore' | 'stepAfter';
  width: number;
  dash: number[] | undefined;
  dots: boolean;
  fill: number;
  gradient: 'none' | 'opacity' | 'hue' | 'scheme';
  points: 'auto' | 'always' | 'never';
  pointSize: number;
  /** True joins all gaps; a number joins gaps up to that many ms. */
  spanNulls: boolean | number;
  /** Breaks a line where two points are further apart: true for more than a step, a number for so many ms. */
  insertNulls: boolean | number;
  stacking: 'none' | 'normal' | 'percent';
  stackGroup: string;
  axis: 'auto' | 'left' | 'right' | 'hidden';
  axisLabel: string;
  axisWidth: number | undefined;
  axisColorFromSeries: boolean;
  axisBorder: boolean;
  /** Zero stands in the middle of the axis. */
  centeredZero: boolean;
  gridShow: boolean | undefined;
  softMin: number | undefined;
  softMax: number | undefined;
  logBase: 0 | 2 | 10;
  symlog: boolean;
  symlogBase: 2 | 10;
  /** Below this the axis of a symmetric logarithm is linear. */
  linearThreshold: number;
  transform: 'none' | 'negative-Y' | 'constant';
  barAlignment: -1 | 0 | 1;
  barWidth: number;
  barMaxWidth: number;
  lineColor: string;
  fillColor: string;
  pointColor: string;
  hideLegend: boolean;
  hideTooltip: boolean;
  hideViz: boolean;
  thresholds: string;
  fillBelowTo: string;
}

/** Lengths of dashes and gaps; what is no list of lengths counts as the usual one. */
function dashes(v: unknown, usual: number[]): number[] {
  const lengths = list(v).map((n) => number(n) ?? -1);
  return lengths.length > 0 && lengths.every((n) => n >= 0) && lengths.some((n) => n > 0) ? lengths : usual;
}

export function drawOptions(config: FieldConfig): DrawOptions {
  const c = config.custom;
  const lineStyle = object(c['lineStyle']);
  const hideFrom = object(c['hideFrom']);
  const span = c['spanNulls'];
  const insert = c['insertNulls'];
  const log = number(c['scaleDistribution.log']);
  const distribution = c['scaleDistribution.type'];
  const alignment = number(c['barAlignment']) ?? 0;
  return {
    style: oneOf(c['drawStyle'], ['line', 'bars', 'points'] as const, 'line'),
    interpolation: oneOf(c['lineInterpolation'], ['linear', 'smooth', 'stepBefore', 'stepAfter'] as const, 'linear'),
    width: number(c['lineWidth']) ?? 1,
    dash: lineStyle['fill'] === 'dash' ? dashes(lineStyle['dash'], [10, 10]) : lineStyle['fill'] === 'dot' ? dashes(lineStyle['dash'], [0, 6]) : undefined,
    dots: lineStyle['fill'] === 'dot',
    // Between two series without a strength of its own the area is as strong as in Grafana.
    fill: (number(c['fillOpacity']) || (text(c['fillBelowTo']) === '' ? 0 : 35)) / 100,
    gradient: oneOf(c['gradientMode'], ['none', 'opacity', 'hue', 'scheme'] as const, 'none'),
    points: oneOf(c['showPoints'], ['auto', 'always', 'never'] as const, 'auto'),
    pointSize: number(c['pointSize']) ?? 5,
    insertNulls: typeof insert === 'number' || typeof insert === 'boolean' ? insert : false,
    spanNulls: typeof span === 'number' || typeof span === 'boolean' ? span : false,
    stacking: oneOf(c['stacking.mode'], ['none', 'normal', 'percent'] as const, 'none'),
    stackGroup: text(c['stacking.group'], 'A'),
    axis: oneOf(c['axisPlacement'], ['auto', 'left', 'right', 'hidden'] as const, 'auto'),
    axisLabel: text(c['axisLabel']),
    axisWidth: number(c['axisWidth']),
    axisColorFromSeries: c['axisColorMode'] === 'series',
    axisBorder: flag(c['axisBorderShow']),
    centeredZero: flag(c['axisCenteredZero']),
    gridShow: typeof c['axisGridShow'] === 'boolean' ? c['axisGridShow'] : undefined,
    softMin: number(c['axisSoftMin']),
    softMax: number(c['axisSoftMax']),
    logBase: distribution === 'log' ? (log === 2 ? 2 : 10) : 0,
    symlog: distribution === 'symlog',
    symlogBase: log === 2 ? 2 : 10,
    linearThreshold: Math.max(Number.MIN_VALUE, number(c['scaleDistribution.linearThreshold']) ?? 1),
    lineColor: text(c['lineColor']),
    fillColor: text(c['fillColor']),
    pointColor: text(c['pointColor']),
    transform: oneOf(c['transform'], ['none', 'negative-Y', 'constant'] as const, 'none'),
    barAlignment: alignment < 0 ? -1 : alignment > 0 ? 1 : 0,
    barWidth: number(c['barWidthFactor']) ?? 0.6,
    barMaxWidth: number(c['barMaxWidth']) ?? 200,
    hideLegend: flag(hideFrom['legend']),
    hideTooltip: flag(hideFrom['tooltip']),
    hideViz: flag(hideFrom['viz']),
    thresholds: isObject(c['thresholdsStyle']) ? text(object(c['thresholdsStyle'])['mode'], 'off') : 'off',
    fillBelowTo: text(c['fillBelowTo']),
  };
}
