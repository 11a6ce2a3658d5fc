/** The candlestick panel: open, high, low and close as candles or bars, volume below, other fields as lines; the chart is the time series'. */
import type uPlot from 'uplot';
import { resolveColor, withAlpha, type Theme } from '../../model/color/names';
import { showValue } from '../../model/fieldconfig/display';
import { seriesTable } from '../../model/table';
import { TimeSeriesView, type ChartVariant } from '../timeseries';
import { buildModel, type ChartModel, type ChartSeries } from '../timeseries/model';
import type { PanelModule } from '../types';
import { candleOptions, candlesOf, candleStep, findParts, parts, type Candle, type CandleOptions } from './candles';

/** The volume's axis reaches so many times its highest bar: it stays in the lowest quarter. */
const volumeHeadroom = 4;
const volumeScale = 'volume';

/** Series that the candles stand for are measured and listed but not drawn as lines. */
function settle(model: ChartModel, o: CandleOptions, theme: Theme): void {
  const found = findParts(model.series, o.fields);
  const own = new Set<ChartSeries>(Object.values(found));
  if (!found.close && !found.volume) return;
  model.series = model.series.filter((s) => {
    if (!own.has(s)) return o.all;
    return s === found.volume ? o.volume : o.candles;
  });
  // What a stack stood on may be gone.
  for (const s of model.series) s.below = undefined;
  const scale = found.close?.scale;
  for (const s of model.series) {
    if (!own.has(s)) continue;
    s.draw = { ...s.draw, style: 'line', width: 0, fill: 0, points: 'never', stacking: 'none', gradient: 'none' };
    s.color = resolveColor('text', theme);
    s.dash = undefined;
    if (s === found.volume) {
      s.scale = volumeScale;
      s.draw.axis = o.candles ? 'hidden' : 'left';
      const highest = s.raw.reduce<number>((m, v) => Math.max(m, v ?? 0), 0);
      s.config = { ...s.config, min: 0, max: o.candles ? (highest || 1) * volumeHeadroom : s.config.max };
    } else if (scale !== undefined) s.scale = scale;
  }
}

function paintCandles(u: uPlot, candles: readonly Candle[], times: readonly number[], scale: string, o: CandleOptions, theme: Theme): void {
  const { ctx, bbox } = u;
  const dpr = devicePixelRatio;
  const room = Math.abs(u.valToPos((times[0] ?? 0) + candleStep(times), 'x', true) - u.valToPos(times[0] ?? 0, 'x', true));
  const width = Math.max(dpr, Math.min(room * 0.7, 24 * dpr));
  const line = Math.max(1, Math.round(Math.min(dpr * 1.5, width / 2)));
  for (const c of candles) {
    const x = Math.round(u.valToPos(times[c.index] ?? 0, 'x', true));
    if (x < bbox.left - width || x > bbox.left + bbox.width + width) continue;
    const color = resolveColor(o.colors[c.direction], theme);
    const y = (v: number): number => Math.round(u.valToPos(v, scale, true));
    ctx.fillStyle = color;
    ctx.fillRect(x - Math.floor(line / 2), y(c.high), line, Math.max(1, y(c.low) - y(c.high)));
    if (o.ohlc) {
      ctx.fillRect(x - width / 2, y(c.open) - Math.floor(line / 2), width / 2, line);
      ctx.fillRect(x, y(c.close) - Math.floor(line / 2), width / 2, line);
      continue;
    }
    const top = y(Math.max(c.open, c.close));
    const height = Math.max(line, y(Math.min(c.open, c.close)) - top);
    // A rising candle is hollow where there is room, so that the direction is not told by colour alone.
    if (c.direction === 'up' && width > 5 * dpr && height > 3 * line) {
      ctx.clearRect(x - width / 2, top, width, height);
      ctx.fillStyle = withAlpha(color, 0.18);
      ctx.fillRect(x - width / 2, top, width, height);
      ctx.strokeStyle = color;
      ctx.lineWidth = line;
      ctx.strokeRect(x - width / 2 + line / 2, top + line / 2, width - line, height - line);
    } else ctx.fillRect(x - width / 2, top, width, height);
  }
}

function paintVolume(u: uPlot, model: ChartModel, volume: ChartSeries, directions: ReadonlyMap<number, Candle['direction']>, o: CandleOptions, theme: Theme): void {
  const room = Math.abs(u.valToPos((model.times[0] ?? 0) + candleStep(model.times), 'x', true) - u.valToPos(model.times[0] ?? 0, 'x', true));
  const width = Math.max(devicePixelRatio, Math.min(room * 0.7, 24 * devicePixelRatio));
  const floor = u.valToPos(0, volume.scale, true);
  volume.raw.forEach((v, i) => {
    if (typeof v !== 'number') return;
    const x = u.valToPos(model.times[i] ?? 0, 'x', true);
    const top = u.valToPos(v, volume.scale, true);
    u.ctx.fillStyle = withAlpha(resolveColor(o.colors[directions.get(i) ?? 'flat'], theme), o.candles ? 0.35 : 0.75);
    u.ctx.fillRect(Math.round(x - width / 2), top, Math.round(width), floor - top);
  });
}

const variant: ChartVariant = (input) => {
  const o = candleOptions(input.options);
  const { theme } = input;
  const fields = buildModel(input.frames, new Set()).series;
  const found = findParts(fields, o.fields);
  const lacking = !found.close && !found.volume;
  return {
    frames: input.frames, key: JSON.stringify([o, lacking]),
    options: { ...input.options, tooltip: { mode: 'multi', ...(typeof input.options['tooltip'] === 'object' ? input.options['tooltip'] : {}) } },
    problem: lacking ? 'No field is called close, so there are no candles: the fields are drawn as lines. Name them open, high, low and close, or choose them in the panel’s options.' : undefined,
    settle: (model) => settle(model, o, theme),
    paint: (u, model) => {
      const now = findParts(model.series, o.fields);
      // Directions come from the close even where only the volume is drawn.
      const candles = candlesOf(model, now.close ? now : findParts(fields, o.fields), o.closeToClose);
      u.ctx.save();
      u.ctx.beginPath();
      u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
      u.ctx.clip();
      if (now.volume && !now.volume.draw.hideViz) paintVolume(u, model, now.volume, new Map(candles.map((c) => [c.index, c.direction])), o, theme);
      if (o.candles && now.close && !now.close.draw.hideViz) paintCandles(u, candles, model.times, now.close.scale, o, theme);
      u.ctx.restore();
    },
  };
};

const candlestick: PanelModule = {
  mount: (host, ctx) => new TimeSeriesView(host, ctx, variant),
  describe: (frames, options) => {
    const o = candleOptions(options);
    const model = buildModel(frames, new Set());
    const found = findParts(model.series, o.fields);
    const candles = candlesOf(model, found, o.closeToClose);
    const last = candles.at(-1);
    if (!last) return 'Candlestick chart without candles.';
    const show = (v: number): string => (found.close?.field.display ? showValue(found.close.field.display(v)) : String(v));
    return `Candlestick chart with ${candles.length} candles, ${candles.filter((c) => c.direction === 'up').length} rising and ${candles.filter((c) => c.direction === 'down').length} falling. The last: ${parts.slice(0, 4).map((p) => `${p} ${show(last[p as 'open'])}`).join(', ')}.`;
  },
  toTable: (frames) => seriesTable(frames),
};
export default candlestick;
