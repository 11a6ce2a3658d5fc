/** Service accounts and their tokens. A token's text is in one answer only: the one that made it. */
import { getJson, send } from './http';
import { asking, deleting, patching, reading } from './path';

interface ServiceAccount {
  id: number;
  name: string;
  login: string;
  role: string;
  tokens: number;
  isDisabled: boolean;
}
interface Token {
  id: number;
  name: string;
  role: string;
  created: string;
  lastUsedAt: string | null;
  expiration: string | null;
  hasExpired: boolean;
}
export const listServiceAccounts = async (signal?: AbortSignal): Promise<ServiceAccount[]> => (await getJson<{ serviceAccounts: ServiceAccount[] }>(`${reading('/api/serviceaccounts/search')}?perpage=5000`, { signal })).serviceAccounts;
export const getServiceAccount = (id: number, signal?: AbortSignal): Promise<ServiceAccount> => getJson(reading('/api/serviceaccounts/{id}', { id }), { signal });
export const createServiceAccount = (body: { name: string; role: string }): Promise<ServiceAccount> => getJson(asking('/api/serviceaccounts'), { method: 'POST', body });
export const updateServiceAccount = (id: number, body: { role?: string; isDisabled?: boolean; name?: string }): Promise<unknown> => send(patching('/api/serviceaccounts/{id}', { id }), { method: 'PATCH', body });
export const deleteServiceAccount = (id: number): Promise<unknown> => send(deleting('/api/serviceaccounts/{id}', { id }), { method: 'DELETE' });
export const listTokens = (id: number, signal?: AbortSignal): Promise<Token[]> => getJson(reading('/api/serviceaccounts/{id}/tokens', { id }), { signal });
export const createToken = (id: number, body: { name: string; secondsToLive: number; role?: string }): Promise<{ key: string }> => getJson(asking('/api/serviceaccounts/{id}/tokens', { id }), { method: 'POST', body });
export const deleteToken = (id: number, token: number): Promise<unknown> => send(deleting('/api/serviceaccounts/{id}/tokens/{token}', { id, token }), { method: 'DELETE' });
