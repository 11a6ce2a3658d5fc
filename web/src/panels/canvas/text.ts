/** Text on a canvas: measured once, cut with an ellipsis where it does not fit. */
import { fontFamily, textWidth } from '../dom';

export const canvasFont = (size = 12, weight = 400): string => `${weight} ${size}px ${fontFamily}`;

const widthsMax = 5000;
const widths = new Map<string, number>();

/** Width in CSS pixels; remembered, because a chart asks for the same texts again and again. */
export function measure(text: string, font: string): number {
  const key = `${font}|${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size >= widthsMax) widths.clear();
    width = textWidth(text, font);
    widths.set(key, width);
  }
  return width;
}

export const widest = (texts: Iterable<string>, font: string): number => {
  let most = 0;
  for (const text of texts) most = Math.max(most, measure(text, font));
  return most;
};

/** The text, or as much of it as fits with an ellipsis; empty when not even one letter fits. */
export function fitText(text: string, room: number, width: (text: string) => number): string {
  if (width(text) <= room) return text;
  const letters = [...text];
  let low = 0;
  let high = letters.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (width(`${letters.slice(0, middle).join('')}…`) <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? '' : `${letters.slice(0, low).join('').trimEnd()}…`;
}

interface TextStyle {
  color: string;
  font?: string;
  align?: CanvasTextAlign;
  baseline?: CanvasTextBaseline;
  /** Room in pixels: longer texts are cut. */
  room?: number;
  /** Turned clockwise by so many degrees around its anchor. */
  angle?: number;
}

export function paintText(c: CanvasRenderingContext2D, text: string, x: number, y: number, style: TextStyle): void {
  const font = style.font ?? canvasFont();
  const shown = style.room === undefined ? text : fitText(text, style.room, (t) => measure(t, font));
  if (shown === '') return;
  c.font = font;
  c.fillStyle = style.color;
  c.textAlign = style.align ?? 'left';
  c.textBaseline = style.baseline ?? 'middle';
  if (!style.angle) {
    c.fillText(shown, x, y);
    return;
  }
  c.save();
  c.translate(x, y);
  c.rotate((style.angle * Math.PI) / 180);
  c.fillText(shown, 0, 0);
  c.restore();
}
