/** The data of a panel: what it asks, the answers as they come, an earlier time behind them, its exemplars. */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useLayoutEffect, useMemo, useSyncExternalStore } from 'react';
import { queryExemplars } from '../../api/prometheus';
import { compareWords, ghostFrames } from '../../model/compare';
import type { PlacedPanel } from '../../model/dashboard/layout';
import type { Frame } from '../../model/frame';
import { object } from '../../model/json';
import type { Exemplar } from '../../model/marks';
import type { TimeRange } from '../../model/time/range';
import { fillServerSide, interpolate, type InterpolationContext } from '../../model/variables/interpolate';
import type { PanelPlugin } from '../../panels/types';
import type { PanelData } from '../../query/runner';
import { useTheme } from '../../ui/theme';
import { preparePanel, type Prepared } from './prepare';
import { choiceOf, needsSources, panelRange, panelRequest, shownRange } from './request';
import type { DashboardState } from './useDashboard';

interface PanelAnswer {
  data: PanelData;
  prepared: Prepared;
  /** Frames to draw: the present, and an earlier time where one compares. */
  frames: Frame[];
  exemplars: readonly Exemplar[];
  range: TimeRange;
  /** The stretch of time that is drawn: that of the data, or one that was chosen since. */
  shown: TimeRange;
  note: string;
  /** With what was chosen, and with what the data is of. */
  context: InterpolationContext;
  drawn: InterpolationContext;
}

/** Types that can lay an earlier time behind the present. */
const comparable = new Set(['timeseries', 'graph', 'stat', 'singlestat', 'gauge', 'bargauge']);
const exemplarsMax = 1000;
const noExemplars: readonly Exemplar[] = [];

/** Exemplars of the queries that ask for them, over what the panel shows. */
function useExemplars(placed: PlacedPanel, data: PanelData, wanted: boolean): readonly Exemplar[] {
  const queries = useMemo(() => {
    const asking = new Set(placed.panel.targets.filter((t) => object(t.raw)['exemplar'] === true).map((t) => t.refId));
    return data.queries.filter((q) => asking.has(q.refId));
  }, [placed.panel.targets, data.queries]);
  const { from, to } = data.range;
  const stepMs = data.stats[0]?.stepMs ?? 15_000;
  const { data: found } = useQuery({
    queryKey: ['exemplars', queries.map((q) => [q.datasource, q.expr]), from, to],
    queryFn: async ({ signal }): Promise<Exemplar[]> => {
      const answers = await Promise.all(queries.map((q) => queryExemplars(q.datasource, fillServerSide(q.expr, stepMs, { from, to }), { from, to }, signal)));
      const all = answers.flat().flatMap((s) => s.exemplars.map((e): Exemplar => ({ time: e.timestamp * 1000, value: Number(e.value), labels: e.labels, series: s.seriesLabels })));
      // The newest are the ones a person asks about.
      return all.filter((e) => Number.isFinite(e.value)).sort((a, b) => b.time - a.time).slice(0, exemplarsMax);
    },
    enabled: wanted && queries.length > 0 && to > from,
    placeholderData: (before) => before,
    staleTime: 60_000, gcTime: 30_000, retry: false,
  });
  return wanted && found ? found : noExemplars;
}

/** Exemplars as the frame that panels with an axis of buckets read. */
function exemplarFrame(exemplars: readonly Exemplar[]): Frame {
  const names = [...new Set(exemplars.flatMap((e) => Object.keys(e.labels)))].slice(0, 16);
  return {
    refId: 'exemplar', name: 'exemplar', length: exemplars.length,
    fields: [
      { name: 'Time', type: 'time', values: exemplars.map((e) => e.time) }, { name: 'Value', type: 'number', values: exemplars.map((e) => e.value) },
      ...names.map((name) => ({ name, type: 'string' as const, values: exemplars.map((e) => e.labels[name] ?? null) })),
    ],
  };
}

export function usePanelData(placed: PlacedPanel, state: DashboardState, plugin: PanelPlugin, size: { width: number; height: number } | undefined): PanelAnswer {
  const { panel, key, scoped } = placed;
  const { runner, range: pageRange, now, zone, sources, context: page, compare } = state;
  const theme = useTheme((s) => s.theme);
  const context = useMemo(() => ({ ...page, scoped }), [page, scoped]);
  const { range, note } = useMemo(() => panelRange(panel, pageRange, context, now, zone), [panel, pageRange, context, now, zone]);
  const ready = size !== undefined && state.variables !== undefined && (!needsSources(panel) || sources !== undefined);
  const width = size ? Math.ceil(size.width / 50) * 50 : 0;
  const asks = ready && plugin.wants !== 'none';
  const choice = choiceOf(panel, state.raw);
  const request = useMemo(() => (asks ? panelRequest(panel, range, choice, width, context, sources ?? []) : undefined), [asks, panel, range, choice, width, context, sources]);
  useLayoutEffect(() => runner.setRequest(key, request), [runner, key, request]);
  const data = useSyncExternalStore(useCallback((f) => runner.subscribe(key, f), [runner, key]), () => runner.data(key));
  useEffect(() => () => runner.forget(key), [runner, key]);

  // The earlier time is another panel to the runner: it comes when it comes, and the present does not wait for it.
  const earlierKey = `${key}~earlier`;
  const earlierMs = comparable.has(panel.type) ? compare.ms : 0;
  const earlierRequest = useMemo(() => (request && earlierMs > 0 && request.queries.length > 0 ? { ...request, range: { from: request.range.from - earlierMs, to: request.range.to - earlierMs } } : undefined), [request, earlierMs]);
  useLayoutEffect(() => runner.setRequest(earlierKey, earlierRequest), [runner, earlierKey, earlierRequest]);
  const earlier = useSyncExternalStore(useCallback((f) => runner.subscribe(earlierKey, f), [runner, earlierKey]), () => runner.data(earlierKey));
  useEffect(() => () => runner.forget(earlierKey), [runner, earlierKey]);

  // What is there stays prepared as it was, until other data comes: time that goes on changes nothing about it.
  const { variables, raw, dashboard, user } = page;
  const dataRange = data.range.to > 0 ? data.range : range;
  const drawn = useMemo((): InterpolationContext => ({ variables, range: dataRange, ...(raw ? { raw } : {}), zone, dashboard, user, scoped }), [variables, dataRange, raw, zone, dashboard, user, scoped]);
  const shown = useMemo(() => shownRange(data, range, choice), [data, range, choice]);
  const fill = useCallback((text: string) => interpolate(text, drawn), [drawn]);
  const options = useMemo(() => ({ theme, zone, wantsRange: plugin.wantsRange, colorMode: plugin.colorMode, interpolate: fill }), [theme, zone, plugin, fill]);
  const exemplars = useExemplars(placed, data, plugin.type === 'timeseries' || plugin.type === 'heatmap');
  const prepared = useMemo(() => preparePanel(panel, data.frames, options), [panel, data.frames, options]);
  const frames = useMemo(() => {
    const ghosts = earlierMs > 0 && earlier.frames.length > 0 && data.range.from - earlier.range.from === earlierMs
      ? ghostFrames(preparePanel(panel, earlier.frames, options).frames, earlierMs, compareWords(compare.offset)) : [];
    const dots = plugin.type === 'heatmap' && exemplars.length > 0 && prepared.frames.length > 0 ? [exemplarFrame(exemplars)] : [];
    return ghosts.length + dots.length === 0 ? prepared.frames : [...prepared.frames, ...ghosts, ...dots];
  }, [prepared, earlier, earlierMs, data.range, panel, options, compare.offset, plugin, exemplars]);
  return { data, prepared, frames, exemplars, range, shown, note, context, drawn };
}
