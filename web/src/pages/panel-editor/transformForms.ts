/** What the transformations do, in words, and the options that have a form; the others are edited as JSON. */
import { choices, option, type OptionSpec } from '../../panels/schema/types';

const o = (path: string, label: string, kind: OptionSpec['kind'], initial?: unknown, more: Partial<OptionSpec> = {}): OptionSpec => option('', path, label, kind, initial, more);

export interface TransformInfo {
  title: string;
  about: string;
  form?: OptionSpec[];
  /** Options of a new one. */
  initial?: Record<string, unknown>;
}
const operators = choices('+:plus|-:minus|*:times|/:divided by|%:remainder of|^:to the power of');
export const transformInfo: Record<string, TransformInfo> = {
  organize: { title: 'Organise fields', about: 'Hides, renames and orders fields by name.', initial: { excludeByName: {}, indexByName: {}, renameByName: {} } },
  merge: { title: 'Merge', about: 'Makes one table of several, row by row where values agree.', form: [] },
  reduce: { title: 'Reduce', about: 'Makes one value of each series.', initial: { reducers: ['max'], mode: 'seriesToRows' }, form: [o('mode', 'Mode', 'radio', 'seriesToRows', { choices: choices('seriesToRows:Series to rows|reduceFields:Reduce fields') }), o('reducers', 'Calculations', 'calcs', ['max']), o('includeTimeField', 'Time, too', 'switch', false), o('labelsToFields', 'Labels to fields', 'switch', false)] },
  sortBy: { title: 'Sort by', about: 'Orders the rows by a field.', initial: { sort: [{ field: '' }] }, form: [o('sort.0.field', 'Field', 'field', ''), o('sort.0.desc', 'Largest first', 'switch', false)] },
  limit: { title: 'Limit', about: 'Keeps the first rows.', initial: { limitField: 10 }, form: [o('limitField', 'Rows', 'number', 10, { min: 0 })] },
  filterByValue: { title: 'Filter rows by values', about: 'Keeps or drops rows by conditions.', initial: { filters: [], type: 'include', match: 'all' } },
  groupBy: { title: 'Group by', about: 'One row for each value, the rest calculated.', initial: { fields: {} } },
  seriesToRows: { title: 'Series to rows', about: 'Puts all series below each other: time, metric, value.', form: [] },
  filterByRefId: { title: 'Filter queries', about: 'Keeps the results of some queries.', form: [o('include', 'Queries', 'text', 'A', { help: 'Names with | between them.' })] },
  filterFieldsByName: { title: 'Filter fields by name', about: 'Keeps fields whose name is listed or fits.', initial: { include: { names: [] } }, form: [o('include.pattern', 'Keep what fits', 'text', ''), o('exclude.pattern', 'Drop what fits', 'text', '')] },
  renameByRegex: { title: 'Rename by pattern', about: 'Renames fields by a pattern.', initial: { regex: '(.*)', renamePattern: '$1' }, form: [o('regex', 'Pattern', 'text', '(.*)'), o('renamePattern', 'New name', 'text', '$1')] },
  labelsToFields: { title: 'Labels to fields', about: 'Makes a column, or rows, of each label.', form: [o('mode', 'Mode', 'radio', 'columns', { choices: choices('columns:Columns|rows:Rows') }), o('valueLabel', 'Label that names the value', 'text', '')] },
  joinByField: { title: 'Join by field', about: 'Puts tables beside each other where a field agrees.', initial: { byField: 'Time', mode: 'outer' }, form: [o('byField', 'Field', 'field', 'Time'), o('mode', 'Keep', 'radio', 'outer', { choices: choices('outer:All rows|inner:Common rows|outerTabular:All, as tables') })] },
  calculateField: {
    title: 'Add a calculated field', about: 'A new field of others.', initial: { mode: 'binary', binary: { left: '', operator: '+', right: '' } },
    form: [
      o('mode', 'Mode', 'select', 'reduceRow', { choices: choices('binary:Two fields|reduceRow:The row|unary:One field|cumulativeFunctions:Running|windowFunctions:Window|index:Number of the row') }),
      o('binary.left', 'Left', 'field', '', { when: (get) => get('options.mode') === 'binary' }), o('binary.operator', 'Operation', 'select', '+', { choices: operators, when: (get) => get('options.mode') === 'binary' }), o('binary.right', 'Right', 'field', '', { when: (get) => get('options.mode') === 'binary' }),
      o('reduce.reducer', 'Calculation', 'text', 'sum', { when: (get) => get('options.mode') === 'reduceRow' }), o('alias', 'Name', 'text', ''), o('replaceFields', 'Replace the others', 'switch', false),
    ],
  },
  convertFieldType: { title: 'Convert field type', about: 'Reads text as numbers, times …', initial: { conversions: [{ targetField: '', destinationType: 'number' }] }, form: [o('conversions.0.targetField', 'Field', 'field', ''), o('conversions.0.destinationType', 'As', 'select', 'number', { choices: choices('number:Number|time:Time|string:Text|boolean:Yes or no') })] },
  rowsToFields: { title: 'Rows to fields', about: 'Makes a field of each row.' },
  concatenate: { title: 'Put fields together', about: 'All fields of all tables in one.', form: [o('frameNameMode', 'Name of the table', 'radio', 'field', { choices: choices('field:In the name|label:As a label|drop:Dropped') })] },
  histogram: { title: 'Histogram', about: 'Counts values in buckets.', form: [o('bucketSize', 'Bucket size', 'number'), o('bucketOffset', 'Offset', 'number'), o('combine', 'All series together', 'switch', false)] },
  heatmap: { title: 'Heatmap', about: 'Counts values in cells of time and size.' },
  timeSeriesTable: { title: 'Series to a table with sparklines', about: 'One row a series.' },
  groupingToMatrix: { title: 'Grouping to matrix', about: 'A table of two fields against each other.', form: [o('columnField', 'Columns', 'field', 'Time'), o('rowField', 'Rows', 'field', 'Time'), o('valueField', 'Cells', 'field', 'Value')] },
  extractFields: { title: 'Extract fields', about: 'Reads JSON or key and value out of a text.', form: [o('source', 'Field', 'field', ''), o('format', 'Format', 'select', 'auto', { choices: choices('auto:Auto|json:JSON|kvp:Keys and values|regexp:Pattern') }), o('replace', 'Replace the others', 'switch', false)] },
  prepareTimeSeries: { title: 'Prepare time series', about: 'Long, wide or many.', form: [o('format', 'Form', 'radio', 'wide', { choices: choices('wide:Wide|multi:Many|long:Long') })] },
  partitionByValues: { title: 'Partition by values', about: 'One table for each value.' },
  formatTime: { title: 'Format time', about: 'Writes a time as text.', form: [o('timeField', 'Field', 'field', ''), o('outputFormat', 'Format', 'text', '')] },
  formatString: { title: 'Format text', about: 'Upper case, first letters, cut …', form: [o('stringField', 'Field', 'field', ''), o('outputFormat', 'How', 'select', 'Upper Case', { choices: choices('Upper Case|Lower Case|Sentence Case|Title Case|Pascal Case|Camel Case|Snake Case|Kebab Case|Trim|Substring') })] },
  smoothing: { title: 'Smoothing', about: 'Fewer points with the same shape.' },
  regression: { title: 'Regression', about: 'A line through the points.' },
  transpose: { title: 'Transpose', about: 'Rows become columns.' },
};
/** Two names for one; the one that is kept in dashboards. */
const hidden = new Set(['seriesToColumns', 'noop', 'filterFields', 'filterFrames', 'order', 'rename']);
export const offered = (ids: readonly string[]): string[] => ids.filter((id) => !hidden.has(id)).sort((a, b) => titleOf(a).localeCompare(titleOf(b)));
export const titleOf = (id: string): string => transformInfo[id]?.title ?? id.replace(/([A-Z])/g, ' $1').replace(/^./, (c) => c.toUpperCase());
