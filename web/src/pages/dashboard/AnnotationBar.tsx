/** Switches of the annotation queries, beside the variables. */
import { CircleAlert } from 'lucide-react';
import { resolveColor } from '../../model/color/names';
import { useTheme } from '../../ui/theme';
import type { DashboardState } from './useDashboard';

export function AnnotationBar({ state }: { state: DashboardState }) {
  const theme = useTheme((s) => s.theme);
  const { switches, toggle } = state.annotations;
  return (
    <>
      {switches.filter((s) => !s.query.hide).map(({ query, on, problem, count }) => (
        <button
          key={query.name} type="button" role="switch" aria-checked={on} className="annotation-switch" onClick={() => toggle(query.name, !on)}
          title={problem === undefined ? `${query.name}: ${on ? `${count} shown` : 'off'}` : `${query.name} could not be asked: ${problem}`}
        >
          <span className="annotation-dot" style={{ ['--mark' as string]: resolveColor(query.color, theme) }} aria-hidden="true" />
          {query.name}
          {problem !== undefined && <CircleAlert size={14} strokeWidth={1.75} className="note-problem" aria-label="failed" />}
        </button>
      ))}
    </>
  );
}
