/** Watches where a panel stands: in sight it asks, near it draws, far away its canvas is given back; and how much room it has. */
import { useEffect, useState, type RefObject } from 'react';
import type { QueryRunner } from '../../query/runner';

interface Place {
  size: { width: number; height: number } | undefined;
  /** Within two windows' height of what is seen. */
  near: boolean;
}

export function useInSight(section: RefObject<HTMLElement | null>, host: RefObject<HTMLElement | null>, runner: QueryRunner, key: string): Place {
  const [size, setSize] = useState<Place['size']>();
  const [near, setNear] = useState(false);
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
    const measure = new ResizeObserver(() => {
      const next = { width: body.clientWidth, height: body.clientHeight };
      setSize((before) => (before?.width === next.width && before.height === next.height ? before : next));
    });
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
