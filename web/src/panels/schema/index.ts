/** The options of every panel type, with the defaults that hold when nothing is written down. Loaded with the editor. */
import { axis, graphStyles, hide, legend, orientation, reduceOptions, textSizes, thresholdStyle, tooltip } from './shared-options';
import { schemeNames } from '../../model/color/schemes';
import { xySeries } from './xychart-options';
import { geomapOptions } from './geomap-options';
import { arcItems, sortItems } from './list-items';
import { allStandard, choices, custom, option, type OptionSpec, type PanelSchema } from './types';

const series = (options: OptionSpec[]): PanelSchema => ({ options, standard: allStandard });
const bare = (options: OptionSpec[]): PanelSchema => ({ options, standard: [] });

const showValue = option('Values', 'showValue', 'Show values', 'radio', 'auto', { choices: choices('auto:Auto|always:Always|never:Never') });
const timeline = (fill: number, extra: OptionSpec[]): OptionSpec[] => [
  ...extra, showValue,
  option('Layout', 'rowHeight', 'Row height', 'slider', 0.9, { min: 0, max: 1, step: 0.01 }),
  custom('Graph styles', 'lineWidth', 'Line width', 'slider', fill === 70 ? 0 : 1, { min: 0, max: 10 }),
  custom('Graph styles', 'fillOpacity', 'Fill', 'slider', 70, { min: 0, max: 100 }),
  ...legend(false), ...tooltip(false), ...hide(),
];

const schemas: Record<string, PanelSchema> = {
  timeseries: series([...graphStyles(), ...axis(), ...thresholdStyle(), ...legend(), ...tooltip(), ...hide()]),
  trend: series([option('X axis', 'xField', 'Field of the x axis', 'field', ''), ...graphStyles(), ...axis(), ...thresholdStyle(), ...legend(), ...tooltip(), ...hide()]),
  candlestick: series([
    option('Candles', 'mode', 'Show', 'radio', 'candles+volume', { choices: choices('candles+volume:Both|candles:Candles|volume:Volume') }),
    option('Candles', 'candleStyle', 'Style', 'radio', 'candles', { choices: choices('candles:Candles|ohlcbars:OHLC bars') }),
    option('Candles', 'colorStrategy', 'Colour', 'radio', 'open-close', { choices: choices('open-close:Since open|close-close:Since the close before') }),
    option('Candles', 'colors.up', 'Up', 'color', 'green'), option('Candles', 'colors.down', 'Down', 'color', 'red'), option('Candles', 'colors.flat', 'Even', 'color', 'gray'),
    ...['open', 'high', 'low', 'close', 'volume'].map((f) => option('Fields', `fields.${f}`, f[0]?.toUpperCase() + f.slice(1), 'field', '')),
    option('Fields', 'includeAllFields', 'Draw the other fields', 'switch', false),
    ...axis(), ...legend(), ...tooltip(), ...hide(),
  ]),
  stat: series([
    ...reduceOptions(), orientation(),
    option('Style', 'textMode', 'Text', 'select', 'auto', { choices: choices('auto:Auto|value:Value|value_and_name:Value and name|name:Name|none:None') }),
    option('Style', 'wideLayout', 'Wide layout', 'switch', true),
    option('Style', 'colorMode', 'Colour', 'select', 'value', { choices: choices('none:None|value:Value|background:Background, gradient|background_solid:Background') }),
    option('Style', 'graphMode', 'Graph', 'radio', 'area', { choices: choices('none:None|area:Area') }),
    option('Style', 'justifyMode', 'Alignment', 'radio', 'auto', { choices: choices('auto:Auto|center:Centre') }),
    option('Style', 'showPercentChange', 'Change in percent', 'switch', false),
    option('Style', 'percentChangeColorMode', 'Colour of the change', 'select', 'standard', { choices: choices('standard:Standard|inverted:Inverted|same_as_value:As the value'), when: (get) => get('options.showPercentChange') === true }),
    ...textSizes(),
  ]),
  gauge: series([
    ...reduceOptions(), orientation(),
    option('Gauge', 'showThresholdLabels', 'Labels of thresholds', 'switch', false),
    option('Gauge', 'showThresholdMarkers', 'Marks of thresholds', 'switch', true),
    option('Gauge', 'sizing', 'Size', 'radio', 'auto', { choices: choices('auto:Auto|manual:Set') }),
    option('Gauge', 'minVizWidth', 'Least width', 'number', 75, { when: (get) => get('options.sizing') === 'manual' }),
    option('Gauge', 'minVizHeight', 'Least height', 'number', 75, { when: (get) => get('options.sizing') === 'manual' }),
    ...textSizes(),
  ]),
  bargauge: series([
    ...reduceOptions(), orientation(),
    option('Bars', 'displayMode', 'Style', 'radio', 'gradient', { choices: choices('gradient:Gradient|lcd:LCD|basic:Plain') }),
    option('Bars', 'valueMode', 'Value', 'radio', 'color', { choices: choices('color:In colour|text:As text|hidden:Hidden') }),
    option('Bars', 'namePlacement', 'Name', 'radio', 'auto', { choices: choices('auto:Auto|top:Above|left:Left|hidden:Hidden') }),
    option('Bars', 'showUnfilled', 'Show the rest', 'switch', true),
    option('Bars', 'minVizHeight', 'Least height', 'number', 16), option('Bars', 'minVizWidth', 'Least width', 'number', 8), option('Bars', 'maxVizHeight', 'Most height', 'number', 300),
    ...legend(false), ...textSizes(),
  ]),
  table: series([
    option('Table', 'showHeader', 'Header', 'switch', true),
    option('Table', 'cellHeight', 'Row height', 'radio', 'sm', { choices: choices('sm:Small|md:Medium|lg:Large') }),
    option('Table', 'enablePagination', 'In pages', 'switch', false),
    option('Footer', 'footer.show', 'Footer', 'switch', false),
    option('Footer', 'footer.reducer', 'Calculation', 'calcs', ['sum'], { when: (get) => get('options.footer.show') === true }),
    option('Footer', 'footer.countRows', 'Count the rows', 'switch', false, { when: (get) => get('options.footer.show') === true }),
    option('Sorting', 'sortBy', 'Sorted by', 'items', [], { items: sortItems }),
    custom('Cells', 'cellOptions.type', 'Cell', 'select', 'auto', { choices: choices('auto:Auto|color-text:Coloured text|color-background:Coloured background|gauge:Gauge|sparkline:Sparkline|json-view:JSON|image:Picture|data-links:Links') }),
    custom('Cells', 'cellOptions.mode', 'Style', 'select', 'gradient', { choices: choices('basic:Plain|gradient:Gradient|lcd:LCD'), when: (get) => ['gauge', 'color-background'].includes(String(get('custom.cellOptions.type'))) }),
    custom('Cells', 'align', 'Alignment', 'radio', 'auto', { choices: choices('auto:Auto|left:Left|center:Centre|right:Right') }),
    custom('Cells', 'width', 'Width', 'number', undefined, { min: 20 }), custom('Cells', 'minWidth', 'Least width', 'number', 150, { min: 20 }),
    custom('Cells', 'filterable', 'Filter in the header', 'switch', false),
    custom('Hide in', 'hidden', 'The table', 'switch', false),
  ]),
  text: bare([
    option('Text', 'mode', 'Kind', 'radio', 'markdown', { choices: choices('markdown:Markdown|html:HTML|code:Code') }),
    option('Text', 'content', 'Text', 'longtext', ''),
    option('Text', 'code.language', 'Language', 'select', 'plaintext', { choices: choices('plaintext:Plain text|go:Go|html:HTML|json:JSON|markdown:Markdown|sql:SQL|typescript:TypeScript|xml:XML|yaml:YAML'), when: (get) => get('options.mode') === 'code' }),
    option('Text', 'code.showLineNumbers', 'Line numbers', 'switch', false, { when: (get) => get('options.mode') === 'code' }),
  ]),
  barchart: series([
    option('Bars', 'xField', 'Field of the x axis', 'field', ''), orientation(),
    option('Bars', 'xTickLabelRotation', 'Rotate labels', 'slider', 0, { min: -90, max: 90, step: 15 }),
    option('Bars', 'xTickLabelMaxLength', 'Length of labels', 'number', undefined, { min: 0 }),
    option('Bars', 'xTickLabelSpacing', 'Space between labels', 'number', 0),
    showValue,
    option('Bars', 'stacking', 'Stacking', 'radio', 'none', { choices: choices('none:Off|normal:Normal|percent:100 %') }),
    option('Bars', 'groupWidth', 'Width of groups', 'slider', 0.7, { min: 0, max: 1, step: 0.01 }), option('Bars', 'barWidth', 'Width of bars', 'slider', 0.97, { min: 0, max: 1, step: 0.01 }),
    option('Bars', 'barRadius', 'Round corners', 'slider', 0, { min: 0, max: 0.5, step: 0.05 }), option('Bars', 'fullHighlight', 'Mark the whole area', 'switch', false),
    option('Bars', 'colorByField', 'Colour by field', 'field', ''),
    custom('Graph styles', 'lineWidth', 'Line width', 'slider', 1, { min: 0, max: 10 }), custom('Graph styles', 'fillOpacity', 'Fill', 'slider', 80, { min: 0, max: 100 }),
    custom('Graph styles', 'gradientMode', 'Gradient', 'select', 'none', { choices: choices('none:None|opacity:Opacity|hue:Hue|scheme:Colour scheme') }),
    ...axis(), ...thresholdStyle(), ...legend(), ...tooltip(), ...hide(),
  ]),
  piechart: series([
    ...reduceOptions(),
    option('Pie', 'pieType', 'Form', 'radio', 'pie', { choices: choices('pie:Pie|donut:Ring') }),
    option('Pie', 'sort', 'Order', 'radio', 'desc', { choices: choices('desc:Largest first|asc:Smallest first|none:As they are') }),
    option('Pie', 'displayLabels', 'Labels', 'multi', [], { choices: choices('name:Name|value:Value|percent:Percent') }),
    ...legend(false), option('Legend', 'legend.values', 'Values', 'multi', [], { choices: choices('percent:Percent|value:Value') }), ...tooltip(), ...hide(),
  ]),
  histogram: series([
    option('Histogram', 'bucketCount', 'Number of buckets', 'number', 30, { min: 1 }), option('Histogram', 'bucketSize', 'Bucket size', 'number', undefined, { min: 0 }),
    option('Histogram', 'bucketOffset', 'Offset', 'number', 0), option('Histogram', 'combine', 'All series together', 'switch', false),
    custom('Graph styles', 'lineWidth', 'Line width', 'slider', 1, { min: 0, max: 10 }), custom('Graph styles', 'fillOpacity', 'Fill', 'slider', 80, { min: 0, max: 100 }),
    custom('Graph styles', 'stacking.mode', 'Stacking', 'radio', 'none', { choices: choices('none:Off|normal:Normal|percent:100 %') }),
    ...axis(), ...legend(), ...tooltip(), ...hide(),
  ]),
  heatmap: series([
    option('Heatmap', 'calculate', 'Buckets from the data', 'switch', false),
    ...(['x', 'y'] as const).flatMap((axis): OptionSpec[] => {
      const at = `calculation.${axis}Buckets`;
      const what = axis === 'x' ? 'Time' : 'Values';
      const when = (get: (path: string) => unknown): boolean => get('options.calculate') === true;
      const isLog = (get: (path: string) => unknown): boolean => axis === 'y' && get(`options.${at}.scale.type`) === 'log';
      return [
        ...(axis === 'y' ? [
          option('Heatmap', `${at}.scale.type`, 'Values: scale', 'radio', 'linear', { choices: choices('linear:Linear|log:Logarithmic'), when }),
          option('Heatmap', `${at}.scale.log`, 'Values: base', 'radio', 2, { choices: [[2, '2'], [10, '10']], when: (get) => when(get) && isLog(get) }),
        ] : []),
        option('Heatmap', `${at}.mode`, `${what}: buckets by`, 'radio', 'size', { choices: choices('size:Size|count:Count'), when: (get) => when(get) && !isLog(get) }),
        option('Heatmap', `${at}.value`, `${what}: size or count`, 'text', '', { when, help: axis === 'x' ? 'Such as 1m; empty for a round one' : 'Empty for a round one; parts of a power on a logarithmic scale' }),
      ];
    }),
    option('Colours', 'color.mode', 'Colours', 'radio', 'scheme', { choices: choices('scheme:Scheme|opacity:Opacity') }),
    option('Colours', 'color.scheme', 'Scheme', 'select', 'Oranges', { choices: schemeNames.map((n): [string, string] => [n, n]), when: (get) => get('options.color.mode') !== 'opacity' }),
    option('Colours', 'color.fill', 'Colour', 'color', 'dark-orange', { when: (get) => get('options.color.mode') === 'opacity' }),
    option('Colours', 'color.scale', 'Scale', 'radio', 'exponential', { choices: choices('exponential:Exponential|linear:Linear') }),
    option('Colours', 'color.exponent', 'Exponent', 'slider', 0.5, { min: 0.1, max: 2, step: 0.1 }), option('Colours', 'color.steps', 'Steps', 'slider', 64, { min: 2, max: 128 }),
    option('Colours', 'color.reverse', 'Reverse', 'switch', false), option('Colours', 'color.min', 'From the value', 'number'), option('Colours', 'color.max', 'To the value', 'number'),
    option('Y axis', 'yAxis.unit', 'Unit', 'unit', ''), option('Y axis', 'yAxis.decimals', 'Decimals', 'number'), option('Y axis', 'yAxis.reverse', 'Upside down', 'switch', false),
    option('Y axis', 'yAxis.min', 'Minimum', 'number'), option('Y axis', 'yAxis.max', 'Maximum', 'number'), option('Y axis', 'yAxis.axisLabel', 'Label', 'text', ''),
    option('Y axis', 'yAxis.axisPlacement', 'Place', 'radio', 'left', { choices: choices('left:Left|right:Right|hidden:Hidden') }),
    option('Cells', 'cellGap', 'Gap', 'slider', 1, { min: 0, max: 25 }), option('Cells', 'cellRadius', 'Round corners', 'slider', 0, { min: 0, max: 100 }),
    option('Cells', 'cellValues.unit', 'Unit', 'unit', ''), option('Cells', 'cellValues.decimals', 'Decimals', 'number'),
    option('Cells', 'filterValues.le', 'Hide values up to', 'number', 1e-9), showValue,
    option('Legend', 'legend.show', 'Show the legend', 'switch', true), option('Tooltip', 'tooltip.mode', 'Tooltip', 'radio', 'single', { choices: choices('single:One|multi:All|none:Hidden') }),
    option('Tooltip', 'tooltip.yHistogram', 'Histogram of the column', 'switch', false), option('Exemplars', 'exemplars.color', 'Colour', 'color', 'rgba(255,0,255,0.7)'),
  ]),
  'state-timeline': series(timeline(70, [option('States', 'mergeValues', 'Join equal neighbours', 'switch', true), option('States', 'alignValue', 'Text', 'radio', 'left', { choices: choices('left:Left|center:Centre|right:Right') }), option('Layout', 'perPage', 'Rows on a page', 'number', 20, { min: 1 })])),
  'status-history': series(timeline(70, [option('Layout', 'colWidth', 'Column width', 'slider', 0.9, { min: 0, max: 1, step: 0.01 })])),
  xychart: series([
    ...xySeries(),
    custom('Graph styles', 'show', 'Show', 'radio', 'points', { choices: choices('points:Points|lines:Lines|points+lines:Both') }),
    custom('Graph styles', 'pointSize.fixed', 'Point size', 'slider', 5, { min: 1, max: 100 }), custom('Graph styles', 'pointShape', 'Shape', 'radio', 'circle', { choices: choices('circle:Circle|square:Square') }),
    custom('Graph styles', 'pointStrokeWidth', 'Outline', 'slider', 1, { min: 0, max: 10 }), custom('Graph styles', 'fillOpacity', 'Fill', 'slider', 50, { min: 0, max: 100 }),
    custom('Graph styles', 'lineWidth', 'Line width', 'slider', 1, { min: 0, max: 10 }), ...axis(), ...legend(), ...tooltip(false), ...hide(),
  ]),
  geomap: series(geomapOptions()),
  nodeGraph: bare([
    option('Nodes', 'nodes.mainStatUnit', 'Unit of the main figure', 'unit', ''), option('Nodes', 'nodes.secondaryStatUnit', 'Unit of the second figure', 'unit', ''), option('Nodes', 'nodes.arcs', 'Arcs', 'items', [], { items: arcItems }),
    option('Edges', 'edges.mainStatUnit', 'Unit of the main figure', 'unit', ''), option('Edges', 'edges.secondaryStatUnit', 'Unit of the second figure', 'unit', ''), option('Layout', 'layoutAlgorithm', 'Layout', 'radio', 'layered', { choices: choices('layered:Layers|force:Forces|grid:Grid') }), option('Layout', 'zoomMode', 'Zoom', 'radio', 'cooperative', { choices: choices('cooperative:With Ctrl|greedy:Always') }),
  ]),
  dashlist: bare([
    option('Lists', 'showStarred', 'Starred', 'switch', true), option('Lists', 'showRecentlyViewed', 'Recently viewed', 'switch', false), option('Lists', 'showSearch', 'Search', 'switch', false), option('Lists', 'showHeadings', 'Headings', 'switch', true),
    option('Lists', 'maxItems', 'At most', 'number', 10, { min: 1, max: 1000 }), option('Search', 'query', 'Text', 'text', ''), option('Search', 'folderUID', 'Folder', 'folder', ''), option('Search', 'tags', 'Tags', 'words', []),
    option('Links', 'keepTime', 'Keep the time range', 'switch', false), option('Links', 'includeVars', 'Keep variables', 'switch', false),
  ]),
  annolist: bare([
    option('Annotations', 'onlyFromThisDashboard', 'Of this dashboard only', 'switch', false), option('Annotations', 'onlyInTimeRange', 'In the time range only', 'switch', false), option('Annotations', 'tags', 'Tags', 'words', []), option('Annotations', 'limit', 'At most', 'number', 10, { min: 1, max: 1000 }),
    option('Show', 'showUser', 'Who', 'switch', true), option('Show', 'showTime', 'When', 'switch', true), option('Show', 'showTags', 'Tags', 'switch', true),
    option('Links', 'navigateToPanel', 'To the panel', 'switch', true), option('Links', 'navigateBefore', 'Time before', 'text', '10m'), option('Links', 'navigateAfter', 'Time after', 'text', '10m'),
  ]),
  alertlist: bare([
    option('Alerts', 'viewMode', 'Show', 'radio', 'list', { choices: choices('list:List|stat:Number') }), option('Alerts', 'maxItems', 'At most', 'number', 20, { min: 1, max: 1000 }),
    option('Alerts', 'sortOrder', 'Order', 'select', 1, { choices: [[1, 'A to Z'], [2, 'Z to A'], [3, 'Most important'], [4, 'Oldest'], [5, 'Newest']] }), option('Filter', 'dashboardAlerts', 'Of this dashboard only', 'switch', false),
    option('Filter', 'alertName', 'Name', 'text', ''), option('Filter', 'alertInstanceLabelFilter', 'Labels', 'text', ''), ...(['firing', 'pending', 'noData', 'normal', 'error'] as const).map((s) => option('States', `stateFilter.${s}`, s[0]?.toUpperCase() + s.slice(1), 'switch', s !== 'normal')),
  ]),
  news: bare([option('Feed', 'feedUrl', 'Address of the feed', 'text', ''), option('Feed', 'showImage', 'Pictures', 'switch', true)]),
};

/** The schema of a type; undefined where we know none, and the editor shows the JSON. */
export const schemaOf = (type: string): PanelSchema | undefined => (Object.hasOwn(schemas, type) ? schemas[type] : undefined);
export type { ItemForm, OptionSpec, PanelSchema, Standard } from './types';
