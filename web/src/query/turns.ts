/** Turns of the main thread: long work gives way between its pieces, so that the page paints and answers meanwhile. */

interface Scheduler {
  postTask?: (run: () => void, options: { priority: 'user-visible' | 'background'; signal?: AbortSignal }) => Promise<unknown>;
}
const scheduler = (): Scheduler => (globalThis as { scheduler?: Scheduler }).scheduler ?? {};

/** Runs in a turn of its own, after what waits already. */
export function defer(run: () => void): void {
  const { postTask } = scheduler();
  if (postTask) void postTask.call(scheduler(), run, { priority: 'user-visible' });
  else setTimeout(run, 0);
}

/** Runs when nothing more urgent waits; answers what calls it off. */
export function whenIdle(run: () => void): () => void {
  const { postTask } = scheduler();
  if (!postTask) {
    const id = setTimeout(run, 0);
    return () => clearTimeout(id);
  }
  const controller = new AbortController();
  // Called off, the task rejects, and nobody needs to hear of it.
  postTask.call(scheduler(), run, { priority: 'background', signal: controller.signal }).catch(() => undefined);
  return () => controller.abort();
}

/** Where frames come seldom, nobody waits for the next one longer than this. */
const frameWaitMs = 100;

/** Runs when the next frame is painted; at once where nobody sees one. */
export function afterFrame(run: () => void): void {
  if (document.hidden) {
    run();
    return;
  }
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    run();
  };
  requestAnimationFrame(() => defer(once));
  setTimeout(once, frameWaitMs);
}

/** Counts how long a piece of work has had the thread. */
export class Turn {
  private end = 0;

  constructor(private readonly ms: number) {}

  /** Work begins anew, in a turn that somebody else began. */
  start(): void {
    this.end = performance.now() + this.ms;
  }

  /** Lets what was set off meanwhile happen (React draws in a microtask); when the time is used up, another turn goes on. */
  async pause(): Promise<void> {
    await Promise.resolve();
    if (performance.now() < this.end) return;
    await new Promise<void>((resolve) => { defer(resolve); });
    this.start();
  }
}
