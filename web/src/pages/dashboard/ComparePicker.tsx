/** "Compare with earlier": which time lies behind the charts. */
import { History } from 'lucide-react';
import { compareChoices, compareWords } from '../../model/compare';
import { Menu } from '../../ui/popover';
import type { DashboardState } from './useDashboard';

export function ComparePicker({ state }: { state: DashboardState }) {
  const { offset, ms } = state.compare;
  const on = ms > 0;
  const listed = on && !compareChoices.some((c) => c.offset === offset) ? [{ offset, words: compareWords(offset) }, ...compareChoices] : compareChoices;
  const set = (to: string | undefined): void => state.address.change({ compare: to });
  return (
    <Menu
      label={on ? `Compared with ${compareWords(offset)}` : 'Compare with earlier'} align="end" triggerClass={on ? 'button on' : 'button'}
      trigger={<><History size={16} strokeWidth={1.75} aria-hidden />{on && <span className="num">{offset}</span>}</>}
      items={[{ label: 'Off', checked: !on, run: () => set(undefined) }, ...listed.map((c) => ({ label: c.words, checked: c.offset === offset, run: () => set(c.offset) }))]}
    />
  );
}
