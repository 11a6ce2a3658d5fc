/** A stretch of time that a person has just chosen, shown by all charts of a page with what they have, before anything is asked. */
import type { TimeRange } from '../model/time/range';

interface Chart {
  show: (range: TimeRange) => void;
  /** In sight: it comes before the others. */
  seen: () => boolean;
}

export class SpanBus {
  private readonly charts = new Set<Chart>();
  private range: TimeRange | undefined;
  private waiting: Chart[] = [];
  private frame = 0;

  /** `frameMs` is what the charts may take of one frame; those that find no room in it come with the next. */
  constructor(private readonly frameMs = 14) {}

  subscribe(show: Chart['show'], seen: Chart['seen']): () => void {
    const chart = { show, seen };
    this.charts.add(chart);
    return () => {
      this.charts.delete(chart);
    };
  }

  /** Shows a stretch from the next frame on. */
  move(range: TimeRange): void {
    if (this.range?.from === range.from && this.range.to === range.to) return;
    this.range = range;
    const all = [...this.charts];
    this.waiting = [...all.filter((c) => c.seen()), ...all.filter((c) => !c.seen())];
    if (this.frame === 0) this.frame = requestAnimationFrame(this.draw);
  }

  private readonly draw = (): void => {
    const end = performance.now() + this.frameMs;
    this.frame = 0;
    for (let chart = this.waiting.shift(); chart && this.range; chart = this.waiting.shift()) {
      if (this.charts.has(chart)) chart.show(this.range);
      if (this.waiting.length > 0 && performance.now() >= end) {
        this.frame = requestAnimationFrame(this.draw);
        return;
      }
    }
  };
}
