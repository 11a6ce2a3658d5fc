/** The data sources there are. */
import { getJson } from './http';
import { reading } from './path';

export interface DataSource {
  uid: string;
  name: string;
  type: string;
  isDefault: boolean;
  /** Settings of the source's own kind, such as `defaultEditor`. */
  jsonData?: Record<string, unknown>;
}

export const listDataSources = (signal?: AbortSignal): Promise<DataSource[]> => getJson(reading('/api/datasources'), { signal });
