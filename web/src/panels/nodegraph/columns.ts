/** A layout for big graphs that costs next to nothing: columns by distance from the sources, each in the order of its neighbours. Pure. */
import type { Layout, LayoutRequest } from './layout';

const gapX = 130;
const gapY = 24;
/** A column with more nodes than this goes on beside itself. */
const columnMax = 40;
const sweeps = 6;

/** The column of each node: one beyond its farthest source. Edges that close a circle are left out of account. */
function ranks(nodes: readonly string[], next: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const state = new Map<string, 'open' | 'done'>();
  const order: string[] = [];
  const forward = new Map<string, string[]>();
  for (const start of nodes) {
    if (state.has(start)) continue;
    // Depth first without recursion: graphs may be long chains.
    const stack: { id: string; at: number }[] = [{ id: start, at: 0 }];
    state.set(start, 'open');
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (!top) break;
      const to = next.get(top.id)?.[top.at];
      top.at += 1;
      if (to === undefined) {
        state.set(top.id, 'done');
        order.push(top.id);
        stack.pop();
      } else if (state.get(to) !== 'open') {
        forward.set(top.id, [...(forward.get(top.id) ?? []), to]);
        if (!state.has(to)) {
          state.set(to, 'open');
          stack.push({ id: to, at: 0 });
        }
      }
    }
  }
  const rank = new Map(nodes.map((id) => [id, 0]));
  for (const id of order.reverse()) for (const to of forward.get(id) ?? []) rank.set(to, Math.max(rank.get(to) ?? 0, (rank.get(id) ?? 0) + 1));
  return rank;
}

export function columnLayout({ nodes, edges }: LayoutRequest): Layout {
  const ids = nodes.map((n) => n.id);
  const next = new Map<string, string[]>(ids.map((id) => [id, []]));
  const around = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const e of edges) {
    if (e.source === e.target) continue;
    next.get(e.source)?.push(e.target);
    around.get(e.source)?.push(e.target);
    around.get(e.target)?.push(e.source);
  }
  const rank = ranks(ids, next);
  const columns: string[][] = [];
  for (const id of ids) (columns[rank.get(id) ?? 0] ??= []).push(id);
  const place = new Map<string, number>();
  const settle = (column: readonly string[]): void => column.forEach((id, i) => place.set(id, (i + 0.5) / column.length));
  for (const column of columns) settle(column);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const column of sweep % 2 === 0 ? columns : [...columns].reverse()) {
      const wish = new Map(column.map((id) => {
        const beside = around.get(id) ?? [];
        return [id, beside.length === 0 ? (place.get(id) ?? 0) : beside.reduce((sum, n) => sum + (place.get(n) ?? 0), 0) / beside.length];
      }));
      column.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0));
      settle(column);
    }
  }
  const sizes = new Map(nodes.map((n) => [n.id, n]));
  const pitch = nodes.reduce((m, n) => Math.max(m, n.height), 1) + gapY;
  const tallest = Math.min(columnMax, columns.reduce((m, c) => Math.max(m, c.length), 1));
  const out: Layout = { nodes: {}, edges: {}, width: 1, height: tallest * pitch };
  let x = 0;
  for (const column of columns) {
    for (let from = 0; from < column.length; from += columnMax) {
      const part = column.slice(from, from + columnMax);
      const width = part.reduce((m, id) => Math.max(m, sizes.get(id)?.width ?? 0), 0);
      part.forEach((id, i) => {
        out.nodes[id] = { x: x + width / 2, y: (i + 0.5 + (tallest - part.length) / 2) * pitch };
      });
      out.width = x + width;
      x += width + (from + columnMax < column.length ? gapY : gapX);
    }
  }
  return out;
}
