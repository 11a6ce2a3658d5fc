/** Draws nodes with their rings and edges with their arrows, in the graph's own coordinates. */
import { readable, type Theme } from '../../model/color/names';
import type { Ink } from '../canvas/ink';
import { canvasFont, measure, paintText } from '../canvas/text';
import type { GraphEdge, GraphNode } from './model';
import type { Point } from './layout';

/** Simple outlines (24 × 24) for the icons that graphs of services use most; others leave the stats inside. */
const icons: Record<string, string> = {
  database: 'M12 2a9 3 0 1 0 0 6a9 3 0 1 0 0-6M3 5v14a9 3 0 0 0 18 0V5M3 12a9 3 0 0 0 18 0',
  cloud: 'M17.5 19H9a7 7 0 1 1 6.71-9h1.79a4.5 4.5 0 1 1 0 9Z',
  user: 'M19 21v-2a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v2M12 3a4 4 0 1 0 0 8a4 4 0 1 0 0-8',
  globe: 'M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20M2 12h20M12 2a15 15 0 0 1 0 20a15 15 0 0 1 0-20',
  cube: 'M21 8a2 2 0 0 0-1-1.73l-7-4a2 2 0 0 0-2 0l-7 4A2 2 0 0 0 3 8v8a2 2 0 0 0 1 1.73l7 4a2 2 0 0 0 2 0l7-4A2 2 0 0 0 21 16ZM3.3 7 12 12l8.7-5M12 22V12',
  server: 'M4 2h16a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2ZM4 14h16a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2v-4a2 2 0 0 1 2-2ZM6 6h.01M6 18h.01',
  envelope: 'M4 4h16a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2ZM22 7l-10 6L2 7',
};
const aliases: Record<string, string> = { users: 'user', 'users-alt': 'user', servers: 'server', 'brain': 'cube', apps: 'cube', cubes: 'cube' };
const iconPath = (name: string): string | undefined => icons[aliases[name] ?? name];

const ring = 4;

/** `grow` makes the words bigger where the whole graph is drawn small. */
export function paintNode(c: CanvasRenderingContext2D, n: GraphNode, at: Point, ink: Ink, theme: Theme, state: { faint: boolean; focused: boolean; grow: number }): void {
  const { radius } = n;
  const { grow } = state;
  c.globalAlpha = state.faint ? 0.25 : 1;
  c.beginPath();
  c.arc(at.x, at.y, radius, 0, Math.PI * 2);
  c.fillStyle = ink.panel;
  c.fill();
  c.lineWidth = ring;
  c.strokeStyle = n.arcs.length === 0 ? (n.color ?? ink.accent) : ink.line;
  c.stroke();
  let from = -Math.PI / 2;
  for (const arc of n.arcs) {
    const to = from + Math.min(1, arc.share) * Math.PI * 2;
    c.beginPath();
    c.arc(at.x, at.y, radius, from, to);
    c.strokeStyle = arc.color;
    c.stroke();
    from = to;
  }
  if (state.focused || n.highlighted) {
    c.beginPath();
    c.arc(at.x, at.y, radius + ring + 1, 0, Math.PI * 2);
    c.strokeStyle = ink.accent;
    c.lineWidth = 2;
    c.stroke();
  }
  const outline = iconPath(n.icon);
  const inside = (radius - ring) * 1.8;
  // A stat that is a little too long is written smaller before it is cut.
  const size = (words: string, wish: number): number => (measure(words, canvasFont(wish * grow, 600)) <= inside ? wish * grow : measure(words, canvasFont(wish, 600)) > inside ? wish - 2.5 : wish);
  if (outline !== undefined) {
    c.save();
    const scale = Math.min(1.4, radius / 22);
    c.translate(at.x - 12 * scale, at.y - 12 * scale);
    c.scale(scale, scale);
    c.strokeStyle = ink.text2;
    c.lineWidth = 1.5;
    c.lineJoin = 'round';
    c.lineCap = 'round';
    c.stroke(new Path2D(outline));
    c.restore();
  } else {
    const both = n.main !== '' && n.secondary !== '';
    if (n.main !== '') paintText(c, n.main, at.x, at.y - (both ? 8 : 0), { color: ink.text1, font: canvasFont(size(n.main, 13), 600), align: 'center', room: inside });
    if (n.secondary !== '') paintText(c, n.secondary, at.x, at.y + (both ? 9 : 0), { color: ink.text2, font: canvasFont(size(n.secondary, 12)), align: 'center', room: inside });
  }
  paintText(c, n.title, at.x, at.y + radius + 16, { color: ink.text1, font: canvasFont(13 * grow, 500), align: 'center', room: titleRoom });
  if (n.subtitle !== '') paintText(c, n.subtitle, at.x, at.y + radius + 16 + 16 * grow, { color: n.color ? readable(ink.text3, theme, false) : ink.text3, font: canvasFont(12 * grow), align: 'center', room: titleRoom });
  c.globalAlpha = 1;
}

/** Width that a node's title may take. */
export const titleRoom = 150;

/** The way of an edge from rim to rim; dagre's own points in between. */
export function edgePath(a: Point, ra: number, b: Point, rb: number, points: readonly Point[] | undefined): Point[] {
  const middle = points && points.length > 2 ? points.slice(1, -1) : [];
  const rim = (from: Point, to: Point, r: number): Point => {
    const d = Math.hypot(to.x - from.x, to.y - from.y) || 1;
    return { x: from.x + ((to.x - from.x) / d) * r, y: from.y + ((to.y - from.y) / d) * r };
  };
  const path = [a, ...middle, b];
  path[0] = rim(a, path[1] ?? b, ra + ring);
  path[path.length - 1] = rim(b, path.at(-2) ?? a, rb + ring + 2);
  return path;
}

/** The point half way along. */
export function middleOf(path: readonly Point[]): Point {
  const lengths = path.slice(1).map((p, i) => Math.hypot(p.x - (path[i]?.x ?? 0), p.y - (path[i]?.y ?? 0)));
  let rest = lengths.reduce((x, y) => x + y, 0) / 2;
  for (let i = 0; i < lengths.length; i += 1) {
    const length = lengths[i] ?? 0;
    const [p, q] = [path[i], path[i + 1]];
    if (p && q && rest <= length) return { x: p.x + ((q.x - p.x) * rest) / (length || 1), y: p.y + ((q.y - p.y) * rest) / (length || 1) };
    rest -= length;
  }
  return path[0] ?? { x: 0, y: 0 };
}

export function distanceTo(path: readonly Point[], at: Point): number {
  let least = Infinity;
  for (let i = 1; i < path.length; i += 1) {
    const [p, q] = [path[i - 1], path[i]];
    if (!p || !q) continue;
    const length = (q.x - p.x) ** 2 + (q.y - p.y) ** 2 || 1;
    const t = Math.min(1, Math.max(0, ((at.x - p.x) * (q.x - p.x) + (at.y - p.y) * (q.y - p.y)) / length));
    least = Math.min(least, Math.hypot(p.x + t * (q.x - p.x) - at.x, p.y + t * (q.y - p.y) - at.y));
  }
  return least;
}

export function paintEdge(c: CanvasRenderingContext2D, e: GraphEdge, path: readonly Point[], ink: Ink, state: { faint: boolean; focused: boolean }): void {
  const end = path.at(-1);
  const before = path.at(-2);
  const start = path[0];
  if (!start || !end || !before) return;
  c.globalAlpha = state.faint ? 0.15 : 1;
  const color = state.focused || e.highlighted ? (e.color ?? ink.accent) : (e.color ?? ink.text3);
  const width = e.thickness + (state.focused ? 0.75 : 0);
  c.strokeStyle = color;
  c.lineWidth = width;
  c.setLineDash(e.dash);
  c.beginPath();
  c.moveTo(start.x, start.y);
  // Through the middles of the bends, so that the way is round.
  for (let i = 1; i < path.length - 1; i += 1) {
    const [p, q] = [path[i], path[i + 1]];
    if (!p || !q) continue;
    const last = i === path.length - 2;
    c.quadraticCurveTo(p.x, p.y, last ? q.x : (p.x + q.x) / 2, last ? q.y : (p.y + q.y) / 2);
  }
  if (path.length === 2) c.lineTo(end.x, end.y);
  c.stroke();
  c.setLineDash([]);
  const angle = Math.atan2(end.y - before.y, end.x - before.x);
  const size = 6 + width * 1.5;
  c.beginPath();
  c.moveTo(end.x, end.y);
  c.lineTo(end.x - size * Math.cos(angle - 0.4), end.y - size * Math.sin(angle - 0.4));
  c.lineTo(end.x - size * Math.cos(angle + 0.4), end.y - size * Math.sin(angle + 0.4));
  c.closePath();
  c.fillStyle = color;
  c.fill();
  c.globalAlpha = 1;
}
