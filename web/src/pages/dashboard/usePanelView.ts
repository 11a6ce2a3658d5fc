/** Keeps a plug-in's view mounted in its element and hands it every new input. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react';
import type { PanelContext, PanelInput, PanelModule, PanelPlugin, PanelView } from '../../panels/types';

export interface MountedPanel {
  /** The text alternative of what is drawn. */
  description: string | undefined;
  walk: (points: number, series: number) => string | undefined;
}

export function usePanelView(host: RefObject<HTMLElement | null>, plugin: PanelPlugin, input: PanelInput | undefined, context: PanelContext): MountedPanel {
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
  const drawn = input !== undefined && module !== undefined;
  useLayoutEffect(() => {
    const element = host.current;
    if (!drawn || !element || !module) return undefined;
    const made = module.mount(element, {
      cursor: latest.current.context.cursor,
      onRange: (from, to) => latest.current.context.onRange(from, to),
      onZoomOut: () => latest.current.context.onZoomOut(),
    });
    view.current = made;
    return () => {
      view.current = undefined;
      made.destroy();
    };
  }, [host, module, drawn]);
  // After the mounting above, in the same turn: a fresh view gets its input here too, because `drawn` has just changed.
  useLayoutEffect(() => {
    if (drawn && input) view.current?.update(input);
  }, [input, drawn]);
  const description = useMemo(() => (module && input ? module.describe(input.frames, input.options) : undefined), [module, input]);
  return { description, walk: (points, series) => view.current?.walk?.(points, series) };
}
