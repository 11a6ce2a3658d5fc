/** Lines of tabs that scroll where they do not fit: the one that is open is always in sight. */
import { useLayoutEffect, useRef, type RefObject } from 'react';

/** For the element around the tabs; `open` is whatever changes when another one opens. */
export function useCurrentInSight<E extends HTMLElement>(open: unknown): RefObject<E | null> {
  const line = useRef<E>(null);
  useLayoutEffect(() => {
    const tab = line.current?.querySelector<HTMLElement>('[aria-current="page"], [aria-selected="true"]');
    if (!tab || !line.current || line.current.scrollWidth <= line.current.clientWidth) return;
    // Not scrollIntoView: that moves the page around the line as well.
    line.current.scrollLeft = tab.offsetLeft - (line.current.clientWidth - tab.offsetWidth) / 2;
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another tab is open
  }, [open]);
  return line;
}
