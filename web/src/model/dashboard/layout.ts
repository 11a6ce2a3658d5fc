/** From the panels of a dashboard to what stands on the grid: repeats expanded, rows folded, gaps closed. Pure. */
import type { VariableState } from '../variables/state';
import type { Panel } from './types';

export const gridColumns = 24;

/** A panel as placed; repeated copies carry the value they stand for. */
export interface PlacedPanel {
  /** Unique on the page: the id, and for copies the value. */
  key: string;
  panel: Panel;
  /** Variables that have another value in this panel than on the page. */
  scoped: Record<string, VariableState>;
}

function scopedCopies(panel: Panel, variables: Record<string, VariableState>): { value: string; scoped: Record<string, VariableState> }[] {
  const variable = variables[panel.repeat];
  if (!variable) return [];
  const all = variable.values.length === 0 ? [] : variable.values;
  return all.map((value, i) => ({ value, scoped: { [panel.repeat]: { ...variable, isAll: false, values: [value], texts: [variable.texts[i] ?? value] } } }));
}

/** Expands repeated panels; the copies of a horizontal repeat share the width, those of a vertical one stand below each other. */
function expand(panel: Panel, variables: Record<string, VariableState>, shift: number): { placed: PlacedPanel[]; grown: number } {
  const at = { ...panel.gridPos, y: panel.gridPos.y + shift };
  const copies = panel.repeat === '' ? [] : scopedCopies(panel, variables);
  if (copies.length === 0) return { placed: [{ key: String(panel.id), panel: { ...panel, gridPos: at }, scoped: {} }], grown: 0 };
  const vertical = panel.repeatDirection === 'v';
  const perRow = vertical ? 1 : Math.min(copies.length, panel.maxPerRow > 0 ? panel.maxPerRow : 4);
  const width = vertical ? at.w : Math.floor(gridColumns / perRow);
  const placed = copies.map(({ value, scoped }, i): PlacedPanel => {
    const gridPos = vertical
      ? { ...at, y: at.y + i * at.h }
      : { x: (i % perRow) * width, y: at.y + Math.floor(i / perRow) * at.h, w: width, h: at.h };
    return { key: i === 0 ? String(panel.id) : `${panel.id}-${value}`, panel: { ...panel, gridPos }, scoped };
  });
  const rows = vertical ? copies.length : Math.ceil(copies.length / perRow);
  return { placed, grown: (rows - 1) * at.h };
}

export interface Section {
  /** The row's panel, or null for what stands above the first row. */
  row: PlacedPanel | null;
  open: boolean;
  panels: PlacedPanel[];
  /** Height of the section's grid in grid units. */
  height: number;
}

const bottom = (panels: readonly PlacedPanel[]): number => panels.reduce((n, p) => Math.max(n, p.panel.gridPos.y + p.panel.gridPos.h), 0);

/** Moves panels up until each touches another or the top, keeping their order. */
function closeGaps(panels: PlacedPanel[]): PlacedPanel[] {
  const sorted = [...panels].sort((a, b) => a.panel.gridPos.y - b.panel.gridPos.y || a.panel.gridPos.x - b.panel.gridPos.x);
  const heights = Array.from({ length: gridColumns }, () => 0);
  return sorted.map((p) => {
    // Whatever the file says, the panel stands on the grid.
    const x = Math.min(gridColumns - 1, Math.max(0, Math.round(p.panel.gridPos.x)));
    const w = Math.max(1, Math.min(gridColumns - x, Math.round(p.panel.gridPos.w)));
    const h = Math.max(1, Math.round(p.panel.gridPos.h));
    let y = 0;
    for (let c = x; c < x + w; c += 1) y = Math.max(y, heights[c] ?? 0);
    for (let c = x; c < x + w; c += 1) heights[c] = y + h;
    return { ...p, panel: { ...p.panel, gridPos: { x, y, w, h } } };
  });
}

function section(row: PlacedPanel | null, open: boolean, panels: readonly Panel[], variables: Record<string, VariableState>): Section {
  let shift = 0;
  const scope = { ...variables, ...row?.scoped };
  const placed: PlacedPanel[] = [];
  for (const panel of panels) {
    const result = expand(panel, scope, shift);
    shift += result.grown;
    for (const p of result.placed) {
      const suffix = row && Object.keys(row.scoped).length > 0 ? `@${row.key}` : '';
      placed.push({ ...p, key: p.key + suffix, scoped: { ...row?.scoped, ...p.scoped } });
    }
  }
  const closed = closeGaps(placed);
  return { row, open, panels: closed, height: bottom(closed) };
}

/** Sections of the page in order. `folded` lists the rows a person opened or closed against what the dashboard says. */
export function layoutSections(all: readonly Panel[], variables: Record<string, VariableState>, toggled: ReadonlySet<string>): Section[] {
  const sections: Section[] = [];
  const panels = all.filter((p) => p.isSavedCopy !== true);
  const loose = panels.filter((p) => p.type !== 'row' && p.rowId === null);
  const rows = panels.filter((p) => p.type === 'row');
  const firstRowY = rows.reduce((n, r) => Math.min(n, r.gridPos.y), Infinity);
  const top = loose.filter((p) => p.gridPos.y < firstRowY || rows.length === 0);
  if (top.length > 0) sections.push(section(null, true, top, variables));
  for (const row of [...rows].sort((a, b) => a.gridPos.y - b.gridPos.y)) {
    const next = rows.reduce((n, r) => (r.gridPos.y > row.gridPos.y ? Math.min(n, r.gridPos.y) : n), Infinity);
    const inside = panels.filter((p) => p.type !== 'row' && (p.rowId === row.id || (p.rowId === null && p.gridPos.y >= row.gridPos.y && p.gridPos.y < next && !top.includes(p))));
    const copies = row.repeat === '' ? [] : scopedCopies(row, variables);
    const placedRows: PlacedPanel[] = copies.length === 0
      ? [{ key: String(row.id), panel: row, scoped: {} }]
      : copies.map(({ value, scoped }) => ({ key: `${row.id}-${value}`, panel: row, scoped }));
    for (const placed of placedRows) {
      const open = row.collapsed === toggled.has(placed.key);
      sections.push(open ? section(placed, true, inside, variables) : { row: placed, open: false, panels: inside.map((panel) => ({ key: String(panel.id), panel, scoped: {} })), height: 0 });
    }
  }
  return distinct(sections);
}

/** Files may give two panels the same id: each still needs a key of its own. */
function distinct(sections: Section[]): Section[] {
  const seen = new Map<string, number>();
  const own = (p: PlacedPanel): PlacedPanel => {
    const count = seen.get(p.key) ?? 0;
    seen.set(p.key, count + 1);
    return count === 0 ? p : { ...p, key: `${p.key}~${count + 1}` };
  };
  return sections.map((s) => ({ ...s, row: s.row && own(s.row), panels: s.panels.map(own) }));
}
