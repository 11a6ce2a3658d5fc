/** The list of data sources: one entry of the page's cache, for everybody who needs to know which there are. */
import { queryOptions, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { listDataSources, type DataSource } from '../api/datasources';

/** Sources change seldom; what this page changes is asked for again at once. */
const keptMs = 300_000;

/** For `useSources`, and for `fetchQuery` where one asks outside of a component. */
export const sourcesQuery = queryOptions({ queryKey: ['datasources'], queryFn: ({ signal }) => listDataSources(signal), staleTime: keptMs });

/** `fresh` asks again when the page opens: where sources are what it is about. */
export const useSources = ({ fresh = false } = {}): UseQueryResult<DataSource[]> => useQuery({ ...sourcesQuery, ...(fresh ? { staleTime: 0 } : {}) });
