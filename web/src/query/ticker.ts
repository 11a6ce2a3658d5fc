/** The refresh clock: the next tick starts an interval after the last one ended; a hidden tab waits, and fires at once on return. */

export interface TickerHost {
  hidden: () => boolean;
  onVisibility: (listener: () => void) => () => void;
  after: (ms: number, run: () => void) => () => void;
}

const browserHost: TickerHost = {
  hidden: () => document.hidden,
  onVisibility: (listener) => {
    document.addEventListener('visibilitychange', listener);
    return () => document.removeEventListener('visibilitychange', listener);
  },
  after: (ms, run) => {
    const id = setTimeout(run, ms);
    return () => clearTimeout(id);
  },
};

/** Right after a server's start some panels have nothing to show yet: look again this soon, this often at the most. */
const EAGER_MS = 1000;
const EAGER_TICKS = 8;

export class Ticker {
  private eagerTicks = EAGER_TICKS;
  private cancel: (() => void) | undefined;
  private missed = false;
  private running = false;
  private stopped = false;
  private readonly unlisten: () => void;

  /** `intervalMs` 0 means off. `tick` resolves when its work is done. `lacking` says that something in sight is still empty. */
  constructor(
    private readonly intervalMs: number,
    private readonly tick: () => Promise<void>,
    private readonly lacking: () => boolean = () => false,
    private readonly host: TickerHost = browserHost,
    /** Hears when the next tick is due (Unix ms); undefined while one runs and when the clock is off. */
    private readonly onNext: (at: number | undefined) => void = () => undefined,
  ) {
    this.unlisten = host.onVisibility(() => {
      if (!host.hidden() && this.missed) {
        this.missed = false;
        void this.fire();
      }
    });
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
    this.unlisten();
    this.onNext(undefined);
  }

  private schedule(): void {
    if (this.eagerTicks > 0 && this.intervalMs > EAGER_MS) {
      this.onNext(Date.now() + this.intervalMs);
      this.wait(EAGER_MS, () => {
        this.eagerTicks = this.lacking() ? this.eagerTicks - 1 : 0;
        if (this.eagerTicks > 0) void this.fire();
        else this.wait(this.intervalMs - EAGER_MS, () => void this.fire());
      });
    } else {
      if (this.intervalMs > 0) this.onNext(Date.now() + this.intervalMs);
      this.wait(this.intervalMs, () => void this.fire());
    }
  }

  private wait(ms: number, then: () => void): void {
    if (this.stopped || this.intervalMs <= 0) return;
    this.cancel?.();
    this.cancel = this.host.after(ms, () => {
      if (this.host.hidden()) this.missed = true;
      else then();
    });
  }

  private async fire(): Promise<void> {
    if (this.running || this.stopped) return;
    this.running = true;
    this.onNext(undefined);
    try {
      await this.tick();
    } finally {
      this.running = false;
      this.schedule();
    }
  }
}
