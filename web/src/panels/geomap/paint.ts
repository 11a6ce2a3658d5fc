/** Draws land, markers and heat on a canvas whose origin is the top left of the world. */
import { withAlpha, type Theme } from '../../model/color/names';
import { scaleColor } from '../../model/color/palette';
import type { Ink } from '../canvas/ink';
import { canvasFont, paintText } from '../canvas/text';
import type { Marker } from './locate';
import { worldPixels, type MapView } from './mercator';
import type { MapLayer, Shape } from './options';
import type { Line } from './outline';
import type { Shape as LineShape } from './shapes';
import type { WorldMap } from './world';

export interface Screen {
  view: MapView;
  width: number;
  height: number;
}
export const toScreen = (s: Screen, x: number, y: number): { x: number; y: number } => {
  const size = worldPixels(s.view.zoom);
  return { x: (x - s.view.center.x) * size + s.width / 2, y: (y - s.view.center.y) * size + s.height / 2 };
};

function trace(c: CanvasRenderingContext2D, s: Screen, line: Line, close: boolean): void {
  const a = toScreen(s, line.left, line.top);
  const b = toScreen(s, line.right, line.bottom);
  if (b.x < 0 || b.y < 0 || a.x > s.width || a.y > s.height) return;
  const size = worldPixels(s.view.zoom);
  const ox = s.width / 2 - s.view.center.x * size;
  const oy = s.height / 2 - s.view.center.y * size;
  let [px, py] = [Infinity, Infinity];
  const { points } = line;
  for (let i = 0; i < points.length; i += 2) {
    const x = (points[i] ?? 0) * size + ox;
    const y = (points[i + 1] ?? 0) * size + oy;
    // What is less than a pixel away adds nothing.
    if (i > 0 && i < points.length - 2 && Math.abs(x - px) + Math.abs(y - py) < 0.8) continue;
    if (i === 0) c.moveTo(x, y);
    else c.lineTo(x, y);
    [px, py] = [x, y];
  }
  if (close) c.closePath();
}

/** The far east of Asia lies beyond the date line: the map reaches a little further there, so that it stays whole. */
const rightEdge = 1.03;

export function paintWorld(c: CanvasRenderingContext2D, s: Screen, map: WorldMap, ink: Ink): void {
  const [from, to] = [toScreen(s, 0, 0), toScreen(s, rightEdge, 1)];
  c.save();
  c.beginPath();
  c.rect(from.x, from.y, to.x - from.x, to.y - from.y);
  c.clip();
  c.beginPath();
  for (const ring of map.land) trace(c, s, ring, true);
  c.fillStyle = ink.line;
  c.fill('evenodd');
  c.beginPath();
  for (const border of map.borders) trace(c, s, border, false);
  c.strokeStyle = ink.panel;
  c.lineWidth = s.view.zoom > 3 ? 1.2 : 0.8;
  c.stroke();
  c.restore();
}

/** Routes and shapes: filled faintly where they close, drawn along, arrows at the ends of a route. */
export function paintShapes(c: CanvasRenderingContext2D, s: Screen, shapes: readonly LineShape[], arrow: -1 | 0 | 1): void {
  c.save();
  c.lineJoin = 'round';
  for (const shape of shapes) {
    c.beginPath();
    for (const line of shape.lines) trace(c, s, line, shape.closed);
    c.globalAlpha = shape.opacity;
    if (shape.closed) {
      c.fillStyle = withAlpha(shape.color, 0.35);
      c.fill('evenodd');
    }
    c.strokeStyle = shape.color;
    c.lineWidth = shape.width;
    c.stroke();
    c.fillStyle = shape.color;
    for (const p of shape.points) {
      const at = toScreen(s, p.x, p.y);
      c.beginPath();
      c.arc(at.x, at.y, Math.max(2, shape.width * 2), 0, Math.PI * 2);
      c.fill();
    }
    if (arrow !== 0) for (const line of shape.lines) paintArrow(c, s, line, arrow, shape.width);
  }
  c.restore();
}

function paintArrow(c: CanvasRenderingContext2D, s: Screen, line: Line, arrow: -1 | 1, width: number): void {
  const n = line.points.length / 2;
  const at = (i: number): { x: number; y: number } => toScreen(s, line.points[i * 2] ?? 0, line.points[i * 2 + 1] ?? 0);
  const [from, to] = arrow === 1 ? [at(n - 2), at(n - 1)] : [at(1), at(0)];
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const size = 7 + width * 1.5;
  c.beginPath();
  c.moveTo(to.x, to.y);
  for (const turn of [-0.45, 0.45]) c.lineTo(to.x - size * Math.cos(angle + turn), to.y - size * Math.sin(angle + turn));
  c.closePath();
  c.fill();
}

function outline(c: CanvasRenderingContext2D, shape: Shape, x: number, y: number, r: number): void {
  c.beginPath();
  switch (shape) {
    case 'square': c.rect(x - r, y - r, 2 * r, 2 * r); break;
    case 'triangle': c.moveTo(x, y - r); c.lineTo(x + r, y + r * 0.8); c.lineTo(x - r, y + r * 0.8); c.closePath(); break;
    case 'cross': c.moveTo(x - r, y); c.lineTo(x + r, y); c.moveTo(x, y - r); c.lineTo(x, y + r); break;
    case 'x': c.moveTo(x - r, y - r); c.lineTo(x + r, y + r); c.moveTo(x + r, y - r); c.lineTo(x - r, y + r); break;
    case 'star':
      for (let i = 0; i < 10; i += 1) {
        const angle = -Math.PI / 2 + (i * Math.PI) / 5;
        const length = i % 2 === 0 ? r : r * 0.45;
        c.lineTo(x + Math.cos(angle) * length, y + Math.sin(angle) * length);
      }
      c.closePath();
      break;
    default: c.arc(x, y, r, 0, Math.PI * 2);
  }
}

export function paintMarker(c: CanvasRenderingContext2D, s: Screen, m: Marker, layer: MapLayer, ink: Ink, grow = 0): void {
  const { x, y } = toScreen(s, m.world.x, m.world.y);
  const r = m.radius + grow;
  if (x < -r || y < -r || x > s.width + r || y > s.height + r) return;
  outline(c, layer.shape, x, y, r);
  c.fillStyle = withAlpha(m.color, Math.min(1, layer.opacity + (grow > 0 ? 0.3 : 0)));
  c.fill();
  c.strokeStyle = m.color;
  c.lineWidth = grow > 0 ? 2.5 : 1.25;
  c.stroke();
  if (m.label !== '') paintText(c, m.label, x, y + r + 9, { color: ink.text1, font: canvasFont(11), align: 'center' });
}

/** The colour at each strength, from clear to strong. */
function heatColors(theme: Theme): Uint8ClampedArray {
  const out = new Uint8ClampedArray(256 * 4);
  for (let i = 1; i < 256; i += 1) {
    const share = i / 255;
    const [r = 0, g = 0, b = 0] = (/#(..)(..)(..)/.exec(scaleColor('continuous-BlYlRd', share, theme)) ?? []).slice(1).map((n) => parseInt(n, 16));
    out.set([r, g, b, Math.min(215, share * 520)], i * 4);
  }
  return out;
}

/** Density as heat: soft spots add up on a canvas of their own, whose strength is then coloured. */
export function paintHeat(c: CanvasRenderingContext2D, s: Screen, markers: readonly Marker[], layer: MapLayer, theme: Theme): void {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(s.width));
  canvas.height = Math.max(1, Math.round(s.height));
  const own = canvas.getContext('2d', { willReadFrequently: true });
  if (!own) return;
  const reach = layer.radius + layer.blur;
  for (const m of markers) {
    const { x, y } = toScreen(s, m.world.x, m.world.y);
    if (m.weight <= 0 || x < -reach || y < -reach || x > s.width + reach || y > s.height + reach) continue;
    const spot = own.createRadialGradient(x, y, Math.max(0, layer.radius * 0.3), x, y, reach);
    spot.addColorStop(0, `rgba(0,0,0,${m.weight})`);
    spot.addColorStop(1, 'rgba(0,0,0,0)');
    own.fillStyle = spot;
    own.fillRect(x - reach, y - reach, reach * 2, reach * 2);
  }
  const image = own.getImageData(0, 0, canvas.width, canvas.height);
  const colors = heatColors(theme);
  for (let i = 0; i < image.data.length; i += 4) {
    const strength = image.data[i + 3] ?? 0;
    if (strength > 0) image.data.set(colors.subarray(strength * 4, strength * 4 + 4), i);
  }
  own.putImageData(image, 0, 0);
  c.drawImage(canvas, 0, 0, s.width, s.height);
}
