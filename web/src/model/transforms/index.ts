/** Applies a panel's transformations in order; one that is not known yet leaves the data alone and says so. */
import type { Frame } from '../frame';
import { object, text } from '../json';
import { readPattern } from '../fieldconfig/mappings';
import { calculateField, convertFieldType, filterFieldsByName, joinByField, labelsToFields, renameByRegex, rowsToFields } from './columns';
import { merge } from './merge';
import { organize } from './organize';
import { reduce } from './reduce';
import { filterByRefId, filterByValue, groupBy, limit, seriesToRows, sortBy } from './rows';

type Transform = (frames: readonly Frame[], options: Record<string, unknown>) => Frame[];
const transforms: Record<string, Transform> = {
  organize, merge, reduce, sortBy, limit, filterByValue, groupBy, seriesToRows, filterByRefId, filterFieldsByName, renameByRegex, labelsToFields,
  joinByField, seriesToColumns: joinByField, calculateField, convertFieldType, rowsToFields,
};
export const knownTransforms: readonly string[] = Object.keys(transforms);

export interface Transformed {
  frames: Frame[];
  notices: string[];
}

export function applyTransforms(frames: readonly Frame[], list: readonly unknown[]): Transformed {
  let current = [...frames];
  const notices: string[] = [];
  for (const item of list) {
    const spec = object(item);
    if (spec['disabled'] === true) continue;
    const id = text(spec['id']);
    const run = transforms[id];
    if (!run) {
      notices.push(`The transformation “${id}” is not supported yet: the data is shown without it.`);
      continue;
    }
    const filter = object(spec['filter']);
    const only = filter['id'] === 'byRefId' ? readPattern(`/^(?:${text(filter['options'])})$/`) : null;
    const affected = only ? current.filter((f) => only.test(f.refId)) : current;
    const rest = only ? current.filter((f) => !only.test(f.refId)) : [];
    current = [...run(affected, object(spec['options'])), ...rest];
  }
  return { frames: current, notices };
}
