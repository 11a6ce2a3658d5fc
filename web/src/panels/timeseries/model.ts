/** From frames to what the chart engine draws: one time column, one list of values per series, stacked where asked. */
import { withAlpha } from '../../model/color/names';
import { ghostOrigin } from '../../model/compare';
import { seriesDash } from '../../model/color/palette';
import { timeField, valueFields, type Cell, type Field, type Frame } from '../../model/frame';
import type { FieldConfig } from '../../model/fieldconfig/types';
import { drawOptions, type DrawOptions } from './options';

export interface ChartSeries {
  field: Field;
  config: FieldConfig;
  draw: DrawOptions;
  title: string;
  color: string;
  dash: number[] | undefined;
  /** Series of one scale share an axis. */
  scale: string;
  /** Values as drawn (after sign change and stacking). */
  values: (number | null | undefined)[];
  /** Values as measured, on the same times. */
  raw: (number | null | undefined)[];
  /** Index of the series this one stands on, for filling between the two. */
  below: number | undefined;
}
export interface ChartModel {
  times: number[];
  series: ChartSeries[];
}

const blankConfig: FieldConfig = { mappings: [], links: [], custom: {} };
const drawable = (v: Cell | undefined): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : null);

/** The smallest distance of two neighbours in time; undefined for fewer than two. */
function stepOf(times: readonly Cell[]): number | undefined {
  let least = Infinity;
  for (let i = 1; i < times.length; i += 1) {
    const gap = Number(times[i]) - Number(times[i - 1]);
    if (gap > 0 && gap < least) least = gap;
  }
  return Number.isFinite(least) ? least : undefined;
}

/** The frame with an empty point after each one whose successor is too far away, so that no line joins the two. */
function breakApart(frame: Frame): Frame {
  const time = timeField(frame);
  const first = valueFields(frame).map((f) => drawOptions(f.config ?? blankConfig).insertNulls).find((s) => s !== false);
  if (!time || first === undefined) return frame;
  const step = stepOf(time.values);
  const limit = first === true ? (step === undefined ? Infinity : step * 1.5) : first;
  // Lowest index of each stretch that is followed by a gap; points without a value do not count as neighbours.
  const values = valueFields(frame);
  const order: (number | null)[] = [];
  let previous: number | undefined;
  for (let i = 0; i < time.values.length; i += 1) {
    if (!values.some((f) => typeof f.values[i] === 'number')) {
      order.push(i);
      continue;
    }
    const at = Number(time.values[i]);
    if (previous !== undefined && at - previous > limit) order.push(null);
    previous = at;
    order.push(i);
  }
  if (!order.includes(null)) return frame;
  const pick = (field: Field): Cell[] => order.map((i, k) => (i !== null ? (field.values[i] ?? null) : field === time ? Number(time.values[order[k - 1] ?? 0]) + 1 : null));
  return { ...frame, length: order.length, fields: frame.fields.map((f) => ({ ...f, values: pick(f) })) };
}

/** Points of frames whose times differ are laid on the union of all times; what that leaves open is undefined, not a gap. */
function align(frames: readonly Frame[]): { times: number[]; place: (frame: Frame, field: Field) => (number | null | undefined)[] } {
  const columns = [...new Set(frames.map((f) => timeField(f)?.values ?? []))];
  const same = (a: readonly Cell[], b: readonly Cell[]): boolean => a === b || (a.length === b.length && a[0] === b[0] && a.at(-1) === b.at(-1) && a.every((v, i) => v === b[i]));
  const first = columns[0] ?? [];
  if (columns.every((c) => same(first, c))) {
    return { times: first.map(Number), place: (_frame, field) => field.values.map(drawable) };
  }
  const times = [...new Set(columns.flat().map(Number))].sort((a, b) => a - b);
  const index = new Map(times.map((t, i) => [t, i]));
  return {
    times,
    place: (frame, field) => {
      const out: (number | null | undefined)[] = Array.from({ length: times.length });
      const own = timeField(frame)?.values ?? [];
      own.forEach((t, i) => {
        const at = index.get(Number(t));
        if (at !== undefined) out[at] = drawable(field.values[i]);
      });
      return out;
    },
  };
}

/** Gaps that may be joined become undefined, which the engine draws over. */
function joinGaps(values: (number | null | undefined)[], times: readonly number[], span: boolean | number): (number | null | undefined)[] {
  if (span === false) return values;
  if (span === true) return values.map((v) => (v === null ? undefined : v));
  const out = [...values];
  let from = -1;
  for (let i = 0; i < out.length; i += 1) {
    if (out[i] === null || out[i] === undefined) continue;
    if (from >= 0 && i - from > 1 && (times[i] ?? 0) - (times[from] ?? 0) < span) for (let j = from + 1; j < i; j += 1) if (out[j] === null) out[j] = undefined;
    from = i;
  }
  return out;
}

/** Stacks each group in order of the series, what points up apart from what points down. */
function stack(series: ChartSeries[], count: number): void {
  const groups = new Map<string, { totals: Float64Array; last: number; members: number[] }>();
  series.forEach((s, index) => {
    if (s.draw.stacking === 'none' || s.draw.hideViz) return;
    const down = s.draw.transform === 'negative-Y' || (s.raw.some((v) => typeof v === 'number' && v < 0) && s.raw.every((v) => v === null || v === undefined || v <= 0));
    const key = `${s.scale}|${s.draw.stackGroup}|${down ? 'down' : 'up'}|${s.draw.stacking}`;
    let group = groups.get(key);
    if (!group) {
      group = { totals: new Float64Array(count), last: -1, members: [] };
      groups.set(key, group);
    }
    group.members.push(index);
  });
  for (const [key, group] of groups) {
    const sums = new Float64Array(count);
    // A moment at which nothing was measured stays empty instead of standing at zero.
    const measured = new Uint8Array(count);
    for (const m of group.members) series[m]?.values.forEach((v, i) => { if (v !== null && v !== undefined) measured[i] = 1; });
    if (key.endsWith('|percent')) for (const m of group.members) series[m]?.values.forEach((v, i) => { sums[i] = (sums[i] ?? 0) + Math.abs(v ?? 0); });
    for (const m of group.members) {
      const s = series[m];
      if (!s) continue;
      s.below = group.last >= 0 ? group.last : undefined;
      s.values = s.values.map((v, i) => {
        // A series that is missing at a moment leaves the stack as it is there.
        const share = key.endsWith('|percent') ? ((sums[i] ?? 0) > 0 ? (v ?? 0) / (sums[i] ?? 1) : 0) : (v ?? 0);
        group.totals[i] = (group.totals[i] ?? 0) + share;
        return measured[i] === 1 ? group.totals[i] : v;
      });
      group.last = m;
    }
  }
}

export const isPercentStack = (draw: DrawOptions): boolean => draw.stacking === 'percent';

/** Which axis a series is measured on: by unit, side and limits, as these cannot be shared. */
function scaleKey(config: FieldConfig, draw: DrawOptions): string {
  const unit = isPercentStack(draw) ? 'percentunit' : (config.unit ?? '');
  return ['y', unit, draw.axis === 'hidden' ? 'auto' : draw.axis, draw.axisLabel, draw.logBase || (draw.symlog ? 'symlog' : ''), draw.centeredZero ? 'centred' : '', config.min ?? '', config.max ?? ''].join('/');
}

/** Data of an earlier time is a thin dotted line, stacked by itself, in no legend. */
const ghostDraw = (own: DrawOptions): DrawOptions => ({
  ...own, style: 'line', width: Math.max(1, Math.min(1.5, own.width)), dash: [2, 3], dots: false, fill: 0, fillBelowTo: '', gradient: 'none', points: 'never',
  stackGroup: `${own.stackGroup} earlier`, hideLegend: true, thresholds: 'off', lineColor: '',
});

export function buildModel(frames: readonly Frame[], hidden: ReadonlySet<string>): ChartModel {
  const usable = frames.filter((f) => timeField(f) && valueFields(f).length > 0).map(breakApart);
  const { times, place } = align(usable);
  const series: ChartSeries[] = [];
  for (const frame of usable) {
    for (const field of valueFields(frame)) {
      const config = field.config ?? blankConfig;
      const own = drawOptions(config);
      const draw = frame.ghost === undefined ? own : ghostDraw(own);
      const title = field.title ?? field.name;
      if (hidden.has(frame.ghost === undefined ? title : ghostOrigin(title, frame.ghost))) draw.hideViz = true;
      let raw = place(frame, field);
      if (draw.transform === 'constant') {
        const constant = raw.find((v) => typeof v === 'number') ?? null;
        raw = raw.map(() => constant);
      }
      const signed = draw.transform === 'negative-Y' ? raw.map((v) => (typeof v === 'number' ? -v : v)) : raw;
      const classic = config.color?.mode === 'palette-classic';
      const dash = draw.dash ?? (classic && seriesDash(field.seriesIndex ?? 0) > 0 ? (seriesDash(field.seriesIndex ?? 0) % 2 === 1 ? [7, 4] : [2, 3]) : undefined);
      series.push({
        field, config, draw, title, color: frame.ghost === undefined ? (field.color ?? '#888888') : withAlpha(field.color ?? '#888888', 0.6), dash, scale: scaleKey(config, draw),
        values: joinGaps(signed, times, draw.spanNulls), raw, below: undefined,
      });
    }
  }
  stack(series, times.length);
  for (const s of series) {
    if (s.draw.fillBelowTo === '' || s.draw.hideViz) continue;
    const other = series.findIndex((o) => o !== s && o.title === s.draw.fillBelowTo && o.scale === s.scale && !o.draw.hideViz);
    if (other >= 0) s.below = other;
  }
  return { times, series };
}
