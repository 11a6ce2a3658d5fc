/** The node graph: frames read as nodes and edges, rings, limits, layouts, the table behind it. */
import { expect, test } from 'vitest';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeFrame, type Cell, type Frame } from '../../src/model/frame';
import { roundsFor } from '../../src/panels/nodegraph/force';
import { gridLayout, layeredLayout, layoutGraph } from '../../src/panels/nodegraph/layout';
import { graphTable, nodesMax, readGraph } from '../../src/panels/nodegraph/model';
import { distanceTo, edgePath, middleOf } from '../../src/panels/nodegraph/paint';

const table = (refId: string, fields: Record<string, Cell[]>): Frame => makeFrame(refId, Object.entries(fields).map(([name, values]) => ({ name, type: typeof values[0] === 'number' ? 'number' as const : 'string' as const, values })), { table: true });
const read = (frames: Frame[], options: object = {}, overrides: object[] = []) => readGraph(applyFieldConfig(frames, { defaults: {}, overrides }, { theme: 'light', zone: 'utc', wantsRange: false }), { ...options });

const nodes = table('A', { id: ['web', 'db', ''], title: ['Web', 'Database', 'x'], subTitle: ['shop', 'postgres', ''], mainStat: [12, 3, 0], arc__ok: [0.9, 1, 0], arc__failed: [0.3, 0, 0], color: ['green', 'red', ''], detail__zone: ['a', 'b', ''] });
const edges = table('B', { id: ['1', '2'], source: ['web', 'web'], target: ['db', 'cache'], mainstat: [7, 5], thickness: [3, 900] });

test('nodes and edges by the names of their fields, in any case', () => {
  const g = read([nodes, edges], { nodes: { mainStatUnit: 'reqps' } });
  expect(g.nodes.map((n) => [n.id, n.title, n.subtitle, n.main])).toEqual([['web', 'Web', 'shop', '12 req/s'], ['db', 'Database', 'postgres', '3 req/s'], ['cache', 'cache', '', '']]);
  expect(g.edges.map((e) => [e.source, e.target, e.main, e.thickness])).toEqual([['web', 'db', '7', 3], ['web', 'cache', '5', 20]]);
  expect(g.nodes[0]?.details).toEqual([{ name: 'zone', value: 'a' }]);
  expect(g.nodes[0]?.color).toBe('#2b8347');
});

test('a ring is never more than whole, and nothing has no part of it', () => {
  const g = read([nodes, edges]);
  expect(g.nodes[0]?.arcs.map((a) => [a.name, Number(a.share.toFixed(2))])).toEqual([['ok', 0.75], ['failed', 0.25]]);
  expect(g.nodes[1]?.arcs.map((a) => a.name)).toEqual(['ok']);
  expect(read([nodes], { nodes: { arcs: [{ field: 'arc__failed', color: 'red' }] } }).nodes[0]?.arcs).toEqual([{ share: 0.3, color: '#c23a30', name: 'failed' }]);
});

test('fields that a transformation renamed count by their new names', () => {
  const renamed = makeFrame('A', [{ name: 'id', type: 'string', values: ['a'] }, { name: 'Value #B', type: 'number', values: [0.4], given: { displayName: 'arc__ok' } }], { table: true });
  expect(read([renamed]).nodes[0]?.arcs.map((a) => [a.name, a.share])).toEqual([['ok', 0.4]]);
});

test('edges alone make a graph: what comes in is the stat', () => {
  expect(read([edges]).nodes.map((n) => [n.id, n.main])).toEqual([['web', ''], ['db', '7'], ['cache', '5']]);
});

test('a metric of calls between clients and servers is a graph', () => {
  const series = (client: string, server: string, value: number): Frame => makeFrame('A', [{ name: 'Time', type: 'time', values: [1, 2] }, { name: 'Value', type: 'number', values: [0, value], labels: { client, server } }]);
  expect(read([series('a', 'b', 4)]).edges.map((e) => [e.source, e.target, e.main])).toEqual([['a', 'b', '4']]);
});

test('what is not a graph is empty; too much is cut and said', () => {
  expect(read([table('A', { host: ['a'], v: [1] })])).toEqual({ nodes: [], edges: [], notices: [] });
  const many = read([table('A', { id: Array.from({ length: nodesMax + 5 }, (_, i) => `n${i}`) })]);
  expect(many.nodes.length).toBe(nodesMax);
  expect(many.notices[0]).toMatch(/first 1,500 of 1,505 nodes/);
});

test('layers go from left to right; circles and loops do not break them', () => {
  const size = { width: 80, height: 80 };
  const l = layeredLayout({ kind: 'layered', nodes: ['a', 'b', 'c'].map((id) => ({ id, ...size })), edges: [{ id: 0, source: 'a', target: 'b' }, { id: 1, source: 'b', target: 'c' }, { id: 2, source: 'c', target: 'a' }, { id: 3, source: 'a', target: 'a' }] });
  expect((l.nodes['a']?.x ?? 0) < (l.nodes['b']?.x ?? 0)).toBe(true);
  expect((l.nodes['b']?.x ?? 0) < (l.nodes['c']?.x ?? 0)).toBe(true);
  expect(Object.keys(l.edges)).toEqual(['0', '1', '2']);
  expect(layoutGraph({ kind: 'layered', nodes: [{ id: 'a', ...size }], edges: [] })).toEqual(gridLayout([{ id: 'a', ...size }]));
});

test('a big graph stands in columns by distance, circles included', () => {
  const count = 300;
  const nodes = Array.from({ length: count }, (_, i) => ({ id: `n${i}`, width: 80, height: 90 }));
  const edges = Array.from({ length: count }, (_, id) => ({ id, source: `n${id}`, target: `n${(id * 2 + 1) % count}` }));
  const l = layoutGraph({ kind: 'layered', nodes, edges });
  expect(Object.keys(l.nodes)).toHaveLength(count);
  const x = (id: string): number => l.nodes[id]?.x ?? NaN;
  expect(x('n0') < x('n1') && x('n1') < x('n3') && x('n3') < x('n7')).toBe(true);
  expect(new Set(Object.values(l.nodes).map((p) => `${p.x},${p.y}`)).size).toBe(count);
  expect(Object.values(l.nodes).every((p) => p.x >= 0 && p.x <= l.width && p.y >= 0 && p.y <= l.height)).toBe(true);
});

test('edges end at the rims', () => {
  const path = edgePath({ x: 0, y: 0 }, 10, { x: 100, y: 0 }, 20, undefined);
  expect(path[0]?.x).toBeGreaterThan(10);
  expect(path[1]?.x).toBeLessThan(80);
  expect(middleOf([{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }])).toEqual({ x: 10, y: 0 });
  expect(distanceTo([{ x: 0, y: 0 }, { x: 10, y: 0 }], { x: 5, y: 3 })).toBe(3);
});

test('the same as rows', () => {
  const t = graphTable(read([nodes, edges]));
  expect(t.columns.map((c) => c.title)).toEqual(['Node', 'Kind', 'Main stat', 'Leads to']);
  expect(t.rows[0]).toEqual(['Web', 'shop', '12', 'Database (7), cache (5)']);
});

test('forces keep nodes apart, bring neighbours together, and do the same each time', () => {
  const size = { width: 90, height: 110 };
  const ring = Array.from({ length: 40 }, (_, i) => ({ id: `n${i}`, ...size }));
  const links = ring.map((_, i) => ({ id: i, source: `n${i}`, target: `n${((i + 1) % 20) + (i < 20 ? 0 : 20)}` }));
  const request = { kind: 'force' as const, nodes: ring, edges: links };
  const l = layoutGraph(request);
  expect(layoutGraph(request)).toEqual(l);
  const at = (id: string) => l.nodes[id] ?? { x: NaN, y: NaN };
  const apart = (a: string, b: string): number => Math.hypot(at(a).x - at(b).x, at(a).y - at(b).y);
  let closest = Infinity;
  for (const a of ring) for (const b of ring) if (a.id < b.id) closest = Math.min(closest, apart(a.id, b.id));
  expect(closest).toBeGreaterThan(70);
  const linked = links.reduce((sum, e) => sum + apart(e.source, e.target), 0) / links.length;
  const all = ring.slice(1).reduce((sum, n) => sum + apart('n0', n.id), 0) / (ring.length - 1);
  expect(linked).toBeLessThan(all * 0.75);
  for (const { x, y } of Object.values(l.nodes)) expect([x >= 0 && x <= l.width, y >= 0 && y <= l.height]).toEqual([true, true]);
});
test('forces take a bounded number of rounds', () => {
  expect([roundsFor(10, 10), roundsFor(nodesMax, 5000), roundsFor(300, 900)]).toEqual([300, 40, 133]);
  const alone = layoutGraph({ kind: 'force', nodes: [{ id: 'a', width: 10, height: 10 }], edges: [{ id: 0, source: 'a', target: 'a' }, { id: 1, source: 'a', target: 'gone' }] });
  expect(alone.nodes['a']).toEqual({ x: 25, y: 25 });
});
