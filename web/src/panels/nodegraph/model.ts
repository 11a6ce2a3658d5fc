/** From frames to a graph: which frame holds nodes and which edges, their stats, rings and colours. Pure. */
import { resolveColor, type Theme } from '../../model/color/names';
import { showValue } from '../../model/fieldconfig/display';
import type { Cell, Field, Frame } from '../../model/frame';
import { list, number, object, text } from '../../model/json';
import type { LinkPlace } from '../../model/links';
import type { Column, Table } from '../../model/table';
import { formatValue, joinValue } from '../../model/units/format';
import type { Options } from '../types';

/** More than these are not drawn, and the panel says so. */
export const nodesMax = 1500;
const edgesMax = 5000;

interface Detail {
  name: string;
  value: string;
}
export interface GraphNode {
  id: string;
  title: string;
  subtitle: string;
  main: string;
  secondary: string;
  icon: string;
  radius: number;
  highlighted: boolean;
  /** Shares of the ring, in order; empty: a plain ring in `color`. */
  arcs: { share: number; color: string; name: string }[];
  color: string | undefined;
  details: Detail[];
  /** Cells whose fields have links. */
  links: LinkPlace[];
}
export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  main: string;
  secondary: string;
  thickness: number;
  color: string | undefined;
  dash: number[];
  highlighted: boolean;
  details: Detail[];
  links: LinkPlace[];
  weight: number | undefined;
}
export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
  notices: string[];
}

const defaultRadius = 36;
type Row = Map<string, { field: Field; value: Cell; index: number; fields: readonly Field[] }>;

/** Rows by lower-case field name; a series becomes one row of its labels and its last value. */
function rowsOf(frame: Frame): Row[] {
  const rows: Row[] = [];
  const labels = frame.fields.find((f) => f.labels !== undefined && f.type === 'number');
  if (!frame.table && labels?.labels && frame.fields.some((f) => f.type === 'time')) {
    const row: Row = new Map(Object.entries(labels.labels).map(([name, value]) => [name.toLowerCase(), { field: { name, type: 'string', values: [value] }, value, index: 0, fields: frame.fields }]));
    row.set('value', { field: labels, value: labels.values.findLast((v) => v !== null && v !== undefined) ?? null, index: labels.values.length - 1, fields: frame.fields });
    return [row];
  }
  for (let i = 0; i < frame.length; i += 1) {
    const row: Row = new Map();
    for (const field of frame.fields) {
      const cell = { field, value: field.values[i] ?? null, index: i, fields: frame.fields };
      for (const name of [field.title, field.name]) if (name !== undefined) row.set(name.toLowerCase(), cell);
    }
    rows.push(row);
  }
  return rows;
}

const word = (row: Row, ...names: string[]): string => {
  for (const name of names) {
    const value = row.get(name)?.value;
    if (value !== null && value !== undefined && value !== '') return String(value);
  }
  return '';
};
const figure = (row: Row, name: string): number | undefined => number(row.get(name)?.value);

/** A stat as text: in the unit the panel gives it, else as the field shows it. */
function stat(row: Row, name: string, unit: string): string {
  const cell = row.get(name);
  if (!cell || cell.value === null) return '';
  if (unit !== '' && typeof cell.value === 'number') return joinValue(formatValue(cell.value, unit, cell.field.config?.decimals));
  return cell.field.display ? showValue(cell.field.display(cell.value)) : String(cell.value);
}

/** The field that stands for the main stat where none is called so: the only number there is. */
function mainName(row: Row): string {
  if (row.has('mainstat')) return 'mainstat';
  return [...row].find(([name, cell]) => (name === 'value' || name.startsWith('value #')) && cell.field.type === 'number')?.[0] ?? 'mainstat';
}

function details(row: Row): Detail[] {
  const out: Detail[] = [];
  const seen = new Set<Field>();
  for (const [name, { field, value }] of row) {
    if (!name.startsWith('detail__') || seen.has(field) || value === null) continue;
    seen.add(field);
    const title = (field.title ?? field.name).replace(/^detail__/i, '');
    out.push({ name: title, value: field.display ? showValue(field.display(value)) : String(value) });
  }
  return out;
}

function colorOf(row: Row, theme: Theme): string | undefined {
  const cell = row.get('color');
  if (!cell || cell.value === null) return undefined;
  return typeof cell.value === 'string' ? resolveColor(cell.value, theme) : cell.field.display?.(cell.value).color;
}

/** One name per field, though a renamed field can be found by both of its names. */
function arcNames(row: Row): string[] {
  const byField = new Map<Field, string>();
  for (const [name, { field }] of row) if (name.startsWith('arc__') && !byField.has(field)) byField.set(field, name);
  return [...byField.values()];
}

function arcsOf(row: Row, options: Record<string, unknown>, theme: Theme): GraphNode['arcs'] {
  const chosen = list(options['arcs']).map(object).map((a) => ({ name: text(a['field']), color: text(a['color']) })).filter((a) => a.name !== '');
  const wanted = chosen.length > 0 ? chosen : arcNames(row).map((name) => ({ name, color: '' }));
  const arcs = wanted.flatMap(({ name, color }) => {
    const cell = row.get(name.toLowerCase());
    const share = number(cell?.value);
    if (!cell || share === undefined || share <= 0) return [];
    const fixed = cell.field.config?.color?.mode === 'fixed' ? cell.field.color : undefined;
    return [{ share, color: color !== '' ? resolveColor(color, theme) : (fixed ?? cell.field.color ?? '#888888'), name: (cell.field.title ?? cell.field.name).replace(/^arc__/i, '') }];
  });
  const sum = arcs.reduce((n, a) => n + a.share, 0);
  // More than a whole ring is shared out; less leaves the rest of the ring open.
  return sum > 1 ? arcs.map((a) => ({ ...a, share: a.share / sum })) : arcs;
}

const linksOf = (row: Row): LinkPlace[] => [...new Set(row.values())].filter((c) => (c.field.config?.links.length ?? 0) > 0).map((c) => ({ field: c.field, row: c.index, fields: c.fields }));
const yes = (row: Row, name: string): boolean => ['true', '1'].includes(word(row, name).toLowerCase());

function readNode(row: Row, options: Record<string, unknown>, theme: Theme): GraphNode {
  const id = word(row, 'id');
  return {
    id, title: word(row, 'title') || id, subtitle: word(row, 'subtitle'), main: stat(row, mainName(row), text(options['mainStatUnit'])), secondary: stat(row, 'secondarystat', text(options['secondaryStatUnit'])),
    icon: word(row, 'icon'), radius: Math.min(120, Math.max(8, figure(row, 'noderadius') ?? defaultRadius)), highlighted: yes(row, 'highlighted'),
    arcs: arcsOf(row, options, theme), color: colorOf(row, theme), details: details(row), links: linksOf(row),
  };
}

function readEdge(row: Row, index: number, options: Record<string, unknown>, theme: Theme): GraphEdge {
  const main = mainName(row);
  return {
    id: word(row, 'id') || String(index), source: word(row, 'source', 'client'), target: word(row, 'target', 'server'),
    main: stat(row, main, text(options['mainStatUnit'])), secondary: stat(row, 'secondarystat', text(options['secondaryStatUnit'])),
    thickness: Math.min(20, Math.max(0.5, figure(row, 'thickness') ?? 1)), color: colorOf(row, theme), highlighted: yes(row, 'highlighted'),
    dash: word(row, 'strokedasharray').split(/[\s,]+/).map(Number).filter((n) => Number.isFinite(n) && n >= 0).slice(0, 8),
    details: details(row), links: linksOf(row), weight: number(row.get(main)?.value),
  };
}

const isEdge = (row: Row): boolean => word(row, 'source', 'client') !== '' && word(row, 'target', 'server') !== '';

export function readGraph(frames: readonly Frame[], options: Options, theme: Theme = 'light'): Graph {
  const nodeOptions = object(options['nodes']);
  const edgeOptions = object(options['edges']);
  const rows = frames.flatMap(rowsOf);
  const edges: GraphEdge[] = [];
  const nodes = new Map<string, GraphNode>();
  const notices: string[] = [];
  for (const row of rows) {
    if (isEdge(row)) edges.push(readEdge(row, edges.length, edgeOptions, theme));
    else if (word(row, 'id') !== '' && !nodes.has(word(row, 'id'))) nodes.set(word(row, 'id'), readNode(row, nodeOptions, theme));
  }
  // Ends of edges that no frame describes: what comes in is their stat.
  const described = nodes.size > 0;
  const incoming = new Map<string, number>();
  for (const e of edges) if (e.weight !== undefined) incoming.set(e.target, (incoming.get(e.target) ?? 0) + e.weight);
  for (const id of new Set(edges.flatMap((e) => [e.source, e.target]))) {
    if (nodes.has(id)) continue;
    const total = incoming.get(id);
    const unit = text(nodeOptions['mainStatUnit']) || text(edgeOptions['mainStatUnit']);
    nodes.set(id, {
      id, title: id, subtitle: '', main: total === undefined || described ? '' : joinValue(formatValue(total, unit === '' ? 'short' : unit)), secondary: '', icon: '', radius: defaultRadius,
      highlighted: false, arcs: [], color: undefined, details: [], links: [],
    });
  }
  const shown = [...nodes.values()].slice(0, nodesMax);
  if (nodes.size > nodesMax) notices.push(`The first ${nodesMax.toLocaleString('en')} of ${nodes.size.toLocaleString('en')} nodes are drawn.`);
  const ids = new Set(shown.map((n) => n.id));
  const between = edges.filter((e) => ids.has(e.source) && ids.has(e.target));
  if (between.length > edgesMax) notices.push(`The first ${edgesMax.toLocaleString('en')} of ${between.length.toLocaleString('en')} edges are drawn.`);
  return { nodes: shown, edges: between.slice(0, edgesMax), notices };
}

/** The graph as rows: every node with its stats and where it leads. */
export function graphTable(graph: Graph): Table {
  const titles = new Map(graph.nodes.map((n) => [n.id, n.title]));
  const out = new Map<string, string[]>();
  for (const e of graph.edges) out.set(e.source, [...(out.get(e.source) ?? []), `${titles.get(e.target) ?? e.target}${e.main === '' ? '' : ` (${e.main})`}`]);
  const rows = graph.nodes.map((n): Cell[] => [n.title, n.subtitle, n.main, n.secondary, (out.get(n.id) ?? []).join(', ')]);
  const columns = ['Node', 'Kind', 'Main stat', 'Secondary stat', 'Leads to'].map((title, i): Column => ({ title, numeric: false, field: { name: title, type: 'string', values: rows.map((r) => r[i] ?? null) } }));
  // Columns nobody filled tell nothing.
  const kept = columns.map((_, i) => i).filter((i) => i === 0 || rows.some((r) => r[i] !== ''));
  return { columns: kept.map((i) => columns[i] as Column), rows: rows.map((r) => kept.map((i) => r[i] ?? null)) };
}
