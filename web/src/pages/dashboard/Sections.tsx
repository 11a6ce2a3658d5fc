/** The sections of a dashboard, one below the other. */
import type { Section } from '../../model/dashboard/layout';
import { Grid } from './Grid';
import type { DashboardState } from './useDashboard';
import { useMounting } from './useMounting';

export function Sections({ sections, state, onToggle }: { sections: readonly Section[]; state: DashboardState; onToggle: (key: string) => void }) {
  const mounting = useMounting(sections, state.runner);
  return sections.map((section) => <Grid key={section.row?.key ?? 'top'} section={section} state={state} mounting={mounting} onToggle={onToggle} />);
}
