/** Grafana's library, and the way of our frames there and back. */
import { createRequire } from 'node:module';
import type { Cell, Field, Frame } from '../../src/model/frame';
import { shownName } from '../../src/model/transforms/fields';

export interface TheirField {
  name: string;
  type: string;
  values: unknown[];
  labels?: Record<string, string> | undefined;
  config: Record<string, unknown>;
  state?: unknown;
  display?: (value: unknown) => TheirDisplay;
}
export interface TheirFrame {
  refId?: string;
  name?: string | undefined;
  fields: TheirField[];
  length: number;
}
export interface TheirDisplay {
  text: string;
  prefix?: string;
  suffix?: string;
  numeric: number;
  percent?: number;
  color?: string;
}
interface Subscribable<T> { subscribe: (next: { next: (v: T) => void; error: (e: unknown) => void }) => unknown }
interface Library {
  standardTransformers: Record<string, { id: string; aliasIds?: string[] }>;
  standardTransformersRegistry: { setInit: (f: () => unknown[]) => void };
  transformDataFrame: (options: unknown[], data: TheirFrame[], ctx: { interpolate: (s: string) => string }) => Subscribable<TheirFrame[]>;
  getFieldDisplayName: (field: TheirField, frame?: TheirFrame, all?: TheirFrame[]) => string;
  getValueFormats: () => { text: string; submenu: { value: string; text: string }[] }[];
  getValueFormat: (id: string) => (value: number, decimals?: number | null, scaled?: null, zone?: string) => { text: string; prefix?: string; suffix?: string };
  fieldReducers: { list: () => { id: string; name: string }[] };
  reduceField: (o: { field: TheirField; reducers: string[] }) => Record<string, unknown>;
  fieldMatchers: { get: (id: string) => { get: (options: unknown) => (f: TheirField, frame: TheirFrame, all: TheirFrame[]) => boolean } };
  applyFieldOverrides: (o: unknown) => TheirFrame[];
  createTheme: (o?: unknown) => { visualization: { getColorByName: (name: string) => string } };
  standardFieldConfigEditorRegistry: { setInit: (f: () => unknown[]) => void };
  FieldColorModeId: Record<string, string>;
  fieldColorModeRegistry: { list: () => { id: string }[] };
}

// Its modules for a browser do not load here; those for Node do.
export const grafana = createRequire(import.meta.url)('@grafana/data') as Library;
// One of them is exported under two names.
grafana.standardTransformersRegistry.setInit(() => [...new Map(Object.values(grafana.standardTransformers).map((t) => [t.id, t])).values()]
  .map((t) => ({ id: t.id, name: t.id, aliasIds: t.aliasIds ?? [], transformation: () => Promise.resolve(t) })));

export function toTheirs(frame: Frame): TheirFrame {
  return {
    refId: frame.refId, name: frame.name, length: frame.length,
    fields: frame.fields.map((f): TheirField => ({
      name: f.name, type: f.type, values: [...f.values], ...(f.labels ? { labels: { ...f.labels } } : {}),
      config: { ...f.given, ...(f.legend === undefined ? {} : { displayNameFromDS: f.legend }) },
    })),
  };
}

/** A frame as plain data to compare: the names shown, the types and the values. */
export interface Plain {
  fields: { name: string; type: string; values: unknown[] }[];
}
const cell = (v: unknown): unknown => (v === undefined || v === null ? null : typeof v === 'number' && Number.isNaN(v) ? 'NaN' : typeof v === 'number' ? Number(v.toPrecision(12)) : v);

export const plainOurs = (frame: Frame): Plain => ({
  fields: frame.fields.map((f: Field) => ({ name: shownName(f, frame), type: f.type, values: f.type === 'nested' ? (f.inner ?? []).map((frames) => frames.map(plainOurs)) : f.values.map((v: Cell) => cell(v)) })),
});
/** The name without what they remember of an earlier one. */
function theirName(f: TheirField, frame: TheirFrame): string {
  f.state = undefined;
  return grafana.getFieldDisplayName(f, frame);
}
export const plainTheirs = (frame: TheirFrame): Plain => ({
  fields: frame.fields.map((f) => ({
    name: theirName(f, frame), type: f.type === 'nestedFrames' ? 'nested' : f.type,
    values: f.type === 'nestedFrames' ? (f.values as TheirFrame[][]).map((frames) => frames.map(plainTheirs)) : Array.from(f.values, cell),
  })),
});

export function rawTransform(frames: readonly Frame[], config: unknown[]): Promise<TheirFrame[]> {
  return new Promise((resolve, reject) => {
    grafana.transformDataFrame(config, frames.map(toTheirs), { interpolate: (s) => s }).subscribe({ next: resolve, error: reject });
  });
}

export const theirTransform = async (frames: readonly Frame[], config: unknown[]): Promise<Plain[]> => (await rawTransform(frames, config)).map(plainTheirs);
