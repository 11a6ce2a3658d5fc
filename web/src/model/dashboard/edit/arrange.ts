/** The grid while it is arranged: every panel and row as one item, and moving items by keys. Pure. */
import { gridColumns, layoutSections } from '../layout';
import type { GridPos, Panel } from '../types';

export interface Item extends GridPos {
  id: number;
  panel: Panel;
  /** Panels inside a closed row. */
  inside: number;
}

/** Items from top to bottom; what is in a closed row is not among them. */
export function itemsOf(panels: readonly Panel[]): Item[] {
  const items: Item[] = [];
  let y = 0;
  for (const { row, open, panels: placed, height } of layoutSections(panels, {}, new Set())) {
    if (row) {
      items.push({ id: row.panel.id, panel: row.panel, x: 0, y, w: gridColumns, h: 1, inside: open ? 0 : placed.length });
      y += 1;
    }
    if (!open) continue;
    for (const p of placed) items.push({ id: p.panel.id, panel: p.panel, ...p.panel.gridPos, y: y + p.panel.gridPos.y, inside: 0 });
    y += height;
  }
  return items;
}

/** Moves items up until each touches another or the top. */
function settle(items: readonly Item[]): Item[] {
  const heights = Array.from({ length: gridColumns }, () => 0);
  return [...items].sort((a, b) => a.y - b.y || a.x - b.x).map((item) => {
    let y = 0;
    for (let c = item.x; c < item.x + item.w; c += 1) y = Math.max(y, heights[c] ?? 0);
    for (let c = item.x; c < item.x + item.w; c += 1) heights[c] = y + item.h;
    return { ...item, y };
  });
}

export type Nudge = 'left' | 'right' | 'up' | 'down' | 'narrower' | 'wider' | 'shorter' | 'taller';
const overlaps = (a: GridPos, b: GridPos): boolean => a.x < b.x + b.w && b.x < a.x + a.w;

/** One step by the keys; answers the places of all items. */
export function nudge(items: readonly Item[], id: number, how: Nudge): Map<number, GridPos> {
  const item = items.find((i) => i.id === id);
  if (!item || item.panel.type === 'row') return new Map();
  const to = { ...item };
  if (how === 'left') to.x = Math.max(0, item.x - 1);
  if (how === 'right') to.x = Math.min(gridColumns - item.w, item.x + 1);
  if (how === 'narrower') to.w = Math.max(1, item.w - 1);
  if (how === 'wider') to.w = Math.min(gridColumns - item.x, item.w + 1);
  if (how === 'shorter') to.h = Math.max(2, item.h - 1);
  if (how === 'taller') to.h = item.h + 1;
  const others = items.filter((i) => i.id !== id && overlaps(i, item));
  // Before the one above, after the one below: then everything falls into place.
  if (how === 'up') {
    const above = others.filter((i) => i.y < item.y).sort((a, b) => b.y - a.y)[0];
    if (above && (above.panel.type !== 'row' || above.y > 0)) to.y = above.y - 0.5;
  }
  if (how === 'down') {
    const below = others.filter((i) => i.y > item.y).sort((a, b) => a.y - b.y)[0];
    if (below) to.y = below.y + below.h - 0.5;
  }
  const settled = settle(items.map((i) => (i.id === id ? to : i)));
  return new Map(settled.map((i) => [i.id, { x: i.x, y: i.y, w: i.w, h: i.h }]));
}
