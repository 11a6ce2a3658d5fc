/** Options of the bar chart, read from the dashboard's JSON. */
import type { FieldConfig } from '../../model/fieldconfig/types';
import { flag, number, object, oneOf, text } from '../../model/json';
import type { Stacking } from '../canvas/bars';
import type { Options } from '../types';

export interface BarChartOptions {
  xField: string;
  orientation: 'auto' | 'horizontal' | 'vertical';
  stacking: Stacking;
  groupWidth: number;
  barWidth: number;
  barRadius: number;
  showValue: 'auto' | 'always' | 'never';
  valueSize: number;
  /** Degrees, clockwise. */
  tickRotation: number;
  tickMaxLength: number;
  /** Least distance of two tick texts; below zero they are counted from the end. */
  tickSpacing: number;
  colorByField: string;
  fullHighlight: boolean;
}

const share = (v: unknown, fallback: number): number => Math.min(1, Math.max(0.01, number(v) ?? fallback));

export function barChartOptions(options: Options): BarChartOptions {
  return {
    xField: text(options['xField']),
    orientation: oneOf(options['orientation'], ['auto', 'horizontal', 'vertical'] as const, 'auto'),
    stacking: oneOf(options['stacking'], ['none', 'normal', 'percent'] as const, 'none'),
    groupWidth: share(options['groupWidth'], 0.7), barWidth: share(options['barWidth'], 0.97),
    barRadius: Math.min(0.5, Math.max(0, number(options['barRadius']) ?? 0)),
    showValue: oneOf(options['showValue'], ['auto', 'always', 'never'] as const, 'auto'),
    valueSize: Math.min(60, Math.max(6, number(object(options['text'])['valueSize']) ?? 12)),
    tickRotation: Math.min(90, Math.max(-90, number(options['xTickLabelRotation']) ?? 0)),
    tickMaxLength: Math.max(0, Math.round(number(options['xTickLabelMaxLength']) ?? 0)),
    tickSpacing: number(options['xTickLabelSpacing']) ?? 0,
    colorByField: text(options['colorByField']),
    fullHighlight: flag(options['fullHighlight']),
  };
}

/** How the bars of one field look. */
export interface BarDraw {
  fill: number;
  line: number;
  gradient: 'none' | 'opacity' | 'hue' | 'scheme';
  axis: 'auto' | 'left' | 'right' | 'hidden';
  label: string;
  axisWidth: number | undefined;
  grid: boolean;
  softMin: number | undefined;
  softMax: number | undefined;
  centered: boolean;
  logBase: number;
  thresholds: string;
  hideLegend: boolean;
  hideTooltip: boolean;
  hideViz: boolean;
}

export function barDraw(config: FieldConfig | undefined, fill = 80): BarDraw {
  const c = config?.custom ?? {};
  const hide = object(c['hideFrom']);
  return {
    fill: Math.min(100, Math.max(0, number(c['fillOpacity']) ?? fill)) / 100, line: Math.min(10, Math.max(0, number(c['lineWidth']) ?? 1)),
    gradient: oneOf(c['gradientMode'], ['none', 'opacity', 'hue', 'scheme'] as const, 'none'),
    axis: oneOf(c['axisPlacement'], ['auto', 'left', 'right', 'hidden'] as const, 'auto'), label: text(c['axisLabel']), axisWidth: number(c['axisWidth']),
    grid: flag(c['axisGridShow'], true), softMin: number(c['axisSoftMin']), softMax: number(c['axisSoftMax']), centered: flag(c['axisCenteredZero']),
    logBase: c['scaleDistribution.type'] === 'log' ? (number(c['scaleDistribution.log']) ?? 10) : 0,
    thresholds: text(object(c['thresholdsStyle'])['mode'], 'off'),
    hideLegend: flag(hide['legend']), hideTooltip: flag(hide['tooltip']), hideViz: flag(hide['viz']),
  };
}
