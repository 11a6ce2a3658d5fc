/** The window on a long list of rows: only what is in sight is in the page; rows may differ in height. */

/** Rows kept above and below what is in sight. */
const overscan = 8;

export class RowWindow {
  private heights: Float64Array | undefined;
  private tops: Float64Array | undefined;

  /** `estimate` is the height of a row that has not been measured; with `fixed` all rows have it. */
  constructor(readonly count: number, private readonly estimate: number, private readonly fixed: boolean) {}

  private prefix(): Float64Array {
    if (this.tops) return this.tops;
    const tops = new Float64Array(this.count + 1);
    for (let i = 0; i < this.count; i += 1) tops[i + 1] = (tops[i] ?? 0) + (this.heights?.[i] || this.estimate);
    this.tops = tops;
    return tops;
  }

  top(row: number): number {
    return this.fixed ? row * this.estimate : (this.prefix()[row] ?? 0);
  }

  get total(): number {
    return this.top(this.count);
  }

  /** Takes a measured height; answers whether anything moved. */
  measured(row: number, height: number): boolean {
    if (this.fixed || height <= 0) return false;
    this.heights ??= new Float64Array(this.count);
    if (Math.abs((this.heights[row] || this.estimate) - height) < 0.5) return false;
    this.heights[row] = height;
    this.tops = undefined;
    return true;
  }

  /** First and last row (not included) to draw for a stretch of the list. */
  range(scroll: number, room: number): { first: number; last: number } {
    const at = (y: number): number => {
      if (this.fixed) return Math.min(this.count, Math.max(0, Math.floor(y / this.estimate)));
      const tops = this.prefix();
      let low = 0;
      let high = this.count;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((tops[middle + 1] ?? Infinity) <= y) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    return { first: Math.max(0, at(scroll) - overscan), last: Math.min(this.count, at(scroll + room) + 1 + overscan) };
  }
}
