/** Exemplars on a heatmap: single measurements with their labels, as diamonds above the cells. */
import { timeField, type Frame } from '../../model/frame';
import type { Exemplar } from '../../model/marks';
import type { Box } from '../canvas/axes';
import type { Scale } from '../canvas/scales';
import { exemplarRows } from '../timeseries/marks';
import { isExemplars } from './cells';

export interface ExemplarPoint {
  t: number;
  value: number;
  labels: [string, string][];
}
const pointsMax = 2000;

/** Those that come as a frame, or those asked for beside the queries: the page may give both. */
export function exemplarPoints(frames: readonly Frame[], asked: readonly Exemplar[] = []): ExemplarPoint[] {
  const framed = frames.filter(isExemplars);
  if (framed.length === 0) return asked.slice(0, pointsMax).map((e): ExemplarPoint => ({ t: e.time, value: e.value, labels: exemplarRows(e) }));
  return framed.flatMap((frame) => {
    const times = timeField(frame)?.values ?? [];
    const value = frame.fields.find((f) => f.type === 'number' && f.name === 'Value') ?? frame.fields.find((f) => f.type === 'number');
    const words = frame.fields.filter((f) => f !== value && f.type !== 'time');
    return times.flatMap((t, i): ExemplarPoint[] => {
      const v = value?.values[i];
      if (typeof t !== 'number' || typeof v !== 'number') return [];
      return [{ t, value: v, labels: words.flatMap((f): [string, string][] => { const w = f.values[i]; return w === null || w === undefined || w === '' ? [] : [[f.name, String(w)]]; }) }];
    });
  }).slice(0, pointsMax);
}

export function paintExemplars(c: CanvasRenderingContext2D, plot: Box, points: readonly ExemplarPoint[], x: Scale, at: (value: number) => number | undefined, color: string): void {
  const half = 4;
  c.fillStyle = color;
  for (const p of points) {
    const px = x.at(p.t);
    const py = at(p.value);
    if (py === undefined || px < plot.left || px > plot.right) continue;
    c.beginPath();
    c.moveTo(px, py - half);
    c.lineTo(px + half, py);
    c.lineTo(px, py + half);
    c.lineTo(px - half, py);
    c.closePath();
    c.fill();
  }
}
