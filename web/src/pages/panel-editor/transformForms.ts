/** What the transformations do, in words, and the options each has a form for: Grafana's own names, so that its dashboards and ours agree. */
import { reducers } from '../../model/reduce';
import { choices, option, type OptionKind, type OptionSpec } from '../../panels/schema/types';

/** Where the choices of a list come from: the data as it arrives at the step. */
type Source = 'fields' | 'labels' | 'refs';
export interface OptionPart extends OptionSpec {
  from?: Source;
}
/** Several of the same, one below the other. */
export interface RowsPart {
  kind: 'rows';
  path: string;
  label: string;
  add: string;
  fresh: Record<string, unknown>;
  parts: readonly OptionPart[];
  when?: OptionSpec['when'];
}
/** Forms that are a list of the data's own fields or queries. */
export interface ListPart {
  kind: 'organize' | 'groups' | 'trends';
  path: string;
  label: string;
  when?: OptionSpec['when'];
}
export type Part = OptionPart | RowsPart | ListPart;
type Category = 'Combine' | 'Calculate' | 'Filter' | 'Reorder and rename' | 'Reformat' | 'Create';

interface TransformInfo {
  title: string;
  about: string;
  category: Category;
  form: readonly Part[];
  /** Options of a new one. */
  initial?: Record<string, unknown>;
}

const o = (path: string, label: string, kind: OptionKind, initial?: unknown, more: Partial<OptionPart> = {}): OptionPart => option('', path, label, kind, initial, more);
/** Shown where an option has one of these values. */
const where = (path: string, ...values: unknown[]): Pick<OptionPart, 'when'> => ({ when: (get) => values.includes(get(path)) });
const calcs = reducers.map((r): [string, string] => [r.id, r.label]);
const calc = (path: string, initial: string, more: Partial<OptionPart> = {}): OptionPart => o(path, 'Calculation', 'select', initial, { choices: calcs, ...more });
const chips = (path: string, label: string, from: Source, more: Partial<OptionPart> = {}): OptionPart => o(path, label, 'multi', [], { from, ...more });
const refs = (path: string, label: string): OptionPart => o(path, label, 'text', '', { from: 'refs', help: 'Names with | between them.' });
const location = (at: string): OptionPart[] => [
  o(`${at}.mode`, 'Place', 'select', 'auto', { choices: choices('auto:Found by itself|coords:Coordinates|geohash:Geohash') }),
  o(`${at}.latitude`, 'Latitude', 'field', '', where(`${at}.mode`, 'coords')), o(`${at}.longitude`, 'Longitude', 'field', '', where(`${at}.mode`, 'coords')),
  o(`${at}.geohash`, 'Geohash', 'field', '', where(`${at}.mode`, 'geohash')),
];
const empty = o('emptyValue', 'Empty cells', 'select', 'null', { choices: choices('null:Null|true:True|false:False|empty:Empty text|zero:Zero') });
const zone = (path: string, more: Partial<OptionPart> = {}): OptionPart => o(path, 'Time zone', 'text', '', { help: 'Empty for the dashboard’s, or such as Europe/Berlin, utc.', ...more });
const buckets = (at: string, what: string): OptionPart[] => [
  o(`${at}.mode`, `${what} buckets`, 'radio', 'size', { choices: choices('size:Size|count:Count') }), o(`${at}.value`, `${what} size or count`, 'text', '', { help: 'Empty for a round one.' }),
];
const tests = choices('isNull:is null|isNotNull:is not null|greater:is greater than|greaterOrEqual:is at least|lower:is lower than|lowerOrEqual:is at most|equal:is|notEqual:is not|between:lies between|substring:contains|notSubstring:does not contain|regex:fits the pattern');
const handlers = choices('field.name:Name of the field|field.value:Value of the field|field.label:A label|displayName:Display name|unit:Unit|min:Min|max:Max|decimals:Decimals|color:Colour|threshold1:Threshold|mappings.value:Mapping: value|mappings.text:Mapping: text|mappings.color:Mapping: colour|description:Description|__ignore:Nothing');
const mappings = (label: string): RowsPart => ({
  kind: 'rows', path: 'mappings', label, add: 'Field', fresh: { fieldName: '', handlerKey: 'displayName' },
  parts: [o('fieldName', 'Field', 'field', ''), o('handlerKey', 'Is used as', 'select', 'displayName', { choices: handlers }), calc('reducerId', 'lastNotNull')],
});
const mode = (value: string): Pick<OptionPart, 'when'> => where('mode', value);

export const transformInfo: Record<string, TransformInfo> = {
  organize: {
    title: 'Organise fields', about: 'Hides, renames and orders fields by name.', category: 'Reorder and rename', initial: { excludeByName: {}, indexByName: {}, renameByName: {} },
    form: [o('orderByMode', 'Order', 'radio', 'manual', { choices: choices('manual:By hand|auto:By name') }), { kind: 'organize', path: '', label: 'Fields' }],
  },
  merge: { title: 'Merge', about: 'Makes one table of several, row by row where values agree.', category: 'Combine', form: [] },
  reduce: {
    title: 'Reduce', about: 'Makes one value of each series.', category: 'Calculate', initial: { reducers: ['max'], mode: 'seriesToRows' },
    form: [o('mode', 'Mode', 'radio', 'seriesToRows', { choices: choices('seriesToRows:Series to rows|reduceFields:Reduce fields') }), o('reducers', 'Calculations', 'calcs', ['max']), o('includeTimeField', 'Time, too', 'switch', false, mode('reduceFields')), o('labelsToFields', 'Labels to fields', 'switch', false, { when: (get) => get('mode') !== 'reduceFields' })],
  },
  sortBy: { title: 'Sort by', about: 'Orders the rows by a field.', category: 'Reorder and rename', initial: { sort: [{ field: '' }] }, form: [o('sort.0.field', 'Field', 'field', ''), o('sort.0.desc', 'Largest first', 'switch', false)] },
  limit: { title: 'Limit', about: 'Keeps the first rows.', category: 'Filter', initial: { limitField: 10 }, form: [o('limitField', 'Rows', 'number', 10, { help: 'Below zero the last ones.' })] },
  filterByValue: {
    title: 'Filter rows by values', about: 'Keeps or drops rows by conditions.', category: 'Filter', initial: { filters: [{ fieldName: '', config: { id: 'greater', options: { value: 0 } } }], type: 'include', match: 'any' },
    form: [
      o('type', 'Rows that fit are', 'radio', 'include', { choices: choices('include:Kept|exclude:Dropped') }), o('match', 'A row fits when', 'radio', 'any', { choices: choices('any:One condition holds|all:All hold') }),
      {
        kind: 'rows', path: 'filters', label: 'Conditions', add: 'Condition', fresh: { fieldName: '', config: { id: 'greater', options: { value: 0 } } },
        parts: [
          o('fieldName', 'Field', 'field', ''), o('config.id', 'Test', 'select', 'greater', { choices: tests }),
          o('config.options.value', 'Value', 'text', '', { when: (get) => !['isNull', 'isNotNull', 'between'].includes(String(get('config.id'))) }),
          o('config.options.from', 'From', 'number', undefined, where('config.id', 'between')), o('config.options.to', 'To', 'number', undefined, where('config.id', 'between')),
        ],
      },
    ],
  },
  groupBy: { title: 'Group by', about: 'One row for each value, the rest calculated.', category: 'Combine', initial: { fields: {} }, form: [{ kind: 'groups', path: 'fields', label: 'Fields' }] },
  groupToNestedTable: {
    title: 'Group to nested tables', about: 'One row for each value, its rows as a table inside.', category: 'Combine', initial: { fields: {}, showSubframeHeaders: true },
    form: [{ kind: 'groups', path: 'fields', label: 'Fields' }, o('showSubframeHeaders', 'Names of the inner columns', 'switch', true), o('expandAllRows', 'Rows start open', 'switch', false)],
  },
  seriesToRows: { title: 'Series to rows', about: 'Puts all series below each other: time, metric, value.', category: 'Combine', form: [] },
  filterByRefId: { title: 'Filter queries', about: 'Keeps the results of some queries.', category: 'Filter', form: [refs('include', 'Keep'), refs('exclude', 'Drop')] },
  filterFieldsByName: {
    title: 'Filter fields by name', about: 'Keeps fields whose name is listed or fits.', category: 'Filter', initial: { include: { names: [] } },
    form: [
      o('byVariable', 'Names from a variable', 'switch', false), o('include.variable', 'Variable', 'text', '', { ...where('byVariable', true), help: 'Such as $columns.' }),
      chips('include.names', 'Keep', 'fields', { when: (get) => get('byVariable') !== true }), o('include.pattern', 'Keep what fits', 'text', '', { when: (get) => get('byVariable') !== true, help: 'A regular expression.' }),
      chips('exclude.names', 'Drop', 'fields', { when: (get) => get('byVariable') !== true }), o('exclude.pattern', 'Drop what fits', 'text', '', { when: (get) => get('byVariable') !== true }),
    ],
  },
  renameByRegex: { title: 'Rename by pattern', about: 'Renames fields by a pattern.', category: 'Reorder and rename', initial: { regex: '(.*)', renamePattern: '$1' }, form: [o('regex', 'Pattern', 'text', '(.*)'), o('renamePattern', 'New name', 'text', '$1', { help: '$1 stands for the first group.' })] },
  labelsToFields: {
    title: 'Labels to fields', about: 'Makes a column, or rows, of each label.', category: 'Reformat',
    form: [o('mode', 'Mode', 'radio', 'columns', { choices: choices('columns:Columns|rows:Rows') }), chips('keepLabels', 'Only these labels', 'labels'), o('valueLabel', 'Label that names the value', 'text', '', { when: (get) => get('mode') !== 'rows' })],
  },
  joinByField: { title: 'Join by field', about: 'Puts tables beside each other where a field agrees.', category: 'Combine', initial: { byField: 'Time', mode: 'outer' }, form: [o('byField', 'Field', 'field', 'Time'), o('mode', 'Keep', 'radio', 'outer', { choices: choices('outer:All rows|inner:Common rows|outerTabular:All, as tables') })] },
  joinByLabels: { title: 'Join by labels', about: 'One table of the labels that series share, a column for each value of another.', category: 'Combine', initial: { value: '' }, form: [o('value', 'Label that names the columns', 'select', '', { from: 'labels' }), chips('join', 'Labels to join on', 'labels', { help: 'None means all that are shared.' })] },
  calculateField: {
    title: 'Add a calculated field', about: 'A new field of others.', category: 'Calculate', initial: { mode: 'binary', binary: { left: '', operator: '+', right: '' } },
    form: [
      o('mode', 'Mode', 'select', 'reduceRow', { choices: choices('binary:Two fields|reduceRow:The row|unary:One field|cumulativeFunctions:Running|windowFunctions:Window|index:Number of the row') }),
      o('binary.left', 'Left', 'field', '', mode('binary')), o('binary.operator', 'Operation', 'select', '+', { choices: choices('+:plus|-:minus|*:times|/:divided by|%:remainder of|**:to the power of'), ...mode('binary') }), o('binary.right', 'Right', 'field', '', { ...mode('binary'), help: 'A field or a number.' }),
      chips('reduce.include', 'Of these fields', 'fields', { ...mode('reduceRow'), help: 'None means every number.' }), calc('reduce.reducer', 'sum', mode('reduceRow')),
      o('unary.operator', 'Operation', 'select', 'abs', { choices: choices('abs:Without its sign|exp:e to the power of it|ln:Natural logarithm|floor:Rounded down|ceil:Rounded up|round:Rounded'), ...mode('unary') }), o('unary.fieldName', 'Field', 'field', '', mode('unary')),
      o('cumulative.field', 'Field', 'field', '', mode('cumulativeFunctions')), o('cumulative.reducer', 'Calculation', 'select', 'sum', { choices: choices('sum:Total so far|mean:Mean so far'), ...mode('cumulativeFunctions') }),
      o('window.field', 'Field', 'field', '', mode('windowFunctions')), o('window.reducer', 'Calculation', 'select', 'mean', { choices: choices('mean:Mean|stdDev:Standard deviation|variance:Variance'), ...mode('windowFunctions') }),
      o('window.windowAlignment', 'Window', 'radio', 'trailing', { choices: choices('trailing:Before|centered:Around'), ...mode('windowFunctions') }),
      o('window.windowSizeMode', 'Size in', 'radio', 'percentage', { choices: choices('percentage:Share of the rows|fixed:Rows'), ...mode('windowFunctions') }), o('window.windowSize', 'Size', 'number', 0.1, { min: 0, help: '0.1 is a tenth of the rows.', ...mode('windowFunctions') }),
      o('index.asPercentile', 'As a share of all', 'switch', false, mode('index')),
      o('alias', 'Name', 'text', ''), o('replaceFields', 'Replace the others', 'switch', false),
    ],
  },
  convertFieldType: {
    title: 'Convert field type', about: 'Reads text as numbers, times …', category: 'Reformat', initial: { conversions: [{ targetField: '', destinationType: 'number' }] },
    form: [{
      kind: 'rows', path: 'conversions', label: 'Fields', add: 'Field', fresh: { targetField: '', destinationType: 'number' },
      parts: [
        o('targetField', 'Field', 'field', ''), o('destinationType', 'As', 'select', 'number', { choices: choices('number:Number|time:Time|string:Text|boolean:Yes or no|enum:One of a list|other:JSON') }),
        o('dateFormat', 'Format of the time', 'text', '', { ...where('destinationType', 'time', 'string'), help: 'Such as YYYY-MM-DD HH:mm:ss.' }), zone('timezone', where('destinationType', 'time', 'string')), o('joinWith', 'Between the parts of a list', 'text', '', where('destinationType', 'string')),
        o('enumConfig.text', 'The list, in order', 'words', [], where('destinationType', 'enum')),
      ],
    }],
  },
  convertFrameType: { title: 'Convert to exemplars', about: 'Takes the rows as exemplars of the series.', category: 'Reformat', initial: { targetType: 'exemplar' }, form: [o('targetType', 'As', 'radio', 'exemplar', { choices: choices('exemplar:Exemplars') })] },
  rowsToFields: { title: 'Rows to fields', about: 'Makes a field of each row.', category: 'Reformat', form: [mappings('How columns are used')] },
  configFromData: {
    title: 'Options from a query', about: 'Takes min, max, unit, thresholds of fields from another query.', category: 'Calculate', initial: { configRefId: 'config', mappings: [] },
    form: [
      o('configRefId', 'Query with the options', 'select', 'config', { from: 'refs' }), mappings('How its columns are used'),
      o('applyTo.id', 'Applied to fields', 'select', 'numeric', { choices: choices('numeric:All numbers|byName:With a name|byRegexp:That fit a pattern|byType:Of a type|byFrameRefID:Of a query') }), o('applyTo.options', 'Which', 'text', '', { when: (get) => get('applyTo.id') !== 'numeric' && get('applyTo.id') !== undefined }),
    ],
  },
  concatenate: { title: 'Put fields together', about: 'All fields of all tables in one.', category: 'Combine', form: [o('frameNameMode', 'Name of the table', 'radio', 'field', { choices: choices('field:In the name|label:As a label|drop:Dropped') }), o('frameNameLabel', 'Label', 'text', 'frame', where('frameNameMode', 'label'))] },
  histogram: { title: 'Histogram', about: 'Counts values in buckets.', category: 'Create', form: [o('bucketSize', 'Bucket size', 'number', undefined, { min: 0 }), o('bucketOffset', 'Offset', 'number'), o('combine', 'All series together', 'switch', false)] },
  heatmap: {
    title: 'Heatmap', about: 'Counts values in cells of time and size.', category: 'Create',
    form: [...buckets('xBuckets', 'Time'), ...buckets('yBuckets', 'Value'), o('yBuckets.scale.type', 'Scale of values', 'radio', 'linear', { choices: choices('linear:Linear|log:Logarithmic') }), o('yBuckets.scale.log', 'Base', 'select', 2, { choices: [[2, '2'], [10, '10']], ...where('yBuckets.scale.type', 'log') })],
  },
  timeSeriesTable: { title: 'Series to a table with sparklines', about: 'One row a series.', category: 'Reformat', form: [{ kind: 'trends', path: '', label: 'Queries' }] },
  groupingToMatrix: { title: 'Grouping to matrix', about: 'A table of two fields against each other.', category: 'Combine', form: [o('columnField', 'Columns', 'field', 'Time'), o('rowField', 'Rows', 'field', 'Time'), o('valueField', 'Cells', 'field', 'Value'), empty] },
  extractFields: {
    title: 'Extract fields', about: 'Reads JSON or key and value out of a text.', category: 'Reformat',
    form: [
      o('source', 'Field', 'field', ''), o('format', 'Format', 'select', 'auto', { choices: choices('auto:Auto|json:JSON|kvp:Keys and values|regexp:Pattern|delimiter:List of words') }),
      o('regExp', 'Pattern', 'text', '/(?<NewField>.*)/', { ...where('format', 'regexp'), help: 'Its named groups become fields.' }), o('delimiter', 'Between the words', 'text', ',', where('format', 'delimiter')),
      { kind: 'rows', path: 'jsonPaths', label: 'Only these parts', add: 'Part', fresh: { path: '', alias: '' }, parts: [o('path', 'Path', 'text', '', { help: 'Such as a.b[0].' }), o('alias', 'Name', 'text', '')], ...where('format', 'json') },
      o('replace', 'Replace the others', 'switch', false), o('keepTime', 'Keep the time', 'switch', false, where('replace', true)),
    ],
  },
  prepareTimeSeries: { title: 'Prepare time series', about: 'Long, wide or many.', category: 'Reformat', form: [o('format', 'Form', 'radio', 'wide', { choices: choices('wide:Wide|multi:Many|long:Long') })] },
  partitionByValues: {
    title: 'Partition by values', about: 'One table for each value.', category: 'Reformat',
    form: [chips('fields', 'Fields', 'fields'), o('keepFields', 'Keep these fields', 'switch', false), o('naming.asLabels', 'Values as labels', 'switch', false), o('naming.withNames', 'With the field’s name', 'switch', false, { when: (get) => get('naming.asLabels') !== true }), o('naming.append', 'After the table’s name', 'switch', false, { when: (get) => get('naming.asLabels') !== true })],
  },
  formatTime: { title: 'Format time', about: 'Writes a time as text.', category: 'Reformat', form: [o('timeField', 'Field', 'field', ''), o('outputFormat', 'Format', 'text', '', { help: 'Such as YYYY-MM-DD HH:mm.' }), zone('timezone')] },
  formatString: {
    title: 'Format text', about: 'Upper case, first letters, cut …', category: 'Reformat',
    form: [
      o('stringField', 'Field', 'field', ''), o('outputFormat', 'How', 'select', 'Upper Case', { choices: choices('Upper Case|Lower Case|Sentence Case|Title Case|Pascal Case|Camel Case|Snake Case|Kebab Case|Trim|Substring') }),
      o('substringStart', 'From letter', 'number', 0, { min: 0, ...where('outputFormat', 'Substring') }), o('substringEnd', 'Up to letter', 'number', undefined, { min: 0, ...where('outputFormat', 'Substring') }),
    ],
  },
  smoothing: { title: 'Smoothing', about: 'Fewer points with the same shape.', category: 'Calculate', form: [o('resolution', 'Points', 'number', 100, { min: 10, max: 1000 })] },
  regression: {
    title: 'Regression', about: 'A line through the points.', category: 'Calculate',
    form: [
      o('xFieldName', 'Across', 'field', ''), o('yFieldName', 'Up', 'field', ''), o('modelType', 'Line', 'radio', 'linear', { choices: choices('linear:Straight|polynomial:Polynomial') }),
      o('degree', 'Degree', 'select', 2, { choices: [[2, '2'], [3, '3'], [4, '4'], [5, '5']], ...where('modelType', 'polynomial') }), o('predictionCount', 'Points of the line', 'number', 100, { min: 2, max: 10_000 }),
    ],
  },
  transpose: { title: 'Transpose', about: 'Rows become columns.', category: 'Reformat', form: [o('firstFieldName', 'Name of the first column', 'text', 'Field'), o('restFieldsName', 'Name of the others', 'text', 'Value'), empty] },
  ensureColumns: { title: 'One table of all', about: 'Joins series into columns where they share their times.', category: 'Combine', form: [] },
  fieldLookup: { title: 'Look up places', about: 'Longitude and latitude of a geohash.', category: 'Create', initial: { lookupField: '', gazetteer: 'geohash' }, form: [o('lookupField', 'Field', 'field', ''), o('gazetteer', 'List of places', 'radio', 'geohash', { choices: choices('geohash:Geohash') })] },
  spatial: {
    title: 'Places and distances', about: 'Points of coordinates, headings and distances.', category: 'Calculate', initial: { action: 'prepare', source: { mode: 'auto' } },
    form: [
      o('action', 'Do', 'radio', 'prepare', { choices: choices('prepare:Make points|calculate:Calculate') }), ...location('source'),
      o('calculate.calc', 'Calculate', 'radio', 'heading', { choices: choices('heading:Heading|distance:Distance'), ...where('action', 'calculate') }),
      o('calculate.unit', 'Unit', 'select', 'm', { choices: choices('m:Metres|km:Kilometres|mi:Miles|ft:Feet'), when: (get) => get('action') === 'calculate' && get('calculate.calc') === 'distance' }),
      o('modify.target.mode', 'To', 'select', '', { choices: choices(':The next row|coords:Coordinates|geohash:Geohash'), ...where('action', 'calculate') }),
      ...location('modify.target').slice(1).map((p) => ({ ...p, when: (get: (path: string) => unknown) => get('action') === 'calculate' && p.when?.(get) === true })),
    ],
  },
};
/** Two names for one; the one that is kept in dashboards. */
const hidden = new Set(['seriesToColumns', 'noop', 'filterFields', 'filterFrames', 'order', 'rename']);
export const titleOf = (id: string): string => transformInfo[id]?.title ?? id.replace(/([A-Z])/g, ' $1').replace(/^./, (c) => c.toUpperCase());
export const offered = (ids: readonly string[]): string[] => ids.filter((id) => !hidden.has(id)).sort((a, b) => titleOf(a).localeCompare(titleOf(b)));
export const categories: readonly Category[] = ['Combine', 'Calculate', 'Filter', 'Reorder and rename', 'Reformat', 'Create'];

/** Those whose title, purpose or id has every word. */
export function searchTransforms(ids: readonly string[], typed: string): string[] {
  const words = typed.toLowerCase().split(/\s+/).filter((w) => w !== '');
  return offered(ids).filter((id) => words.every((w) => `${titleOf(id)} ${id} ${transformInfo[id]?.about ?? ''} ${transformInfo[id]?.category ?? ''}`.toLowerCase().includes(w)));
}
