/** What the data of the edited panel has to choose from, for the controls of its options. */
import { createContext } from 'react';
import type { FieldType, Frame } from '../../model/frame';

interface DataOffer {
  /** Tables in order, by what one calls them. */
  frames: readonly string[];
  fields: readonly { name: string; type: FieldType }[];
  refs: readonly string[];
}
const noOffer: DataOffer = { frames: [], fields: [], refs: [] };

export function offerOf(frames: readonly Frame[]): DataOffer {
  const types = new Map<string, FieldType>();
  for (const f of frames.flatMap((frame) => frame.fields)) types.set(f.title ?? f.legend ?? f.name, f.type);
  return {
    frames: frames.map((f) => f.name || `Query ${f.refId}`), fields: [...types].map(([name, type]) => ({ name, type })), refs: [...new Set(frames.map((f) => f.refId))].filter((r) => r !== ''),
  };
}

/** The things a form stands in, the innermost first: a rule, the layer it belongs to. */
export const Around = createContext<readonly Record<string, unknown>[]>([]);

export const Offer = createContext<DataOffer>(noOffer);
