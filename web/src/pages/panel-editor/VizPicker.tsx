/** Choosing the kind of picture: suggestions drawn with the panel's own data, and all types by name. */
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Panel } from '../../model/dashboard/types';
import { applyFieldConfig } from '../../model/fieldconfig/apply';
import type { Frame } from '../../model/frame';
import { object } from '../../model/json';
import { panelTypes } from '../../panels/kinds';
import { pluginFor } from '../../panels/registry';
import { shapeOf, suggestTypes } from '../../panels/suggest';
import type { PanelView } from '../../panels/types';
import { CursorBus } from '../../query/cursor';
import { report } from '../../ui/report';
import { useTheme } from '../../ui/theme';
import type { DashboardState } from '../dashboard/useDashboard';

const size = { width: 148, height: 84 };
/** Thumbnails show the shape, not every series. */
const framesMax = 12;

function Thumb({ type, frames, panel, state }: { type: string; frames: readonly Frame[]; panel: Panel; state: DashboardState }) {
  const host = useRef<HTMLDivElement>(null);
  const theme = useTheme((s) => s.theme);
  const { zone, range } = state;
  useEffect(() => {
    let view: PanelView | undefined;
    let current = true;
    const plugin = pluginFor(type);
    void plugin.load().then((module) => {
      if (!current || !host.current) return;
      const interpolate = (text: string): string => text;
      const applied = applyFieldConfig(frames.slice(0, framesMax), { defaults: { ...object(panel.fieldConfig.defaults), custom: {} }, overrides: [] }, { theme, zone, wantsRange: plugin.wantsRange, colorMode: plugin.colorMode, interpolate });
      view = module.mount(host.current, { cursor: new CursorBus(0), onRange: () => undefined, onZoomOut: () => undefined });
      view.update({ frames: applied, options: { legend: { showLegend: false } }, size, theme, zone, range, interpolate });
    }).catch((error: unknown) => {
      // The name below says what it is; the picture is a help, not the way in.
      report(`no thumbnail of ${type}`, error);
    });
    return () => {
      current = false;
      view?.destroy();
    };
  }, [type, frames, panel.fieldConfig.defaults, theme, zone, range]);
  return <div className="thumb" ref={host} aria-hidden="true" inert />;
}

export function VizPicker({ panel, frames, state, onChoose, onClose }: { panel: Panel; frames: readonly Frame[]; state: DashboardState; onChoose: (type: string) => void; onClose: () => void }) {
  const [search, setSearch] = useState('');
  const suggested = useMemo(() => suggestTypes(shapeOf(frames)).slice(0, 6), [frames]);
  const all = panelTypes.filter((p) => `${p.title} ${p.type}`.toLowerCase().includes(search.toLowerCase()));
  const titles = new Map(panelTypes.map((p) => [p.type, p.title]));
  return (
    <div className="viz-picker">
      <div className="viz-head"><input className="input full" type="search" autoFocus placeholder="Kind of picture" aria-label="Search kinds of picture" value={search} onChange={(e) => setSearch(e.target.value)} onKeyDown={(e) => e.key === 'Escape' && onClose()} /><button type="button" className="button" onClick={onClose}>Close</button></div>
      {search === '' && suggested.length > 0 && (
        <>
          <h3>Suggested for this data</h3>
          <div className="viz-grid">
            {suggested.map((type) => (
              <button key={type} type="button" className="viz-card" aria-pressed={type === panel.type} onClick={() => onChoose(type)}>
                <Thumb type={type} frames={frames} panel={panel} state={state} />
                <span>{titles.get(type)}</span>
              </button>
            ))}
          </div>
          <h3>All</h3>
        </>
      )}
      <ul className="viz-list">{all.map((p) => <li key={p.type}><button type="button" className="menu-item" aria-pressed={p.type === panel.type} onClick={() => onChoose(p.type)}>{p.title}</button></li>)}</ul>
      {all.length === 0 && <p className="quiet">No kind fits “{search}”.</p>}
    </div>
  );
}
