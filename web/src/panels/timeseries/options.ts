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
}
export interface TooltipOptions {
  mode: 'single' | 'multi' | 'none';
  sort: 'none' | 'asc' | 'desc';
  hideZeros: boolean;
}

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
  };
}

export function tooltipOptions(options: Options): TooltipOptions {
  const o = object(options['tooltip']);
  return {
    mode: oneOf(o['mode'], ['single', 'multi', 'none'] as const, 'single'),
    sort: oneOf(o['sort'], ['none', 'asc', 'desc'] as const, 'none'),
    hideZeros: flag(o['hideZeros']),
  };
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
  stacking: 'none' | 'normal' | 'percent';
  stackGroup: string;
  axis: 'auto' | 'left' | 'right' | 'hidden';
  axisLabel: string;
  axisWidth: number | undefined;
  axisColorFromSeries: boolean;
  gridShow: boolean | undefined;
  softMin: number | undefined;
  softMax: number | undefined;
  logBase: 0 | 2 | 10;
  symlog: boolean;
  transform: 'none' | 'negative-Y' | 'constant';
  barAlignment: -1 | 0 | 1;
  barWidth: number;
  barMaxWidth: number;
  hideLegend: boolean;
  hideTooltip: boolean;
  hideViz: boolean;
  thresholds: string;
  fillBelowTo: string;
}

export function drawOptions(config: FieldConfig): DrawOptions {
  const c = config.custom;
  const lineStyle = object(c['lineStyle']);
  const hideFrom = object(c['hideFrom']);
  const span = c['spanNulls'];
  const log = number(c['scaleDistribution.log']);
  const distribution = c['scaleDistribution.type'];
  const alignment = number(c['barAlignment']) ?? 0;
  return {
    style: oneOf(c['drawStyle'], ['line', 'bars', 'points'] as const, 'line'),
    interpolation: oneOf(c['lineInterpolation'], ['linear', 'smooth', 'stepBefore', 'stepAfter'] as const, 'linear'),
    width: number(c['lineWidth']) ?? 1,
    dash: lineStyle['fill'] === 'dash' ? list(lineStyle['dash']).map((n) => number(n) ?? 10) : lineStyle['fill'] === 'dot' ? [0, 6] : undefined,
    dots: lineStyle['fill'] === 'dot',
    fill: (number(c['fillOpacity']) ?? 0) / 100,
    gradient: oneOf(c['gradientMode'], ['none', 'opacity', 'hue', 'scheme'] as const, 'none'),
    points: oneOf(c['showPoints'], ['auto', 'always', 'never'] as const, 'auto'),
    pointSize: number(c['pointSize']) ?? 5,
    spanNulls: typeof span === 'number' || typeof span === 'boolean' ? span : false,
    stacking: oneOf(c['stacking.mode'], ['none', 'normal', 'percent'] as const, 'none'),
    stackGroup: text(c['stacking.group'], 'A'),
    axis: oneOf(c['axisPlacement'], ['auto', 'left', 'right', 'hidden'] as const, 'auto'),
    axisLabel: text(c['axisLabel']),
    axisWidth: number(c['axisWidth']),
    axisColorFromSeries: c['axisColorMode'] === 'series',
    gridShow: typeof c['axisGridShow'] === 'boolean' ? c['axisGridShow'] : undefined,
    softMin: number(c['axisSoftMin']),
    softMax: number(c['axisSoftMax']),
    logBase: distribution === 'log' ? (log === 2 ? 2 : 10) : 0,
    symlog: distribution === 'symlog',
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
