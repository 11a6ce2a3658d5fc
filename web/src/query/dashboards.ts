/** The queries of one dashboard and of the list of all; what they say of stars goes to the one place that keeps them. */
import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { getDashboard, searchDashboards, type DashboardDoc } from '../api/dashboards';
import { stars } from './stars';

const learn = (uid: string, asked: Promise<DashboardDoc>): Promise<DashboardDoc> => stars.learn(asked, ({ meta }) => [{ uid, isStarred: meta.isStarred }]);

export const dashboardQuery = (uid: string) => queryOptions({ queryKey: ['dashboard', uid], queryFn: ({ signal }) => learn(uid, getDashboard(uid, signal)), staleTime: 5000 });

/** A dashboard that came with the page, as if it had been asked for. */
export function keepSent(client: QueryClient, uid: string, doc: DashboardDoc): void {
  client.setQueryData(dashboardQuery(uid).queryKey, doc);
  void learn(uid, Promise.resolve(doc));
}

export const dashboardsQuery = queryOptions({ queryKey: ['dashboards'], queryFn: ({ signal }) => stars.learn(searchDashboards(signal), (found) => found) });

/** What is found of the dashboards, by stars or among all; words, tags and the order come behind. */
export const foundKey = (starred: boolean) => ['dashboards', 'find', starred] as const;

/** Asks again for what was found by its stars, wherever one is set. */
export const followStars = (client: QueryClient): (() => void) => stars.subscribe((news) => {
  if (news === 'sent') void client.invalidateQueries({ queryKey: foundKey(true) });
});
