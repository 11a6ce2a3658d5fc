/** The settings of a dashboard: general, variables, annotations, links, permissions, versions, JSON. */
import { Suspense } from 'react';
import type { Draft } from '../dashboard-edit/draft';
import { edit } from '../dashboard-edit/draft';
import type { Patch } from '../../model/dashboard/edit/patch';
import { GrantList } from '../parts/GrantList';
import type { DashboardState } from '../dashboard/useDashboard';
import { lazyPart } from '../../ui/boundary';
import { useCurrentInSight } from '../../ui/current';
import { Annotations, Links } from './Entries';
import { General } from './General';
import { Variables } from './Variables';
import { Versions } from './Versions';
import './settings.css';

const JsonModel = lazyPart(() => import('./JsonModel'));
const tabs = [['settings', 'General'], ['variables', 'Variables'], ['annotations', 'Annotations'], ['links', 'Links'], ['permissions', 'Permissions'], ['versions', 'Versions'], ['dashboard_json', 'JSON model']] as const;
/** Other names of the pages, as in old links. */
const aliases: Record<string, string> = { templating: 'variables', 'json-model': 'dashboard_json', 'dashboard-json': 'dashboard_json' };

export interface SettingsProps {
  state: DashboardState;
  draft: Draft;
  /** One step that can be undone. */
  apply: (label: string, patch: Patch, merge?: string) => void;
}

export default function SettingsPage({ state, draft, page }: { state: DashboardState; draft: Draft; page: string }) {
  const { uid } = state.doc.meta;
  const wanted = aliases[page] ?? page;
  const tab = tabs.some(([id]) => id === wanted) ? wanted : 'settings';
  const line = useCurrentInSight<HTMLElement>(tab);
  const props: SettingsProps = { state, draft, apply: (label, patch, merge) => edit(uid, { label, patch, ...(merge === undefined ? {} : { merge }) }) };
  const unsaved = <p className="quiet">This is there once the dashboard is saved.</p>;
  return (
    <div className="settings">
      <nav className="settings-nav" ref={line} aria-label="Settings of the dashboard">
        {tabs.map(([id, name]) => <button key={id} type="button" className="menu-item" aria-current={tab === id ? 'page' : undefined} onClick={() => state.address.change({ editview: id }, true)}>{name}</button>)}
      </nav>
      <section className="settings-body" aria-label={tabs.find(([id]) => id === tab)?.[1]}>
        {tab === 'settings' && <General {...props} />}
        {tab === 'variables' && <Variables {...props} />}
        {tab === 'annotations' && <Annotations {...props} />}
        {tab === 'links' && <Links {...props} />}
        {tab === 'permissions' && <><h2>Permissions</h2>{uid === '' ? unsaved : <GrantList kind="dashboards" uid={uid} />}</>}
        {tab === 'versions' && <><h2>Versions</h2>{uid === '' ? unsaved : <Versions {...props} />}</>}
        {tab === 'dashboard_json' && <Suspense fallback={null}><JsonModel {...props} /></Suspense>}
      </section>
    </div>
  );
}
