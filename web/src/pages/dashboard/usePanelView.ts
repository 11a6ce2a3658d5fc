/** Keeps a plug-in's view mounted in its element and hands it every new input, through the queue of drawing. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react';
import type { TimeRange } from '../../model/time/range';
import { cancelDraw, scheduleDraw } from '../../panels/draw';
import type { PanelContext, PanelInput, PanelModule, PanelPlugin, PanelView } from '../../panels/types';
import { report } from '../../ui/report';

interface PanelFailure {
  /** Its code could not be loaded, or drawing threw. */
  kind: 'load' | 'draw';
  error: unknown;
}
interface MountedPanel {
  /** Undefined until its code is there. */
  module: PanelModule | undefined;
  /** Walks the panel's points by keys; answers what stands there. */
  walk: (points: number, series: number) => string | undefined;
  /** Shows another stretch of time with what is drawn already. */
  rescale: (range: TimeRange) => void;
  failure: PanelFailure | undefined;
  retry: () => void;
}

/** The plug-in's code; a failure stays until `retry`. */
function useModule(plugin: PanelPlugin): { module: PanelModule | undefined; error: { cause: unknown } | undefined; retry: () => void } {
  const [loaded, setLoaded] = useState<{ plugin: PanelPlugin; module: PanelModule }>();
  const [failed, setFailed] = useState<{ plugin: PanelPlugin; cause: unknown }>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    plugin.load().then((module) => {
      if (current) setLoaded({ plugin, module });
    }, (cause: unknown) => {
      report(`the code of ${plugin.type} panels could not be loaded`, cause);
      if (current) setFailed({ plugin, cause });
    });
    return () => {
      current = false;
    };
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- `attempt` asks again
  }, [plugin, attempt]);
  const retry = useCallback(() => {
    setFailed(undefined);
    setAttempt((n) => n + 1);
  }, []);
  // What belongs to the type the panel had before says nothing about this one.
  return { module: loaded?.plugin === plugin ? loaded.module : undefined, error: failed?.plugin === plugin ? failed : undefined, retry };
}

/** Whether only the stretch of time differs. */
export function movesOnly(before: PanelInput | undefined, now: PanelInput): boolean {
  return before !== undefined && (Object.keys(now) as (keyof PanelInput)[]).every((key) => key === 'range' || before[key] === now[key]);
}

export function usePanelView(host: RefObject<HTMLElement | null>, plugin: PanelPlugin, input: PanelInput | undefined, context: PanelContext): MountedPanel {
  const { module, error, retry: reload } = useModule(plugin);
  const [broken, setBroken] = useState<{ cause: unknown }>();
  const [attempt, setAttempt] = useState(0);
  const view = useRef<PanelView | undefined>(undefined);
  const latest = useRef({ context, input });
  useLayoutEffect(() => {
    latest.current = { context, input };
  });
  const drawn = useRef<PanelInput>(undefined);
  const fail = useCallback((cause: unknown) => {
    // The next data may be drawable again: it finds an empty element.
    report(`a ${plugin.type} panel could not be drawn`, cause);
    takeDown(view, host.current);
    setBroken({ cause });
  }, [plugin, host]);
  const rescale = useCallback((range: TimeRange) => {
    try {
      view.current?.rescale?.(range);
    } catch (cause) {
      fail(cause);
    }
  }, [fail]);
  const shown = input !== undefined;
  useLayoutEffect(() => {
    if (!shown || !module) return undefined;
    const element = host.current;
    return () => {
      cancelDraw(view);
      takeDown(view, element);
    };
  }, [host, module, shown]);
  useLayoutEffect(() => {
    if (!input || !module) return;
    scheduleDraw(view, () => {
      const element = host.current;
      const now = latest.current.input;
      if (!element || !now) return;
      // What is there already only moves.
      if (view.current?.rescale && movesOnly(drawn.current, now)) {
        drawn.current = now;
        rescale(now.range);
        return;
      }
      drawn.current = now;
      try {
        view.current ??= module.mount(element, {
          cursor: latest.current.context.cursor,
          onRange: (from, to) => latest.current.context.onRange(from, to),
          onZoomOut: () => latest.current.context.onZoomOut(),
          // Whether a person may annotate does not change while the page is open.
          onAnnotate: latest.current.context.onAnnotate ? (from, to) => latest.current.context.onAnnotate?.(from, to) : undefined,
          onMarks: (marks) => latest.current.context.onMarks?.(marks),
          // Not from within what failed: the engine may be in the middle of its work.
          onFailure: (cause) => queueMicrotask(() => {
            if (view.current) fail(cause);
          }),
        });
        view.current.update(now);
        element.setAttribute('aria-label', module.describe(now.frames, now.options));
        setBroken(undefined);
      } catch (cause) {
        fail(cause);
      }
    });
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- `attempt` draws again
  }, [host, input, module, attempt, fail, rescale]);
  const retry = useCallback(() => {
    reload();
    setBroken(undefined);
    setAttempt((n) => n + 1);
  }, [reload]);
  const failure = useMemo((): PanelFailure | undefined => (error && !module ? { kind: 'load', error: error.cause } : broken && shown ? { kind: 'draw', error: broken.cause } : undefined), [error, module, broken, shown]);
  return { module, walk: (points, series) => view.current?.walk?.(points, series), rescale, failure, retry };
}

/** Ends a view; one that is broken may fail at that, too, and must not take the page with it. */
function takeDown(view: { current: PanelView | undefined }, element: HTMLElement | null): void {
  const gone = view.current;
  view.current = undefined;
  try {
    gone?.destroy();
  } catch (error) {
    report('a panel could not be taken down', error);
    element?.replaceChildren();
  }
}
