/** The data after each transformation, for the editor: every step is calculated once, from the one before. */
import type { Frame } from '../frame';
import { applyTransforms, type Transformed } from '.';

export function transformSteps(frames: readonly Frame[], list: readonly unknown[], zone: string): Transformed[] {
  const out: Transformed[] = [];
  let before = frames;
  for (const item of list) {
    const made = applyTransforms(before, [item], { zone });
    out.push(made);
    before = made.frames;
  }
  return out;
}

const namesMax = 6;

/** `2 tables · 120 rows · Time, host, Value`. */
export function framesInWords(frames: readonly Frame[]): string {
  if (frames.length === 0) return 'No data';
  const rows = frames.reduce((n, f) => n + f.length, 0);
  const names = [...new Set(frames.flatMap((f) => f.fields.map((x) => x.title ?? x.name)))];
  const shown = names.slice(0, namesMax).join(', ');
  return `${frames.length === 1 ? '1 table' : `${frames.length.toLocaleString('en')} tables`} · ${rows === 1 ? '1 row' : `${rows.toLocaleString('en')} rows`} · ${shown}${names.length > namesMax ? ` and ${names.length - namesMax} more` : ''}`;
}
