/** The queries of one dashboard and of the list of all; what they say of stars goes to the one place that keeps them. */
import { queryOptions } from '@tanstack/react-query';
import { getDashboard, searchDashboards } from '../api/dashboards';
import { stars } from './stars';

export const dashboardQuery = (uid: string) => queryOptions({ queryKey: ['dashboard', uid], queryFn: ({ signal }) => stars.learn(getDashboard(uid, signal), ({ meta }) => [{ uid, isStarred: meta.isStarred }]), staleTime: 5000 });

export const dashboardsQuery = queryOptions({ queryKey: ['dashboards'], queryFn: ({ signal }) => stars.learn(searchDashboards(signal), (found) => found) });
