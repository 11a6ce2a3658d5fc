/** Raster tiles of this very site, where an address of theirs is configured; a few hundred are kept. */
import { tileSize, worldPixels } from './mercator';
import { toScreen, type Screen } from './paint';

const keptMax = 256;

export class Tiles {
  private readonly kept = new Map<string, HTMLImageElement>();

  constructor(private readonly onLoad: () => void) {}

  paint(c: CanvasRenderingContext2D, s: Screen, template: string): void {
    const z = Math.max(0, Math.min(19, Math.round(s.view.zoom)));
    const count = 2 ** z;
    const half = { x: s.width / 2 / worldPixels(s.view.zoom), y: s.height / 2 / worldPixels(s.view.zoom) };
    const clamp = (v: number): number => Math.max(0, Math.min(count - 1, Math.floor(v * count)));
    const size = (worldPixels(s.view.zoom) / count / tileSize) * tileSize;
    for (let x = clamp(s.view.center.x - half.x); x <= clamp(s.view.center.x + half.x); x += 1) {
      for (let y = clamp(s.view.center.y - half.y); y <= clamp(s.view.center.y + half.y); y += 1) {
        const image = this.get(template.replace('{z}', String(z)).replace('{x}', String(x)).replace('{y}', String(y)));
        const at = toScreen(s, x / count, y / count);
        if (image.complete && image.naturalWidth > 0) c.drawImage(image, at.x, at.y, size + 0.5, size + 0.5);
      }
    }
  }

  private get(url: string): HTMLImageElement {
    let image = this.kept.get(url);
    if (!image) {
      image = new Image();
      image.addEventListener('load', this.onLoad);
      image.src = url;
      this.kept.set(url, image);
      const oldest = this.kept.keys().next().value;
      if (this.kept.size > keptMax && oldest !== undefined) this.kept.delete(oldest);
    }
    return image;
  }
}
