/** Forms for the things of short lists: columns a table is sorted by, arcs of a node. */
import { text } from '../../model/json';
import { option, type ItemForm } from './types';

/** What a table is sorted by: columns, the first counting most. */
export const sortItems: ItemForm = {
  one: 'Column', fresh: { displayName: '', desc: true }, title: (s) => text(s['displayName']) || 'Column',
  specs: [option('', 'displayName', 'Column', 'field', ''), option('', 'desc', 'Largest first', 'switch', false)],
};
/** Parts of a node's ring. */
export const arcItems: ItemForm = {
  one: 'Arc', fresh: { field: '', color: 'green' }, title: (a) => text(a['field']) || 'Arc',
  specs: [option('', 'field', 'Field', 'field', ''), option('', 'color', 'Colour', 'color', 'green')],
};
