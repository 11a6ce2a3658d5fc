/** The cursor all charts of a page share: a moment in Unix ms, told to everyone at most once per frame. */
export interface CursorEvent {
  /** Null: the pointer left. */
  t: number | null;
  /** Who moved it, so that a chart does not follow itself. */
  source: object;
}

export class CursorBus {
  private readonly listeners = new Set<(event: CursorEvent) => void>();
  private next: CursorEvent | undefined;
  private frame = 0;

  /** 0: charts do not share; 1: the crosshair; 2: crosshair and tooltip. */
  constructor(readonly mode: 0 | 1 | 2) {}

  subscribe(listener: (event: CursorEvent) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  move(event: CursorEvent): void {
    if (this.mode === 0) return;
    this.next = event;
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const latest = this.next;
      if (latest) for (const listener of this.listeners) listener(latest);
    });
  }
}
