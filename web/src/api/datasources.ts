/** The data sources there are: the list, one of them, its health, and its correlations with others. */
import type { SourceRecord } from '../model/datasource';
import { ApiError, getJson, send } from './http';
import { asking, deleting, reading, replacing } from './path';

export interface DataSource {
  uid: string;
  name: string;
  type: string;
  isDefault: boolean;
  /** Settings of the source's own kind, such as `defaultEditor`. */
  jsonData?: Record<string, unknown>;
  url: string;
  typeName: string;
  readOnly: boolean;
}

export const listDataSources = (signal?: AbortSignal): Promise<DataSource[]> => getJson(reading('/api/datasources'), { signal });
export const getDataSource = (uid: string, signal?: AbortSignal): Promise<SourceRecord> => getJson(reading('/api/datasources/uid/{uid}', { uid }), { signal });
export const createDataSource = async (body: { name: string; type: string; url: string }): Promise<string> =>
  (await getJson<{ datasource: { uid: string } }>(asking('/api/datasources'), { method: 'POST', body: { ...body, access: 'proxy' } })).datasource.uid;
export const updateDataSource = (uid: string, body: unknown): Promise<unknown> => send(replacing('/api/datasources/uid/{uid}', { uid }), { method: 'PUT', body });
export const deleteDataSource = (uid: string): Promise<unknown> => send(deleting('/api/datasources/uid/{uid}', { uid }), { method: 'DELETE' });

export interface SourceHealth {
  ok: boolean;
  message: string;
  /** How long the source took to answer the server, in milliseconds. */
  ms: number;
}
/** A source that does not work is an answer, not an error; so is one that is gone or closed to the visitor. */
export async function sourceHealth(uid: string, signal?: AbortSignal): Promise<SourceHealth> {
  try {
    const answer = await getJson<{ status: string; message: string; durationMs: number }>(reading('/api/ui/data-sources/{uid}/health', { uid }), { signal });
    return { ok: answer.status === 'OK', message: answer.message, ms: answer.durationMs };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) throw error;
    return { ok: false, message: error.message, ms: 0 };
  }
}

interface Correlation {
  uid: string;
  targetUID: string | null;
  label: string;
  description: string;
  provisioned: boolean;
  config: { field: string; type: string; target: Record<string, unknown> };
}
/** The server answers 404 where there are none. */
export async function listCorrelations(uid: string, signal?: AbortSignal): Promise<Correlation[]> {
  try {
    return await getJson<Correlation[]>(reading('/api/datasources/uid/{uid}/correlations', { uid }), { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
}
export const createCorrelation = (uid: string, body: unknown): Promise<unknown> => send(asking('/api/datasources/uid/{uid}/correlations', { uid }), { method: 'POST', body });
export const deleteCorrelation = (uid: string, correlation: string): Promise<unknown> => send(deleting('/api/datasources/uid/{uid}/correlations/{correlation}', { uid, correlation }), { method: 'DELETE' });
