/** Axes on a canvas: hairlines, tick texts with their unit, times in the page's zone, names of categories. */
import { formatTick } from '../../model/time/format';
import { logDurationTicks, unitsPerSecond } from '../../model/units/ticks';
import { tickTexts } from '../timeseries/scales';
import type { Ink } from './ink';
import { timeTicks, type Scale } from './scales';
import { canvasFont, measure, paintText, widest } from './text';

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
export const axisFont = canvasFont(12);
/** Room below a plot for its time axis. */
export const timeAxisRoom = 24;

export interface ValueTicks {
  values: number[];
  texts: string[];
  /** Width of the longest text. */
  width: number;
}

export function valueTicks(scale: Scale, pixels: number, unit: string | undefined, decimals: number | null | undefined, zone: string, log = false, spacing = 32): ValueTicks {
  const count = Math.max(1, Math.floor(pixels / spacing));
  const perSecond = log && scale.min > 0 ? unitsPerSecond(unit) : undefined;
  const values = perSecond === undefined ? scale.ticks(count) : logDurationTicks(scale.min, scale.max, perSecond, count);
  const texts = tickTexts(values, unit, decimals, zone, log);
  return { values, texts, width: Math.ceil(widest(texts, axisFont)) };
}

const crisp = (v: number): number => Math.round(v) + 0.5;

export function paintLine(c: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number, color: string): void {
  c.strokeStyle = color;
  c.lineWidth = 1;
  c.beginPath();
  c.moveTo(x1 === x2 ? crisp(x1) : x1, y1 === y2 ? crisp(y1) : y1);
  c.lineTo(x1 === x2 ? crisp(x2) : x2, y1 === y2 ? crisp(y2) : y2);
  c.stroke();
}

/** A vertical axis of values beside the plot, with its grid. */
export function paintValueAxis(c: CanvasRenderingContext2D, plot: Box, scale: Scale, ticks: ValueTicks, ink: Ink, side: 'left' | 'right' = 'left', grid = true): void {
  ticks.values.forEach((value, i) => {
    const y = scale.at(value);
    if (y < plot.top - 1 || y > plot.bottom + 1) return;
    if (grid) paintLine(c, plot.left, y, plot.right, y, ink.grid);
    paintText(c, ticks.texts[i] ?? '', side === 'left' ? plot.left - 6 : plot.right + 6, y, { color: ink.text3, font: axisFont, align: side === 'left' ? 'right' : 'left' });
  });
}

/** A horizontal axis of values below the plot, with its grid. */
export function paintBottomAxis(c: CanvasRenderingContext2D, plot: Box, scale: Scale, ticks: ValueTicks, ink: Ink, width: number): void {
  ticks.values.forEach((value, i) => {
    const x = scale.at(value);
    if (x < plot.left - 1 || x > plot.right + 1) return;
    paintLine(c, x, plot.top, x, plot.bottom, ink.grid);
    const text = ticks.texts[i] ?? '';
    const half = measure(text, axisFont) / 2;
    paintText(c, text, Math.min(width - half, Math.max(half, x)), plot.bottom + 14, { color: ink.text3, font: axisFont, align: 'center' });
  });
}

/** The time axis below the plot. */
export function paintTimeAxis(c: CanvasRenderingContext2D, plot: Box, scale: Scale, zone: string, ink: Ink, width: number, grid = true): void {
  const { ticks, step } = timeTicks(scale.min, scale.max, zone, Math.floor((plot.right - plot.left) / 76));
  let end = -Infinity;
  ticks.forEach((t, i) => {
    const x = scale.at(t);
    if (grid) paintLine(c, x, plot.top, x, plot.bottom, ink.grid);
    const text = formatTick(t, step, zone, i > 0 ? ticks[i - 1] : undefined).replace('\n', ' ');
    const half = measure(text, axisFont) / 2;
    const center = Math.min(width - half - 1, Math.max(half, x));
    if (center - half < end + 10) return;
    end = center + half;
    paintText(c, text, center, plot.bottom + 14, { color: ink.text3, font: axisFont, align: 'center' });
  });
}

/** Vertical text of an axis' label at the edge of the picture. */
export function paintAxisLabel(c: CanvasRenderingContext2D, label: string, x: number, plot: Box, ink: Ink): void {
  paintText(c, label, x, (plot.top + plot.bottom) / 2, { color: ink.text3, font: axisFont, align: 'center', angle: -90, room: plot.bottom - plot.top });
}
