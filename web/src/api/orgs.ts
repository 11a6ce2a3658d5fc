/** Organisations: one's own, and all of them. */
import { getJson, send } from './http';
import { asking, deleting, reading, replacing } from './path';

export interface Org {
  id: number;
  name: string;
  tenant: string;
  labelPolicy: string;
}
interface Quota {
  target: string;
  limit: number;
  used: number;
}
export const currentOrg = (signal?: AbortSignal): Promise<Org> => getJson(reading('/api/org'), { signal });
export const renameOrg = (name: string): Promise<unknown> => send(replacing('/api/org'), { method: 'PUT', body: { name } });
export const listOrgs = (signal?: AbortSignal): Promise<{ id: number; name: string }[]> => getJson(`${reading('/api/orgs')}?perpage=5000`, { signal });
export const getOrg = (org: number, signal?: AbortSignal): Promise<Org> => getJson(reading('/api/orgs/{org}', { org }), { signal });
export const createOrg = (name: string): Promise<{ orgId: number }> => getJson(asking('/api/orgs'), { method: 'POST', body: { name } });
export const updateOrg = (org: number, change: { name: string; tenant: string; labelPolicy: string }): Promise<unknown> => send(replacing('/api/orgs/{org}', { org }), { method: 'PUT', body: change });
export const deleteOrg = (org: number): Promise<unknown> => send(deleting('/api/orgs/{org}', { org }), { method: 'DELETE' });
export const orgQuotas = (signal?: AbortSignal): Promise<Quota[]> => getJson(reading('/api/org/quotas'), { signal });
