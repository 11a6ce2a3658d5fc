/** All users of the server, and the members of an organisation. */
import { getJson, send } from './http';
import { asking, deleting, patching, reading, replacing } from './path';

interface User {
  id: number;
  login: string;
  name: string;
  email: string;
  isAdmin: boolean;
  isDisabled: boolean;
  lastSeenAt: string;
}
interface Member {
  userId: number;
  login: string;
  name: string;
  email: string;
  role: string;
  lastSeenAt: string;
  isDisabled: boolean;
}
export interface Session {
  id: number;
  isActive: boolean;
  clientIp: string;
  createdAt: string;
  seenAt: string;
  userAgent: string;
}
export interface Membership {
  orgId: number;
  name: string;
  role: string;
}
/** Users that one answer has at most; more are found by words. */
export const usersMax = 1000;

export const searchUsers = (query: string, signal?: AbortSignal): Promise<{ totalCount: number; users: User[] }> => getJson(`${reading('/api/users/search')}?perpage=${usersMax}&query=${encodeURIComponent(query)}`, { signal });
export const getUser = (id: number, signal?: AbortSignal): Promise<{ id: number; login: string; name: string; email: string; isGrafanaAdmin: boolean; isDisabled: boolean }> => getJson(reading('/api/users/{id}', { id }), { signal });
export const createUser = (user: { login: string; name: string; email: string; password: string; orgId?: number }): Promise<{ id: number }> => getJson(asking('/api/admin/users'), { method: 'POST', body: user });
export const updateUser = (id: number, user: { login: string; name: string; email: string }): Promise<unknown> => send(replacing('/api/users/{id}', { id }), { method: 'PUT', body: user });
export const deleteUser = (id: number): Promise<unknown> => send(deleting('/api/admin/users/{id}', { id }), { method: 'DELETE' });
export const setPassword = (id: number, password: string): Promise<unknown> => send(replacing('/api/admin/users/{id}/password', { id }), { method: 'PUT', body: { password } });
export const setServerAdmin = (id: number, isGrafanaAdmin: boolean): Promise<unknown> => send(replacing('/api/admin/users/{id}/permissions', { id }), { method: 'PUT', body: { isGrafanaAdmin } });
export const setDisabled = (id: number, off: boolean): Promise<unknown> => send(off ? asking('/api/admin/users/{id}/disable', { id }) : asking('/api/admin/users/{id}/enable', { id }), { method: 'POST', body: {} });
export const signOutUser = (id: number): Promise<unknown> => send(asking('/api/admin/users/{id}/logout', { id }), { method: 'POST', body: {} });
export const userSessions = (id: number, signal?: AbortSignal): Promise<Session[]> => getJson(reading('/api/admin/users/{id}/auth-tokens', { id }), { signal });
export const revokeUserSession = (id: number, authTokenId: number): Promise<unknown> => send(asking('/api/admin/users/{id}/revoke-auth-token', { id }), { method: 'POST', body: { authTokenId } });
export const userOrgs = (id: number, signal?: AbortSignal): Promise<Membership[]> => getJson(reading('/api/users/{id}/orgs', { id }), { signal });
export const listMembersOfOrg = (signal?: AbortSignal): Promise<Member[]> => getJson(`${reading('/api/org/users')}?limit=5000`, { signal });
export const addMemberToOrg = (loginOrEmail: string, role: string): Promise<unknown> => send(asking('/api/org/users'), { method: 'POST', body: { loginOrEmail, role } });
export const setMemberRole = (user: number, role: string): Promise<unknown> => send(patching('/api/org/users/{user}', { user }), { method: 'PATCH', body: { role } });
export const removeMemberFromOrg = (user: number): Promise<unknown> => send(deleting('/api/org/users/{user}', { user }), { method: 'DELETE' });
export const addToOrg = (org: number, loginOrEmail: string, role: string): Promise<unknown> => send(asking('/api/orgs/{org}/users', { org }), { method: 'POST', body: { loginOrEmail, role } });
export const setRoleInOrg = (org: number, user: number, role: string): Promise<unknown> => send(patching('/api/orgs/{org}/users/{user}', { org, user }), { method: 'PATCH', body: { role } });
export const removeFromOrg = (org: number, user: number): Promise<unknown> => send(deleting('/api/orgs/{org}/users/{user}', { org, user }), { method: 'DELETE' });
