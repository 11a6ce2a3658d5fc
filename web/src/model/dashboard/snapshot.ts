/** Snapshots: a dashboard with its data, as JSON that carries both, and the way back to a page. Pure. */
import type { Field, FieldType, Frame } from '../frame';
import { flag, isObject, list, number, object, oneOf, text } from '../json';
import type { Mark } from '../marks';
import type { TimeRange } from '../time/range';
import type { PlacedPanel, Section } from './layout';
import type { DashboardView, Panel } from './types';

interface SnapshotInput {
  view: DashboardView;
  sections: readonly Section[];
  range: TimeRange;
  zone: string;
  /** Frames of a panel as the source answered, by its key on the page. */
  frames: (key: string) => readonly Frame[];
  marks: readonly Mark[];
  /** Fills variables into titles and texts: a snapshot has none of its own. */
  fill: (text: string, placed: PlacedPanel) => string;
  now: number;
  url: string;
}

const savedFrame = (frame: Frame): unknown => ({
  refId: frame.refId, name: frame.name, table: frame.table,
  fields: frame.fields.map((f) => ({ name: f.name, type: f.type, labels: f.labels, legend: f.legend, values: f.values.map((v) => (typeof v === 'number' && !Number.isFinite(v) ? String(v) : v)) })),
});

/** The snapshot's dashboard: panels as they stand on the page, with numbers instead of queries. */
export function snapshotOf(input: SnapshotInput): Record<string, unknown> {
  const { view, range } = input;
  let y = 0;
  let id = 0;
  const panels: unknown[] = [];
  /** Panels get numbers of their own; of a repeated one the first copy keeps its annotations. */
  const ids = new Map<number, number>();
  const save = (placed: PlacedPanel, gridPos: Panel['gridPos'], row: boolean): void => {
    id += 1;
    const { panel } = placed;
    if (!ids.has(panel.id)) ids.set(panel.id, id);
    panels.push({
      id, type: panel.type, title: input.fill(panel.title, placed), description: input.fill(panel.description, placed), transparent: panel.transparent, gridPos,
      ...(row ? { collapsed: false, panels: [] } : {
        options: panel.type === 'text' ? { ...panel.options, content: input.fill(text(panel.options['content']), placed) } : panel.options,
        fieldConfig: panel.fieldConfig, transformations: panel.transformations, targets: [], snapshotData: input.frames(placed.key).map(savedFrame),
      }),
    });
  };
  for (const section of input.sections) {
    if (section.row) {
      save(section.row, { x: 0, y, w: 24, h: 1 }, true);
      y += 1;
    }
    if (!section.open) continue;
    for (const placed of section.panels) save(placed, { ...placed.panel.gridPos, y: y + placed.panel.gridPos.y }, false);
    y += section.height;
  }
  return {
    title: view.title, description: view.description, tags: view.tags, schemaVersion: 42, uid: '', timezone: input.zone, refresh: '', graphTooltip: view.graphTooltip,
    time: { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() },
    annotations: { list: input.marks.length === 0 ? [] : [{ name: 'Annotations', enable: true, iconColor: input.marks[0]?.color, snapshotData: input.marks.map((m) => ({ time: m.time, timeEnd: m.timeEnd, title: m.title, text: m.text, tags: m.tags, color: m.color, panelId: ids.get(m.panelId) ?? 0 })) }] },
    templating: { list: [] }, links: [], panels,
    snapshot: { timestamp: new Date(input.now).toISOString(), originalUrl: input.url },
  };
}

const fieldTypes: readonly FieldType[] = ['time', 'number', 'string', 'boolean', 'other'];
const special: Record<string, number> = { NaN: NaN, Infinity, '-Infinity': -Infinity };

function readField(v: unknown): Field {
  const o = object(v);
  const type = oneOf(o['type'], fieldTypes, 'other');
  const labels = isObject(o['labels']) ? Object.fromEntries(Object.entries(o['labels']).map(([k, x]) => [k, text(x)])) : undefined;
  const config = object(o['config']);
  const shown = text(o['legend']) || text(config['displayNameFromDS']) || text(config['displayName']);
  return {
    name: text(o['name'], 'Value'), type, labels, legend: shown === '' ? undefined : shown,
    values: list(o['values']).map((x) => (type === 'number' && typeof x === 'string' ? (special[x] ?? number(x) ?? null) : type === 'time' && typeof x === 'string' ? Date.parse(x) : typeof x === 'number' || typeof x === 'string' || typeof x === 'boolean' ? x : null)),
  };
}

function readFrame(v: unknown): Frame {
  const o = object(v);
  const fields = list(o['fields']).map(readField);
  return { refId: text(o['refId'], 'A'), name: typeof o['name'] === 'string' ? o['name'] : undefined, fields, length: fields.reduce((n, f) => Math.max(n, f.values.length), 0), table: flag(o['table']) };
}

function readPanel(v: unknown, index: number, rowId: number | null): Panel {
  const o = object(v);
  const grid = object(o['gridPos']);
  const config = object(o['fieldConfig']);
  return {
    id: number(o['id']) ?? index + 1, type: text(o['type']), originalType: text(o['type']), title: text(o['title']), description: text(o['description']), transparent: flag(o['transparent']),
    gridPos: { x: number(grid['x']) ?? 0, y: number(grid['y']) ?? index * 8, w: number(grid['w']) ?? 12, h: number(grid['h']) ?? 8 },
    datasource: null, targets: [], options: object(o['options']), fieldConfig: { defaults: config['defaults'] ?? {}, overrides: list(config['overrides']) }, transformations: list(o['transformations']),
    interval: '', maxDataPoints: null, timeFrom: '', timeShift: '', hideTimeOverride: true, repeat: '', repeatDirection: 'h', maxPerRow: 0, links: [], rowId, collapsed: flag(o['collapsed']),
  };
}

/** A snapshot as a page: what it looks like, and the data of its panels by their key. */
export function readSnapshot(dashboard: unknown): { view: DashboardView; frames: Map<string, Frame[]>; taken: number | undefined } {
  const o = object(dashboard);
  const frames = new Map<string, Frame[]>();
  const panels: Panel[] = [];
  const add = (v: unknown, rowId: number | null): Panel => {
    const panel = readPanel(v, panels.length, rowId);
    panels.push(panel);
    frames.set(String(panel.id), list(object(v)['snapshotData']).map(readFrame));
    return panel;
  };
  for (const v of list(o['panels'])) {
    const panel = add(v, null);
    for (const inner of list(object(v)['panels'])) add(inner, panel.id);
  }
  const time = object(o['time']);
  const end = (key: string, fallback: string): string => {
    const at = Date.parse(text(time[key]));
    return Number.isFinite(at) && !text(time[key]).includes('now') ? String(at) : text(time[key]) || fallback;
  };
  const taken = Date.parse(text(object(o['snapshot'])['timestamp']));
  const tooltip = number(o['graphTooltip']);
  return {
    frames, taken: Number.isFinite(taken) ? taken : undefined,
    view: {
      uid: '', title: text(o['title'], 'Snapshot'), description: text(o['description']), tags: list(o['tags']).map((t) => text(t)), editable: false,
      time: { from: end('from', 'now-6h'), to: end('to', 'now') }, timezone: text(o['timezone']), refresh: '', refreshIntervals: [], graphTooltip: tooltip === 1 || tooltip === 2 ? tooltip : 0,
      weekStart: text(o['weekStart']), links: [], variables: [], annotations: list(object(o['annotations'])['list']).filter((a) => list(object(a)['snapshotData']).length > 0), panels, notices: [],
    },
  };
}
