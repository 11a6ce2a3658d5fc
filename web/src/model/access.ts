/** Why somebody may see or change a thing: the rules of the server, in words. */
type Level = 'View' | 'Edit' | 'Admin';
export interface Given {
  /** A role counts for itself and those above it. */
  role?: string | undefined;
  team?: string | undefined;
  login?: string | undefined;
  permission: string;
  /** False where nothing was given here and the roles speak. */
  managed: boolean;
}
export interface Place {
  /** The thing itself first, then the folders around it, outermost last. */
  title: string;
  kind: 'folder' | 'dashboard' | 'datasource';
  given: readonly Given[];
}
export interface Somebody {
  login: string;
  role: string;
  teams: readonly string[];
}
interface Answer {
  level: Level | '';
  reasons: string[];
}

const rank = ['', 'View', 'Edit', 'Admin'];
const roleRank = ['None', 'Viewer', 'Editor', 'Admin'];
const levelOf = (permission: string): Level => (permission === 'Query' ? 'View' : (permission as Level));
const byRole: Record<string, Level | ''> = { None: '', Viewer: 'View', Editor: 'Edit', Admin: 'Admin' };
const verb = (level: Level, kind: Place['kind']): string => ({ View: kind === 'datasource' ? 'query' : 'see', Edit: 'edit', Admin: 'administer' })[level];

/** What one grant gives to somebody, in words; undefined when it is not theirs. */
function theirs(given: Given, who: Somebody): string | undefined {
  if (given.role !== undefined) return roleRank.indexOf(who.role) >= roleRank.indexOf(given.role) ? `everybody from ${given.role} on was given it` : undefined;
  if (given.team !== undefined) return who.teams.includes(given.team) ? `the team ${given.team} was given it` : undefined;
  return given.login === who.login ? 'given directly' : undefined;
}

/**
 * Permissions add up: the best one counts. A place with permissions of its own is closed to what the role gives at the top;
 * what was given on the folders around it still holds. Administrators of the organisation may everything.
 */
export function explain(places: readonly Place[], who: Somebody): Answer {
  const [thing] = places;
  if (!thing) return { level: '', reasons: [] };
  if (who.role === 'Admin') return { level: 'Admin', reasons: [`${who.login} is an administrator of the organisation, and those may do everything.`] };
  let best: Level | '' = '';
  let closedAt = '';
  const reasons: string[] = [];
  for (const [i, place] of places.entries()) {
    const own = place.given.filter((g) => g.managed);
    if (own.length > 0 && closedAt === '') closedAt = place.title;
    for (const given of own) {
      const how = theirs(given, who);
      if (how === undefined) continue;
      const level = levelOf(given.permission);
      if (rank.indexOf(level) > rank.indexOf(best)) best = level;
      reasons.push(i === 0 ? `May ${verb(level, thing.kind)} “${place.title}”: ${how}.` : `May ${verb(level, thing.kind)} what is in “${place.title}”, and so this: ${how}.`);
    }
  }
  if (closedAt === '') {
    const level = thing.kind === 'datasource' ? (who.role === 'None' ? '' : 'View') : (byRole[who.role] ?? '');
    if (level !== '') reasons.push(`No permissions were given here${places.length > 1 ? ' or on the folders around it' : ''}, so the role ${who.role} decides: it may ${verb(level, thing.kind)}.`);
    else reasons.push(`The role ${who.role} gives nothing, and no permission was given.`);
    return { level, reasons };
  }
  if (best === '') reasons.push(`“${closedAt}” has permissions of its own, and neither ${who.login}, nor the role ${who.role}, nor one of ${who.login}'s teams${who.teams.length > 0 ? ` (${who.teams.join(', ')})` : ''} is named there.`);
  else reasons.push(`“${closedAt}” has permissions of its own, so the role ${who.role} alone gives nothing there.`);
  return { level: best, reasons };
}
