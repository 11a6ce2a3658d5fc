/** Where the rows of a heatmap lie: all as tall as each other, or on a straight or logarithmic axis. */
import type { Heat, HeatRow } from '../../model/buckets/heat';
import { valueTicks, type Box } from '../canvas/axes';
import { linearScale, logScale, symlogScale, type Scale } from '../canvas/scales';
import { tickTexts } from '../timeseries/scales';
import type { HeatmapOptions } from './options';

interface RowPlace {
  top: number;
  bottom: number;
}
export interface RowLayoutResult {
  places: (RowPlace | undefined)[];
  ticks: { y: number; text: string }[];
  /** Pixel of a value; undefined where values have no place. */
  at: (value: number) => number | undefined;
}

function boundText(value: number, o: HeatmapOptions, zone: string): string {
  if (value === Infinity) return '∞';
  if (value === -Infinity) return '-∞';
  // Bounds are chosen by people: no more digits than they wrote.
  return tickTexts([value], o.axis.unit, o.axis.decimals, zone)[0] ?? '';
}

/** The bucket as a person reads it: `0.1 s – 0.25 s`, or its name. */
export function rowText(row: HeatRow, o: HeatmapOptions, zone: string): string {
  if (Number.isNaN(row.low) || Number.isNaN(row.high)) return row.name;
  if (row.high === Infinity) return `> ${boundText(row.low, o, zone)}`;
  if (row.low === -Infinity) return `≤ ${boundText(row.high, o, zone)}`;
  return `${boundText(row.low, o, zone)} – ${boundText(row.high, o, zone)}`;
}

/** Finite ends for buckets that have none: the next power, or one more of the same width. */
function closed(rows: readonly HeatRow[], log: boolean): { low: number; high: number }[] {
  return rows.map((row, i) => {
    const below = rows[i - 1];
    const above = rows[i + 1];
    const wide = below && Number.isFinite(below.high - below.low) ? below.high - below.low : Math.abs(row.low) || 1;
    const high = Number.isFinite(row.high) ? row.high : log ? row.low * 2 : row.low + wide;
    const next = above && Number.isFinite(above.high - above.low) ? above.high - above.low : Math.abs(high) || 1;
    const low = Number.isFinite(row.low) && !(log && row.low <= 0) ? row.low : log ? high / 2 : high - next;
    return { low, high };
  });
}

function scaleOf(heat: Heat, o: HeatmapOptions): { type: 'rows' | 'linear' | 'log' | 'symlog'; base: number; threshold: number } {
  if (o.calculate) return { type: o.y.log ? 'log' : 'linear', base: o.y.log ?? 10, threshold: 1 };
  const { type, base, threshold } = o.bucketScale;
  return heat.named === 'word' ? { type: 'rows', base, threshold } : { type, base, threshold };
}

export function layoutRows(heat: Heat, o: HeatmapOptions, plot: Box, zone: string): RowLayoutResult {
  const { type, base, threshold } = scaleOf(heat, o);
  const tall = plot.bottom - plot.top;
  if (type === 'rows') {
    const pitch = tall / Math.max(1, heat.rows.length);
    const edge = (i: number): number => (o.axis.reverse ? plot.top + i * pitch : plot.bottom - i * pitch);
    const places = heat.rows.map((_, i) => ({ top: Math.min(edge(i), edge(i + 1)), bottom: Math.max(edge(i), edge(i + 1)) }));
    const words = heat.named === 'word';
    const stride = Math.max(1, Math.ceil(16 / Math.max(0.1, pitch)));
    const ticks = heat.rows.flatMap((row, i) => {
      if (i % stride !== 0) return [];
      if (words) return [{ y: edge(i + 0.5), text: Number.isNaN(Number(row.name)) || row.name.trim() === '' ? row.name : boundText(Number(row.name), o, zone) }];
      if (heat.named === 'both') return [{ y: edge(i + 0.5), text: rowText(row, o, zone) }];
      return heat.named === 'upper' ? [{ y: edge(i + 1), text: boundText(row.high, o, zone) }] : [{ y: edge(i), text: boundText(row.low, o, zone) }];
    });
    return {
      places, ticks,
      at: (v) => {
        const i = heat.rows.findIndex((r) => v > r.low && v <= r.high);
        const row = heat.rows[i];
        if (!row) return undefined;
        const share = Number.isFinite(row.high - row.low) && row.high > row.low ? (v - row.low) / (row.high - row.low) : 0.5;
        return edge(i + share);
      },
    };
  }
  const spans = closed(heat.rows, type === 'log');
  const min = o.axis.min ?? Math.min(...spans.map((s) => s.low));
  const max = Math.max(o.axis.max ?? Math.max(...spans.map((s) => s.high)), min + (min === 0 ? 1 : Math.abs(min) * 1e-9));
  const [from, to] = o.axis.reverse ? [plot.top, plot.bottom] : [plot.bottom, plot.top];
  const scale: Scale = type === 'log' ? logScale(min > 0 ? min : Math.min(...spans.map((s) => s.low)), max, from, to, base) : type === 'symlog' ? symlogScale(min, max, from, to, threshold) : linearScale(min, max, from, to, o.axis.unit);
  const clip = (y: number): number => Math.min(plot.bottom, Math.max(plot.top, y));
  const ticks = valueTicks(scale, tall, o.axis.unit, o.axis.decimals, zone, type === 'log');
  return {
    places: spans.map((s) => {
      const [a, b] = [clip(scale.at(s.low)), clip(scale.at(s.high))];
      return Math.abs(a - b) < 0.01 ? undefined : { top: Math.min(a, b), bottom: Math.max(a, b) };
    }),
    ticks: ticks.values.map((v, i) => ({ y: scale.at(v), text: ticks.texts[i] ?? '' })).filter((t) => t.y >= plot.top - 1 && t.y <= plot.bottom + 1),
    at: (v) => {
      const y = scale.at(v);
      return y >= plot.top && y <= plot.bottom ? y : undefined;
    },
  };
}
