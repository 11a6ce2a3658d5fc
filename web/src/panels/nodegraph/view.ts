/** The graph on its canvas: pan, zoom, the neighbours of what is pointed at, the card of what is chosen, keys. */
import { oneOf, text } from '../../model/json';
import { linksAt } from '../../model/links';
import { linkChips } from '../address';
import { readInk } from '../canvas/ink';
import { Surface } from '../canvas/surface';
import { canvasFont, measure, paintText } from '../canvas/text';
import { wheelZoom, zoomButtons } from '../canvas/zoom';
import { h } from '../dom';
import { hideTooltip, showTooltip, type TooltipRow } from '../tooltip';
import type { PanelInput, PanelView } from '../types';
import type { Layout, Point } from './layout';
import { readGraph, type Graph, type GraphEdge, type GraphNode } from './model';
import './nodegraph.css';
import { distanceTo, edgePath, middleOf, paintEdge, paintNode, titleRoom } from './paint';
import { Placer } from './place';

const zoomMin = 0.05;
const zoomMax = 4;
/** Labels of edges are drawn all at once only while there are few. */
const edgeLabelsMax = 40;
type Target = { node: GraphNode } | { edge: GraphEdge; index: number };

export class GraphView implements PanelView {
  private readonly root = h('div', { class: 'graph-panel' });
  private readonly surface: Surface;
  private readonly words = h('p', { class: 'graph-words', attrs: { hidden: true, role: 'status' } });
  private readonly card = h('div', { class: 'graph-card', attrs: { hidden: true } });
  private readonly buttons: HTMLElement;
  private readonly placer = new Placer();
  private input: PanelInput | undefined;
  private graph: Graph = { nodes: [], edges: [], notices: [] };
  private byId = new Map<string, GraphNode>();
  private layout: Layout | undefined;
  private shape = '';
  private paths: Point[][] = [];
  private zoom = 1;
  private offset: Point = { x: 0, y: 0 };
  /** True until a person moved the view: a new size or layout is fitted again. */
  private fitted = true;
  private hover: Target | undefined;
  private chosen: string | undefined;
  private drag: { x: number; y: number; moved: boolean } | undefined;
  private frame = 0;

  constructor(host: HTMLElement) {
    this.surface = new Surface(this.root, () => this.paint());
    this.buttons = zoomButtons({ onZoom: (by) => this.zoomBy(by), onFit: () => this.fit(), fitLabel: 'Show the whole graph' });
    this.root.append(this.words, this.card, this.buttons);
    host.append(this.root);
    const { element } = this.surface;
    element.addEventListener('pointermove', (e) => this.moved(e));
    element.addEventListener('pointerdown', (e) => this.pressed(e));
    element.addEventListener('pointerup', (e) => this.released(e));
    element.addEventListener('pointercancel', () => this.endDrag());
    element.addEventListener('pointerleave', () => this.point(undefined));
    element.addEventListener('dblclick', () => this.fit());
    element.addEventListener('wheel', (e) => this.wheel(e), { passive: false });
  }

  update(input: PanelInput): void {
    this.input = input;
    this.graph = readGraph(input.frames, input.options, input.theme);
    this.byId = new Map(this.graph.nodes.map((n) => [n.id, n]));
    const resized = this.surface.resize(input.size.width, input.size.height);
    this.surface.element.setAttribute('aria-label', `Graph of ${this.graph.nodes.length} nodes and ${this.graph.edges.length} edges`);
    this.tell(this.graph.nodes.length === 0 ? 'This data holds no graph: its edges need the fields source and target, its nodes the field id.' : this.graph.notices.join(' '));
    this.buttons.hidden = this.graph.nodes.length === 0;
    const kind = oneOf(input.options['layoutAlgorithm'], ['layered', 'force', 'grid'] as const, 'layered');
    const nodes = this.graph.nodes.map((n) => ({ id: n.id, width: Math.max(n.radius * 2 + 12, Math.min(titleRoom, measure(n.title, canvasFont(13, 500)))), height: n.radius * 2 + (n.subtitle === '' ? 34 : 50) }));
    const edges = this.graph.edges.map((e, id) => ({ id, source: e.source, target: e.target }));
    const shape = JSON.stringify([kind, nodes.map((n) => [n.id, Math.round(n.width), n.height]), edges]);
    if (shape === this.shape) {
      if (resized && this.fitted) this.fit();
      this.showCard();
      this.paint();
      return;
    }
    this.shape = shape;
    if (nodes.length === 0) {
      this.layout = undefined;
      this.showCard();
      this.paint();
      return;
    }
    if (!this.layout) this.tell('Laying out the graph…');
    this.placer.ask({ nodes, edges, kind }, (layout) => {
      this.layout = layout;
      this.tell(this.graph.notices.join(' '));
      this.route();
      if (this.fitted) this.fit();
      this.showCard();
      this.paint();
    }, (message) => this.tell(`The graph could not be laid out: ${message}`));
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.placer.stop();
    hideTooltip(this);
    this.surface.destroy();
    this.root.remove();
  }

  /** Left and right go through all nodes; brackets go to the neighbours of the one reached. */
  walk(points: number, series: number): string | undefined {
    const { nodes } = this.graph;
    if (nodes.length === 0 || !this.layout) return undefined;
    const at = nodes.findIndex((n) => n.id === this.chosen);
    let next = nodes[at < 0 ? (points < 0 ? nodes.length - 1 : 0) : Math.min(nodes.length - 1, Math.max(0, at + points))];
    if (series !== 0 && at >= 0) {
      const around = this.around(nodes[at]?.id ?? '').filter((id) => id !== this.chosen);
      next = this.byId.get((series > 0 ? around[0] : around.at(-1)) ?? '') ?? next;
    }
    if (!next) return undefined;
    this.choose(next.id);
    this.bringIntoSight(next.id);
    const to = this.graph.edges.filter((e) => e.source === next.id).map((e) => this.byId.get(e.target)?.title ?? e.target);
    return `${next.title}${next.subtitle === '' ? '' : `, ${next.subtitle}`}${[next.main, next.secondary].filter((s) => s !== '').map((s) => `, ${s}`).join('')}. ${to.length === 0 ? 'Leads nowhere.' : `Leads to ${to.slice(0, 8).join(', ')}${to.length > 8 ? ' and more' : ''}.`}`;
  }

  private tell(words: string): void {
    this.words.textContent = words;
    this.words.hidden = words === '';
  }

  private around(id: string): string[] {
    return [...new Set(this.graph.edges.flatMap((e) => (e.source === id || e.target === id ? [e.target, e.source] : [])))];
  }

  /** The ways of the edges from rim to rim, once per layout. */
  private route(): void {
    const { layout } = this;
    this.paths = this.graph.edges.map((e, i) => {
      const [a, b] = [layout?.nodes[e.source], layout?.nodes[e.target]];
      const [na, nb] = [this.byId.get(e.source), this.byId.get(e.target)];
      if (!layout || !a || !b || !na || !nb) return [];
      if (e.source === e.target) {
        const r = na.radius;
        return [{ x: a.x - r * 0.5, y: a.y - r - 4 }, { x: a.x - r * 1.2, y: a.y - r * 2.1 }, { x: a.x + r * 1.2, y: a.y - r * 2.1 }, { x: a.x + r * 0.5, y: a.y - r - 4 }];
      }
      return edgePath(a, na.radius, b, nb.radius, layout.edges[i]);
    });
  }

  private fit(): void {
    const { layout, surface } = this;
    if (!layout) return;
    this.fitted = true;
    this.zoom = Math.min(1.25, Math.max(zoomMin, Math.min(surface.width / layout.width, surface.height / layout.height)));
    this.offset = { x: (surface.width - layout.width * this.zoom) / 2, y: (surface.height - layout.height * this.zoom) / 2 };
    this.paint();
  }

  private zoomBy(by: number, at: Point = { x: this.surface.width / 2, y: this.surface.height / 2 }): void {
    const zoom = Math.min(zoomMax, Math.max(zoomMin, this.zoom * by));
    const real = zoom / this.zoom;
    this.offset = { x: at.x - (at.x - this.offset.x) * real, y: at.y - (at.y - this.offset.y) * real };
    this.zoom = zoom;
    this.fitted = false;
    this.paint();
  }

  private bringIntoSight(id: string): void {
    const at = this.layout?.nodes[id];
    if (!at) return;
    const x = at.x * this.zoom + this.offset.x;
    const y = at.y * this.zoom + this.offset.y;
    const edge = 60;
    if (x > edge && y > edge && x < this.surface.width - edge && y < this.surface.height - edge) return;
    this.offset = { x: this.surface.width / 2 - at.x * this.zoom, y: this.surface.height / 2 - at.y * this.zoom };
    this.fitted = false;
    this.paint();
  }

  private paint(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paintNow());
  }

  private paintNow(): void {
    const { input, layout } = this;
    if (!input) return;
    const ink = readInk(input.theme);
    this.surface.paint((c, width, height) => {
      if (!layout) return;
      c.translate(this.offset.x, this.offset.y);
      c.scale(this.zoom, this.zoom);
      const focus = this.hover && 'node' in this.hover ? this.hover.node.id : this.chosen;
      const near = focus === undefined ? undefined : new Set([focus, ...this.around(focus)]);
      const edgeHover = this.hover && 'edge' in this.hover ? this.hover.index : -1;
      this.graph.edges.forEach((e, i) => {
        const touches = focus !== undefined && (e.source === focus || e.target === focus);
        paintEdge(c, e, this.paths[i] ?? [], ink, { faint: near !== undefined && !touches, focused: touches || i === edgeHover });
      });
      const left = -this.offset.x / this.zoom;
      const top = -this.offset.y / this.zoom;
      for (const n of this.graph.nodes) {
        const at = layout.nodes[n.id];
        const room = n.radius + titleRoom / 2;
        if (!at || at.x < left - room || at.y < top - room || at.x > left + width / this.zoom + room || at.y > top + height / this.zoom + room) continue;
        paintNode(c, n, at, ink, input.theme, { faint: near !== undefined && !near.has(n.id), focused: n.id === this.chosen, grow: Math.min(1.4, Math.max(1, 0.85 / this.zoom)) });
      }
      this.graph.edges.forEach((e, i) => {
        const touches = focus !== undefined && (e.source === focus || e.target === focus);
        if (e.main === '' || !(touches || i === edgeHover || (near === undefined && this.graph.edges.length <= edgeLabelsMax && this.zoom >= 0.45))) return;
        const at = middleOf(this.paths[i] ?? []);
        const font = canvasFont(11 * Math.min(1.4, Math.max(1, 0.85 / this.zoom)));
        const half = measure(e.main, font) / 2 + 4;
        c.fillStyle = ink.panel;
        c.globalAlpha = 0.88;
        c.fillRect(at.x - half, at.y - 8, half * 2, 16);
        c.globalAlpha = 1;
        paintText(c, e.main, at.x, at.y, { color: ink.text2, font, align: 'center' });
      });
    });
  }

  private local(e: MouseEvent): Point {
    const box = this.surface.element.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  }

  private find(at: Point): Target | undefined {
    const { layout } = this;
    if (!layout) return undefined;
    const p = { x: (at.x - this.offset.x) / this.zoom, y: (at.y - this.offset.y) / this.zoom };
    const node = this.graph.nodes.findLast((n) => {
      const q = layout.nodes[n.id];
      return q !== undefined && Math.hypot(q.x - p.x, q.y - p.y) <= n.radius + 6;
    });
    if (node) return { node };
    let index = -1;
    let least = 6 / Math.min(1, this.zoom);
    this.paths.forEach((path, i) => {
      const distance = distanceTo(path, p);
      if (distance < least) {
        least = distance;
        index = i;
      }
    });
    const edge = this.graph.edges[index];
    return edge ? { edge, index } : undefined;
  }

  private moved(e: PointerEvent): void {
    if (this.drag) {
      const [dx, dy] = [e.clientX - this.drag.x, e.clientY - this.drag.y];
      if (!this.drag.moved && Math.hypot(dx, dy) < 4) return;
      this.drag = { x: e.clientX, y: e.clientY, moved: true };
      this.root.classList.add('dragging');
      this.offset = { x: this.offset.x + dx, y: this.offset.y + dy };
      this.fitted = false;
      this.point(undefined);
      this.paint();
      return;
    }
    this.point(this.find(this.local(e)), e);
  }

  private point(target: Target | undefined, e?: PointerEvent): void {
    const before = this.hover;
    this.hover = target;
    this.surface.element.style.cursor = target && !this.drag ? 'pointer' : '';
    if (target && e) {
      const { heading, rows } = this.described(target);
      showTooltip(this, { x: e.clientX, y: e.clientY }, heading, rows, 0);
    } else hideTooltip(this);
    const key = (t: Target | undefined): string => (t === undefined ? '' : 'node' in t ? `n${t.node.id}` : `e${t.index}`);
    if (key(before) !== key(target)) this.paint();
  }

  private described(target: Target): { heading: string; rows: TooltipRow[] } {
    const row = (name: string, value: string, color = 'transparent'): TooltipRow => ({ color, name, value });
    if ('edge' in target) {
      const { edge } = target;
      return {
        heading: `${this.byId.get(edge.source)?.title ?? edge.source} → ${this.byId.get(edge.target)?.title ?? edge.target}`,
        rows: [...(edge.main === '' ? [] : [row('Main', edge.main)]), ...(edge.secondary === '' ? [] : [row('Secondary', edge.secondary)]), ...edge.details.map((d) => row(d.name, d.value))],
      };
    }
    const { node } = target;
    return {
      heading: node.subtitle === '' ? node.title : `${node.title} · ${node.subtitle}`,
      rows: [
        ...(node.main === '' ? [] : [row('Main', node.main)]), ...(node.secondary === '' ? [] : [row('Secondary', node.secondary)]),
        ...node.arcs.map((a) => row(a.name, `${(a.share * 100).toFixed(1)} %`, a.color)), ...node.details.map((d) => row(d.name, d.value)),
      ],
    };
  }

  private pressed(e: PointerEvent): void {
    if (e.button !== 0) return;
    this.drag = { x: e.clientX, y: e.clientY, moved: false };
    this.surface.element.setPointerCapture(e.pointerId);
  }

  private released(e: PointerEvent): void {
    const moved = this.drag?.moved ?? true;
    this.endDrag();
    if (moved) return;
    const target = this.find(this.local(e));
    this.choose(target && 'node' in target && target.node.id !== this.chosen ? target.node.id : undefined);
  }

  private endDrag(): void {
    this.drag = undefined;
    this.root.classList.remove('dragging');
  }

  private wheel(e: WheelEvent): void {
    // Without a modifier the wheel scrolls the page, unless the panel says otherwise.
    if (!(e.ctrlKey || e.metaKey || text(this.input?.options['zoomMode']) === 'greedy')) return;
    e.preventDefault();
    this.zoomBy(wheelZoom(e), this.local(e));
  }

  private choose(id: string | undefined): void {
    this.chosen = id;
    this.showCard();
    this.paint();
  }

  /** The chosen node in words, with its links. */
  private showCard(): void {
    const node = this.byId.get(this.chosen ?? '');
    this.card.hidden = node === undefined;
    if (!node) return;
    const { rows } = this.described({ node });
    const interpolate = this.input?.interpolate ?? ((words: string) => words);
    const all = node.links.flatMap((place) => linksAt(place.field.config?.links ?? [], place, interpolate));
    const links = all.filter((l, i) => all.findIndex((o) => o.url === l.url) === i).slice(0, 10);
    this.card.replaceChildren(
      h('header', {}, h('span', { text: node.title }), h('button', { text: '×', attrs: { type: 'button', 'aria-label': 'Close' }, on: { click: () => this.choose(undefined) } })),
      ...(node.subtitle === '' ? [] : [h('div', { text: node.subtitle })]),
      h('dl', {}, ...rows.flatMap((r) => [h('dt', { text: r.name }), h('dd', { text: r.value })])),
      ...(links.length > 0 ? [h('div', { class: 'tooltip-actions' }, ...linkChips(links))] : []),
    );
  }
}
