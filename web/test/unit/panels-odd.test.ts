/** Whatever a dashboard or a data source says, the panels on canvas answer in words and a table, and never throw. */
import { expect, test } from 'vitest';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeFrame, type Cell, type Frame } from '../../src/model/frame';
import barchart from '../../src/panels/barchart';
import heatmap from '../../src/panels/heatmap';
import histogram from '../../src/panels/histogram';
import piechart from '../../src/panels/piechart';
import stateTimeline from '../../src/panels/state-timeline';
import statusHistory from '../../src/panels/status-history';

const panels = { barchart, heatmap, histogram, piechart, stateTimeline, statusHistory };
const time = (values: Cell[]) => ({ name: 'Time', type: 'time' as const, values });
const data: Record<string, Frame[]> = {
  nothing: [],
  'a frame without fields': [makeFrame('A', [])],
  'only time': [makeFrame('A', [time([1, 2])])],
  'no time': [makeFrame('A', [{ name: 'v', type: 'number', values: [1, 2] }])],
  'only words': [makeFrame('A', [{ name: 'a', type: 'string', values: ['x', null] }])],
  'nothing measured': [makeFrame('A', [time([1, 2]), { name: 'v', type: 'number', values: [null, NaN] }])],
  infinities: [makeFrame('A', [time([1, 2, 3]), { name: 'v', type: 'number', values: [Infinity, -Infinity, 1e308] }])],
  'a single sample': [makeFrame('A', [time([1]), { name: 'v', type: 'number', values: [5] }])],
  'the same moment twice': [makeFrame('A', [time([5, 5, 4]), { name: 'v', type: 'number', values: [1, 2, 3] }])],
  'broken times': [makeFrame('A', [time([null, 'x', 7]), { name: 'v', type: 'number', values: [1, 2, 3] }])],
  'columns of unequal length': [makeFrame('A', [time([1, 2, 3]), { name: 'v', type: 'number', values: [1] }, { name: 'w', type: 'boolean', values: [true, false, null, true] }])],
  'bounds that are none': [makeFrame('A', [time([1]), { name: 'v', type: 'number', values: [1], labels: { le: 'soon' }, legend: 'soon' }], { buckets: true })],
  'very many series': Array.from({ length: 220 }, (_, i) => makeFrame('A', [time([1, 2]), { name: `s${i}`, type: 'number' as const, values: [i, -i] }])),
  'very small steps': [makeFrame('A', [time([0, 1e-9, 1e15]), { name: 'v', type: 'number', values: [0, 1e-300, 1e300] }])],
};
const odd: unknown[] = [null, 7, -1, 'x', [], {}, true, NaN];
const keys = ['legend', 'tooltip', 'color', 'yAxis', 'calculate', 'calculation', 'rowsFrame', 'filterValues', 'cellGap', 'cellValues', 'showValue', 'rowHeight', 'colWidth', 'perPage', 'mergeValues', 'orientation', 'stacking', 'groupWidth', 'barWidth', 'xField', 'xTickLabelRotation', 'colorByField', 'bucketSize', 'bucketOffset', 'bucketCount', 'combine', 'pieType', 'displayLabels', 'reduceOptions', 'sort'];
const optionSets: Record<string, unknown>[] = [{}, { calculate: true }, { calculate: true, calculation: { yBuckets: { scale: { type: 'log', log: 2 } } } }, { bucketSize: 1e-12, bucketCount: 1e9 }, { reduceOptions: { values: true } }, ...odd.map((v) => Object.fromEntries(keys.map((k) => [k, v])))];
const configs: object[] = [{}, { custom: { spanNulls: 'x', insertNulls: -1, hideFrom: 3, fillOpacity: 1e9, lineWidth: -4, scaleDistribution: { type: 'log', log: 0 }, stacking: { mode: 'upside' } }, mappings: [{ type: 'range', options: {} }], thresholds: { mode: 'percentage', steps: [] }, min: 5, max: 1 }, { color: { mode: 'continuous-GrYlRd' }, unit: 'no-such-unit', decimals: 99 }];

for (const [name, panel] of Object.entries(panels)) {
  test.each(Object.entries(data))(`${name}: %s`, (_what, frames) => {
    for (const defaults of configs) {
      const applied = applyFieldConfig(frames, { defaults, overrides: [] }, { theme: 'dark', zone: 'utc', wantsRange: false });
      for (const options of frames.length > 100 ? optionSets.slice(0, 2) : optionSets) {
        expect(panel.describe(applied, options).length).toBeGreaterThan(5);
        const table = panel.toTable(applied, options);
        expect(table.rows.every((row) => row.length === table.columns.length)).toBe(true);
      }
    }
  });
}
