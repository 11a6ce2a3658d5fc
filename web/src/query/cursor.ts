/** The cursor all charts of a page share: a moment in Unix ms, told to everyone at most once per frame. */
export interface CursorEvent {
  /** Null: the pointer left. */
  t: number | null;
  /** Who moved it, so that a chart does not follow itself. */
  source: object;
}

/** 0: charts do not share; 1: the crosshair; 2: crosshair and tooltip. */
type CursorMode = 0 | 1 | 2;

export class CursorBus {
  private readonly listeners = new Set<(event: CursorEvent) => void>();
  private next: CursorEvent | undefined;
  private frame = 0;
  /** Who has the pointer, and the cursor with it. */
  private owner: object | undefined;

  constructor(private shared: CursorMode) {}

  get mode(): CursorMode {
    return this.shared;
  }

  /** Shares in another way from now on; a cursor that is no longer shared leaves the other charts. */
  setMode(mode: CursorMode): void {
    if (mode === this.shared) return;
    if (mode === 0 && this.owner) this.move({ t: null, source: this.owner });
    this.shared = mode;
  }

  /** `source` is who listens, when it also moves the cursor: going away, it takes the cursor with it. */
  subscribe(listener: (event: CursorEvent) => void, source?: object): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (source !== undefined && this.owner === source) this.move({ t: null, source });
    };
  }

  move(event: CursorEvent): void {
    if (this.shared === 0) return;
    // One chart may hear that the pointer left it after another has it already.
    if (event.t === null && this.owner !== event.source) return;
    this.owner = event.t === null ? undefined : event.source;
    this.next = event;
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const latest = this.next;
      if (latest) for (const listener of this.listeners) listener(latest);
    });
  }
}
