/** Everything a dashboard page lives from: range, refresh, variables, the query runner and the shared cursor. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { boot } from '../../api/boot';
import type { DashboardDoc } from '../../api/dashboards';
import type { DataSource } from '../../api/datasources';
import { compareMs } from '../../model/compare';
import { wordsOf } from '../../model/errors';
import type { Frame } from '../../model/frame';
import { parseDuration } from '../../model/time/parse';
import { resolveRange, type RawRange, type TimeRange } from '../../model/time/range';
import type { InterpolationContext } from '../../model/variables/interpolate';
import { savedFilters } from '../../model/variables/adhoc';
import { unsavedSources } from '../../model/variables/options';
import type { VariableValues } from '../../model/variables/state';
import { CursorBus } from '../../query/cursor';
import { QueryRunner } from '../../query/runner';
import { sourcesQuery, useSources } from '../../query/sources';
import { SpanBus } from '../../query/spans';
import { Ticker } from '../../query/ticker';
import { afterFrame } from '../../query/turns';
import { forgetVariableOptions, loadVariables, type LoadedVariables } from '../../query/variables';
import type { AnnotationTask } from './AnnotationDialog';
import { openingOf, settleOpening } from './begin';
import { pageTime, user } from './opening';
import { useAddress, type Address } from './useAddress';
import { useAnnotations, type Annotations } from './useAnnotations';
import type { PanelEdits } from './usePanelKeys';

export interface DashboardState {
  doc: DashboardDoc;
  address: Address;
  raw: RawRange;
  range: TimeRange;
  now: number;
  zone: string;
  /** Text such as `10s`; empty when off. */
  refresh: string;
  runner: QueryRunner;
  cursor: CursorBus;
  /** Hears of another range before anything is asked. */
  spans: SpanBus;
  /** Undefined until the first load is through. */
  variables: LoadedVariables | undefined;
  context: InterpolationContext;
  sources: DataSource[] | undefined;
  setRange: (raw: RawRange) => void;
  /** Another range made from the last one chosen, which the page may not show yet. */
  moveRange: (how: (range: TimeRange) => RawRange) => void;
  /** An earlier time behind the present; 0 ms for none. */
  compare: { offset: string; ms: number };
  annotations: Annotations;
  overlay: Overlay | undefined;
  setOverlay: (overlay: Overlay | undefined) => void;
  /** When the next refresh is due (Unix ms). */
  due: Due;
  refreshNow: () => void;
  /** What may be done to a panel; undefined where the dashboard cannot be edited. */
  edits?: ((id: number) => PanelEdits) | undefined;
}

/** What lies over the page. */
export type Overlay = { kind: 'annotation'; task: AnnotationTask } | { kind: 'share'; panel?: { key: string; title: string } | undefined }
  | { kind: 'library'; task: { id: number; what: 'create' | 'uses' } };

/** A moment others watch, without the page being drawn anew for it. */
export class Due {
  private at: number | undefined;
  private readonly listeners = new Set<() => void>();
  /** Whole seconds until then. */
  left = (): number | undefined => (this.at === undefined ? undefined : Math.max(0, Math.ceil((this.at - Date.now()) / 1000)));
  set = (at: number | undefined): void => {
    this.at = at;
    for (const listener of this.listeners) listener();
  };
  /** Hears of every change, and of every second that passes. */
  watch = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    const id = setInterval(listener, 1000);
    return () => {
      clearInterval(id);
      this.listeners.delete(listener);
    };
  };
}
/** The shortest refresh: what a file or an address asks for below it is no help to anybody. */
export const refreshMinMs = 1000;
function refreshMs(refresh: string): number {
  const ms = parseDuration(refresh) ?? 0;
  return ms > 0 ? Math.max(refreshMinMs, ms) : 0;
}

const noVariables: VariableValues = {};

export function useDashboard(doc: DashboardDoc, fixed?: ReadonlyMap<string, Frame[]>): DashboardState {
  const { view } = doc;
  const address = useAddress();
  const { url, change } = address;
  const { raw: { from, to }, zone, weekStart, delay } = pageTime(view, url);
  const raw = useMemo((): RawRange => ({ from, to }), [from, to]);
  const clock = useCallback(() => Date.now() - delay, [delay]);
  const [begun] = useState(() => (fixed ? undefined : openingOf(view.uid)));
  useEffect(() => settleOpening(begun), [begun]);
  const [now, setNow] = useState(() => begun?.now ?? clock());
  const range = useMemo(() => resolveRange(raw, now, zone, weekStart), [raw, now, zone, weekStart]);
  const refresh = url.refresh ?? view.refresh;

  const [runner] = useState(() => new QueryRunner(fixed, begun));
  const [cursor] = useState(() => new CursorBus(view.graphTooltip));
  useEffect(() => cursor.setMode(view.graphTooltip), [cursor, view.graphTooltip]);
  const [spans] = useState(() => new SpanBus());
  useRunning(runner);

  const sources = useSources().data;
  const client = useQueryClient();
  const [asked, setAsked] = useState(0);
  const variables = useVariables(doc, url.variables, raw, range, zone, `${asked}`);

  const tick = useCallback(async (whole = false): Promise<void> => {
    // The panels hand in their new ranges within this call, so the runner asks once, for the new range.
    flushSync(() => setNow(clock()));
    await runner.refresh(whole);
  }, [runner, clock]);
  const [due] = useState(() => new Due());
  useEffect(() => {
    const ticker = new Ticker(refreshMs(refresh), () => tick(), () => runner.lacking, undefined, due.set);
    return () => ticker.stop();
  }, [refresh, tick, runner, due]);

  const latestRange = useRef(range);
  /** What was chosen and is not drawn yet. */
  const chosen = useRef<{ raw: RawRange; range: TimeRange }>(undefined);
  useLayoutEffect(() => {
    latestRange.current = range;
    const waiting = chosen.current?.raw;
    if (waiting?.from === raw.from && waiting.to === raw.to) chosen.current = undefined;
  });
  const setRange = useCallback((next: RawRange) => {
    const at = clock();
    const { pathname } = location;
    const choice = { raw: next, range: resolveRange(next, at, zone, weekStart) };
    chosen.current = choice;
    spans.move(choice.range);
    // The charts move with what they have; the page, and what it asks, follows.
    afterFrame(() => {
      if (location.pathname !== pathname) {
        if (chosen.current === choice) chosen.current = undefined;
        return;
      }
      // A refresh in between has brought a later moment.
      setNow((now) => Math.max(now, at));
      change({ from: next.from, to: next.to });
    });
  }, [change, clock, spans, zone, weekStart]);
  const moveRange = useCallback((how: (range: TimeRange) => RawRange) => setRange(how(chosen.current?.range ?? latestRange.current)), [setRange]);
  // Back and forward, and whatever else changes the address.
  // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another choice, not the same one a moment later
  useLayoutEffect(() => spans.move(latestRange.current), [spans, raw]);

  const values = variables?.values ?? noVariables;
  const dashboard = useMemo(() => ({ uid: view.uid, title: view.title }), [view.uid, view.title]);
  const context = useMemo((): InterpolationContext => ({ variables: values, range, raw, zone, dashboard, user }), [values, range, raw, zone, dashboard]);

  const offset = url.compare ?? '';
  const compare = useMemo(() => ({ offset, ms: compareMs(offset) }), [offset]);
  const annotations = useAnnotations({ doc, address, raw, range, now, context, sources, variables }, asked);
  const [overlay, setOverlay] = useState<Overlay>();

  const refreshNow = useCallback(() => {
    forgetVariableOptions();
    void client.invalidateQueries({ queryKey: sourcesQuery.queryKey, refetchType: 'none' });
    setAsked((n) => n + 1);
    void tick(true);
  }, [client, tick]);
  // The same object as long as nothing of it changed: what the panels are given decides whether they are drawn anew.
  return useMemo((): DashboardState => ({
    doc, address, raw, range, now, zone, refresh, runner, cursor, spans, variables, context, sources, setRange, moveRange, compare, annotations, overlay, setOverlay, due, refreshNow,
  }), [doc, address, raw, range, now, zone, refresh, runner, cursor, spans, variables, context, sources, setRange, moveRange, compare, annotations, overlay, due, refreshNow]);
}

/** Ends the runner with the page; not where React takes the page down and puts it up again in one go, to see whether it may. */
function useRunning(runner: QueryRunner): void {
  const here = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
      queueMicrotask(() => {
        if (!here.current) runner.destroy();
      });
    };
  }, [runner]);
}

/**
 * Loads the variables again when the address names other values, when a person asks for it, and when another range is chosen
 * where a variable depends on it. A list that came back empty or not at all is asked for again with every tick.
 */
function useVariables(doc: DashboardDoc, fromUrl: Record<string, string[]>, raw: RawRange, range: TimeRange, zone: string, asked: string): LoadedVariables | undefined {
  const { view } = doc;
  const client = useQueryClient();
  const [loaded, setLoaded] = useState<LoadedVariables | undefined>(() => (view.variables.length === 0 ? { values: {}, options: {}, truncated: {}, problems: {} } : undefined));
  const wanted = JSON.stringify([fromUrl, asked]);
  const followsRange = view.variables.some((v) => v.refresh === 2 || v.type === 'interval');
  const lacking = loaded !== undefined && view.variables.some((v) => v.type === 'query' && (loaded.problems[v.name] !== undefined || loaded.options[v.name]?.length === 0));
  const rangeKey = lacking ? `${range.from}-${range.to}` : followsRange ? `${raw.from}-${raw.to}` : '';
  const [opened] = useState(fromUrl);
  const latest = useRef({ range, fromUrl });
  useLayoutEffect(() => {
    latest.current = { range, fromUrl };
  });
  useEffect(() => {
    if (view.variables.length === 0) return undefined;
    const controller = new AbortController();
    void loadVariables({ view, filters: savedFilters(doc.raw), unsaved: unsavedSources(doc.raw, view.variables), ...latest.current, opened, zone, user: boot.user, signal: controller.signal, sources: () => client.fetchQuery(sourcesQuery) }).then((result) => {
      if (controller.signal.aborted) return;
      // Panels must not ask again because the same values came in a new object.
      setLoaded((before) => (before && JSON.stringify(before) === JSON.stringify(result) ? before : result));
    }).catch((error: unknown) => {
      if (controller.signal.aborted) return;
      const message = wordsOf(error);
      setLoaded((before) => before ?? { values: {}, options: {}, truncated: {}, problems: Object.fromEntries(view.variables.map((v) => [v.name, message])) });
    });
    return () => controller.abort();
    // oxlint-disable-next-line react/exhaustive-deps -- `wanted` and `rangeKey` stand for what the ref holds
  }, [view, wanted, rangeKey, zone, client]);
  return loaded;
}
