/** What can wait: its code is asked for when the first panel has its data and nothing more urgent is to be done. */
import { Suspense, useEffect, useState, type ReactNode } from 'react';
import type { QueryRunner } from '../../query/runner';
import { whenIdle } from '../../query/turns';

/** How long it waits for the data at most: a page of texts has none. */
const patienceMs = 400;

export function Later({ runner, children }: { runner: QueryRunner; children: ReactNode }) {
  const [come, setCome] = useState(false);
  useEffect(() => {
    let stop: (() => void) | undefined;
    const go = (): void => {
      stop ??= whenIdle(() => setCome(true));
    };
    const timer = setTimeout(go, patienceMs);
    let gone = false;
    void runner.answered.then(() => {
      if (!gone) go();
    });
    return () => {
      gone = true;
      clearTimeout(timer);
      stop?.();
    };
  }, [runner]);
  return come ? <Suspense fallback={null}>{children}</Suspense> : null;
}
