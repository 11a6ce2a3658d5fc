/** The query of all folders with the dashboards in them; what it says of stars goes to the one place that keeps them. */
import { queryOptions } from '@tanstack/react-query';
import { searchEverything } from '../api/folders';
import { stars } from './stars';

export const treeQuery = queryOptions({ queryKey: ['dashboards', 'tree'], queryFn: ({ signal }) => stars.learn(searchEverything(signal), (found) => found.filter((h) => h.type !== 'dash-folder')) });
