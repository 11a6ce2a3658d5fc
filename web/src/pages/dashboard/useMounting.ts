/** Brings the panels onto the page: those in sight first, the others a few at a time, when the first ones have their data. */
import { startTransition, useEffect, useMemo, useRef, useState } from 'react';
import type { Section } from '../../model/dashboard/layout';
import { firstScreen, onPage, readingOrder } from '../../model/dashboard/mounting';
import type { QueryRunner } from '../../query/runner';
import { defer, whenIdle } from '../../query/turns';

/** How long the rest of the first screen waits for the first picture at most. */
const firstMs = 60;
/** How long the others wait for the first ones' data at most; after that none waits any more. */
const patienceMs = 400;
const none: ReadonlySet<string> = new Set();

export interface Mounting {
  /** Keys of the panels that are on the page. */
  there: ReadonlySet<string>;
  /** Those that stand in sight from the start. */
  first: ReadonlySet<string>;
}

export function useMounting(sections: readonly Section[], runner: QueryRunner): Mounting {
  const order = useMemo(() => readingOrder(sections), [sections]);
  const [first] = useState(() => firstScreen(order, innerHeight));
  const [grown, setGrown] = useState(none);
  const [asked] = useState(() => runner.hasBegun);
  const { there, urgent } = useMemo(() => onPage(order, first, grown, asked), [order, grown, first, asked]);
  const done = there.size === grown.size;
  const waited = useRef(false);
  useEffect(() => {
    if (done) return undefined;
    let stop: (() => void) | undefined;
    let over = false;
    const grow = (): void => startTransition(() => setGrown(there));
    const go = (): void => {
      if (over) return;
      over = true;
      waited.current = true;
      stop = whenIdle(grow);
    };
    if (urgent) {
      // The first picture comes before the panels beside it: it is in the queue of drawing one turn after its data.
      const soon = (): void => defer(() => defer(() => {
        if (over) return;
        over = true;
        grow();
      }));
      const timer = setTimeout(soon, firstMs);
      void runner.answered.then(soon);
      return () => {
        over = true;
        clearTimeout(timer);
      };
    }
    const timer = setTimeout(go, waited.current ? 0 : patienceMs);
    void runner.idle().then(go);
    return () => {
      over = true;
      clearTimeout(timer);
      stop?.();
    };
  }, [done, there, urgent, runner]);
  return { there, first };
}
