/** Axes and scales of the chart: ranges with soft and hard ends, logarithms, tick texts with units. */
import uPlot from 'uplot';
import { onLowerRung } from '../../model/units/duration';
import { formatValue, joinValue } from '../../model/units/format';
import { durationSteps, logDurationTicks, unitsPerSecond } from '../../model/units/ticks';
import { formatTick } from '../../model/time/format';
import { zoneAbbreviation, zoneName } from '../../model/time/zone';
import { fontFamily, textWidth } from '../dom';
import { isPercentStack, type ChartSeries } from './model';

export interface AxisInk {
  text: string;
  grid: string;
}
const axisFont = `12px ${fontFamily}`;
const binaryUnit = /^(bytes|bits|kbytes|mbytes|gbytes|tbytes|pbytes|binBps|binbps|[KMGTP]i(Bs|bits))$/;

/** Steps of an axis in powers of two, so that byte axes fall on round figures. */
const binarySteps = Array.from({ length: 60 }, (_, i) => 2 ** (i - 4));

/** The fewest decimals at which no tick loses anything, or where they are words, as in `20 seconds`, at which no two read the same. */
function tickDecimals(splits: readonly number[], unit: string | undefined): number {
  const largest = splits.reduce((n, v) => Math.max(n, Math.abs(Number(formatValue(v, unit, 14).text))), 0);
  // More than a few are for axes of small numbers alone.
  const most = largest < 0.01 ? 10 : 4;
  for (let d = 0; d <= most; d += 1) {
    const texts = splits.map((v) => formatValue(v, unit, d).text);
    if (texts.some((t) => !Number.isFinite(Number(t)))) {
      if (new Set(texts).size === new Set(splits).size) return d;
      continue;
    }
    const exact = splits.every((v) => {
      const short = formatValue(v, unit, d);
      const long = formatValue(v, unit, d + 6);
      return short.suffix === long.suffix && Math.abs(Number(short.text) - Number(long.text)) < Math.min(10 ** -(d + 4) * 0.5, largest * 1e-4) + 1e-12;
    });
    if (exact) return d;
  }
  return 4;
}

/** Steps of an axis that fall on numbers with so many decimals, so that no two ticks read the same. */
function decimalSteps(decimals: number): number[] {
  const steps: number[] = [];
  for (let e = -decimals; e < 16; e += 1) for (const n of [1, 2, 5]) steps.push(Number(`${n}e${e}`));
  return steps;
}
const unscaled = /^(|none|short|locale|percent)$/;

/** Ticks that share a prefix (k, Mi, …) share their decimals; `log` ticks get three significant digits, as they are rarely round. */
export function tickTexts(splits: readonly (number | null)[], unit: string | undefined, decimals: number | null | undefined, zone: string, log = false): string[] {
  const bySuffix = new Map<string, number[]>();
  const suffixOf = (v: number): string => formatValue(v, unit, 0, zone).suffix ?? '';
  for (const v of splits) if (v !== null && v !== 0) bySuffix.set(suffixOf(v), [...(bySuffix.get(suffixOf(v)) ?? []), v]);
  const places = new Map([...bySuffix].map(([suffix, values]) => [suffix, tickDecimals(values, unit)]));
  // Ticks of 20 seconds are 80 s and 100 s beyond the minute, not 1.3333 mins.
  const perSecond = decimals === undefined || decimals === null ? unitsPerSecond(unit) : undefined;
  const lower = new Map<number, string>();
  if (perSecond !== undefined && !log) {
    for (const [suffix, values] of bySuffix) {
      if ((places.get(suffix) ?? 0) < 2) continue;
      // One minute and two minutes are of one kind.
      const one = suffix.replace(/([a-z]{3,})s$/, '$1');
      const all = one === suffix ? values : [...(bySuffix.get(one) ?? []), ...values];
      onLowerRung(all.map((v) => v / perSecond), suffix)?.forEach((text, i) => lower.set(all[i] ?? 0, text));
    }
  }
  const texts = splits.map((v) => {
    if (v === null) return '';
    const own = lower.get(v);
    if (own !== undefined) return own;
    const d = decimals ?? (v === 0 ? 0 : log ? undefined : places.get(suffixOf(v)));
    return joinValue(formatValue(v, unit, d, zone));
  });
  // Where ticks read the same, one says it: "Yes" of all that is not 0, a value between 1 and 1.00002 without decimals.
  return texts.map((text, i) => (i > 0 && text === texts[i - 1] ? '' : text));
}

/** The ends, with zero halfway between them where that is asked for. */
function centred(from: number, to: number, wanted: boolean): [number, number] {
  if (!wanted) return [from, to];
  const reach = Math.max(Math.abs(from), Math.abs(to)) || 1;
  return [-reach, reach];
}

export function yScale(members: readonly ChartSeries[]): uPlot.Scale {
  const first = members[0];
  const config = first?.config;
  const draw = first?.draw;
  const soft = (pick: (s: ChartSeries) => number | undefined, fold: (a: number, b: number) => number): number | undefined =>
    members.map(pick).filter((v): v is number => v !== undefined).reduce<number | undefined>((a, b) => (a === undefined ? b : fold(a, b)), undefined);
  const softMin = soft((s) => s.draw.softMin, Math.min);
  const softMax = soft((s) => s.draw.softMax, Math.max);
  const hardMin = config?.min;
  const hardMax = config?.max;
  if (draw?.logBase) {
    const base = draw.logBase;
    return {
      distr: 3, log: base,
      range: (_u, min, max) => {
        const low = hardMin !== undefined && hardMin > 0 ? hardMin : min > 0 ? min : 1;
        const high = hardMax ?? (max > low ? max : low * base);
        return uPlot.rangeLog(low, high, base, false);
      },
    };
  }
  const around = members.some((s) => s.draw.centeredZero);
  if (draw?.symlog) {
    return {
      distr: 4, log: draw.symlogBase, asinh: draw.linearThreshold,
      range: (_u, dataMin, dataMax) => {
        const low = Math.min(Number.isFinite(dataMin) ? dataMin : 0, softMin ?? Infinity);
        const high = Math.max(Number.isFinite(dataMax) ? dataMax : 1, softMax ?? -Infinity);
        const [from, to] = uPlot.rangeAsinh(low, high, draw.symlogBase, true);
        const ends = centred(hardMin ?? from ?? low, hardMax ?? to ?? high, around);
        return ends[0] < ends[1] ? ends : [ends[0] - 1, ends[1] + 1];
      },
    };
  }
  if (draw && isPercentStack(draw)) return { range: (_u, min) => [min < 0 ? -1 : 0, 1] };
  // Bars and stacked areas show a value by their height: they stand on zero.
  const onZero = members.some((s) => s.draw.style === 'bars' || (s.draw.stacking === 'normal' && s.draw.fill > 0));
  return {
    distr: 1,
    range: (_u, dataMin, dataMax) => {
      let min = Number.isFinite(dataMin) ? dataMin : (hardMin ?? softMin ?? 0);
      let max = Number.isFinite(dataMax) ? dataMax : (hardMax ?? softMax ?? 1);
      if (onZero) {
        min = Math.min(0, min);
        max = Math.max(0, max);
      }
      if (softMin !== undefined) min = Math.min(min, softMin);
      if (softMax !== undefined) max = Math.max(max, softMax);
      // Nothing but zeros has no size of its own; of a share the whole is, where others go to 100.
      if (min === 0 && max === 0 && (config?.unit === 'percentunit' || config?.unit === 'bool')) max = 1;
      const [low, high] = uPlot.rangeNum(min, max, {
        min: { pad: 0.1, soft: softMin ?? 0, mode: softMin === undefined ? 3 : 1, ...(hardMin === undefined ? {} : { hard: hardMin }) },
        max: { pad: 0.1, soft: softMax ?? 0, mode: softMax === undefined ? 3 : 1, ...(hardMax === undefined ? {} : { hard: hardMax }) },
      });
      const [from, to] = centred(hardMin ?? low ?? 0, hardMax ?? high ?? 1, around);
      return from < to ? [from, to] : [from - 1, to + 1];
    },
  };
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** Steps of a time axis a person expects. */
const timeSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500,
  ...[1, 2, 5, 10, 15, 20, 30].map((n) => n * second), ...[1, 2, 5, 10, 15, 20, 30].map((n) => n * minute),
  ...[1, 2, 3, 4, 6, 8, 12].map((n) => n * hour), ...[1, 2, 3, 5, 7, 10, 14, 30, 60, 90, 180, 365].map((n) => n * day),
];

/** A time axis; where there are several, each says its zone, and only the first draws the grid. */
export function xAxis(zone: string, ink: AxisInk, named = false, grid = true): uPlot.Axis {
  return {
    scale: 'x', side: 2, stroke: ink.text, font: axisFont, size: 26, gap: 6,
    grid: { show: grid, stroke: ink.grid, width: 1 }, ticks: { show: false }, space: 60, incrs: timeSteps,
    ...(named ? { label: zoneAbbreviation(Date.now(), zone), labelFont: axisFont, labelSize: 16, size: 22 } : {}),
    values: (u, splits) => {
      const step = splits.length > 1 ? (splits[1] ?? 0) - (splits[0] ?? 0) : 60_000;
      const texts = splits.map((t, i) => formatTick(t, step, zone, i > 0 ? splits[i - 1] : undefined).replace('\n', ' '));
      const last = texts.length - 1;
      if (!fitsAtEnd(u, splits[last], texts[last])) texts[last] = '';
      return texts;
    },
  };
}

/** Room right of the plot, in pixels: half of the hour under its edge. */
export const rightRoom = 18;

/** Whether the text of the last tick ends before the chart does; a text that is cut says another time. */
function fitsAtEnd(u: uPlot, at: number | undefined, words: string | undefined): boolean {
  const { min, max } = u.scales['x'] ?? {};
  if (at === undefined || words === undefined || typeof min !== 'number' || typeof max !== 'number' || max <= min) return true;
  // While the axes are measured the plot's own width is not known yet; that of the chart is close enough.
  const toEdge = ((max - at) / (max - min)) * u.width;
  return toEdge + rightRoom >= textWidth(words, axisFont) / 2;
}

/** A horizontal axis of numbers. */
export function numberAxis(title: string, unit: string | undefined, decimals: number | null | undefined, ink: AxisInk, zone: string): uPlot.Axis {
  const axis: uPlot.Axis = {
    scale: 'x', stroke: ink.text, font: axisFont, size: 26, gap: 6, grid: { stroke: ink.grid, width: 1 }, ticks: { show: false }, space: 70,
    values: (_u, splits) => tickTexts(splits, unit, decimals, zone),
  };
  if (unit !== undefined && binaryUnit.test(unit)) axis.incrs = binarySteps;
  if (title !== '') {
    axis.label = title;
    axis.labelFont = axisFont;
    axis.labelSize = 18;
  }
  return axis;
}

export const chartDate = (zone: string) => (ms: number): Date => uPlot.tzDate(new Date(ms), zoneName(zone));

/** Room of a tick on a logarithmic axis, in pixels. */
const logSpace = 28;

export function yAxis(scale: string, members: readonly ChartSeries[], side: 'left' | 'right', ink: AxisInk, zone: string, grid: boolean): uPlot.Axis {
  const first = members[0];
  const unit = first && isPercentStack(first.draw) ? 'percentunit' : first?.config.unit;
  const label = first?.draw.axisLabel ?? '';
  const axis: uPlot.Axis = {
    scale, side: side === 'left' ? 3 : 1, font: axisFont, gap: 6,
    stroke: first?.draw.axisColorFromSeries ? first.color : ink.text,
    grid: { show: first?.draw.gridShow ?? grid, stroke: ink.grid, width: 1 }, ticks: { show: false },
    space: 28,
    ...(first?.draw.axisBorder ? { border: { show: true, stroke: first.draw.axisColorFromSeries ? first.color : ink.grid, width: 1 } } : {}),
    values: (_u, splits) => tickTexts(splits, unit, first?.config.decimals, zone, (first?.draw.logBase ?? 0) > 0),
    size: (_u, values) => (first?.draw.axisWidth ?? Math.ceil((values ?? []).reduce((w, v) => Math.max(w, textWidth(v ?? '', axisFont)), 12)) + 10),
  };
  if (first?.draw.symlog) {
    // Every step between the powers would be a wall of lines.
    const { symlogBase: base } = first.draw;
    const only = (_u: uPlot, splits: number[]): (number | null)[] => splits.map((v) => (v === 0 || (Math.abs(v) > first.draw.linearThreshold * 1.001 && Math.abs(Math.log(Math.abs(v)) / Math.log(base) - Math.round(Math.log(Math.abs(v)) / Math.log(base))) < 1e-6) ? v : null));
    axis.filter = only;
    axis.grid = { ...axis.grid, filter: only };
  }
  if (unit !== undefined && binaryUnit.test(unit)) axis.incrs = binarySteps;
  const perSecond = unitsPerSecond(unit);
  if (perSecond !== undefined) {
    axis.incrs = durationSteps.map((s) => s * perSecond);
    // Powers of ten would read "1.67 mins".
    if ((first?.draw.logBase ?? 0) > 0) {
      axis.splits = (u, _axis, min, max) => logDurationTicks(min, max, perSecond, Math.max(2, Math.floor(u.bbox.height / devicePixelRatio / logSpace)));
      axis.filter = (_u, splits) => splits;
    }
  }
  const decimals = first?.config.decimals;
  if (decimals !== undefined && decimals !== null && unscaled.test(unit ?? '')) axis.incrs = decimalSteps(decimals);
  if (label !== '') {
    axis.label = label;
    axis.labelFont = axisFont;
    axis.labelSize = 18;
  }
  return axis;
}
