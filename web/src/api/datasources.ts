/** The data sources there are. */
import { getJson } from './http';

export interface DataSource {
  uid: string;
  name: string;
  type: string;
  isDefault: boolean;
}

export const listDataSources = (signal?: AbortSignal): Promise<DataSource[]> => getJson('/api/datasources', { signal });
