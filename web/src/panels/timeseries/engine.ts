/** Options for the chart engine (uPlot) from the chart model: paths, fills, points, bands, thresholds. */
import uPlot from 'uplot';
import { resolveColor, withAlpha, withOwnAlpha, type Theme } from '../../model/color/names';
import { scaleColor, isContinuous } from '../../model/color/palette';
import { absoluteSteps, standardThresholds } from '../../model/fieldconfig/thresholds';
import type { ChartModel, ChartSeries } from './model';
import { chartDate, numberAxis, rightRoom, xAxis, yAxis, yScale, type AxisInk } from './scales';

const inks: Record<Theme, AxisInk> = { light: { text: '#6b7480', grid: '#eeebe3' }, dark: { text: '#848c97', grid: '#232930' } };
/** Beyond this many series the marks under the pointer cost more than they tell. */
const hoverPointsMax = 20;

function paths(s: ChartSeries): uPlot.Series.PathBuilder | undefined {
  const p = uPlot.paths;
  if (s.draw.style === 'bars') return p.bars?.({ size: [s.draw.barWidth, s.draw.barMaxWidth], align: s.draw.barAlignment });
  if (s.draw.style === 'points') return p.points?.();
  switch (s.draw.interpolation) {
    case 'smooth': return p.spline?.();
    case 'stepBefore': return p.stepped?.({ align: -1 });
    case 'stepAfter': return p.stepped?.({ align: 1 });
    default: return p.linear?.();
  }
}

/** A vertical gradient between two values of the series' scale; undefined while the plot has no size yet. */
function verticalGradient(u: uPlot, scale: string, stops: readonly [number, string][]): CanvasGradient | undefined {
  const s = u.scales[scale];
  if (s?.min === undefined || s.max === undefined || s.min === null || s.max === null) return undefined;
  const bottom = u.valToPos(s.min, scale, true);
  const top = u.valToPos(s.max, scale, true);
  if (!Number.isFinite(bottom) || !Number.isFinite(top)) return undefined;
  const gradient = u.ctx.createLinearGradient(0, bottom, 0, top);
  for (const [at, color] of stops) gradient.addColorStop(Math.min(1, Math.max(0, at)), color);
  return gradient;
}

/** Colour by value along the axis: the scheme's colours, or the thresholds as hard edges. */
function schemeStops(u: uPlot, s: ChartSeries, theme: Theme, alpha: number): [number, string][] {
  const scale = u.scales[s.scale];
  const min = scale?.min ?? 0;
  const max = scale?.max ?? 1;
  const mode = s.config.color?.mode ?? 'thresholds';
  if (isContinuous(mode)) return [0, 0.25, 0.5, 0.75, 1].map((at) => [at, withAlpha(scaleColor(mode, at, theme), alpha)]);
  const steps = absoluteSteps(s.config.thresholds ?? standardThresholds, min, max);
  const stops: [number, string][] = [];
  steps.forEach((step, i) => {
    const color = withAlpha(resolveColor(step.color, theme), alpha);
    const from = (Math.max(step.value, min) - min) / (max - min || 1);
    const to = ((steps[i + 1]?.value ?? max) - min) / (max - min || 1);
    if (to > 0 && from < 1) stops.push([from, color], [Math.min(1, to), color]);
  });
  return stops;
}

const followsValue = (s: ChartSeries): boolean => {
  const mode = s.config.color?.mode ?? 'thresholds';
  return s.draw.gradient === 'scheme' && (mode === 'thresholds' || isContinuous(mode));
};

function stroke(s: ChartSeries, theme: Theme): uPlot.Series['stroke'] {
  const own = s.draw.lineColor === '' ? s.color : resolveColor(s.draw.lineColor, theme);
  return followsValue(s) ? (u) => verticalGradient(u, s.scale, schemeStops(u, s, theme, 1)) ?? own : own;
}

function fill(s: ChartSeries, theme: Theme): uPlot.Series['fill'] | undefined {
  const opacity = s.draw.fill;
  if (opacity <= 0 || s.draw.style === 'points') return undefined;
  const base = s.draw.fillColor === '' ? s.color : resolveColor(s.draw.fillColor, theme);
  if (followsValue(s)) return (u) => verticalGradient(u, s.scale, schemeStops(u, s, theme, opacity)) ?? withAlpha(base, opacity);
  if (s.draw.gradient === 'opacity' || s.draw.gradient === 'hue') {
    return (u) => verticalGradient(u, s.scale, [[0, withAlpha(base, s.draw.gradient === 'hue' ? opacity * 0.4 : 0)], [1, withAlpha(base, opacity)]]) ?? withAlpha(base, opacity);
  }
  return withAlpha(base, opacity);
}

/** Points with a gap on both sides make no line: they are drawn even when points are off. */
function lonePoints(s: ChartSeries): (u: uPlot, seriesIndex: number, show: boolean, gaps?: null | number[][]) => number[] | null {
  return (u, seriesIndex, show) => {
    if (show) return null;
    const data = u.data[seriesIndex];
    if (!data || s.draw.style !== 'line') return [];
    const out: number[] = [];
    const missing = (v: number | null | undefined): boolean => v === null;
    for (let i = 0; i < data.length; i += 1) {
      const v = data[i];
      if (v !== null && v !== undefined && (i === 0 || missing(data[i - 1])) && (i === data.length - 1 || missing(data[i + 1]))) out.push(i);
    }
    return out;
  };
}

function plotSeries(s: ChartSeries, theme: Theme): uPlot.Series {
  const { draw } = s;
  const out: uPlot.Series = {
    label: s.title, scale: s.scale, show: !draw.hideViz, spanGaps: draw.spanNulls === true,
    stroke: stroke(s, theme), width: draw.style === 'points' ? 0 : draw.width,
    points: { size: Math.max(draw.pointSize, draw.width + 2), width: 0, fill: s.draw.pointColor === '' ? s.color : resolveColor(s.draw.pointColor, theme), filter: lonePoints(s) },
  };
  if (draw.points !== 'auto' || draw.style !== 'line') out.points = { ...out.points, show: draw.style === 'points' || (draw.points === 'always' && draw.style !== 'bars') };
  const area = fill(s, theme);
  if (area !== undefined) out.fill = area;
  if (s.dash !== undefined) {
    out.dash = s.dash;
    if (draw.dots) out.cap = 'round';
  }
  const builder = paths(s);
  if (builder) out.paths = builder;
  return out;
}

/** Thresholds as lines and areas behind and over the data. */
function thresholdHooks(model: ChartModel, theme: Theme): { before: (u: uPlot) => void; after: (u: uPlot) => void } {
  const seen = new Map<string, ChartSeries>();
  for (const s of model.series) if (s.draw.thresholds !== 'off' && !seen.has(s.scale)) seen.set(s.scale, s);
  const each = (u: uPlot, draw: (s: ChartSeries, color: string, from: number, to: number, base: boolean) => void): void => {
    for (const [key, s] of seen) {
      const scale = u.scales[key];
      if (typeof scale?.min !== 'number' || typeof scale.max !== 'number') continue;
      // Percentages are of the field's own limits; of what the axis shows only where it has none.
      const steps = absoluteSteps(s.config.thresholds ?? standardThresholds, s.config.min ?? scale.min, s.config.max ?? scale.max);
      steps.forEach((step, i) => draw(s, resolveColor(step.color, theme), step.value, steps[i + 1]?.value ?? Infinity, i === 0));
    }
  };
  const clipped = (u: uPlot, run: () => void): void => {
    u.ctx.save();
    u.ctx.beginPath();
    u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    u.ctx.clip();
    run();
    u.ctx.restore();
  };
  return {
    before: (u) => clipped(u, () => each(u, (s, color, from, to) => {
      if (!s.draw.thresholds.includes('area')) return;
      const scale = u.scales[s.scale];
      const low = u.valToPos(Math.max(from, scale?.min ?? 0), s.scale, true);
      const high = u.valToPos(Math.min(to, scale?.max ?? 0), s.scale, true);
      u.ctx.fillStyle = withOwnAlpha(color, 0.1);
      u.ctx.fillRect(u.bbox.left, high, u.bbox.width, low - high);
    })),
    after: (u) => clipped(u, () => each(u, (s, color, from, _to, base) => {
      if (base || !(s.draw.thresholds.includes('line') || s.draw.thresholds.includes('dashed'))) return;
      const y = Math.round(u.valToPos(from, s.scale, true));
      u.ctx.strokeStyle = withOwnAlpha(color, 0.85);
      u.ctx.lineWidth = Math.max(1, devicePixelRatio);
      u.ctx.setLineDash(s.draw.thresholds.includes('dashed') ? [8 * devicePixelRatio, 6 * devicePixelRatio] : []);
      u.ctx.beginPath();
      u.ctx.moveTo(u.bbox.left, y);
      u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
      u.ctx.stroke();
    })),
  };
}

/** An x axis of numbers instead of times. */
export interface NumberAxis {
  title: string;
  unit: string | undefined;
  decimals: number | null | undefined;
  show: (value: number) => string;
}

interface EngineInput {
  model: ChartModel;
  /** Undefined: the x axis is time. */
  x?: NumberAxis | undefined;
  /** Draws more over the series. */
  paint?: ((u: uPlot) => void) | undefined;
  theme: Theme;
  zone: string;
  /** Zones of the time axes, where there are more than the page's own. */
  zones?: readonly string[] | undefined;
  width: number;
  height: number;
  range: () => [number, number];
  onCursor: (u: uPlot) => void;
  onSelect: (from: number, to: number) => void;
  onDoubleClick: () => void;
  /** Drawing over and under the series failed. */
  onError: (error: unknown) => void;
}

export function engineOptions(input: EngineInput): uPlot.Options {
  const { model, theme, zone } = input;
  const ink = inks[theme];
  const zones = input.zones ?? [zone];
  const scales: Record<string, uPlot.Scale> = { x: { time: input.x === undefined, range: () => input.range() } };
  const axes: uPlot.Axis[] = input.x ? [numberAxis(input.x.title, input.x.unit, input.x.decimals, ink, zone)] : zones.map((z, i) => xAxis(z, ink, zones.length > 1, i === 0));
  const timeAxes = axes.length;
  const members = new Map<string, ChartSeries[]>();
  for (const s of model.series) members.set(s.scale, [...(members.get(s.scale) ?? []), s]);
  let left = 0;
  for (const [key, list] of members) {
    scales[key] = yScale(list);
    const wanted = list.find((s) => !s.draw.hideViz)?.draw.axis ?? list[0]?.draw.axis ?? 'auto';
    if (list.every((s) => s.draw.axis === 'hidden')) continue;
    const side = wanted === 'right' || (wanted === 'auto' && left > 0) ? 'right' : 'left';
    if (side === 'left') left += 1;
    axes.push(yAxis(key, list, side, ink, zone, side === 'left' && left === 1 || members.size === 1));
  }
  const thresholds = thresholdHooks(model, theme);
  const guarded = (paint: (u: uPlot) => void) => (u: uPlot): void => {
    try {
      paint(u);
    } catch (error) {
      input.onError(error);
    }
  };
  return {
    width: input.width, height: input.height, ms: 1, tzDate: chartDate(zone), scales, axes,
    padding: [8, rightRoom, 0, members.size === 0 || axes.length === timeAxes ? 12 : 0],
    legend: { show: false },
    series: [{}, ...model.series.map((s) => plotSeries(s, theme))],
    bands: model.series.flatMap((s, i): uPlot.Band[] => (s.below === undefined || s.draw.fill <= 0 ? [] : [{ series: [i + 1, s.below + 1] }])),
    cursor: {
      drag: { x: true, y: false, setScale: false, dist: 4 },
      points: model.series.length > hoverPointsMax ? { show: false } : { size: 7, width: 1.5, stroke: () => (theme === 'dark' ? '#181c22' : '#ffffff'), fill: (_u, i) => model.series[i - 1]?.color ?? '#888888' },
      y: false,
      bind: { dblclick: () => () => { input.onDoubleClick(); return null; } },
    },
    hooks: {
      drawClear: [guarded(thresholds.before)],
      draw: [...(input.paint ? [input.paint] : []), thresholds.after].map(guarded),
      setCursor: [input.onCursor],
      setSelect: [(u) => {
        if (u.select.width < 2) return;
        input.onSelect(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'));
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
    },
  };
}
