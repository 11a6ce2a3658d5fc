/** Permissions given on single folders, dashboards and data sources, and what the visitor may do at all. */
import { getJson, send } from './http';
import { asking, reading } from './path';

export type AccessKind = 'folders' | 'dashboards' | 'datasources';
export interface Grant {
  id: number;
  builtInRole?: string;
  teamId?: number;
  team?: string;
  userId?: number;
  userLogin?: string;
  permission: string;
  /** False for what follows from the roles, because nothing was given here. */
  isManaged: boolean;
}

export const listGrants = (kind: AccessKind, uid: string, signal?: AbortSignal): Promise<Grant[]> => getJson(reading('/api/access-control/{kind}/{uid}', { kind, uid }), { signal });

/** An empty permission takes it away. */
export async function setGrant(kind: AccessKind, uid: string, subjectKind: 'users' | 'teams' | 'builtInRoles', subject: string | number, permission: string): Promise<void> {
  await send(asking('/api/access-control/{kind}/{uid}/{subject_kind}/{subject}', { kind, uid, subject_kind: subjectKind, subject }), { method: 'POST', body: { permission } });
}

export const myRights = (signal?: AbortSignal): Promise<Record<string, boolean>> => getJson(reading('/api/access-control/user/actions'), { signal });

interface Person {
  userId: number;
  login: string;
}
/** Names only: for choosing. */
export const lookupPeople = (signal?: AbortSignal): Promise<Person[]> => getJson(reading('/api/org/users/lookup'), { signal });
