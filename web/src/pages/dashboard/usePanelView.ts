/** Keeps a plug-in's view mounted in its element and hands it every new input, through the queue of drawing. */
import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { cancelDraw, scheduleDraw } from '../../panels/draw';
import type { PanelContext, PanelInput, PanelModule, PanelPlugin, PanelView } from '../../panels/types';

/** Answers the loaded module, and the function that walks the panel's points by keys. */
export function usePanelView(host: RefObject<HTMLElement | null>, plugin: PanelPlugin, input: PanelInput | undefined, context: PanelContext): { module: PanelModule | undefined; walk: (points: number, series: number) => string | undefined } {
  const [module, setModule] = useState<PanelModule>();
  const view = useRef<PanelView | undefined>(undefined);
  const latest = useRef({ context, input });
  useLayoutEffect(() => {
    latest.current = { context, input };
  });
  useEffect(() => {
    let current = true;
    void plugin.load().then((loaded) => {
      if (current) setModule(() => loaded);
    });
    return () => {
      current = false;
    };
  }, [plugin]);
  const shown = input !== undefined;
  useLayoutEffect(() => {
    if (!shown || !module) return undefined;
    return () => {
      cancelDraw(view);
      view.current?.destroy();
      view.current = undefined;
    };
  }, [module, shown]);
  useLayoutEffect(() => {
    if (!input || !module) return;
    scheduleDraw(view, () => {
      const element = host.current;
      const now = latest.current.input;
      if (!element || !now) return;
      view.current ??= module.mount(element, {
        cursor: latest.current.context.cursor,
        onRange: (from, to) => latest.current.context.onRange(from, to),
        onZoomOut: () => latest.current.context.onZoomOut(),
        // Whether a person may annotate does not change while the page is open.
        onAnnotate: latest.current.context.onAnnotate ? (from, to) => latest.current.context.onAnnotate?.(from, to) : undefined,
        onMarks: (marks) => latest.current.context.onMarks?.(marks),
      });
      view.current.update(now);
      element.setAttribute('aria-label', module.describe(now.frames, now.options));
    });
  }, [host, input, module]);
  return { module, walk: (points, series) => view.current?.walk?.(points, series) };
}
