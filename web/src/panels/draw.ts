/** The queue of drawing: a few milliseconds of it at a time, so that a page of many panels never stops answering. */
import { defer } from '../query/turns';
import { report } from '../ui/report';

/** How long one turn may draw; leaves half a frame for everything else. */
const turnMs = 8;
const jobs = new Map<object, () => void>();
let queued = false;

/** How long the first drawing waits for the font of the axes; without it the texts would be measured in another one. */
const fontWaitMs = 250;
let fontSettled: Promise<unknown> | undefined;
const settleFont = (): Promise<unknown> => (fontSettled ??= Promise.race([
  document.fonts.load("12px 'Atkinson Hyperlegible Next'").catch(() => undefined),
  new Promise((resolve) => { setTimeout(resolve, fontWaitMs); }),
]));

function turn(): void {
  const end = performance.now() + turnMs;
  for (const [key, job] of jobs) {
    jobs.delete(key);
    try {
      job();
    } catch (error) {
      // One picture that fails must not keep the others from being drawn.
      report('drawing failed', error);
    }
    if (performance.now() >= end) break;
  }
  queued = jobs.size > 0;
  if (queued) defer(turn);
}

/** Runs the job soon; a later job of the same key replaces it. */
export function scheduleDraw(key: object, job: () => void): void {
  jobs.set(key, job);
  if (queued) return;
  queued = true;
  void settleFont().then(() => defer(turn));
}

export function cancelDraw(key: object): void {
  jobs.delete(key);
}
