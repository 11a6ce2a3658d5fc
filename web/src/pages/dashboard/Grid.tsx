/** One section of the dashboard: a row's heading, which folds it, and the panels on a grid of 24 columns. */
import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo } from 'react';
import { gridColumns, type PlacedPanel, type Section } from '../../model/dashboard/layout';
import { rowTitle } from '../../model/variables/interpolate';
import { ComingPanel, PanelSection } from './PanelSection';
import type { DashboardState } from './useDashboard';
import type { Mounting } from './useMounting';

interface GridProps {
  section: Section;
  state: DashboardState;
  mounting: Mounting;
  onToggle: (key: string) => void;
}

interface CellProps {
  placed: PlacedPanel;
  state: DashboardState;
  there: boolean;
  first: boolean;
}

const Cell = memo(function Cell({ placed, state, there, first }: CellProps) {
  const { x, y, w, h } = placed.panel.gridPos;
  return (
    <div className="grid-cell" style={{ gridColumn: `${x + 1} / span ${Math.min(w, gridColumns - x)}`, gridRow: `${y + 1} / span ${h}`, ['--rows' as string]: h }}>
      {there ? <PanelSection placed={placed} state={state} first={first} /> : <ComingPanel placed={placed} />}
    </div>
  );
});

export function Grid({ section, state, mounting, onToggle }: GridProps) {
  const { row } = section;
  const title = row && rowTitle(row.panel.title, row.scoped, state.context);
  return (
    <div className="section">
      {row && (
        <button type="button" className="row-head" aria-expanded={section.open} aria-label={title === '' ? 'Row' : undefined} onClick={() => onToggle(row.key)}>
          {section.open ? <ChevronDown size={16} strokeWidth={1.75} aria-hidden /> : <ChevronRight size={16} strokeWidth={1.75} aria-hidden />}
          <span>{title}</span>
          {!section.open && <span className="quiet num">{section.panels.length} {section.panels.length === 1 ? 'panel' : 'panels'}</span>}
        </button>
      )}
      {section.open && (
        <div className="grid">
          {section.panels.map((p) => <Cell key={p.key} placed={p} state={state} there={mounting.there.has(p.key)} first={mounting.first.has(p.key)} />)}
        </div>
      )}
    </div>
  );
}
