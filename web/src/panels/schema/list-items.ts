/** Forms for the things of short lists: columns a table is sorted by, arcs of a node, styles of a map's shapes. */
import { object, text } from '../../model/json';
import { choices, option, type ItemForm } from './types';

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

const signs: Readonly<Record<string, string>> = { eq: '=', ne: '≠', lt: '<', lte: '≤', gt: '>', gte: '≥' };
/** Styles of a file's shapes by their properties: the first rule that means a shape counts. What a rule leaves open is the layer's. */
export const ruleItems: ItemForm = {
  one: 'Rule', fresh: { check: { property: '', operation: 'eq', value: '' }, style: {} },
  title: (r) => {
    const check = object(r['check']);
    const property = text(check['property']);
    return property === '' ? 'Rule' : `${property} ${signs[text(check['operation'], 'eq')] ?? ''} ${text(check['value']) || String(check['value'] ?? '')}`;
  },
  specs: [
    option('', 'check.property', 'Property', 'property', '', { help: 'Of the shapes in the file' }),
    option('', 'check.operation', 'Condition', 'select', 'eq', { choices: choices('eq:is|ne:is not|lt:is less than|lte:is at most|gt:is more than|gte:is at least') }),
    option('', 'check.value', 'Value', 'property', '', { valuesOf: 'check.property', codec: { read: (v) => (v === undefined || v === null ? '' : String(v)), write: (v) => v } }),
    option('', 'style.color.fixed', 'Colour', 'color', ''),
    option('', 'style.size.fixed', 'Line width', 'number', undefined, { min: 0.5, max: 20, step: 0.5 }),
    option('', 'style.opacity', 'Opacity', 'number', undefined, { min: 0, max: 1, step: 0.05 }),
  ],
};
