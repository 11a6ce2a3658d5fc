/** Options of the heatmap, read from the dashboard's JSON. */
import type { Cut, RowLayout } from '../../model/buckets/heat';
import { flag, number, object, oneOf, text } from '../../model/json';
import { parseDuration } from '../../model/time/parse';
import type { FieldConfig } from '../../model/fieldconfig/types';
import type { Options } from '../types';

export interface HeatmapOptions {
  calculate: boolean;
  x: Cut;
  y: Cut;
  layout: RowLayout;
  /** The scale on which given buckets are laid; by default each is as tall as the next. */
  bucketScale: { type: 'rows' | 'linear' | 'log' | 'symlog'; base: number; threshold: number };
  color: { mode: 'scheme' | 'opacity'; scheme: string; fill: string; exponent: number; steps: number; reverse: boolean; min: number | undefined; max: number | undefined };
  filter: { le: number | undefined; ge: number | undefined };
  cellGap: number;
  cellRadius: number;
  cellUnit: string | undefined;
  cellDecimals: number | undefined;
  showValue: 'auto' | 'always' | 'never';
  legend: boolean;
  tooltip: { mode: 'single' | 'multi' | 'none'; histogram: boolean };
  axis: { place: 'left' | 'right' | 'hidden'; unit: string | undefined; decimals: number | undefined; min: number | undefined; max: number | undefined; reverse: boolean; label: string; width: number | undefined };
  exemplarColor: string;
}

/** How one axis is cut: a width (a duration for time), or a number of buckets. */
function cut(v: unknown, isTime: boolean): Cut {
  const o = object(v);
  const raw = text(o['value']).trim();
  const scale = object(o['scale']);
  const log = scale['type'] === 'log' ? (number(scale['log']) ?? 2) : 0;
  if (raw === '') return { log };
  if (o['mode'] === 'count' || log > 1) return { count: number(raw), log };
  return { size: isTime ? (number(raw) ?? parseDuration(raw)) : number(raw), log };
}

const unitOf = (v: unknown): string | undefined => (typeof v === 'string' && v !== '' ? v : undefined);

export function heatmapOptions(options: Options, config: FieldConfig | undefined): HeatmapOptions {
  const calculation = object(options['calculation']);
  const rows = object(options['rowsFrame']);
  const bucketScale = object(rows['yBucketScale']);
  const color = object(options['color']);
  const cells = object(options['cellValues']);
  const filter = object(options['filterValues']);
  const axis = object(options['yAxis']);
  const tooltip = object(options['tooltip']);
  const custom = config?.custom ?? {};
  const y = cut(calculation['yBuckets'], false);
  if (!y.log && custom['scaleDistribution.type'] === 'log') y.log = number(custom['scaleDistribution.log']) ?? 10;
  return {
    calculate: flag(options['calculate']),
    x: cut(calculation['xBuckets'], true), y,
    layout: oneOf(rows['layout'], ['auto', 'le', 'ge', 'unknown'] as const, 'auto'),
    bucketScale: { type: oneOf(bucketScale['type'], ['rows', 'linear', 'log', 'symlog'] as const, 'rows'), base: number(bucketScale['log']) ?? 2, threshold: number(bucketScale['linearThreshold']) ?? 1 },
    color: {
      mode: oneOf(color['mode'], ['scheme', 'opacity'] as const, 'scheme'), scheme: text(color['scheme'], 'Oranges'), fill: text(color['fill']) || 'dark-orange',
      exponent: color['scale'] === 'linear' ? 1 : (number(color['exponent']) ?? 0.5), steps: number(color['steps']) ?? 64, reverse: flag(color['reverse']),
      min: number(color['min']), max: number(color['max']),
    },
    // Cells without anything in them are left out unless the dashboard says otherwise.
    filter: { le: 'le' in filter ? number(filter['le']) : 1e-9, ge: number(filter['ge']) },
    cellGap: Math.min(20, Math.max(0, number(options['cellGap']) ?? 1)),
    cellRadius: Math.min(50, Math.max(0, number(options['cellRadius']) ?? 0)),
    cellUnit: unitOf(cells['unit']), cellDecimals: number(cells['decimals']),
    showValue: oneOf(options['showValue'], ['auto', 'always', 'never'] as const, 'never'),
    legend: flag(object(options['legend'])['show'], flag(object(options['legend'])['showLegend'], true)),
    tooltip: { mode: oneOf(tooltip['mode'], ['single', 'multi', 'none'] as const, flag(tooltip['show'], true) ? 'single' : 'none'), histogram: flag(tooltip['yHistogram']) },
    axis: {
      place: oneOf(axis['axisPlacement'], ['left', 'right', 'hidden'] as const, 'left'), unit: unitOf(axis['unit']) ?? config?.unit, decimals: number(axis['decimals']),
      min: number(axis['min']), max: number(axis['max']), reverse: flag(axis['reverse']), label: text(axis['axisLabel']), width: number(axis['axisWidth']),
    },
    exemplarColor: text(object(options['exemplars'])['color'], 'rgba(255,0,255,0.7)'),
  };
}
