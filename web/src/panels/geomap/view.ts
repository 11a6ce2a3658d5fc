/** The map on its canvas: pan, zoom, the marker pointed at, keys from marker to marker. */
import { wordsOf } from '../../model/errors';
import { showValue } from '../../model/fieldconfig/display';
import { flag, object, text } from '../../model/json';
import { linksAt, type ShownLink } from '../../model/links';
import { linkChips } from '../address';
import { readInk } from '../canvas/ink';
import { Surface } from '../canvas/surface';
import { wheelZoom, zoomButtons } from '../canvas/zoom';
import { h } from '../dom';
import { hideTooltip, isPinned, pinTooltip, showTooltip, unpinTooltip, type TooltipRow } from '../tooltip';
import type { PanelInput, PanelView } from '../types';
import './geomap.css';
import { GeoLayers } from './geo-layers';
import { layerLegend } from './legend';
import { markersMax, placeLayer, type Marker, type Placed } from './locate';
import { fitView, scaleBar, toLonLat, wholeWorld, worldPixels, zoomMax, type MapView } from './mercator';
import { closestFit, readLayers, tileAddress, wantedView, type MapLayer } from './options';
import { paintHeat, paintMarker, paintShapes, paintWorld, toScreen, type Screen } from './paint';
import { geoSource, routes, worldShape, type Shape } from './shapes';
import { Tiles } from './tiles';
import { loadWorld, type WorldMap } from './world';

/** From this zoom on the finer outlines are worth their weight. */
const fineZoom = 3.4;
const reach = 6;

interface Shown {
  layer: MapLayer;
  placed: Placed;
  /** Of routes and GeoJSON. */
  lines: Shape[];
}
const nowhere: Placed = { markers: [], colorBy: undefined, ends: [0, 1], lost: 0, problem: undefined };
const drawn = new Set(['markers', 'heatmap', 'route', 'geojson']);
interface Hit {
  layer: MapLayer;
  marker: Marker;
}

export class MapPanelView implements PanelView {
  private readonly root = h('div', { class: 'map-panel' });
  private readonly surface: Surface;
  private readonly words = h('p', { class: 'map-words', attrs: { hidden: true, role: 'status' } });
  private readonly legend = h('div', { class: 'map-legend', attrs: { hidden: true } });
  private readonly bar = h('div', { class: 'map-bar', attrs: { hidden: true } });
  private readonly buttons = zoomButtons({ onZoom: (by) => this.zoomBy(by), onFit: () => this.home(), fitLabel: 'Back to the first view' });
  private readonly tiles = new Tiles(() => this.paint());
  private input: PanelInput | undefined;
  private shown: Shown[] = [];
  private maps: Partial<Record<'coarse' | 'fine', WorldMap>> = {};
  private asked = new Set<string>();
  private readonly geo = new GeoLayers(() => {
    if (!this.gone && this.input) this.show(this.input, false);
  });
  private view: MapView = { center: { x: 0.5, y: 0.5 }, zoom: 0 };
  /** True once a person moved the map: new data leaves the view alone. */
  private moved = false;
  private viewKey = '';
  private hit: Hit | undefined;
  private drag: { x: number; y: number; moved: boolean } | undefined;
  private frame = 0;
  private at = -1;
  private gone = false;

  constructor(host: HTMLElement) {
    this.surface = new Surface(this.root, () => this.paint());
    this.root.append(this.words, this.legend, this.bar, this.buttons);
    host.append(this.root);
    const { element } = this.surface;
    element.addEventListener('pointermove', (e) => this.pointer(e));
    element.addEventListener('pointerdown', (e) => this.pressed(e));
    element.addEventListener('pointerup', (e) => this.released(e));
    element.addEventListener('pointercancel', () => this.endDrag());
    element.addEventListener('pointerleave', () => this.leave());
    element.addEventListener('dblclick', (e) => this.zoomBy(2, this.local(e)));
    element.addEventListener('wheel', (e) => this.wheel(e), { passive: false });
  }

  update(input: PanelInput): void {
    this.show(input, true);
  }

  /** `retry`: files that could not be loaded are asked for again. */
  private show(input: PanelInput, retry: boolean): void {
    this.input = input;
    const layers = readLayers(input.options);
    let room = markersMax;
    const geo = this.geo.draw(layers.filter((l) => l.type === 'geojson'), input.theme, retry);
    this.shown = layers.filter((l) => drawn.has(l.type)).map((layer): Shown => {
      if (layer.type === 'geojson') return { layer, placed: nowhere, lines: geo.get(layer)?.shapes ?? [] };
      const placed = placeLayer(input.frames, layer, input.theme, room);
      room -= placed.markers.length;
      return { layer, placed, lines: layer.type === 'route' ? routes(placed.markers, layer, input.theme) : [] };
    });
    const resized = this.surface.resize(input.size.width, input.size.height);
    const count = this.shown.reduce((n, s) => n + s.placed.markers.length, 0);
    this.surface.element.setAttribute('aria-label', `Map with ${count} markers`);
    const tiles = tileAddress(input.options);
    const lost = this.shown.reduce((n, s) => n + s.placed.lost, 0);
    const others = [...new Set(layers.map((l) => l.type).filter((t) => !drawn.has(t)))];
    this.words.textContent = [
      ...new Set([...geo.values()].map((d) => d.problem)),
      this.shown.length > 0 && this.shown.every((s) => s.placed.problem !== undefined) ? this.shown[0]?.placed.problem : '',
      lost > 0 ? `${lost.toLocaleString('en')} ${lost === 1 ? 'row has' : 'rows have'} no known place.` : '',
      others.length > 0 ? `Layers of the type ${others.map((t) => `“${t}”`).join(', ')} are not drawn.` : '',
      room <= 0 ? `Only the first ${markersMax.toLocaleString('en')} markers are drawn.` : '',
      tiles.refused === '' ? '' : 'Tiles of other hosts are off: this is the built-in map.',
    ].filter((w) => w !== '' && w !== undefined).join(' ');
    this.words.hidden = this.words.textContent === '';
    const legends = this.shown.map((s) => layerLegend(s.layer, s.placed, input.theme)).filter((l): l is HTMLElement => l !== undefined);
    this.legend.replaceChildren(...legends);
    this.legend.hidden = legends.length === 0 || input.size.width < 240;
    this.buttons.hidden = !flag(object(input.options['controls'])['showZoom'], true);
    const key = JSON.stringify(input.options['view'] ?? null);
    if (key !== this.viewKey) this.moved = false;
    if (!this.moved && (key !== this.viewKey || resized || wantedView(input.options) === 'fit')) this.home();
    this.viewKey = key;
    this.hit = undefined;
    this.load('coarse');
    this.paint();
  }

  destroy(): void {
    this.gone = true;
    cancelAnimationFrame(this.frame);
    if (this.hit) unpinTooltip();
    hideTooltip(this);
    this.surface.destroy();
    this.root.remove();
  }

  walk(points: number, series: number): string | undefined {
    // From the biggest to the smallest: the ones that matter come first.
    const all = this.shown.flatMap((s) => (s.layer.type === 'markers' ? s.placed.markers.map((marker) => ({ layer: s.layer, marker })) : []));
    if (all.length === 0) return undefined;
    this.at = Math.min(all.length - 1, Math.max(0, (this.at < 0 ? (points < 0 ? all.length : -1) : this.at) + points + series));
    const hit = all[this.at];
    if (!hit) return undefined;
    this.hit = hit;
    const p = toScreen(this.screen(), hit.marker.world.x, hit.marker.world.y);
    const edge = 24;
    if (p.x < edge || p.y < edge || p.x > this.surface.width - edge || p.y > this.surface.height - edge) this.setView({ ...this.view, center: hit.marker.world });
    this.paint();
    return this.rows(hit).map((r) => `${r.name}: ${r.value}`).join(', ');
  }

  private load(detail: 'coarse' | 'fine'): void {
    if (this.maps[detail] || this.asked.has(detail)) return;
    this.asked.add(detail);
    loadWorld(detail).then((map) => {
      if (this.gone) return;
      this.maps[detail] = map;
      this.paint();
    }).catch((error: unknown) => {
      this.asked.delete(detail);
      if (this.gone || detail === 'fine') return;
      this.words.textContent = `The outlines of the world could not be loaded: ${wordsOf(error)}`;
      this.words.hidden = false;
    });
  }

  private screen(): Screen {
    return { view: this.view, width: this.surface.width, height: this.surface.height };
  }

  /** The view that the panel asks for. */
  private home(): void {
    const { width, height } = this.surface;
    const options = this.input?.options ?? {};
    const wanted = wantedView(options);
    const points = this.shown.flatMap((s) => s.placed.markers.map((m) => m.world));
    this.view = typeof wanted === 'object' ? wanted : (wanted === 'fit' ? fitView(points, width, height, closestFit(options)) : undefined) ?? wholeWorld(width, height);
    this.moved = false;
    this.paint();
  }

  private setView(view: MapView): void {
    const { width, height } = this.surface;
    const zoom = Math.min(zoomMax, Math.max(Math.min(0, wholeWorld(width, height).zoom), view.zoom));
    // The middle of the picture stays on the map.
    this.view = { zoom, center: { x: Math.min(1, Math.max(0, view.center.x)), y: Math.min(1, Math.max(0, view.center.y)) } };
    this.moved = true;
    this.paint();
  }

  private zoomBy(by: number, at = { x: this.surface.width / 2, y: this.surface.height / 2 }): void {
    const zoom = Math.min(zoomMax, Math.max(0, this.view.zoom + Math.log2(by)));
    const [before, after] = [worldPixels(this.view.zoom), worldPixels(zoom)];
    const [dx, dy] = [at.x - this.surface.width / 2, at.y - this.surface.height / 2];
    this.setView({ zoom, center: { x: this.view.center.x + dx / before - dx / after, y: this.view.center.y + dy / before - dy / after } });
  }

  private paint(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paintNow());
  }

  private paintNow(): void {
    const { input } = this;
    if (!input) return;
    const ink = readInk(input.theme);
    if (this.view.zoom >= fineZoom) this.load('fine');
    const s = this.screen();
    const { url } = tileAddress(input.options);
    const map = (this.view.zoom >= fineZoom ? this.maps.fine : undefined) ?? this.maps.coarse;
    this.surface.paint((c) => {
      if (map) paintWorld(c, s, map, ink);
      if (url !== undefined) this.tiles.paint(c, s, url);
      for (const { layer, placed, lines } of this.shown) {
        if (lines.length > 0) paintShapes(c, s, lines, layer.type === 'route' ? layer.arrow : 0);
        if (layer.type === 'geojson' && geoSource(layer.src).kind === 'world' && map) paintShapes(c, s, [worldShape(map, layer, input.theme)], 0);
        if (layer.type === 'heatmap') paintHeat(c, s, placed.markers, layer, input.theme);
        else if (layer.type === 'markers') for (const m of placed.markers) paintMarker(c, s, m, layer, ink);
      }
    });
    this.surface.paintOver((c) => {
      if (this.hit) paintMarker(c, s, this.hit.marker, this.hit.layer, ink, 2);
    });
    this.bar.hidden = !flag(object(input.options['controls'])['showScale']);
    if (this.bar.hidden) return;
    const { metres, pixels } = scaleBar(this.view, 90);
    const words = metres >= 1000 ? `${(metres / 1000).toLocaleString('en')} km` : `${metres} m`;
    this.bar.replaceChildren(h('span', { text: words }), h('span', { class: 'map-bar-line', style: { width: `${Math.round(pixels)}px` } }));
  }

  private local(e: MouseEvent): { x: number; y: number } {
    const box = this.surface.element.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  }

  private find(at: { x: number; y: number }): Hit | undefined {
    const s = this.screen();
    let best: Hit | undefined;
    let least = reach;
    for (const { layer, placed } of this.shown) {
      if (layer.type !== 'markers') continue;
      // The small ones lie on top.
      for (let i = placed.markers.length - 1; i >= 0; i -= 1) {
        const marker = placed.markers[i];
        if (!marker) continue;
        const p = toScreen(s, marker.world.x, marker.world.y);
        const distance = Math.max(0, Math.hypot(p.x - at.x, p.y - at.y) - marker.radius);
        if (distance < least) {
          least = distance;
          best = { layer, marker };
        }
      }
    }
    return best;
  }

  private rows({ marker: m, layer }: Hit): TooltipRow[] {
    const own = m.frame.fields.filter((f) => f.values[m.row] !== null && f.values[m.row] !== undefined).slice(0, 16);
    const rows = own.map((f): TooltipRow => ({ color: f.type === 'number' && (f.title ?? f.name) === layer.colorField ? m.color : 'transparent', name: f.title ?? f.name, value: f.display ? showValue(f.display(f.values[m.row] ?? null)) : String(f.values[m.row]) }));
    return m.name === '' || rows.some((r) => r.value === m.name) ? rows : [{ color: m.color, name: 'Place', value: m.name }, ...rows];
  }

  private pointer(e: PointerEvent): void {
    if (this.drag) {
      const [dx, dy] = [e.clientX - this.drag.x, e.clientY - this.drag.y];
      if (!this.drag.moved && Math.hypot(dx, dy) < 4) return;
      this.drag = { x: e.clientX, y: e.clientY, moved: true };
      this.root.classList.add('dragging');
      const size = worldPixels(this.view.zoom);
      this.setView({ ...this.view, center: { x: this.view.center.x - dx / size, y: this.view.center.y - dy / size } });
      hideTooltip(this);
      return;
    }
    const before = this.hit?.marker;
    this.hit = this.find(this.local(e));
    this.surface.element.style.cursor = this.hit ? 'pointer' : '';
    const details = text(object(this.input?.options['tooltip'])['mode'], 'details') !== 'none';
    if (this.hit && details) {
      const { lat, lon } = toLonLat(this.hit.marker.world);
      showTooltip(this, { x: e.clientX, y: e.clientY }, this.hit.layer.name || `${Math.abs(lat).toFixed(2)}° ${lat < 0 ? 'S' : 'N'}, ${Math.abs(lon).toFixed(2)}° ${lon < 0 ? 'W' : 'E'}`, this.rows(this.hit), 0);
    } else hideTooltip(this);
    if (before !== this.hit?.marker) this.paint();
  }

  /** Where the marker under the pointer leads: the links of all its fields. */
  private links(): ShownLink[] {
    const { hit, input } = this;
    if (!hit || !input) return [];
    const { fields } = hit.marker.frame;
    const all = fields.flatMap((field) => linksAt(field.config?.links ?? [], { field, row: hit.marker.row, fields }, input.interpolate));
    // A link of the panel's defaults is every field's.
    return all.filter((l, i) => all.findIndex((o) => o.url === l.url) === i).slice(0, 10);
  }

  private pressed(e: PointerEvent): void {
    if (e.button !== 0) return;
    this.drag = { x: e.clientX, y: e.clientY, moved: false };
    this.surface.element.setPointerCapture(e.pointerId);
  }

  private released(e: PointerEvent): void {
    const dragged = this.drag?.moved ?? true;
    this.endDrag();
    if (dragged) return;
    this.hit = this.find(this.local(e));
    if (isPinned()) unpinTooltip();
    else if (this.hit) pinTooltip(this, linkChips(this.links()));
  }

  private endDrag(): void {
    this.drag = undefined;
    this.root.classList.remove('dragging');
  }

  private leave(): void {
    hideTooltip(this);
    if (!this.hit) return;
    this.hit = undefined;
    this.paint();
  }

  private wheel(e: WheelEvent): void {
    // Without a modifier the wheel scrolls the page.
    if (!(e.ctrlKey || e.metaKey)) return;
    e.preventDefault();
    this.zoomBy(wheelZoom(e), this.local(e));
  }
}
