/** The tabs of a dashboard: one at a time, named in the address, walked with the arrow keys. */
import type { KeyboardEvent } from 'react';
import type { Tab } from '../../model/dashboard/tabs';
import { interpolateTitle } from '../../model/variables/interpolate';
import type { DashboardState } from './useDashboard';

export function Tabs({ tabs, current, state }: { tabs: readonly Tab[]; current: Tab; state: DashboardState }) {
  const choose = (tab: Tab | undefined): void => tab && state.address.change({ tab: tab === tabs[0] ? undefined : tab.slug });
  const onKeyDown = (e: KeyboardEvent<HTMLDivElement>): void => {
    const by = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    e.preventDefault();
    const at = (tabs.indexOf(current) + by + tabs.length) % tabs.length;
    choose(tabs[at]);
    e.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')[at]?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label="Tabs of the dashboard" onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button key={tab.slug} type="button" role="tab" aria-selected={tab === current} tabIndex={tab === current ? 0 : -1} onClick={() => choose(tab)}>{interpolateTitle(tab.title, state.context)}</button>
      ))}
    </div>
  );
}
