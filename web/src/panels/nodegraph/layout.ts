/** Where nodes and edges lie: layers from left to right (dagre, or plain columns for big graphs), or a grid. Pure; runs in a worker. */
import { graphlib, layout } from '@dagrejs/dagre';
import { columnLayout } from './columns';
import { forceLayout } from './force';

export interface LayoutNode {
  id: string;
  width: number;
  height: number;
}
export interface LayoutRequest {
  nodes: LayoutNode[];
  edges: { id: number; source: string; target: string }[];
  kind: 'layered' | 'force' | 'grid';
}
export interface Point {
  x: number;
  y: number;
}
export interface Layout {
  nodes: Record<string, Point>;
  /** By index of the edge; missing: a straight line. */
  edges: Record<number, Point[]>;
  width: number;
  height: number;
}

const gap = 36;

export function gridLayout(nodes: readonly LayoutNode[]): Layout {
  const columns = Math.max(1, Math.ceil(Math.sqrt(nodes.length * 1.6)));
  const width = nodes.reduce((m, n) => Math.max(m, n.width), 1) + gap;
  const height = nodes.reduce((m, n) => Math.max(m, n.height), 1) + gap;
  return {
    nodes: Object.fromEntries(nodes.map((n, i) => [n.id, { x: ((i % columns) + 0.5) * width, y: (Math.floor(i / columns) + 0.5) * height }])),
    edges: {}, width: Math.min(columns, nodes.length) * width, height: Math.ceil(nodes.length / columns) * height,
  };
}

export function layeredLayout({ nodes, edges }: LayoutRequest): Layout {
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 20, ranksep: 84, edgesep: 14, marginx: 20, marginy: 20 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const n of nodes) graph.setNode(n.id, { width: n.width, height: n.height });
  for (const e of edges) if (e.source !== e.target) graph.setEdge(e.source, e.target, {}, String(e.id));
  layout(graph);
  const out: Layout = { nodes: {}, edges: {}, width: 1, height: 1 };
  for (const id of graph.nodes()) {
    const n = graph.node(id) as unknown as Point & { width: number; height: number };
    out.nodes[id] = { x: n.x, y: n.y };
    out.width = Math.max(out.width, n.x + n.width / 2 + 20);
    out.height = Math.max(out.height, n.y + n.height / 2 + 20);
  }
  for (const e of graph.edges()) {
    const { points } = graph.edge(e) as unknown as { points?: Point[] };
    if (points) out.edges[Number(e.name)] = points.map(({ x, y }) => ({ x, y }));
  }
  return out;
}

/** Beyond this many nodes and edges dagre takes seconds; columns take none. */
const layeredMax = 160;

export function layoutGraph(request: LayoutRequest): Layout {
  if (request.kind === 'grid' || request.edges.length === 0) return gridLayout(request.nodes);
  if (request.kind === 'force') return forceLayout(request);
  return request.nodes.length + request.edges.length > layeredMax ? columnLayout(request) : layeredLayout(request);
}
