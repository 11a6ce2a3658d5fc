/** Frames of the browser that a test paints by itself. */
import { afterEach, beforeEach, vi } from 'vitest';

interface Frames {
  /** Paints one: what waits for it runs, what asks meanwhile waits for the next. */
  frame: () => void;
  waiting: () => number;
}

/** Puts the test in the browser's place for every test of the file. */
export function paintByHand(): Frames {
  let due: (() => void)[] = [];
  beforeEach(() => {
    due = [];
    vi.stubGlobal('requestAnimationFrame', (run: () => void) => due.push(run));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  return {
    frame: () => {
      const now = due;
      due = [];
      for (const run of now) run();
    },
    waiting: () => due.length,
  };
}
