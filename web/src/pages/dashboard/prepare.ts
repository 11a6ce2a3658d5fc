/** From answers to what a panel draws: transformations, then field options. */
import { nativesFor } from '../../model/buckets/native';
import type { Panel } from '../../model/dashboard/types';
import type { Frame } from '../../model/frame';
import { applyFieldConfig, type ApplyOptions } from '../../model/fieldconfig/apply';
import { framesTable, type Table } from '../../model/table';
import { applyTransforms } from '../../model/transforms';

export interface Prepared {
  frames: Frame[];
  notices: string[];
  table: () => Table;
}

export function preparePanel(panel: Panel, frames: readonly Frame[], options: ApplyOptions): Prepared {
  const transformed = applyTransforms(frames, panel.transformations, { interpolate: options.interpolate, zone: options.zone });
  const shown = nativesFor(panel.type, transformed.frames);
  const applied = applyFieldConfig(shown.frames, panel.fieldConfig, options);
  let made: Table | undefined;
  return { frames: applied, notices: [...transformed.notices, ...shown.notices], table: () => (made ??= framesTable(applied)) };
}

/** Makes the value when it is asked for first. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
