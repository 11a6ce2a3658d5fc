/** A layout by forces: nodes push each other away, edges pull, all are drawn to the middle. The same graph lies the same way each time. Pure. */
import type { Layout, LayoutRequest } from './layout';

/** Work of all rounds together: a big graph gets fewer rounds, not more time. */
const workMax = 600_000;
const roundsMax = 300;
const roundsMin = 40;
/** Length of an edge at rest, beyond the nodes at its ends. */
const restLength = 90;
const pull = 0.06;
const toMiddle = 0.012;
const golden = Math.PI * (3 - Math.sqrt(5));

export const roundsFor = (nodes: number, edges: number): number => Math.max(roundsMin, Math.min(roundsMax, Math.floor(workMax / Math.max(1, nodes * 12 + edges))));

/** Nodes in squares as wide as the reach of their push: only neighbours are looked at. */
function squares(x: Float64Array, y: Float64Array, side: number): Map<number, number[]> {
  const out = new Map<number, number[]>();
  for (let i = 0; i < x.length; i += 1) {
    const key = Math.floor((x[i] ?? 0) / side) * 65_536 + Math.floor((y[i] ?? 0) / side);
    const list = out.get(key);
    if (list) list.push(i);
    else out.set(key, [i]);
  }
  return out;
}

export function forceLayout({ nodes, edges }: LayoutRequest): Layout {
  const n = nodes.length;
  const at = new Map(nodes.map((node, i) => [node.id, i]));
  const links = edges.map((e) => [at.get(e.source) ?? -1, at.get(e.target) ?? -1] as const).filter(([a, b]) => a >= 0 && b >= 0 && a !== b);
  const size = nodes.map((node) => Math.max(node.width, node.height));
  const widest = size.reduce((m, s) => Math.max(m, s), 1);
  // The nodes with most edges begin in the middle; the others go round them like seeds in a flower.
  const degree = new Float64Array(n);
  for (const [a, b] of links) { degree[a] = (degree[a] ?? 0) + 1; degree[b] = (degree[b] ?? 0) + 1; }
  const order = nodes.map((_, i) => i).sort((a, b) => (degree[b] ?? 0) - (degree[a] ?? 0) || a - b);
  const [x, y] = [new Float64Array(n), new Float64Array(n)];
  order.forEach((i, k) => {
    const r = (widest + 20) * 0.7 * Math.sqrt(k);
    x[i] = r * Math.cos(k * golden);
    y[i] = r * Math.sin(k * golden);
  });
  const [dx, dy] = [new Float64Array(n), new Float64Array(n)];
  const side = widest * 2.5 + restLength;
  const rounds = roundsFor(n, links.length);
  for (let round = 0; round < rounds; round += 1) {
    dx.fill(0);
    dy.fill(0);
    const near = squares(x, y, side);
    for (const [key, own] of near) {
      for (let sx = -1; sx <= 1; sx += 1) {
        for (let sy = -1; sy <= 1; sy += 1) {
          const others = near.get(key + sx * 65_536 + sy);
          if (!others) continue;
          for (const i of own) {
            for (const j of others) {
              if (j <= i) continue;
              let [ex, ey] = [(x[i] ?? 0) - (x[j] ?? 0), (y[i] ?? 0) - (y[j] ?? 0)];
              // Two in the same place part by their numbers, not by chance.
              if (ex === 0 && ey === 0) [ex, ey] = [Math.cos(i + j * golden), Math.sin(i + j * golden)];
              const d = Math.hypot(ex, ey);
              if (d > side) continue;
              const room = ((size[i] ?? 0) + (size[j] ?? 0)) / 2 + 24;
              const push = (room * room) / (d * d) * 6 + (d < room ? (room - d) * 0.25 : 0);
              dx[i] = (dx[i] ?? 0) + (ex / d) * push;
              dy[i] = (dy[i] ?? 0) + (ey / d) * push;
              dx[j] = (dx[j] ?? 0) - (ex / d) * push;
              dy[j] = (dy[j] ?? 0) - (ey / d) * push;
            }
          }
        }
      }
    }
    for (const [a, b] of links) {
      const [ex, ey] = [(x[b] ?? 0) - (x[a] ?? 0), (y[b] ?? 0) - (y[a] ?? 0)];
      const d = Math.hypot(ex, ey) || 1;
      const rest = restLength + ((size[a] ?? 0) + (size[b] ?? 0)) / 2;
      // A hub is not dragged about by each of its many.
      const strength = (pull * (d - rest)) / d;
      const [wa, wb] = [1 / Math.sqrt(degree[a] || 1), 1 / Math.sqrt(degree[b] || 1)];
      dx[a] = (dx[a] ?? 0) + ex * strength * wa;
      dy[a] = (dy[a] ?? 0) + ey * strength * wa;
      dx[b] = (dx[b] ?? 0) - ex * strength * wb;
      dy[b] = (dy[b] ?? 0) - ey * strength * wb;
    }
    // Long steps at first, none at the end.
    const limit = Math.max(0.5, widest * 0.6 * (1 - round / rounds));
    for (let i = 0; i < n; i += 1) {
      const [fx, fy] = [(dx[i] ?? 0) - (x[i] ?? 0) * toMiddle, (dy[i] ?? 0) - (y[i] ?? 0) * toMiddle];
      const length = Math.hypot(fx, fy);
      const step = length > limit ? limit / length : 1;
      x[i] = (x[i] ?? 0) + fx * step;
      y[i] = (y[i] ?? 0) + fy * step;
    }
  }
  return framed(nodes, x, y);
}

/** From around the middle to a sheet that begins at nought. */
function framed(nodes: LayoutRequest['nodes'], x: Float64Array, y: Float64Array): Layout {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  nodes.forEach((node, i) => {
    left = Math.min(left, (x[i] ?? 0) - node.width / 2);
    right = Math.max(right, (x[i] ?? 0) + node.width / 2);
    top = Math.min(top, (y[i] ?? 0) - node.height / 2);
    bottom = Math.max(bottom, (y[i] ?? 0) + node.height / 2);
  });
  const margin = 20;
  return {
    nodes: Object.fromEntries(nodes.map((node, i) => [node.id, { x: (x[i] ?? 0) - left + margin, y: (y[i] ?? 0) - top + margin }])),
    edges: {}, width: Math.max(1, right - left + 2 * margin), height: Math.max(1, bottom - top + 2 * margin),
  };
}
