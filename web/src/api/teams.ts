/** Teams and their members. */
import { getJson, send } from './http';
import { asking, deleting, reading, replacing } from './path';

export interface Team {
  id: number;
  uid: string;
  name: string;
  email: string;
  memberCount: number;
  labelPolicy: string;
  isProvisioned: boolean;
}
interface TeamMember {
  userId: number;
  login: string;
  name: string;
  email: string;
  /** 0 member, 4 administrator of the team. */
  permission: number;
}

export const listTeams = async (signal?: AbortSignal): Promise<Team[]> => (await getJson<{ teams: Team[] }>(`${reading('/api/teams/search')}?perpage=5000`, { signal })).teams;
export const createTeam = (team: { name: string; email: string; labelPolicy?: string }): Promise<{ teamId: number }> => getJson(asking('/api/teams'), { method: 'POST', body: team });
export const updateTeam = (id: number, team: { name: string; email: string; labelPolicy: string }): Promise<unknown> => send(replacing('/api/teams/{team}', { team: id }), { method: 'PUT', body: team });
export const deleteTeam = (id: number): Promise<unknown> => send(deleting('/api/teams/{team}', { team: id }), { method: 'DELETE' });
export const listMembers = (id: number, signal?: AbortSignal): Promise<TeamMember[]> => getJson(reading('/api/teams/{team}/members', { team: id }), { signal });
export const addMember = (id: number, userId: number): Promise<unknown> => send(asking('/api/teams/{team}/members', { team: id }), { method: 'POST', body: { userId } });
export const setMember = (id: number, user: number, permission: number): Promise<unknown> => send(replacing('/api/teams/{team}/members/{user}', { team: id, user }), { method: 'PUT', body: { permission } });
export const removeMember = (id: number, user: number): Promise<unknown> => send(deleting('/api/teams/{team}/members/{user}', { team: id, user }), { method: 'DELETE' });
