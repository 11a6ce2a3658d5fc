/** The series of an XY chart: found with some hints, or set one by one. Fields and tables stand in the file as matchers. */
import { isObject, number, object, text } from '../../model/json';
import { choices, option, type ItemForm, type OptionSpec } from './types';

/** The name of a field, as a matcher; older panels have it plain or as `{field: name}`. Other matchers are told, not changed. */
const byName: NonNullable<OptionSpec['codec']> = {
  read: (stored) => {
    if (typeof stored === 'string') return stored;
    const o = object(stored);
    if (!isObject(o['matcher'])) return text(o['field']);
    const { id, options } = o['matcher'];
    return id === 'byName' ? text(options) : `${text(id)}: ${typeof options === 'string' ? options : JSON.stringify(options)}`;
  },
  write: (name) => ({ matcher: { id: 'byName', options: name } }),
};
/** The place of a table among those that the data has. */
const byIndex: NonNullable<OptionSpec['codec']> = {
  read: (stored) => number(stored) ?? number(object(object(stored)['matcher'])['options']) ?? '',
  write: (index) => ({ matcher: { id: 'byIndex', options: index } }),
};
const fixedName: NonNullable<OptionSpec['codec']> = { read: (stored) => text(isObject(stored) ? stored['fixed'] : stored), write: (name) => ({ fixed: name }) };

const frame = option('', 'frame', 'Table', 'frame', '', { codec: byIndex });
const x = option('', 'x', 'X', 'field', '', { codec: byName, types: ['number', 'time'] });
const size = option('', 'size', 'Size', 'field', '', { codec: byName, types: ['number'], help: 'All alike where empty' });
const color = option('', 'color', 'Colour', 'field', '', { codec: byName, help: 'Of the series where empty' });

const hints: ItemForm = { one: 'Series', single: true, fresh: {}, title: () => 'Series', specs: [frame, x, size, color] };
const series: ItemForm = {
  one: 'Series', fresh: {},
  title: (s) => text(fixedName.read(s['name'])) || text(byName.read(s['y'])) || 'Series',
  specs: [frame, x, option('', 'y', 'Y', 'field', '', { codec: byName, types: ['number'] }), size, color, option('', 'name', 'Name', 'text', '', { codec: fixedName, help: 'Of the field where empty' })],
};

export const xySeries = (): OptionSpec[] => [
  option('Series', 'mapping', 'Mapping', 'radio', 'auto', { choices: choices('auto:Auto|manual:Set'), help: 'Auto makes a series of each number' }),
  option('Series', 'series', 'Fields', 'items', [], { items: hints, when: (get) => get('options.mapping') !== 'manual' }),
  option('Series', 'series', 'Series', 'items', [], { items: series, when: (get) => get('options.mapping') === 'manual' }),
];
