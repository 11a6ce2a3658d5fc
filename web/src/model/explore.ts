/** The address of Explore in Grafana's format (`panes` with `schemaVersion`, and the older `left`/`right`), read and printed without loss. */
import type { EditorMode } from './datasource';
import { isObject, list, object, text } from './json';
import { nextRefId } from './refid';
import type { RawRange } from './time/range';

export type QueryKind = 'range' | 'instant' | 'both';
export interface ExploreQuery {
  refId: string;
  /** The query's text, whatever the source calls it. */
  expr: string;
  kind: QueryKind;
  hide: boolean;
  editorMode: EditorMode;
  legendFormat: string;
  /** Least distance of points, such as `1m`; empty: as the source says. */
  interval: string;
  /** Fields we do not know, kept for other tools. */
  rest: Record<string, unknown>;
}
export const graphStyles = ['lines', 'bars', 'points', 'stacked_lines', 'stacked_bars'] as const;
export type GraphStyle = (typeof graphStyles)[number];
export interface ExplorePane {
  id: string;
  /** Uid or name of the source; empty: the default one. */
  datasource: string;
  queries: ExploreQuery[];
  range: RawRange;
  style: GraphStyle;
  rest: Record<string, unknown>;
}
export interface ExploreUrl {
  panes: ExplorePane[];
  timezone?: string | undefined;
  refresh?: string | undefined;
  rest: [string, string][];
  /** What could not be read, in words. */
  problem?: string | undefined;
}

export const panesMax = 4;
export const queriesMax = 26;
export const defaultRange: RawRange = { from: 'now-1h', to: 'now' };

/** A, B, …: the first letter that is free. */
export function nextPaneId(panes: readonly { id: string }[]): string {
  for (let i = 1; ; i += 1) if (!panes.some((p) => p.id === `p${i}`)) return `p${i}`;
}
export const newQuery = (refId = 'A', editorMode: ExploreQuery['editorMode'] = 'code'): ExploreQuery => ({ refId, expr: '', kind: 'both', hide: false, editorMode, legendFormat: '', interval: '', rest: {} });
export const newPane = (id: string): ExplorePane => ({ id, datasource: '', queries: [newQuery()], range: defaultRange, style: 'lines', rest: {} });

const ownQueryFields = new Set(['refId', 'expr', 'range', 'instant', 'hide', 'editorMode', 'legendFormat', 'interval']);
function readQuery(v: unknown, before: readonly ExploreQuery[]): ExploreQuery {
  const o = object(v);
  const named = typeof o['expr'] === 'string' ? 'expr' : typeof o['query'] === 'string' ? 'query' : 'expr';
  const refId = text(o['refId']);
  const both = o['range'] === true && o['instant'] === true;
  return {
    refId: refId === '' || before.some((q) => q.refId === refId) ? nextRefId(before.map((q) => q.refId)) : refId,
    expr: text(o[named]),
    kind: both || (o['range'] === undefined && o['instant'] === undefined) ? 'both' : o['instant'] === true ? 'instant' : 'range',
    hide: o['hide'] === true,
    editorMode: o['editorMode'] === 'builder' ? 'builder' : 'code',
    legendFormat: o['legendFormat'] === '__auto' ? '' : text(o['legendFormat']),
    interval: text(o['interval']),
    rest: Object.fromEntries(Object.entries(o).filter(([key]) => !ownQueryFields.has(key) && key !== named)),
  };
}
/** Queries as they are stored somewhere: in an address, in the history. At least one. */
export function readQueries(v: unknown): ExploreQuery[] {
  const out: ExploreQuery[] = [];
  for (const one of list(v).slice(0, queriesMax)) if (isObject(one)) out.push(readQuery(one, out));
  return out.length > 0 ? out : [newQuery()];
}
const end = (v: unknown, otherwise: string): string => (typeof v === 'number' ? String(v) : text(v) || otherwise);
const readRange = (v: unknown): RawRange => ({ from: end(object(v)['from'], defaultRange.from), to: end(object(v)['to'], defaultRange.to) });
const readStyle = (v: unknown): GraphStyle => graphStyles.find((s) => s === v) ?? 'lines';

const ownPaneFields = new Set(['datasource', 'queries', 'range', 'graphStyle']);
function readPane(id: string, v: unknown): ExplorePane {
  const o = object(v);
  const source = o['datasource'];
  return {
    id, datasource: isObject(source) ? text(source['uid']) : text(source), queries: readQueries(o['queries']), range: readRange(o['range']), style: readStyle(o['graphStyle']),
    rest: Object.fromEntries(Object.entries(o).filter(([key]) => !ownPaneFields.has(key))),
  };
}
/** The oldest form: `["now-1h","now","Prometheus",{"expr":"up"},{"ui":[…]}]`. */
function readOldPane(id: string, v: unknown): ExplorePane {
  if (!Array.isArray(v)) return readPane(id, v);
  const queries = v.slice(3).filter((q) => isObject(q) && !('ui' in q) && !('mode' in q && Object.keys(q).length === 1));
  return { ...newPane(id), datasource: text(v[2]), queries: readQueries(queries), range: readRange({ from: v[0], to: v[1] }) };
}

/** Text after the question mark, with or without it. */
export function parseExploreUrl(search: string): ExploreUrl {
  const out: ExploreUrl = { panes: [], rest: [] };
  const json = (name: string, value: string): unknown => {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      out.problem = `The part “${name}” of the address cannot be read: the link is cut off or was changed. Explore starts empty instead.`;
      return undefined;
    }
  };
  for (const [key, value] of new URLSearchParams(search)) {
    if (key === 'panes') {
      const read = json(key, value);
      if (isObject(read)) for (const [id, pane] of Object.entries(read).slice(0, panesMax)) if (isObject(pane)) out.panes.push(readPane(id, pane));
    } else if (key === 'left' || key === 'right') {
      const read = json(key, value);
      if (read !== undefined && out.panes.length < panesMax) out.panes.push(readOldPane(key, read));
    } else if (key === 'timezone' || key === 'refresh') out[key] = value;
    else if (key !== 'schemaVersion') out.rest.push([key, value]);
  }
  if (out.panes.length === 0) out.panes.push(newPane('p1'));
  return out;
}

/** A query as Grafana writes it; also what goes into the history and onto dashboards. */
export function writeQuery(q: ExploreQuery, source: { uid: string; type: string } | undefined): Record<string, unknown> {
  return {
    refId: q.refId, ...(source?.type === 'tempo' ? { query: q.expr } : { expr: q.expr }), range: q.kind !== 'instant', instant: q.kind !== 'range', editorMode: q.editorMode,
    ...(q.legendFormat === '' ? {} : { legendFormat: q.legendFormat }), ...(q.interval === '' ? {} : { interval: q.interval }), ...(q.hide ? { hide: true } : {}),
    ...q.rest, ...(source ? { datasource: { type: source.type, uid: source.uid } } : {}),
  };
}

export function printExploreUrl(url: ExploreUrl): string {
  const panes = Object.fromEntries(url.panes.map((p) => [p.id, {
    datasource: p.datasource, queries: p.queries.map((q) => writeQuery(q, undefined)), range: p.range, ...(p.style === 'lines' ? {} : { graphStyle: p.style }), ...p.rest,
  }]));
  const p = new URLSearchParams({ schemaVersion: '1', panes: JSON.stringify(panes) });
  if (url.timezone !== undefined) p.append('timezone', url.timezone);
  if (url.refresh !== undefined && url.refresh !== '') p.append('refresh', url.refresh);
  for (const [key, value] of url.rest) p.append(key, value);
  return p.toString();
}

/** The link that opens one query in Explore. */
export const exploreLink = (source: string, expr: string, range: RawRange = defaultRange): string =>
  `/explore?${printExploreUrl({ panes: [{ ...newPane('p1'), datasource: source, range, queries: [{ ...newQuery(), expr }] }], rest: [] })}`;

/** Whether the address names anything to look at. */
export const isBlank = (pane: ExplorePane): boolean => pane.queries.every((q) => q.expr.trim() === '');
