/** The grid while panels are arranged: dragging, resizing, rows; by keys with Alt and the arrows. */
import { ChevronDown, ChevronRight, GripVertical, Pencil } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import GridLayout, { type Layout } from 'react-grid-layout';
import { itemsOf, nudge, type Item, type Nudge } from '../../model/dashboard/edit/arrange';
import { movePanels, toggleRow } from '../../model/dashboard/edit/panels';
import { gridColumns } from '../../model/dashboard/layout';
import type { GridPos } from '../../model/dashboard/types';
import { interpolateTitle } from '../../model/variables/interpolate';
import { PanelSection } from '../dashboard/PanelSection';
import type { DashboardState } from '../dashboard/useDashboard';
import { edit, editPlaces, type Draft } from './draft';
import { RowDialog } from './RowDialog';
import './edit.css';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
const gap = 10;
const rowHeight = 28;

const keys: Record<string, [plain: Nudge, shifted: Nudge]> = {
  ArrowLeft: ['left', 'narrower'], ArrowRight: ['right', 'wider'], ArrowUp: ['up', 'shorter'], ArrowDown: ['down', 'taller'],
};
const words: Record<Nudge, string> = { left: 'Moved left', right: 'Moved right', up: 'Moved up', down: 'Moved down', narrower: 'Narrower', wider: 'Wider', shorter: 'Shorter', taller: 'Taller' };

function RowItem({ item, state, raw }: { item: Item; state: DashboardState; raw: unknown }) {
  const { uid } = state.doc.meta;
  const [dialog, setDialog] = useState(false);
  const { panel } = item;
  const title = interpolateTitle(panel.title, state.context) || 'Row';
  return (
    <div className="edit-row">
      <button type="button" className="row-head" aria-expanded={!panel.collapsed} onClick={() => edit(uid, { label: panel.collapsed ? `Open the row “${title}”` : `Close the row “${title}”`, patch: toggleRow(raw, item.id) })}>
        {panel.collapsed ? <ChevronRight {...icon} /> : <ChevronDown {...icon} />}
        <span>{title}</span>
        {panel.collapsed && <span className="quiet num">{item.inside} {item.inside === 1 ? 'panel' : 'panels'}</span>}
        {panel.repeat !== '' && <span className="chip">for each {panel.repeat}</span>}
      </button>
      <button type="button" className="icon-button small" aria-label={`Edit the row ${title}`} onClick={() => setDialog(true)}><Pencil {...icon} /></button>
      {panel.collapsed && <span className="edit-grip" title="Drag to move the row" aria-hidden="true"><GripVertical {...icon} /></span>}
      {dialog && <RowDialog uid={uid} id={item.id} raw={raw} variables={state.doc.view.variables} onClose={() => setDialog(false)} />}
    </div>
  );
}

export default function EditGrid({ state, draft }: { state: DashboardState; draft: Draft }) {
  const { uid } = state.doc.meta;
  const host = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const measure = new ResizeObserver(() => setWidth(element.clientWidth));
    measure.observe(element);
    return () => measure.disconnect();
  }, []);
  const items = useMemo(() => itemsOf(draft.view.panels), [draft.view.panels]);
  const layout = useMemo((): Layout => items.map((i) => ({
    i: String(i.id), x: i.x, y: i.y, w: i.w, h: i.h, minH: i.panel.type === 'row' ? 1 : 2,
    ...(i.panel.type === 'row' ? { isResizable: false, isDraggable: i.panel.collapsed } : {}),
  })), [items]);

  const arrange = (places: ReadonlyMap<number, GridPos>, label: string, merge?: string): void => {
    const current = draft.history.raw;
    editPlaces(uid, { label, patch: movePanels(current, places), ...(merge ? { merge } : {}) }, places);
  };
  const settled = (label: string) => (next: Layout): void => arrange(new Map(next.map((l) => [Number(l.i), { x: l.x, y: l.y, w: l.w, h: l.h }])), label);
  const onKeyDown = (item: Item) => (e: KeyboardEvent): void => {
    const how = e.altKey ? keys[e.key]?.[e.shiftKey ? 1 : 0] : undefined;
    if (!how) return;
    e.preventDefault();
    const places = nudge(items, item.id, how);
    arrange(places, 'Arrange panels', `nudge ${item.id}`);
    const now = places.get(item.id);
    if (now) setSpoken(`${words[how]}: column ${now.x + 1}, line ${now.y + 1}, ${now.w} wide, ${now.h} high.`);
  };
  return (
    <div className="edit-grid" ref={host}>
      <p className="edit-hint quiet">Drag a title to move, a corner to resize. With the keys: Alt and arrows move, Alt, Shift and arrows resize; <kbd>e</kbd> edits, <kbd>p d</kbd> duplicates.</p>
      {items.length === 0 && <div className="state edit-empty"><h2>An empty dashboard</h2><p>“Add” above puts the first panel here.</p></div>}
      {width > 0 && items.length > 0 && (
        <GridLayout
          width={width} layout={layout} gridConfig={{ cols: gridColumns, rowHeight, margin: [gap, gap], containerPadding: [0, 0] }}
          dragConfig={{ handle: '.panel-head, .edit-grip', cancel: 'button, a, input' }} resizeConfig={{ handles: ['se'] }}
          onDragStop={settled('Move panels')} onResizeStop={settled('Resize a panel')}
        >
          {items.map((item) => (
            <div key={String(item.id)} className="edit-item" onKeyDown={onKeyDown(item)}>
              {item.panel.type === 'row'
                ? <RowItem item={item} state={state} raw={draft.history.raw} />
                : <PanelSection placed={{ key: String(item.id), panel: item.panel, scoped: {} }} state={state} />}
              {item.panel.type !== 'row' && item.panel.repeat !== '' && <span className="chip edit-repeat">for each {item.panel.repeat}</span>}
            </div>
          ))}
        </GridLayout>
      )}
      {/* Dragging looks for this element and, where it is missing, adds a style that the content policy refuses; the rule is in edit.css. */}
      <span id="react-draggable-style-el" hidden />
      <span className="visually-hidden" aria-live="polite">{spoken}</span>
    </div>
  );
}
