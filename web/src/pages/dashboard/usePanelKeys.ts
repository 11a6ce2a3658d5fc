/** Keys that act on the panel that has the focus or, without one, the pointer. */
import { useEffect, useLayoutEffect, useMemo, useRef, type RefObject } from 'react';
import type { Table } from '../../model/table';
import { useShortcuts } from '../../ui/keys';

export interface PanelActions {
  onView: () => void;
  onTable: () => void;
  onInspect: () => void;
  table: () => Table;
}

/** The same actions in one object that never changes, so that what takes it need not be drawn again. */
export function useStableActions(actions: PanelActions): PanelActions {
  const latest = useRef(actions);
  useLayoutEffect(() => {
    latest.current = actions;
  });
  return useMemo(() => ({
    onView: () => latest.current.onView(), onTable: () => latest.current.onTable(), onInspect: () => latest.current.onInspect(), table: () => latest.current.table(),
  }), []);
}

/** Panels by element: the page's shortcuts look up which panel is meant. */
const panels = new Map<Element, PanelActions>();

function target(): PanelActions | undefined {
  const element = document.activeElement?.closest('section.panel') ?? document.querySelector('section.panel:hover');
  return element ? panels.get(element) : undefined;
}

/** Makes a panel reachable by the keys. */
export function usePanelActions(section: RefObject<HTMLElement | null>, actions: PanelActions): void {
  useEffect(() => {
    const element = section.current;
    if (!element) return undefined;
    panels.set(element, actions);
    return () => {
      panels.delete(element);
    };
  });
}

/** The keys themselves; used once a page. */
export function usePanelKeys(): void {
  useShortcuts([
    { keys: 'v', label: 'View the panel alone', group: 'Panel', run: () => target()?.onView() },
    { keys: 't', label: 'Show the table behind the panel', group: 'Panel', run: () => target()?.onTable() },
    { keys: 'i', label: 'Inspect the panel’s data and queries', group: 'Panel', run: () => target()?.onInspect() },
  ]);
}
