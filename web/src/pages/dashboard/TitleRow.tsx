/** The title row: where one is, the time range, refresh, links. */
import { ChevronDown, ChevronRight, ExternalLink, Pencil, Share2 } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { dashboardsQuery } from '../../query/dashboards';
import { flag, list, object, text } from '../../model/json';
import { isPage, shownLink } from '../../model/links';
import { interpolate, interpolateTitle } from '../../model/variables/interpolate';
import { Menu } from '../../ui/popover';
import { ComparePicker } from './ComparePicker';
import { RefreshPicker } from './RefreshPicker';
import { StarButton } from './StarButton';
import { TimePicker } from './TimePicker';
import type { DashboardState } from './useDashboard';

/** The address with what the link is to carry along: the time range, the variables. */
function carry(url: string, link: Record<string, unknown>, state: DashboardState): string {
  const parts: string[] = [];
  if (flag(link['keepTime'])) parts.push(`from=${encodeURIComponent(state.raw.from)}&to=${encodeURIComponent(state.raw.to)}`);
  if (flag(link['includeVars'])) parts.push(interpolate('${__all_variables}', state.context));
  const extra = parts.filter((p) => p !== '').join('&');
  return extra === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${extra}`;
}

/** Dashboards of a tag that stand side by side; more become a list. */
const plainLinksMax = 4;

/** Links of the dashboard: addresses, and other dashboards by tag. */
function DashboardLinks({ state }: { state: DashboardState }) {
  const links = state.doc.view.links.map(object);
  const { data } = useQuery({ ...dashboardsQuery, enabled: links.some((l) => l['type'] === 'dashboards') });
  const [, navigate] = useLocation();
  if (links.length === 0) return null;
  return (
    <div className="title-links">
      {links.map((l) => {
        const title = interpolateTitle(text(l['title']), state.context);
        if (l['type'] === 'dashboards') {
          const tags = list(l['tags']).map((t) => text(t));
          const found = (data ?? []).filter((d) => d.uid !== state.doc.view.uid && tags.every((t) => d.tags.includes(t)));
          if (found.length === 0) return null;
          // Without a list of its own each dashboard is a link; many of them would fill the page.
          if (!flag(l['asDropdown']) && found.length <= plainLinksMax) return found.map((d) => <Link key={d.uid} className="button quiet" to={carry(d.url, l, state)}>{d.title}</Link>);
          return <Menu key={`tags ${tags.join(' ')}`} label={title || 'Dashboards'} triggerClass="button quiet" trigger={<>{title || 'Dashboards'}<ChevronDown size={14} strokeWidth={1.75} aria-hidden /></>} items={found.map((d) => ({ label: d.title, run: () => navigate(carry(d.url, l, state)) }))} />;
        }
        const link = shownLink({ title, url: carry(interpolate(text(l['url']), state.context), l, state), targetBlank: flag(l['targetBlank']) });
        if (!link) return null;
        if (!link.blank && isPage(link.url)) return <Link key={title + link.url} className="button quiet" to={link.url} title={text(l['tooltip'])}>{link.title}</Link>;
        return <a key={title + link.url} className="button quiet" href={link.url} title={text(l['tooltip'])} {...(link.blank ? { target: '_blank', rel: 'noopener noreferrer' } : {})}>{link.title}<ExternalLink size={14} strokeWidth={1.75} aria-hidden /></a>;
      })}
    </div>
  );
}

export function TitleRow({ state, viewing, onEdit }: { state: DashboardState; viewing: string | undefined; onEdit?: (() => void) | undefined }) {
  const { view, meta } = state.doc;
  // A snapshot has no place of its own, and its data does not change.
  const stored = view.uid !== '';
  return (
    <header className="title-row">
      <nav className="path" aria-label="Path">
        <Link to="/dashboards">Dashboards</Link>
        {meta.folderUid !== '' && <><ChevronRight size={14} strokeWidth={1.75} aria-hidden /><Link to={`/dashboards/f/${encodeURIComponent(meta.folderUid)}`}>{meta.folderTitle}</Link></>}
        <ChevronRight size={14} strokeWidth={1.75} aria-hidden />
        <h1 title={view.description || undefined}>{viewing === undefined ? view.title : <button type="button" className="path-back" onClick={() => state.address.change({ viewPanel: undefined })}>{view.title}</button>}</h1>
        {viewing !== undefined && <><ChevronRight size={14} strokeWidth={1.75} aria-hidden /><span className="path-panel" title={interpolateTitle(viewing, state.context)}>{interpolateTitle(viewing, state.context)}</span></>}
        {stored && <StarButton uid={view.uid} title={view.title} />}
      </nav>
      <div className="title-tools">
        <DashboardLinks state={state} />
        {stored && <ComparePicker state={state} />}
        {!view.hideTimePicker && <TimePicker state={state} own={view.quickRanges} />}
        {stored && <RefreshPicker state={state} />}
        {stored && <button type="button" className="button" aria-label="Share" title="Share (d x)" onClick={() => state.setOverlay({ kind: 'share' })}><Share2 size={16} strokeWidth={1.75} aria-hidden /></button>}
        {onEdit && <button type="button" className="button" title="Edit the dashboard (d e)" onClick={onEdit}><Pencil size={16} strokeWidth={1.75} aria-hidden />Edit</button>}
      </div>
    </header>
  );
}
