/** Which series are open, high, low, close and volume, and the candles they make. Pure. */
import { text, object, oneOf, flag } from '../../model/json';
import type { ChartModel, ChartSeries } from '../timeseries/model';
import type { Options } from '../types';

type Part = 'open' | 'high' | 'low' | 'close' | 'volume';
export const parts: readonly Part[] = ['open', 'high', 'low', 'close', 'volume'];
const aliases: Record<Part, readonly string[]> = { open: ['open', 'o'], high: ['high', 'h', 'max'], low: ['low', 'l', 'min'], close: ['close', 'c', 'last'], volume: ['volume', 'v', 'vol'] };

export interface CandleOptions {
  candles: boolean;
  volume: boolean;
  ohlc: boolean;
  /** True: up or down against the close before; false: against the own open. */
  closeToClose: boolean;
  colors: Record<'up' | 'down' | 'flat', string>;
  fields: Record<Part, string>;
  all: boolean;
}

export function candleOptions(o: Options): CandleOptions {
  const mode = oneOf(o['mode'], ['candles+volume', 'candles', 'volume'] as const, 'candles+volume');
  const colors = object(o['colors']);
  const fields = object(o['fields']);
  return {
    candles: mode !== 'volume', volume: mode !== 'candles', ohlc: o['candleStyle'] === 'ohlcbars', closeToClose: o['colorStrategy'] === 'close-close',
    colors: { up: text(colors['up'], 'green'), down: text(colors['down'], 'red'), flat: text(colors['flat'], 'text') },
    fields: { open: text(fields['open']), high: text(fields['high']), low: text(fields['low']), close: text(fields['close']), volume: text(fields['volume']) },
    all: flag(o['includeAllFields']),
  };
}

const names = (s: ChartSeries): string[] => [s.title, s.field.name, s.field.legend ?? ''];

export function findParts(series: readonly ChartSeries[], wanted: Record<Part, string>): Partial<Record<Part, ChartSeries>> {
  const out: Partial<Record<Part, ChartSeries>> = {};
  for (const part of parts) {
    const found = wanted[part] === ''
      ? aliases[part].map((alias) => series.find((s) => names(s).some((n) => n.toLowerCase() === alias))).find((s) => s !== undefined)
      : series.find((s) => names(s).includes(wanted[part]));
    if (found) out[part] = found;
  }
  return out;
}

export interface Candle {
  index: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number | undefined;
  direction: 'up' | 'down' | 'flat';
}
const at = (s: ChartSeries | undefined, i: number): number | undefined => {
  const v = s?.raw[i];
  return typeof v === 'number' ? v : undefined;
};

/** A missing open is the close before; missing highs and lows are the ends of the body. Without a close there are none. */
export function candlesOf(model: ChartModel, found: Partial<Record<Part, ChartSeries>>, closeToClose: boolean): Candle[] {
  const out: Candle[] = [];
  let before: number | undefined;
  for (let index = 0; index < model.times.length; index += 1) {
    const close = at(found.close, index);
    if (close === undefined) continue;
    const open = at(found.open, index) ?? before ?? close;
    const reference = closeToClose ? (before ?? open) : open;
    out.push({
      index, open, close, high: at(found.high, index) ?? Math.max(open, close), low: at(found.low, index) ?? Math.min(open, close),
      volume: at(found.volume, index), direction: close > reference ? 'up' : close < reference ? 'down' : 'flat',
    });
    before = close;
  }
  return out;
}

/** The smallest distance between two neighbouring moments: the room one candle has. */
export function candleStep(times: readonly number[]): number {
  let step = Infinity;
  for (let i = 1; i < times.length; i += 1) step = Math.min(step, (times[i] ?? 0) - (times[i - 1] ?? 0));
  return Number.isFinite(step) && step > 0 ? step : 60_000;
}
