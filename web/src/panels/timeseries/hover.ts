/** What the tooltip of a chart says at one point in time: which series, in which order. Pure but for asking the plot for pixels. */
import type uPlot from 'uplot';
import { showValue } from '../../model/fieldconfig/display';
import type { TooltipRow } from '../tooltip';
import type { ChartModel, ChartSeries } from './model';
import type { TooltipOptions } from './options';

/** Rows of a tooltip before it says "and n more". */
const tooltipRowsMax = 24;

interface Hover {
  rows: TooltipRow[];
  more: number;
  /** The series next to the pointer. */
  nearest: ChartSeries | undefined;
}

interface Entry {
  s: ChartSeries;
  raw: number;
  y: number;
}

export function hoverAt(u: uPlot, model: ChartModel, at: number, top: number, options: TooltipOptions): Hover | undefined {
  const entries = model.series.filter((s) => !s.draw.hideViz && !s.draw.hideTooltip)
    .map((s) => ({ s, raw: s.raw[at], y: s.values[at] }))
    .filter((e): e is Entry => typeof e.raw === 'number' && typeof e.y === 'number' && !(options.hideZeros && e.raw === 0));
  if (entries.length === 0) return undefined;
  let nearest = entries[0];
  let best = Infinity;
  for (const e of entries) {
    const distance = Math.abs(u.valToPos(e.y, e.s.scale) - top);
    if (distance < best) {
      best = distance;
      nearest = e;
    }
  }
  let shown = options.mode === 'single' ? (nearest ? [nearest] : []) : entries;
  if (options.mode === 'multi' && options.sort !== 'none') shown = [...shown].sort((a, b) => (options.sort === 'asc' ? a.raw - b.raw : b.raw - a.raw));
  const rows = shown.slice(0, tooltipRowsMax).map(({ s, raw }): TooltipRow => ({
    color: s.color, name: s.title, value: s.field.display ? showValue(s.field.display(raw)) : String(raw), strong: options.mode === 'multi' && s === nearest?.s,
  }));
  return { rows, more: shown.length - rows.length, nearest: nearest?.s };
}
