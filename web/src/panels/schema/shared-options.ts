/** Options that several panel types share: legend, tooltip, axes, graph styles, reducing to one value, text sizes. */
import { choices, custom, option, type OptionSpec } from './types';

export const legend = (calcs = true): OptionSpec[] => [
  option('Legend', 'legend.showLegend', 'Show the legend', 'switch', true),
  option('Legend', 'legend.displayMode', 'Form', 'radio', 'list', { choices: choices('list:List|table:Table'), when: (get) => get('options.legend.showLegend') !== false }),
  option('Legend', 'legend.placement', 'Place', 'radio', 'bottom', { choices: choices('bottom:Below|right:Right'), when: (get) => get('options.legend.showLegend') !== false }),
  ...(calcs ? [option('Legend', 'legend.calcs', 'Values', 'calcs', [], { when: (get) => get('options.legend.showLegend') !== false })] : []),
];

export const tooltip = (sort = true): OptionSpec[] => [
  option('Tooltip', 'tooltip.mode', 'Tooltip', 'radio', 'single', { choices: choices('single:One|multi:All|none:Hidden') }),
  ...(sort ? [option('Tooltip', 'tooltip.sort', 'Order of values', 'radio', 'none', { choices: choices('none:As they are|asc:Ascending|desc:Descending'), when: (get) => get('options.tooltip.mode') === 'multi' })] : []),
  ...(sort ? [option('Tooltip', 'tooltip.hideZeros', 'Hide zeros', 'switch', false, { when: (get) => get('options.tooltip.mode') === 'multi' })] : []),
];

export const axis = (): OptionSpec[] => [
  custom('Axis', 'axisPlacement', 'Place', 'radio', 'auto', { choices: choices('auto:Auto|left:Left|right:Right|hidden:Hidden') }),
  custom('Axis', 'axisLabel', 'Label', 'text', ''),
  custom('Axis', 'axisWidth', 'Width', 'number', undefined, { min: 0 }),
  custom('Axis', 'axisColorMode', 'Colour', 'radio', 'text', { choices: choices('text:Text|series:Series') }),
  custom('Axis', 'axisGridShow', 'Grid lines', 'switch', true),
  custom('Axis', 'axisBorderShow', 'Line of the axis', 'switch', false),
  custom('Axis', 'axisCenteredZero', 'Zero in the middle', 'switch', false),
  custom('Axis', 'axisSoftMin', 'Soft minimum', 'number', undefined, { help: 'The axis reaches at least down to here.' }),
  custom('Axis', 'axisSoftMax', 'Soft maximum', 'number', undefined, { help: 'The axis reaches at least up to here.' }),
  custom('Axis', 'scaleDistribution.type', 'Scale', 'radio', 'linear', { choices: choices('linear:Linear|log:Logarithmic|symlog:Symlog') }),
  custom('Axis', 'scaleDistribution.log', 'Base', 'radio', 2, { choices: [[2, '2'], [10, '10']], when: (get) => ['log', 'symlog'].includes(String(get('custom.scaleDistribution.type'))) }),
  custom('Axis', 'scaleDistribution.linearThreshold', 'Linear up to', 'number', 1, { when: (get) => get('custom.scaleDistribution.type') === 'symlog' }),
];

export const graphStyles = (): OptionSpec[] => [
  custom('Graph styles', 'drawStyle', 'Style', 'radio', 'line', { choices: choices('line:Lines|bars:Bars|points:Points') }),
  custom('Graph styles', 'lineInterpolation', 'Between points', 'radio', 'linear', { choices: choices('linear:Straight|smooth:Smooth|stepBefore:Step before|stepAfter:Step after'), when: (get) => get('custom.drawStyle') === 'line' }),
  custom('Graph styles', 'barAlignment', 'Bars stand', 'radio', 0, { choices: [[-1, 'Before'], [0, 'Centred'], [1, 'After']], when: (get) => get('custom.drawStyle') === 'bars' }),
  custom('Graph styles', 'barWidthFactor', 'Width of bars', 'slider', 0.6, { min: 0.1, max: 1, step: 0.1, when: (get) => get('custom.drawStyle') === 'bars' }),
  custom('Graph styles', 'lineWidth', 'Line width', 'slider', 1, { min: 0, max: 10, when: (get) => get('custom.drawStyle') !== 'points' }),
  custom('Graph styles', 'lineStyle.fill', 'Line', 'radio', 'solid', { choices: choices('solid:Solid|dash:Dashes|dot:Dots'), when: (get) => get('custom.drawStyle') === 'line' }),
  custom('Graph styles', 'fillOpacity', 'Fill', 'slider', 0, { min: 0, max: 100, when: (get) => get('custom.drawStyle') !== 'points' }),
  custom('Graph styles', 'gradientMode', 'Gradient', 'select', 'none', { choices: choices('none:None|opacity:Opacity|hue:Hue|scheme:Colour scheme') }),
  custom('Graph styles', 'fillBelowTo', 'Fill down to the series', 'field', ''),
  custom('Graph styles', 'showPoints', 'Points', 'radio', 'auto', { choices: choices('auto:Auto|always:Always|never:Never'), when: (get) => get('custom.drawStyle') !== 'points' }),
  custom('Graph styles', 'pointSize', 'Point size', 'slider', 5, { min: 1, max: 40 }),
  custom('Graph styles', 'spanNulls', 'Gaps', 'radio', false, { choices: [[false, 'Stay'], [true, 'Are bridged']], when: (get) => get('custom.drawStyle') === 'line' }),
  custom('Graph styles', 'insertNulls', 'Break the line after (ms)', 'number', undefined, { min: 0, when: (get) => get('custom.drawStyle') === 'line' }),
  custom('Graph styles', 'stacking.mode', 'Stacking', 'radio', 'none', { choices: choices('none:Off|normal:Normal|percent:100 %') }),
  custom('Graph styles', 'stacking.group', 'Stack', 'text', 'A', { when: (get) => get('custom.stacking.mode') !== 'none', help: 'Series with the same name are stacked on each other.' }),
  custom('Graph styles', 'transform', 'Transform', 'radio', 'none', { choices: choices('none:None|negative-Y:Negative|constant:Constant') }),
];

export const thresholdStyle = (): OptionSpec[] => [
  custom('Thresholds', 'thresholdsStyle.mode', 'Show thresholds', 'select', 'off', { choices: choices('off:Off|line:As lines|dashed:As dashed lines|area:As areas|line+area:As lines and areas|dashed+area:As dashed lines and areas') }),
];

export const hide = (): OptionSpec[] => [
  custom('Hide in', 'hideFrom.viz', 'The picture', 'switch', false),
  custom('Hide in', 'hideFrom.legend', 'The legend', 'switch', false),
  custom('Hide in', 'hideFrom.tooltip', 'The tooltip', 'switch', false),
];

export const reduceOptions = (): OptionSpec[] => [
  option('Value', 'reduceOptions.values', 'Show', 'radio', false, { choices: [[false, 'One value a series'], [true, 'Every row']] }),
  option('Value', 'reduceOptions.calcs', 'Calculation', 'calcs', ['lastNotNull'], { when: (get) => get('options.reduceOptions.values') !== true }),
  option('Value', 'reduceOptions.limit', 'At most rows', 'number', 25, { min: 1, when: (get) => get('options.reduceOptions.values') === true }),
  option('Value', 'reduceOptions.fields', 'Fields', 'select', '', { choices: [['', 'Numbers'], ['/.*/', 'All']], }),
];

export const textSizes = (): OptionSpec[] => [
  option('Text size', 'text.titleSize', 'Title', 'number', undefined, { min: 1 }),
  option('Text size', 'text.valueSize', 'Value', 'number', undefined, { min: 1 }),
];
export const orientation = (initial = 'auto'): OptionSpec => option('Layout', 'orientation', 'Direction', 'radio', initial, { choices: choices('auto:Auto|horizontal:Horizontal|vertical:Vertical') });
