/** One section of the dashboard: a row's heading, which folds it, and the panels on a grid of 24 columns. */
import { ChevronDown, ChevronRight } from 'lucide-react';
import { gridColumns, type Section } from '../../model/dashboard/layout';
import { interpolate } from '../../model/variables/interpolate';
import { PanelSection } from './PanelSection';
import type { DashboardState } from './useDashboard';

export function Grid({ section, state, onToggle }: { section: Section; state: DashboardState; onToggle: (key: string) => void }) {
  const { row } = section;
  return (
    <div className="section">
      {row && (
        <button type="button" className="row-head" aria-expanded={section.open} onClick={() => onToggle(row.key)}>
          {section.open ? <ChevronDown size={16} strokeWidth={1.75} aria-hidden /> : <ChevronRight size={16} strokeWidth={1.75} aria-hidden />}
          <span>{interpolate(row.panel.title, { ...state.context, scoped: row.scoped }) || 'Row'}</span>
          {!section.open && <span className="quiet num">{section.panels.length} {section.panels.length === 1 ? 'panel' : 'panels'}</span>}
        </button>
      )}
      {section.open && (
        <div className="grid">
          {section.panels.map((p) => {
            const { x, y, w, h } = p.panel.gridPos;
            return (
              <div key={p.key} className="grid-cell" style={{ gridColumn: `${x + 1} / span ${Math.min(w, gridColumns - x)}`, gridRow: `${y + 1} / span ${h}`, ['--rows' as string]: h }}>
                <PanelSection placed={p} state={state} />
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}
