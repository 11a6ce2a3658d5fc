/** A query that was begun before the page asked: its lines wait until the panels they are for take them over. */
import { streamQuery, type QueryLine } from '../api/query';
import { wirePanel, type PanelRequest } from './runner';

/** How far the points asked for may lie from what the panel wants, now that it knows its width; a step of the width's rounding. */
const pointsNear = 50;

/** Whether the answer to one request serves the other. */
export const serves = (begun: PanelRequest, wanted: PanelRequest): boolean => Math.abs(begun.maxDataPoints - wanted.maxDataPoints) <= pointsNear
  && JSON.stringify({ ...begun, maxDataPoints: 0 }) === JSON.stringify({ ...wanted, maxDataPoints: 0 });

/** What is asked for a page that is not there yet. */
export interface Begun {
  /** Undefined as long as what the panels ask is not known; it may come while the page is drawn. */
  query: BegunQuery | undefined;
  /** It is for all panels in sight that ask over the page's range. */
  whole: boolean;
  /** The page has asked by itself, or there is none: nothing more is to be sent for it. */
  over: boolean;
}

/** Panels come onto the page one after the other: each takes its own lines, and those of the others wait for them. */
export class BegunQuery {
  private readonly controller = new AbortController();
  private lines: QueryLine[] = [];
  private state: { ended: boolean; error?: unknown } = { ended: false };
  private readonly wakes = new Set<() => void>();
  private readonly untaken: Map<string, PanelRequest>;

  /** Sends the requests, which are of one range, at once. */
  constructor(requests: ReadonlyMap<string, PanelRequest>) {
    this.untaken = new Map(requests);
    const [first] = requests.values();
    if (!first) {
      this.state = { ended: true };
      return;
    }
    streamQuery({ range: first.range, panels: [...requests].map(([id, r]) => wirePanel(id, r, undefined)) }, this.controller.signal, (line) => {
      this.lines.push(line);
      this.wake();
    }).then(() => this.end({ ended: true }), (error: unknown) => this.end({ ended: true, error }));
  }

  /** Whether the answer is what the panel wants; a panel that has it does not get it again. */
  take(id: string, wanted: PanelRequest): boolean {
    const begun = this.untaken.get(id);
    if (!begun || !serves(begun, wanted)) return false;
    this.untaken.delete(id);
    return true;
  }

  /** Somebody may still want a part of it. */
  get open(): boolean {
    return this.untaken.size > 0;
  }

  /** Nobody takes any more of it; when nobody reads either, the server stops, too. */
  close(): void {
    this.untaken.clear();
    if (this.wakes.size === 0) this.controller.abort();
  }

  /** Hands out the lines of these panels as `streamQuery` does: those that are there, then the others as they come. */
  async read(ids: ReadonlySet<string>, signal: AbortSignal, onLine: (line: QueryLine) => void | Promise<void>): Promise<void> {
    let wake = (): void => undefined;
    const woken = (): void => wake();
    this.wakes.add(woken);
    signal.addEventListener('abort', woken);
    try {
      for (;;) {
        signal.throwIfAborted();
        const at = this.lines.findIndex((line) => 'id' in line && ids.has(line.id));
        const line = this.lines[at];
        if (line) {
          this.lines.splice(at, 1);
          const pause = onLine(line);
          if (pause) await pause;
        } else if (this.state.ended) {
          if (this.state.error !== undefined) throw this.state.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', woken);
      this.wakes.delete(woken);
      if (this.wakes.size === 0 && !this.open) this.controller.abort();
    }
  }

  private end(state: { ended: boolean; error?: unknown }): void {
    this.state = state;
    this.wake();
  }

  private wake(): void {
    for (const wake of this.wakes) wake();
  }
}
