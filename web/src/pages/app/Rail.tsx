/** The rail at the left: where one can go, what was open lately, who is signed in. */
import { ChartNoAxesColumn, CircleHelp, Compass, Contrast, Database, House, KeyRound, LayoutDashboard, LogOut, Monitor, Moon, PanelLeft, Search, ShieldCheck, Sun, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { boot } from '../../api/boot';
import { Menu } from '../../ui/popover';
import { useTheme, type ThemeChoice } from '../../ui/theme';
import { Mark } from './Mark';
import { useShell } from './shell';

const icon = { size: 18, strokeWidth: 1.75, 'aria-hidden': true } as const;
const small = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
const themes: [ThemeChoice, string, ReactNode][] = [
  ['system', 'As the system', <Monitor key="s" {...small} />],
  ['light', 'Light', <Sun key="l" {...small} />],
  ['dark', 'Dark', <Moon key="d" {...small} />],
];

function Item({ to, label, children, active }: { to: string; label: string; children: ReactNode; active: boolean }) {
  return <Link to={to} className={active ? 'rail-item active' : 'rail-item'} aria-current={active ? 'page' : undefined} title={label}>{children}<span className="rail-label">{label}</span></Link>;
}

/** What the server would refuse is not offered. */
const canSeeSources = boot.user.isGrafanaAdmin || boot.user.orgRole === 'Admin' || boot.user.orgRole === 'Editor';
const canAdminister = boot.user.isGrafanaAdmin || boot.user.orgRole === 'Admin';

export function Rail() {
  const [path, navigate] = useLocation();
  const { folded, toggleRail, openPalette, openHelp, openPassword, recent } = useShell();
  const { choice, choose } = useTheme();
  const name = boot.user.name || boot.user.login || 'Account';
  return (
    <nav className={folded ? 'rail folded' : 'rail'} aria-label="Main">
      <div className="rail-head">
        <Link to="/" className="rail-brand" title="Orrery"><Mark /><span className="rail-label">Orrery</span></Link>
        <button type="button" className="icon-button small rail-fold" aria-label={folded ? 'Widen the menu' : 'Narrow the menu'} aria-expanded={!folded} onClick={toggleRail}><PanelLeft {...small} /></button>
      </div>
      <button type="button" className="rail-search" onClick={openPalette} title="Search and commands (Ctrl+K)"><Search {...small} /><span className="rail-label">Search</span><kbd className="rail-label">Ctrl K</kbd></button>
      <Item to="/" label="Home" active={path === '/'}><House {...icon} /></Item>
      <Item to="/dashboards" label="Dashboards" active={path.startsWith('/dashboards')}><LayoutDashboard {...icon} /></Item>
      <Item to="/explore" label="Explore" active={path === '/explore'}><Compass {...icon} /></Item>
      <Item to="/explore/metrics" label="Metrics" active={path.startsWith('/explore/metrics')}><ChartNoAxesColumn {...icon} /></Item>
      {canSeeSources && <Item to="/connections/datasources" label="Data sources" active={path.startsWith('/connections')}><Database {...icon} /></Item>}
      {canAdminister && <Item to="/admin" label="Admin" active={/^\/(admin|org)(\/|$)/.test(path)}><ShieldCheck {...icon} /></Item>}
      {recent.length > 0 && (
        <div className="rail-recent">
          <h2>Recent</h2>
          {recent.slice(0, 5).map((r) => <Link key={r.uid} to={r.url} className={path.startsWith(`/d/${r.uid}`) ? 'rail-item active' : 'rail-item'} title={r.title}><span className="rail-label">{r.title}</span></Link>)}
        </div>
      )}
      <div className="rail-foot">
        <Menu
          label="Theme" triggerClass="rail-item" trigger={<><Contrast {...icon} /><span className="rail-label">Theme</span></>}
          items={themes.map(([id, label, mark]) => ({ label, icon: mark, checked: choice === id, run: () => choose(id) }))}
        />
        <button type="button" className="rail-item" onClick={openHelp} title="Keys (?)"><CircleHelp {...icon} /><span className="rail-label">Keys and help</span></button>
        <Menu
          label={`Account of ${name}`} triggerClass="rail-item" trigger={<><UserRound {...icon} /><span className="rail-label">{name}</span></>}
          items={[{ label: 'Profile and organisations', icon: <UserRound {...small} />, run: () => navigate('/profile') }, { label: 'Change password', icon: <KeyRound {...small} />, run: openPassword }, { label: 'Sign out', icon: <LogOut {...small} />, href: '/logout' }]}
        />
      </div>
    </nav>
  );
}
