/** Two canvases on top of each other in the size of their element: one for the data, one for what follows the pointer. */
import { h } from '../dom';
import './canvas.css';

type Paint = (c: CanvasRenderingContext2D, width: number, height: number) => void;

/** Device pixels per CSS pixel; more than three only costs memory. */
const ratio = (): number => Math.min(3, Math.max(1, devicePixelRatio || 1));

export class Surface {
  readonly element = h('div', { class: 'canvas-surface', attrs: { role: 'img', 'aria-label': 'Chart' } });
  private readonly base = h('canvas');
  private readonly top = h('canvas', { class: 'canvas-over' });
  private scale = 0;
  private density: MediaQueryList | undefined;
  width = 0;
  height = 0;

  /** `onRescale` is called when the window moves to a screen of another density: paint again. */
  constructor(host: HTMLElement, private readonly onRescale: () => void) {
    this.element.append(this.base, this.top);
    host.append(this.element);
    this.watch();
  }

  /** Takes the size, in CSS pixels; true if it changed. */
  resize(width: number, height: number): boolean {
    const w = Math.max(1, Math.floor(width));
    const t = Math.max(1, Math.floor(height));
    if (w === this.width && t === this.height && this.scale === ratio()) return false;
    this.width = w;
    this.height = t;
    this.scale = ratio();
    for (const canvas of [this.base, this.top]) {
      canvas.width = Math.round(w * this.scale);
      canvas.height = Math.round(t * this.scale);
      canvas.style.width = `${w}px`;
      canvas.style.height = `${t}px`;
    }
    return true;
  }

  /** Draws the data anew, in CSS pixels. */
  paint(draw: Paint): void {
    this.draw(this.base, draw);
  }

  /** Draws what follows the pointer; without a function it is wiped. */
  paintOver(draw?: Paint): void {
    this.draw(this.top, draw);
  }

  destroy(): void {
    this.density?.removeEventListener('change', this.rescaled);
    this.element.remove();
  }

  private draw(canvas: HTMLCanvasElement, draw?: Paint): void {
    const c = canvas.getContext('2d');
    if (!c) return;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, canvas.width, canvas.height);
    if (!draw) return;
    c.save();
    c.scale(this.scale, this.scale);
    draw(c, this.width, this.height);
    c.restore();
  }

  private readonly rescaled = (): void => {
    this.density?.removeEventListener('change', this.rescaled);
    this.watch();
    this.onRescale();
  };

  private watch(): void {
    this.density = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    this.density.addEventListener('change', this.rescaled);
  }
}
