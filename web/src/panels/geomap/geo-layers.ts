/** GeoJSON layers of one map: their files are asked for once at a time, their shapes made once for each style. */
import type { Theme } from '../../model/color/names';
import type { MapLayer } from './options';
import { geoShapes, geoSource, loadGeoJson, type GeoFile, type Shape } from './shapes';

interface DrawnLayer {
  shapes: Shape[];
  /** Empty where nothing is wrong. */
  problem: string;
}
const nothing: DrawnLayer = { shapes: [], problem: '' };

export class GeoLayers {
  private readonly files = new Map<string, GeoFile | Error>();
  private readonly pending = new Set<string>();
  /** Of the last drawing, by layer and theme. */
  private made = new Map<string, DrawnLayer>();

  /** `onAnswer` is called when a file is there or is known to be missing: draw again, without `retry`. */
  constructor(private readonly onAnswer: () => void, private readonly load = loadGeoJson) {}

  /** The shapes of each layer; nothing until its file is there. */
  draw(layers: readonly MapLayer[], theme: Theme, retry: boolean): Map<MapLayer, DrawnLayer> {
    const before = this.made;
    this.made = new Map();
    return new Map(layers.map((layer) => [layer, this.drawn(layer, theme, retry, before)]));
  }

  private drawn(layer: MapLayer, theme: Theme, retry: boolean, before: ReadonlyMap<string, DrawnLayer>): DrawnLayer {
    const source = geoSource(layer.src);
    if (source.kind === 'refused') return { shapes: [], problem: 'Shapes of other hosts are off: a layer’s file must be on this site.' };
    if (source.kind === 'world') return nothing;
    const { url } = source;
    const file = this.files.get(url);
    if (!file || (file instanceof Error && retry)) this.ask(url);
    if (!file) return nothing;
    if (file instanceof Error) return { shapes: [], problem: `Shapes could not be loaded: ${file.message}.` };
    const key = JSON.stringify([theme, layer]);
    const made = before.get(key) ?? this.made.get(key) ?? make(file, url, layer, theme);
    this.made.set(key, made);
    return made;
  }

  private ask(url: string): void {
    if (this.pending.has(url)) return;
    this.pending.add(url);
    const done = (file: GeoFile | Error): void => {
      this.pending.delete(url);
      this.files.set(url, file);
      this.onAnswer();
    };
    this.load(url).then(done, (error: unknown) => done(error instanceof Error ? error : new Error(String(error))));
  }
}

function make(file: GeoFile, url: string, layer: MapLayer, theme: Theme): DrawnLayer {
  const { shapes, cut } = geoShapes(file, layer, theme);
  return { shapes, problem: cut ? `${url} has more corners than are drawn.` : '' };
}
