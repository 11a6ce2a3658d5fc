/** A query that was begun before the page asked: its lines wait until the panels they are for take them over. */
import { streamQuery, type QueryLine } from '../api/query';
import { wirePanel, type PanelRequest } from './runner';

/** How far the points asked for may lie from what the panel wants, now that it knows its width; a step of the width's rounding. */
const pointsNear = 50;

/** Whether the answer to one request serves the other. */
export const serves = (begun: PanelRequest, wanted: PanelRequest): boolean => Math.abs(begun.maxDataPoints - wanted.maxDataPoints) <= pointsNear
  && JSON.stringify({ ...begun, maxDataPoints: 0 }) === JSON.stringify({ ...wanted, maxDataPoints: 0 });

export class BegunQuery {
  private readonly controller = new AbortController();
  private readonly lines: QueryLine[] = [];
  private state: { ended: boolean; error?: unknown } = { ended: false };
  private wake: (() => void) | undefined;

  /** Sends the requests, which are of one range, at once. */
  constructor(private readonly requests: ReadonlyMap<string, PanelRequest>) {
    const [first] = requests.values();
    if (!first) {
      this.state = { ended: true };
      return;
    }
    streamQuery({ range: first.range, panels: [...requests].map(([id, r]) => wirePanel(id, r, undefined)) }, this.controller.signal, (line) => {
      this.lines.push(line);
      this.wake?.();
    }).then(() => this.end({ ended: true }), (error: unknown) => this.end({ ended: true, error }));
  }

  serves(id: string, wanted: PanelRequest): boolean {
    const begun = this.requests.get(id);
    return begun !== undefined && serves(begun, wanted);
  }

  /** Nobody wants the answer: the server stops, too. */
  drop(): void {
    this.controller.abort();
  }

  /** Hands out the lines as `streamQuery` does: those that are there, then the others as they come. */
  async read(signal: AbortSignal, onLine: (line: QueryLine) => void | Promise<void>): Promise<void> {
    const drop = (): void => this.drop();
    signal.addEventListener('abort', drop);
    if (signal.aborted) drop();
    try {
      for (;;) {
        const line = this.lines.shift();
        if (line) {
          const pause = onLine(line);
          if (pause) await pause;
        } else if (this.state.ended) {
          if (this.state.error !== undefined) throw this.state.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', drop);
    }
  }

  private end(state: { ended: boolean; error?: unknown }): void {
    this.state = state;
    this.wake?.();
  }
}
