/** Edits of panels as patches on the JSON as received: adding, copying, removing, placing, rows. Pure. */
import { isObject, list, number, object, text } from '../../json';
import type { DashboardView, GridPos, Panel } from '../types';
import { at, type Patch, type Path, type Step } from './patch';

export type RawPanel = Record<string, unknown>;

/** All panels of the document with their places, those inside closed rows too, in the document's order. */
export function everyPanel(raw: unknown): { path: Path; panel: RawPanel; row: RawPanel | null }[] {
  return list(object(raw)['panels']).flatMap((p, i) => {
    const panel = object(p);
    const inside = panel['type'] === 'row' ? list(panel['panels']) : [];
    return [{ path: ['panels', i] as Path, panel, row: null }, ...inside.map((q, j) => ({ path: ['panels', i, 'panels', j] as Path, panel: object(q), row: panel }))];
  });
}

export const locate = (raw: unknown, id: number): Path | undefined => everyPanel(raw).find((p) => number(p.panel['id']) === id)?.path;
export const rawPanel = (raw: unknown, id: number): RawPanel | undefined => everyPanel(raw).find((p) => number(p.panel['id']) === id)?.panel;

const nextId = (raw: unknown): number => everyPanel(raw).reduce((n, p) => Math.max(n, number(p.panel['id']) ?? 0), 0) + 1;

const place = (p: RawPanel): GridPos => {
  const g = object(p['gridPos']);
  return { x: number(g['x']) ?? 0, y: number(g['y']) ?? 0, w: number(g['w']) ?? 12, h: number(g['h']) ?? 8 };
};

/** The first free line below everything. */
const bottomLine = (raw: unknown): number => everyPanel(raw).reduce((n, p) => {
  const g = place(p.panel);
  return p.row ? n : Math.max(n, g.y + g.h);
}, 0);

/** A time series panel that asks for nothing yet. */
export const freshPanel = (): RawPanel => ({
  type: 'timeseries', title: 'New panel', gridPos: { x: 0, y: 0, w: 12, h: 8 }, targets: [{ refId: 'A', expr: '' }],
  fieldConfig: { defaults: {}, overrides: [] }, options: {},
});
export const freshRow = (): RawPanel => ({ type: 'row', title: 'Row title', collapsed: false, gridPos: { x: 0, y: 0, w: 24, h: 1 }, panels: [] });

/** Puts a panel onto the dashboard: at the top, or where asked; the others give way when the page lays them out. */
export function addPanel(raw: unknown, panel: RawPanel, where?: GridPos): { patch: Patch; id: number } {
  const id = nextId(raw);
  const pos = where ?? { ...place(panel), x: 0, y: bottomLine(raw) };
  const isList = Array.isArray(object(raw)['panels']);
  const steps: Step[] = isList ? [] : [{ op: 'set', path: ['panels'], value: [] }];
  const inside = list(panel['panels']).map((p, i) => ({ ...object(p), id: id + 1 + i }));
  const value = { ...panel, id, gridPos: pos, ...(panel['type'] === 'row' ? { panels: inside } : {}) };
  steps.push({ op: 'insert', path: ['panels', list(object(raw)['panels']).length], value });
  return { patch: steps, id };
}

/** A second panel beside the first where there is room, below it otherwise. */
export function duplicatePanel(raw: unknown, id: number): { patch: Patch; id: number } | undefined {
  const found = everyPanel(raw).find((p) => number(p.panel['id']) === id);
  if (!found) return undefined;
  const g = place(found.panel);
  const beside = g.x + 2 * g.w <= 24;
  const pos = beside ? { ...g, x: g.x + g.w } : { ...g, y: g.y + g.h };
  if (found.row) {
    const copy = { ...found.panel, id: nextId(raw), gridPos: pos };
    const end = [...found.path.slice(0, -1), list(found.row['panels']).length];
    return { patch: [{ op: 'insert', path: end, value: copy }], id: copy.id };
  }
  return addPanel(raw, found.panel, pos);
}

/** Takes a panel away; a row with what is in it when `withContent`, else its panels stay. */
export function removePanel(raw: unknown, id: number, withContent = false): Patch {
  const path = locate(raw, id);
  if (!path) return [];
  const panel = object(at(raw, path));
  if (panel['type'] !== 'row') return [{ op: 'remove', path }];
  const inside = list(panel['panels']);
  if (inside.length > 0 && !withContent) {
    const index = path[1];
    return [{ op: 'remove', path }, ...inside.map((value, i): Step => ({ op: 'insert', path: ['panels', Number(index) + i], value }))];
  }
  if (inside.length > 0 || !withContent) return [{ op: 'remove', path }];
  // An open row: its panels are those that follow on the grid, up to the next row.
  const gone = new Set([id, ...panelsOfRow(raw, id)]);
  const indices = list(object(raw)['panels']).flatMap((p, i) => (gone.has(number(object(p)['id']) ?? -1) ? [i] : [])).reverse();
  return indices.map((i): Step => ({ op: 'remove', path: ['panels', i] }));
}

/** Ids of the panels that stand under an open row. */
export function panelsOfRow(raw: unknown, rowId: number): number[] {
  const top = list(object(raw)['panels']).map(object);
  const row = top.find((p) => number(p['id']) === rowId);
  if (!row) return [];
  const y = place(row).y;
  const next = top.filter((p) => p['type'] === 'row' && place(p).y > y).reduce((n, p) => Math.min(n, place(p).y), Infinity);
  return top.flatMap((p) => (p['type'] !== 'row' && place(p).y >= y && place(p).y < next ? [number(p['id']) ?? -1] : []));
}

/** Moves and resizes; only places that change are written. */
export function movePanels(raw: unknown, places: ReadonlyMap<number, GridPos>): Patch {
  return everyPanel(raw).flatMap(({ path, panel }): Step[] => {
    const to = places.get(number(panel['id']) ?? -1);
    const now = object(panel['gridPos']);
    if (!to || (now['x'] === to.x && now['y'] === to.y && now['w'] === to.w && now['h'] === to.h)) return [];
    return [{ op: 'set', path: [...path, 'gridPos'], value: { ...now, ...to } }];
  });
}

/** Closes a row, which then holds its panels, or opens it, and makes room for them. */
export function toggleRow(raw: unknown, rowId: number): Patch {
  const top = list(object(raw)['panels']).map(object);
  const index = top.findIndex((p) => number(p['id']) === rowId);
  const row = top[index];
  if (!row) return [];
  const y = place(row).y;
  const shifted = (p: RawPanel, by: number): RawPanel => ({ ...p, gridPos: { ...object(p['gridPos']), ...place(p), y: Math.max(0, place(p).y + by) } });
  if (row['collapsed'] === true) {
    const inside = list(row['panels']).map(object);
    const from = inside.reduce((n, p) => Math.min(n, place(p).y), Infinity);
    const height = inside.reduce((n, p) => Math.max(n, place(p).y + place(p).h), 0) - (Number.isFinite(from) ? from : 0);
    const moved = inside.map((p) => shifted(p, y + 1 - from));
    const others = top.map((p, i) => (i !== index && place(p).y > y ? shifted(p, height) : p));
    const rows = [...others.slice(0, index), { ...row, collapsed: false, panels: [] }, ...moved, ...others.slice(index + 1)];
    return [{ op: 'set', path: ['panels'], value: rows }];
  }
  const ids = new Set(panelsOfRow(raw, rowId));
  const inside = top.filter((p) => ids.has(number(p['id']) ?? -1));
  const height = inside.reduce((n, p) => Math.max(n, place(p).y + place(p).h), y + 1) - y - 1;
  const rest = top.filter((p) => !ids.has(number(p['id']) ?? -1)).map((p) => (p === row ? { ...row, collapsed: true, panels: inside } : place(p).y > y ? shifted(p, -height) : p));
  return [{ op: 'set', path: ['panels'], value: rest }];
}

/** How XY charts find their series had another name before. */
function renamed(path: Path, options: Record<string, unknown>, type: string): Patch {
  if (type !== 'xychart' || options['seriesMapping'] === undefined || options['mapping'] !== undefined) return [];
  return [{ op: 'set', path: [...path, 'options', 'mapping'], value: options['seriesMapping'] }, { op: 'remove', path: [...path, 'options', 'seriesMapping'] }];
}

/** Brings a panel of an old type to the one that is drawn, as the server understands it; what it does not touch stays. */
export function modernise(raw: unknown, view: Panel): Patch {
  const path = locate(raw, view.id);
  if (!path) return [];
  const panel = object(at(raw, path));
  if (text(panel['type']) === view.type && isObject(panel['fieldConfig'])) return renamed(path, object(panel['options']), view.type);
  return [
    { op: 'set', path: [...path, 'type'], value: view.type },
    { op: 'set', path: [...path, 'options'], value: view.options },
    { op: 'set', path: [...path, 'fieldConfig'], value: view.fieldConfig },
  ];
}

function classicPanel(p: Panel, inside: readonly Panel[]): RawPanel {
  const base = { id: p.id, type: p.type, title: p.title, gridPos: p.gridPos };
  const optional = p.repeat === '' ? {} : { repeat: p.repeat, repeatDirection: p.repeatDirection, maxPerRow: p.maxPerRow };
  if (p.type === 'row') return { ...base, ...optional, collapsed: p.collapsed, panels: inside.map((q) => classicPanel(q, [])) };
  return {
    ...base, ...optional, description: p.description, transparent: p.transparent, datasource: p.datasource, options: p.options, fieldConfig: p.fieldConfig,
    targets: p.targets.map((t) => ({
      ...object(t.raw), refId: t.refId, expr: t.expr, datasource: t.datasource, legendFormat: t.legendFormat, instant: t.instant, range: t.range, format: t.format, hide: t.hide,
      ...(t.interval === '' ? {} : { interval: t.interval }),
    })),
    transformations: p.transformations, links: p.links, interval: p.interval, maxDataPoints: p.maxDataPoints, timeFrom: p.timeFrom, timeShift: p.timeShift, hideTimeOverride: p.hideTimeOverride,
  };
}

/** The classic form of a dashboard that was saved in another one (rows of before 2017, V2 resources): it cannot be edited in place. */
function classicFrom(view: DashboardView, raw: unknown): RawPanel {
  const kept = view.panels.filter((p) => p.isSavedCopy !== true);
  return {
    uid: view.uid, title: view.title, description: view.description, tags: view.tags, schemaVersion: 42, editable: view.editable,
    time: view.time, timezone: view.timezone, refresh: view.refresh, graphTooltip: view.graphTooltip, weekStart: view.weekStart, links: view.links,
    annotations: { list: view.annotations }, timepicker: { refresh_intervals: view.refreshIntervals },
    templating: { list: view.variables.map((v) => ({ ...v })) },
    panels: kept.filter((p) => p.rowId === null).map((p) => classicPanel(p, kept.filter((q) => q.rowId === p.id && p.type === 'row'))),
    ...(isObject(raw) && typeof raw['id'] === 'number' ? { id: raw['id'] } : {}),
  };
}

/** The document to edit: the classic form, each panel with an id of its own. `lowered`: it had to be written anew from the view. */
export function editable(raw: unknown, view: DashboardView): { raw: unknown; lowered: boolean } {
  const o = object(raw);
  const version = number(o['schemaVersion']) ?? 0;
  if (!Array.isArray(o['panels']) && (isObject(o['elements']) || isObject(o['layout']) || list(o['rows']).length > 0)) return { raw: classicFrom(view, raw), lowered: true };
  if (version > 0 && version < 16 && list(o['rows']).length > 0) return { raw: classicFrom(view, raw), lowered: true };
  const seen = new Set<number>();
  let next = nextId(raw);
  const own = (p: unknown): RawPanel => {
    const panel = object(p);
    const id = number(panel['id']);
    const free = id !== undefined && id > 0 && !seen.has(id);
    const given = free ? id : next;
    if (!free) next += 1;
    seen.add(given);
    return { ...panel, ...(free && panel['id'] === given ? {} : { id: given }), ...(Array.isArray(panel['panels']) ? { panels: panel['panels'].map(own) } : {}) };
  };
  return { raw: { ...o, panels: list(o['panels']).map(own) }, lowered: false };
}
