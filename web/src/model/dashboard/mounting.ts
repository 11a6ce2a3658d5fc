/** Which of a page's panels come onto it first, and which with each further step. Pure. */
import type { Section } from './layout';

/** A unit of height on the grid with the gap below it, and a row's heading likewise; CSS pixels, as in pages.css. */
const unitPx = 38;
const headPx = 42;

/** A panel to come: its key, and how far below the top of the page it begins, in CSS pixels. */
export interface Coming {
  key: string;
  top: number;
}

/** The panels of all open sections, from the top left to the bottom right. */
export function readingOrder(sections: readonly Section[]): Coming[] {
  const out: Coming[] = [];
  let top = 0;
  for (const section of sections) {
    if (section.row) top += headPx;
    if (!section.open) continue;
    const start = top;
    const sorted = [...section.panels].sort((a, b) => a.panel.gridPos.y - b.panel.gridPos.y || a.panel.gridPos.x - b.panel.gridPos.x);
    for (const p of sorted) out.push({ key: p.key, top: start + p.panel.gridPos.y * unitPx });
    top += section.height * unitPx;
  }
  return out;
}

/** Below the window's height: what stands there is asked for together with what is in sight. */
const marginPx = 220;

/** Those that begin in a window of this height or soon below it, and the first one whatever it is. */
export const firstScreen = (order: readonly Coming[], height: number): ReadonlySet<string> => new Set(order.filter((c, i) => i === 0 || c.top < height + marginPx).map((c) => c.key));

/** Those that are there and the next `step` that are not; the same set when none is missing. */
export function withNext(order: readonly Coming[], there: ReadonlySet<string>, step: number): ReadonlySet<string> {
  const next = order.filter((c) => !there.has(c.key)).slice(0, step);
  return next.length === 0 ? there : new Set([...there, ...next.map((c) => c.key)]);
}

/** How many come at once: few at first, so that the first of them is drawn early, and as many until the first screen is full. */
const openingStep = 4;
/** Panels of a later step: together they take less than a frame. */
const laterStep = 6;

/**
 * What is on the page after what has come so far, and whether the first screen still lacks some. It fills by steps only where its
 * panels have been asked for together already; else all come at once and ask together.
 */
export function onPage(order: readonly Coming[], first: ReadonlySet<string>, grown: ReadonlySet<string>, asked: boolean): { there: ReadonlySet<string>; urgent: boolean } {
  const lacking = (set: ReadonlySet<string>): number => order.filter((c) => first.has(c.key) && !set.has(c.key)).length;
  const missing = lacking(grown);
  const there = withNext(order, grown, missing === 0 ? laterStep : asked ? openingStep : missing);
  return { there, urgent: lacking(there) > 0 };
}
