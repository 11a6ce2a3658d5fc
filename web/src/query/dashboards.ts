/** The query of one dashboard, and what a star changes of the answers that are kept. */
import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { getDashboard, type DashboardHit } from '../api/dashboards';

export const dashboardQuery = (uid: string) => queryOptions({ queryKey: ['dashboard', uid], queryFn: ({ signal }) => getDashboard(uid, signal), staleTime: 5000 });

/** Without asking the server again: it is told of the star, or has just been. */
export function noteStar(client: QueryClient, uid: string, on: boolean): void {
  client.setQueryData(dashboardQuery(uid).queryKey, (doc) => doc && { ...doc, meta: { ...doc.meta, isStarred: on } });
  client.setQueryData<DashboardHit[]>(['dashboards'], (all) => all?.map((d) => (d.uid === uid ? { ...d, isStarred: on } : d)));
}
