/** The list of dashboards: starred, opened last, and found by words, tags and folder. */
import { findDashboards, starDashboard, type DashboardHit } from '../../api/dashboards';
import { wordsOf } from '../../model/errors';
import { toast } from '../../ui/toast';
import { pageLink } from '../address';
import { h, svg } from '../dom';
import { note, portalPanel } from '../portal';
import type { VisitedDashboard } from '../types';
import { dashboardAddress, listOptions, type ListOptions } from './options';

interface Answer {
  starred: DashboardHit[];
  found: DashboardHit[];
}
type Shown = VisitedDashboard & Partial<Pick<DashboardHit, 'isStarred' | 'folderTitle'>>;

const starPath = 'M12 3.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.7-5.2 2.7 1-5.8-4.2-4.1 5.8-.8z';
const star = (on: boolean): SVGSVGElement => svg('svg', { attrs: { width: 16, height: 16, viewBox: '0 0 24 24', fill: on ? 'currentColor' : 'none', stroke: 'currentColor', 'stroke-width': 1.75, 'stroke-linejoin': 'round', 'aria-hidden': 'true' } }, svg('path', { attrs: { d: starPath } }));

async function toggle(d: Shown, again: () => void): Promise<void> {
  try {
    await starDashboard(d.uid, !d.isStarred);
    again();
  } catch (error) {
    toast(`The star of “${d.title}” could not be saved: ${wordsOf(error)}`, 'error');
  }
}

function rows(dashboards: readonly Shown[], o: ListOptions, again: () => void): HTMLElement {
  return h('ul', {}, ...dashboards.slice(0, o.max).map((d) => h('li', {}, h('div', { class: 'portal-row' },
    h('div', { class: 'portal-main' }, pageLink(dashboardAddress(d.url, location.search, o), d.title, 'portal-title'), d.folderTitle && h('span', { class: 'portal-sub', text: d.folderTitle })),
    d.isStarred !== undefined && h('button', {
      class: 'portal-star', attrs: { type: 'button', 'aria-pressed': String(d.isStarred), 'aria-label': d.isStarred ? `Remove the star from ${d.title}` : `Star ${d.title}` },
      on: { click: () => void toggle(d, again) },
    }, star(d.isStarred))))));
}

const dashlist = portalPanel<Answer>({
  name: () => 'List of dashboards',
  depends: (input) => [input.page?.recent.map((r) => r.uid), input.interpolate(listOptions(input.options).text)],
  ask: async (input, signal) => {
    const o = listOptions(input.options);
    const [starred, found] = await Promise.all([
      o.starred || o.recent ? findDashboards({ starred: true, limit: Math.max(o.max, 100) }, signal) : [],
      o.search ? findDashboards({ text: input.interpolate(o.text), tags: o.tags, folderUid: o.folderUid, folderId: o.folderId, limit: o.max }, signal) : [],
    ]);
    return { starred, found };
  },
  draw: (answer, input, { again }) => {
    const o = listOptions(input.options);
    const stars = new Set(answer.starred.map((d) => d.uid));
    const recent = (input.page?.recent ?? []).map((d): Shown => ({ ...d, isStarred: stars.has(d.uid) }));
    const sections: [boolean, string, readonly Shown[], string][] = [
      [o.starred, 'Starred dashboards', answer.starred, 'No dashboard is starred yet: the star beside a dashboard’s name puts it here.'],
      [o.recent, 'Recently viewed dashboards', recent, 'Nothing was opened in this browser yet.'],
      [o.search, 'Search', answer.found, 'No dashboard fits this panel’s search.'],
    ];
    const shown = sections.filter(([on]) => on);
    if (shown.length === 0) return [note('This panel lists nothing: neither starred, recent nor found dashboards are turned on.')];
    return shown.flatMap(([, heading, dashboards, empty]) => [
      ...(o.headings ? [h('h3', { text: heading })] : []),
      dashboards.length > 0 ? rows(dashboards, o, again) : note(empty),
    ]);
  },
});
export default dashlist;
