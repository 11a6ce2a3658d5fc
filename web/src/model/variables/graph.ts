/** Which variable needs which: the order of loading, and what must be loaded again after a change. */
import type { Variable } from '../dashboard/types';
import { referencedNames } from './syntax';

/** Names this variable's options depend on. */
export function dependencies(variable: Variable): Set<string> {
  const texts = [variable.query, variable.regex, variable.allValue ?? '', variable.datasource?.uid ?? ''];
  const found = new Set<string>();
  for (const text of texts) for (const name of referencedNames(text)) if (name !== variable.name) found.add(name);
  return found;
}

/** Levels of variables: everything in a level can be loaded at once. A circle ends in one last level instead of never. */
export function loadLevels(variables: readonly Variable[]): Variable[][] {
  const known = new Set(variables.map((v) => v.name));
  const done = new Set<string>();
  let rest = [...variables];
  const levels: Variable[][] = [];
  while (rest.length > 0) {
    const ready = rest.filter((v) => [...dependencies(v)].every((d) => !known.has(d) || done.has(d)));
    const level = ready.length > 0 ? ready : rest;
    levels.push(level);
    for (const v of level) done.add(v.name);
    rest = rest.filter((v) => !level.includes(v));
  }
  return levels;
}
