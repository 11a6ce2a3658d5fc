/** The title row: where one is, the time range, refresh, links. */
import { ChevronRight, ExternalLink, Star } from 'lucide-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { searchDashboards, starDashboard, type DashboardHit } from '../../api/dashboards';
import { flag, object, text } from '../../model/json';
import { interpolate } from '../../model/variables/interpolate';
import { toast } from '../../ui/toast';
import { RefreshPicker } from './RefreshPicker';
import { TimePicker } from './TimePicker';
import type { DashboardState } from './useDashboard';

function StarButton({ uid, title }: { uid: string; title: string }) {
  const client = useQueryClient();
  const { data } = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => searchDashboards(signal) });
  const hit = data?.find((d) => d.uid === uid);
  const on = hit?.isStarred ?? false;
  const set = (to: boolean): void => {
    client.setQueryData<DashboardHit[]>(['dashboards'], (all) => all?.map((x) => (x.uid === uid ? { ...x, isStarred: to } : x)));
  };
  const star = useMutation({
    mutationFn: (to: boolean) => starDashboard(uid, to),
    onMutate: set,
    onError: (problem, to) => {
      set(!to);
      toast(`The star of “${title}” could not be saved: ${problem.message}`, 'error');
    },
  });
  return (
    <button type="button" className={on ? 'icon-button small starred' : 'icon-button small'} aria-pressed={on} aria-label={on ? 'Remove the star' : 'Star this dashboard'} disabled={!hit} onClick={() => star.mutate(!on)}>
      <Star size={16} strokeWidth={1.75} aria-hidden fill={on ? 'currentColor' : 'none'} />
    </button>
  );
}

/** Links of the dashboard itself; those by tag are not resolved here. */
function DashboardLinks({ state }: { state: DashboardState }) {
  const links = state.doc.view.links.map(object).filter((l) => l['type'] === 'link' && text(l['url']) !== '');
  if (links.length === 0) return null;
  return (
    <div className="title-links">
      {links.map((l) => {
        const url = interpolate(text(l['url']), state.context);
        if (!/^(https?:|\/|\?|#)/.test(url)) return null;
        const full = flag(l['keepTime']) ? `${url}${url.includes('?') ? '&' : '?'}from=${encodeURIComponent(state.raw.from)}&to=${encodeURIComponent(state.raw.to)}` : url;
        return <a key={text(l['title']) + url} className="button quiet" href={full} title={text(l['tooltip'])} {...(flag(l['targetBlank']) ? { target: '_blank', rel: 'noopener noreferrer' } : {})}>{text(l['title'])}<ExternalLink size={14} strokeWidth={1.75} aria-hidden /></a>;
      })}
    </div>
  );
}

export function TitleRow({ state, viewing }: { state: DashboardState; viewing: string | undefined }) {
  const { view, meta } = state.doc;
  return (
    <header className="title-row">
      <nav className="path" aria-label="Path">
        <Link to="/dashboards">Dashboards</Link>
        {meta.folderTitle !== '' && <><ChevronRight size={14} strokeWidth={1.75} aria-hidden /><Link to={`/dashboards/f/${encodeURIComponent(meta.folderTitle)}`}>{meta.folderTitle}</Link></>}
        <ChevronRight size={14} strokeWidth={1.75} aria-hidden />
        <h1 title={view.description || undefined}>{viewing === undefined ? view.title : <button type="button" className="path-back" onClick={() => state.address.change({ viewPanel: undefined })}>{view.title}</button>}</h1>
        {viewing !== undefined && <><ChevronRight size={14} strokeWidth={1.75} aria-hidden /><span className="path-panel">{interpolate(viewing, state.context)}</span></>}
        <StarButton uid={view.uid} title={view.title} />
      </nav>
      <div className="title-tools">
        <DashboardLinks state={state} />
        <TimePicker state={state} />
        <RefreshPicker state={state} />
      </div>
    </header>
  );
}
