/** Brings the panels onto the page: those in sight at once, the others a few at a time, when the first ones have their data. */
import { startTransition, useEffect, useMemo, useRef, useState } from 'react';
import type { Section } from '../../model/dashboard/layout';
import { firstScreen, onPage, readingOrder } from '../../model/dashboard/mounting';
import type { QueryRunner } from '../../query/runner';
import { whenIdle } from '../../query/turns';

/** Panels of one step: together they take less than a frame. */
const step = 6;
/** How long the others wait for the first ones' data at most; after that none waits any more. */
const patienceMs = 400;
const none: ReadonlySet<string> = new Set();

export interface Mounting {
  /** Keys of the panels that are on the page. */
  there: ReadonlySet<string>;
  /** Those of them that stood in sight from the start. */
  first: ReadonlySet<string>;
}

export function useMounting(sections: readonly Section[], runner: QueryRunner): Mounting {
  const order = useMemo(() => readingOrder(sections), [sections]);
  const [first] = useState(() => firstScreen(order, innerHeight));
  const [grown, setGrown] = useState(none);
  const there = useMemo(() => onPage(order, first, grown, step), [order, grown, first]);
  const done = there.size === grown.size;
  const waited = useRef(false);
  useEffect(() => {
    if (done) return undefined;
    let stop: (() => void) | undefined;
    let over = false;
    const go = (): void => {
      if (over) return;
      over = true;
      waited.current = true;
      stop = whenIdle(() => startTransition(() => setGrown(there)));
    };
    const timer = setTimeout(go, waited.current ? 0 : patienceMs);
    void runner.idle().then(go);
    return () => {
      over = true;
      clearTimeout(timer);
      stop?.();
    };
  }, [done, there, runner]);
  return { there, first };
}
