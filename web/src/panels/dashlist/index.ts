/** The list of dashboards: starred, opened last, and found by words, tags and folder. */
import { findDashboards, type DashboardHit } from '../../api/dashboards';
import { stars } from '../../query/stars';
import { pageLink } from '../address';
import { h, svg } from '../dom';
import { note, portalPanel } from '../portal';
import { setStar } from '../star';
import type { PanelInput, VisitedDashboard } from '../types';
import { dashboardAddress, listOptions, type ListOptions } from './options';

interface Answer {
  starred: DashboardHit[];
  found: DashboardHit[];
}
type Shown = VisitedDashboard & Partial<Pick<DashboardHit, 'isStarred' | 'folderTitle'>>;

const starPath = 'M12 3.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.7-5.2 2.7 1-5.8-4.2-4.1 5.8-.8z';
const star = (on: boolean): SVGSVGElement => svg('svg', { attrs: { width: 16, height: 16, viewBox: '0 0 24 24', fill: on ? 'currentColor' : 'none', stroke: 'currentColor', 'stroke-width': 1.75, 'stroke-linejoin': 'round', 'aria-hidden': 'true' } }, svg('path', { attrs: { d: starPath } }));

function rows(dashboards: readonly Shown[], o: ListOptions): HTMLElement {
  const shown = dashboards.slice(0, o.max).map((d): Shown => ({ ...d, isStarred: stars.of(d.uid) ?? d.isStarred }));
  return h('ul', {}, ...shown.map((d) => h('li', {}, h('div', { class: 'portal-row' },
    h('div', { class: 'portal-main' }, pageLink(dashboardAddress(d.url, location.search, o), d.title, 'portal-title'), d.folderTitle && h('span', { class: 'portal-sub', text: d.folderTitle })),
    d.isStarred !== undefined && h('button', {
      class: 'portal-star', attrs: { type: 'button', 'aria-pressed': String(d.isStarred), 'aria-label': d.isStarred ? `Remove the star from ${d.title}` : `Star ${d.title}` },
      on: { click: () => void setStar(d, !d.isStarred) },
    }, star(d.isStarred))))));
}

const starredMax = (o: ListOptions): number => Math.max(o.max, 100);
/** The starred ones, and of those opened last the ones that are not among them, where all were told. */
const withoutStar = (starred: readonly DashboardHit[], input: PanelInput, o: ListOptions): { uid: string; isStarred: boolean }[] => {
  const told = new Set(starred.map((d) => d.uid));
  const others = starred.length < starredMax(o) ? (input.page?.recent ?? []).filter((d) => !told.has(d.uid)) : [];
  return [...starred, ...others.map(({ uid }) => ({ uid, isStarred: false }))];
};

const dashlist = portalPanel<Answer>({
  name: () => 'List of dashboards',
  depends: (input) => [input.page?.recent.map((r) => r.uid), input.interpolate(listOptions(input.options).text)],
  ask: async (input, signal) => {
    const o = listOptions(input.options);
    const [starred, found] = await Promise.all([
      o.starred || o.recent ? stars.learn(findDashboards({ starred: true, limit: starredMax(o) }, signal), (all) => withoutStar(all, input, o)) : [],
      o.search ? stars.learn(findDashboards({ text: input.interpolate(o.text), tags: o.tags, folderUid: o.folderUid, folderId: o.folderId, limit: o.max }, signal), (all) => all) : [],
    ]);
    return { starred, found };
  },
  watch: ({ again, redraw }) => stars.subscribe((news) => (news === 'sent' ? again() : redraw())),
  draw: (answer, input) => {
    const o = listOptions(input.options);
    const starred = new Set(answer.starred.map((d) => d.uid));
    const recent = (input.page?.recent ?? []).map((d): Shown => ({ ...d, isStarred: starred.has(d.uid) }));
    const sections: [boolean, string, readonly Shown[], string][] = [
      [o.starred, 'Starred dashboards', answer.starred.filter((d) => stars.of(d.uid) !== false), 'No dashboard is starred yet: the star beside a dashboard’s name puts it here.'],
      [o.recent, 'Recently viewed dashboards', recent, 'Nothing was opened in this browser yet.'],
      [o.search, 'Search', answer.found, 'No dashboard fits this panel’s search.'],
    ];
    const shown = sections.filter(([on]) => on);
    if (shown.length === 0) return [note('This panel lists nothing: neither starred, recent nor found dashboards are turned on.')];
    return shown.flatMap(([, heading, dashboards, empty]) => [
      ...(o.headings ? [h('h3', { text: heading })] : []),
      dashboards.length > 0 ? rows(dashboards, o) : note(empty),
    ]);
  },
});
export default dashlist;
