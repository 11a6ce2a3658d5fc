/** A dashboard small: where its panels lie, and of which kind each is. From the layout alone, without data. Pure. */
import type { Panel } from './types';

export type Sketch = 'lines' | 'number' | 'gauge' | 'bars' | 'rows' | 'cells' | 'pie' | 'words' | 'row' | 'map' | 'nodes' | 'box';
export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
  sketch: Sketch;
  title: string;
}
export interface Thumbnail {
  boxes: Box[];
  /** Grid lines from the top that are shown. */
  height: number;
  /** Panels that lie below. */
  below: number;
}

export const columns = 24;
/** Grid lines shown: about what a person sees first. */
const heightMax = 30;
const boxesMax = 60;

const sketches: Record<string, Sketch> = {
  timeseries: 'lines', graph: 'lines', trend: 'lines', candlestick: 'lines', xychart: 'lines', stat: 'number', singlestat: 'number', gauge: 'gauge', bargauge: 'rows', barchart: 'bars', histogram: 'bars',
  table: 'rows', 'table-old': 'rows', logs: 'rows', dashlist: 'rows', alertlist: 'rows', annolist: 'rows', news: 'rows', heatmap: 'cells', 'status-history': 'cells', 'state-timeline': 'cells',
  piechart: 'pie', text: 'words', row: 'row', geomap: 'map', nodeGraph: 'nodes',
};
export const sketchOf = (type: string): Sketch => sketches[type] ?? 'box';

export function thumbnailOf(panels: readonly Panel[]): Thumbnail {
  const closed = new Set(panels.filter((p) => p.type === 'row' && p.collapsed).map((p) => p.id));
  const shown = panels.filter((p) => p.isSavedCopy !== true && !(p.rowId !== null && closed.has(p.rowId)));
  const inside = shown.filter((p) => p.gridPos.y < heightMax).slice(0, boxesMax);
  const boxes = inside.map((p): Box => {
    const x = Math.min(columns - 1, Math.max(0, p.gridPos.x));
    return { x, y: Math.max(0, p.gridPos.y), w: Math.max(1, Math.min(columns - x, p.gridPos.w)), h: Math.max(1, Math.min(heightMax - p.gridPos.y, p.gridPos.h)), sketch: sketchOf(p.type), title: p.title };
  });
  return { boxes, height: Math.max(8, ...boxes.map((b) => b.y + b.h)), below: shown.filter((p) => p.type !== 'row').length - inside.filter((p) => p.type !== 'row').length };
}

/** `12 panels: 6 lines, 4 numbers …` for people who do not see the picture. */
export function thumbnailText(panels: readonly Panel[]): string {
  const count = panels.filter((p) => p.type !== 'row' && p.isSavedCopy !== true).length;
  const titles = panels.filter((p) => p.type !== 'row' && p.title !== '').slice(0, 5).map((p) => p.title);
  return `${count === 1 ? 'One panel' : `${count} panels`}${titles.length > 0 ? `: ${titles.join(', ')}${count > titles.length ? ' …' : ''}` : ''}`;
}
