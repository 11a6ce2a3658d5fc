/** The account of the person who is signed in: profile, preferences, sessions, organisations. */
import { getJson, send } from './http';
import { asking, patching, reading, replacing } from './path';
import type { Membership, Session } from './users';

export async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
  await send(replacing('/api/user/password'), { method: 'PUT', body: { oldPassword, newPassword }, stay: true });
}

export interface Profile {
  id: number;
  login: string;
  name: string;
  email: string;
  orgId: number;
}
export interface Preferences {
  theme: string;
  timezone: string;
  weekStart: string;
  homeDashboardUID: string;
}
export const myProfile = (signal?: AbortSignal): Promise<Profile> => getJson(reading('/api/user'), { signal });
export const updateProfile = (profile: { login: string; name: string; email: string }): Promise<unknown> => send(replacing('/api/user'), { method: 'PUT', body: profile });
export const myPreferences = (signal?: AbortSignal): Promise<Preferences> => getJson(reading('/api/user/preferences'), { signal });
export const updatePreferences = (change: Partial<Preferences>): Promise<unknown> => send(patching('/api/user/preferences'), { method: 'PATCH', body: change });
export const mySessions = (signal?: AbortSignal): Promise<Session[]> => getJson(reading('/api/user/auth-tokens'), { signal });
export const revokeMySession = (authTokenId: number): Promise<unknown> => send(asking('/api/user/revoke-auth-token'), { method: 'POST', body: { authTokenId } });
export const myOrgs = (signal?: AbortSignal): Promise<Membership[]> => getJson(reading('/api/user/orgs'), { signal });
export const switchOrg = (org: number): Promise<unknown> => send(asking('/api/user/using/{org}', { org }), { method: 'POST', body: {} });
export const myTeams = (signal?: AbortSignal): Promise<{ id: number; name: string }[]> => getJson(reading('/api/user/teams'), { signal });
