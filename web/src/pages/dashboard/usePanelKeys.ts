/** Keys that act on the panel that has the focus or, without one, the pointer. */
import { useEffect, useLayoutEffect, useMemo, useRef, type RefObject } from 'react';
import type { Table } from '../../model/table';
import { useShortcuts } from '../../ui/keys';

export interface PanelActions {
  onView: () => void;
  onTable: () => void;
  onInspect: () => void;
  onShare: () => void;
  onExplore: () => void;
  table: () => Table;
  /** Set where the dashboard may be edited. */
  edit?: PanelEdits | undefined;
}

/** What a person may do to a panel of a dashboard that can be edited. */
export interface PanelEdits {
  open: () => void;
  duplicate: () => void;
  copy: () => void;
  remove: () => void;
  putIntoLibrary: () => void;
  /** Which dashboards show the library's panel too. */
  libraryUses: () => void;
  unlink: () => void;
}

/** The same actions in one object that never changes, so that what takes it need not be drawn again. */
export function useStableActions(actions: PanelActions): PanelActions {
  const latest = useRef(actions);
  useLayoutEffect(() => {
    latest.current = actions;
  });
  return useMemo(() => ({
    onView: () => latest.current.onView(), onTable: () => latest.current.onTable(), onInspect: () => latest.current.onInspect(),
    onShare: () => latest.current.onShare(), onExplore: () => latest.current.onExplore(), table: () => latest.current.table(),
    get edit() {
      return latest.current.edit;
    },
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
    { keys: 'e', label: 'Edit the panel', group: 'Panel', run: () => target()?.edit?.open() },
    { keys: 'p d', label: 'Duplicate the panel', group: 'Panel', run: () => target()?.edit?.duplicate() },
    { keys: 'p c', label: 'Copy the panel', group: 'Panel', run: () => target()?.edit?.copy() },
    { keys: 'p r', label: 'Remove the panel', group: 'Panel', run: () => target()?.edit?.remove() },
    { keys: 'p s', label: 'Share the panel', group: 'Panel', run: () => target()?.onShare() },
    { keys: 'x', label: 'Open the panel’s queries in Explore', group: 'Panel', run: () => target()?.onExplore() },
  ]);
}
