/** Watches where a panel stands: in sight it asks, near it draws, far away its canvas is given back; and how much room it has. */
import { useEffect, useLayoutEffect, useState, type RefObject } from 'react';
import type { QueryRunner } from '../../query/runner';

interface Place {
  size: { width: number; height: number } | undefined;
  /** Within two windows' height of what is seen. */
  near: boolean;
}

/** The room inside; the same object as long as it is the same. */
function roomOf(body: HTMLElement, before: Place['size']): Place['size'] {
  const { clientWidth: width, clientHeight: height } = body;
  return before?.width === width && before.height === height ? before : { width, height };
}

/** `first` says that the panel stands in sight for all one knows: it asks before the browser has looked. */
export function useInSight(section: RefObject<HTMLElement | null>, host: RefObject<HTMLElement | null>, runner: QueryRunner, key: string, first: boolean): Place {
  const [size, setSize] = useState<Place['size']>();
  const [near, setNear] = useState(first);
  useLayoutEffect(() => {
    const body = host.current;
    if (!first || !body) return;
    // oxlint-disable-next-line react/set-state-in-effect -- how much room there is, is known once the panel stands
    setSize((before) => roomOf(body, before));
    runner.setVisible(key, true);
    runner.setVisible(`${key}~earlier`, true);
  }, [host, runner, key, first]);
  useEffect(() => {
    const element = section.current;
    const body = host.current;
    if (!element || !body) return undefined;
    const seen = (on: boolean): void => {
      runner.setVisible(key, on);
      runner.setVisible(`${key}~earlier`, on);
    };
    // The page scrolls in an element of its own: margins count around that, not around the window.
    const root = element.closest('.dashboard-scroll');
    const inSight = new IntersectionObserver((entries) => seen(entries.at(-1)?.isIntersecting ?? false), { root, rootMargin: '300px' });
    const nearby = new IntersectionObserver((entries) => setNear(entries.at(-1)?.isIntersecting ?? false), { root, rootMargin: '200% 0px' });
    inSight.observe(element);
    nearby.observe(element);
    const measure = new ResizeObserver(() => setSize((before) => roomOf(body, before)));
    measure.observe(body);
    return () => {
      inSight.disconnect();
      nearby.disconnect();
      measure.disconnect();
      seen(false);
    };
  }, [section, host, runner, key]);
  return { size, near };
}
