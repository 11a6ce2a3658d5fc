/** Applies a panel's transformations in order; one that is not known or cannot do its work leaves the data alone and says so. */
import type { Frame } from '../frame';
import { isObject, object, text } from '../json';
import { makeFrameMatcher } from '../fieldconfig/matchers';
import { calculateField } from './calculate';
import { configFromData, rowsToFields } from './config';
import { convertFieldType, convertFrameType, formatString, formatTimeField } from './convert';
import { extractFields } from './extract';
import { TransformError, type Transform, type TransformContext } from './fields';
import { groupBy, groupingToMatrix, groupToNestedTable, partitionByValues, transpose } from './group';
import { concatenate, ensureColumns, joinByField, joinByLabels } from './join';
import { labelsToFields } from './labels';
import { fieldLookup } from './lookup';
import { merge } from './merge';
import { filterByRefId, filterFields, filterFieldsByName, filterFrames, order, organize, rename, renameByRegex } from './names';
import { reduce } from './reduce';
import { filterByValue, limit, seriesToRows, sortBy } from './rows';
import { prepareTimeSeries, timeSeriesTable } from './series';
import { spatial } from './spatial';
import { heatmap, histogram, regression, smoothing } from './statistics';

const noop: Transform = (frames) => [...frames];

const transforms: Record<string, Transform> = {
  calculateField, concatenate, configFromData, convertFieldType, convertFrameType, ensureColumns, extractFields, fieldLookup, filterByRefId, filterByValue,
  filterFields, filterFieldsByName, filterFrames, formatString, formatTime: formatTimeField, groupBy, groupToNestedTable, groupingToMatrix, heatmap, histogram,
  joinByField, joinByLabels, labelsToFields, limit, merge, noop, order, organize, partitionByValues, prepareTimeSeries, reduce, regression, rename,
  renameByRegex, rowsToFields, seriesToColumns: joinByField, seriesToRows, smoothing, sortBy, spatial, timeSeriesTable, transpose,
};
export const knownTransforms: readonly string[] = Object.keys(transforms);

export interface Transformed {
  frames: Frame[];
  notices: string[];
}

/** Variables in every text of the options, however deep. */
function filled(v: unknown, fill: (text: string) => string): unknown {
  if (typeof v === 'string') return v.includes('$') || v.includes('[[') ? fill(v) : v;
  if (Array.isArray(v)) return v.map((x) => filled(x, fill));
  return isObject(v) ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, filled(x, fill)])) : v;
}

export function applyTransforms(frames: readonly Frame[], list: readonly unknown[], context: TransformContext = {}): Transformed {
  let current = [...frames];
  const notices: string[] = [];
  for (const item of list) {
    const spec = object(item);
    // Annotations have their own frames; what is meant for them leaves the series alone.
    if (spec['disabled'] === true || spec['topic'] === 'annotations') continue;
    const id = text(spec['id']);
    const run = Object.hasOwn(transforms, id) ? transforms[id] : undefined;
    if (!run) {
      notices.push(`The transformation “${id}” is not known: the data is shown without it.`);
      continue;
    }
    const matches = makeFrameMatcher(spec['filter']);
    const affected = matches ? current.filter(matches) : current;
    const options = object(context.interpolate ? filled(spec['options'], context.interpolate) : spec['options']);
    try {
      const made = run(affected, options, context);
      if (!matches) {
        current = made;
        continue;
      }
      // Frames that were left out come back to their place.
      const first = Math.max(0, current.findIndex((f, i) => !matches(f, i)));
      const rest = current.filter((f, i) => !matches(f, i));
      current = [...made.slice(0, first), ...rest, ...made.slice(first)];
    } catch (error) {
      if (!(error instanceof TransformError)) throw error;
      notices.push(`The transformation “${id}” was left out: ${error.message}`);
    }
  }
  return { frames: current, notices };
}
