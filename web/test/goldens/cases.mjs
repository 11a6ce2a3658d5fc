/** What the golden pictures show: every panel type with its main looks, each with the data it draws. */
import { NOW, buckets, candles, rows, series, states, values, wave } from './data.mjs';
import { oldPanels } from './old-panels.mjs';

const steps = (...pairs) => ({ mode: 'absolute', steps: pairs.map(([color, value]) => ({ color, value })) });
const threeSteps = steps(['green', null], ['orange', 0.6], ['red', 0.85]);
const legend = (calcs = [], more = {}) => ({ showLegend: true, displayMode: calcs.length > 0 ? 'table' : 'list', placement: 'bottom', calcs, ...more });
const byThreshold = { color: { mode: 'thresholds' }, thresholds: threeSteps, min: 0, max: 1 };
const MARKS = [
  { id: 1, dashboardUID: 'goldens', time: NOW - 4.2 * 3_600_000, timeEnd: NOW - 4.2 * 3_600_000, text: 'Deployed web 1.4', tags: ['deploy', 'web'], login: 'admin' },
  { id: 2, dashboardUID: 'goldens', time: NOW - 2.5 * 3_600_000, timeEnd: NOW - 1.9 * 3_600_000, text: 'The disk of the database was full; old segments were moved away.', tags: ['incident'], login: 'admin' },
];

/**
 * One picture: `answers` by query, in order: a frame of data.mjs, an array of them, or `{ error }`.
 * `custom` and `defaults` go into the field options, all else into the panel.
 */
function golden(name, type, title, answers, { unit = 'short', custom = {}, defaults = {}, overrides = [], formats = [], ...panel } = {}) {
  const frames = answers.map((a) => (Array.isArray(a) ? a : [a]));
  return {
    name, answers: frames,
    panel: {
      type, title, options: {},
      targets: frames.map((list, i) => ({ refId: String.fromCharCode(65 + i), expr: `${name.replaceAll('-', '_')}_${i}`, instant: list[0]?.kind === 'instant', format: formats[i] ?? (list[0]?.kind === 'instant' && panel.table ? 'table' : 'time_series') })),
      fieldConfig: { defaults: { unit, color: { mode: 'palette-classic' }, thresholds: threeSteps, ...defaults, custom }, overrides },
      ...panel,
    },
  };
}

const cpu = series([
  ['user', { mode: 'user' }, wave(0.34, 0.14, 'user')], ['system', { mode: 'system' }, wave(0.12, 0.05, 'system')], ['iowait', { mode: 'iowait' }, wave(0.08, 0.06, 'iowait')], ['steal', { mode: 'steal' }, wave(0.03, 0.02, 'steal')],
]);
const load = series([['load 1m', {}, wave(1.6, 0.9, 'one')], ['load 5m', {}, wave(1.5, 0.5, 'five')], ['load 15m', {}, wave(1.45, 0.25, 'fifteen')]]);
const busy = series([['busy', {}, wave(0.62, 0.33, 'busy')]]);
const requests = series([['200', { code: '200' }, wave(42, 18, 'ok')], ['404', { code: '404' }, wave(9, 6, 'lost')], ['500', { code: '500' }, (i) => Math.max(0, wave(1, 3, 'bad')(i))]], 900_000);
const disks = values({ '/': 0.42, '/boot': 0.18, '/var/lib/data': 0.91, '/home': 0.67 });
const visits = rows([['DE', 840], ['FR', 620], ['US', 1900], ['BR', 420], ['IN', 1500], ['JP', 700], ['ZA', 120], ['AU', 260], ['NG', 210], ['SE', 140]].map(([country, value]) => ({ country, value })));
const hosts = Array.from({ length: 28 }, (_, i) => ({ host: `host-${i + 1}`, x: (i * 37) % 100, y: ((i * i * 13) % 71) / 71 }));
const upDown = [{ type: 'value', options: { 0: { text: 'Down', color: 'red', index: 0 }, 1: { text: 'Up', color: 'green', index: 1 }, 2: { text: 'Draining', color: 'orange', index: 2 } } }];
const services = series(['api', 'billing', 'search', 'worker'].map((service) => [service, { service }, states(service)]));

const timeseries = [
  golden('timeseries-lines', 'timeseries', 'Lines', [load], { options: { legend: legend() } }),
  golden('timeseries-smooth', 'timeseries', 'Smooth, with thresholds as lines and areas', [busy], { unit: 'percentunit', defaults: { min: 0, max: 1 }, custom: { lineInterpolation: 'smooth', lineWidth: 2, fillOpacity: 25, gradientMode: 'opacity', thresholdsStyle: { mode: 'line+area' } }, options: { legend: { showLegend: false } } }),
  golden('timeseries-bars', 'timeseries', 'Bars', [requests], { unit: 'reqps', custom: { drawStyle: 'bars', fillOpacity: 70, stacking: { mode: 'normal', group: 'A' } }, options: { legend: legend() } }),
  golden('timeseries-points', 'timeseries', 'Points', [requests], { unit: 'reqps', custom: { drawStyle: 'points', pointSize: 6 }, options: { legend: legend() } }),
  golden('timeseries-stacked', 'timeseries', 'Stacked, with a table of figures', [cpu], { unit: 'percentunit', custom: { fillOpacity: 55, lineWidth: 1, stacking: { mode: 'normal', group: 'A' } }, options: { legend: legend(['mean', 'max', 'lastNotNull']) } }),
  golden('timeseries-percent', 'timeseries', 'Stacked to a whole', [cpu], { unit: 'percentunit', custom: { fillOpacity: 80, lineWidth: 0, stacking: { mode: 'percent', group: 'A' } }, options: { legend: legend([], { placement: 'right' }) } }),
  golden('timeseries-steps', 'timeseries', 'Steps with holes, figures at the right', [series(['vda', 'vdb'].map((device) => [device, { device }, (i) => (i % 60 > 44 ? null : wave(240_000, 150_000, device)(Math.floor(i / 4) * 4))]))], { unit: 'Bps', custom: { lineInterpolation: 'stepAfter', fillOpacity: 10, spanNulls: false }, options: { legend: legend(['max', 'lastNotNull'], { placement: 'right' }) } }),
  golden('timeseries-axes', 'timeseries', 'Two axes, one series below zero', [series([['in', {}, wave(640_000, 380_000, 'in')], ['out', {}, wave(300_000, 220_000, 'out')], ['load', {}, wave(1.4, 0.6, 'five')]])], {
    unit: 'Bps', custom: { fillOpacity: 20 }, options: { legend: legend() }, overrides: [
      { matcher: { id: 'byName', options: 'out' }, properties: [{ id: 'custom.transform', value: 'negative-Y' }] },
      { matcher: { id: 'byName', options: 'load' }, properties: [{ id: 'unit', value: 'short' }, { id: 'custom.axisPlacement', value: 'right' }, { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } }, { id: 'custom.fillOpacity', value: 0 }] },
    ],
  }),
  golden('timeseries-log', 'timeseries', 'Logarithmic', [series([['p50', {}, (i) => 0.012 * 10 ** wave(0, 0.3, 'p50')(i)], ['p99', {}, (i) => 0.4 * 10 ** wave(0, 0.9, 'p99')(i)]])], { unit: 's', custom: { scaleDistribution: { type: 'log', log: 10 } }, options: { legend: legend() } }),
  golden('timeseries-scheme', 'timeseries', 'Colour by value', [busy], { unit: 'percentunit', defaults: { min: 0, max: 1, color: { mode: 'continuous-GrYlRd' } }, custom: { gradientMode: 'scheme', fillOpacity: 25, lineWidth: 2 }, options: { legend: { showLegend: false } } }),
  golden('timeseries-annotations', 'timeseries', 'Annotations', [load], { options: { legend: legend() }, marks: true }),
];

const figures = [
  golden('stat-area', 'stat', 'One figure with its curve', [busy], { unit: 'percentunit', defaults: byThreshold, options: { colorMode: 'value', graphMode: 'area', reduceOptions: { calcs: ['lastNotNull'] } } }),
  golden('stat-background', 'stat', 'Several on colour', [disks], { unit: 'percentunit', defaults: byThreshold, options: { colorMode: 'background', graphMode: 'none', textMode: 'value_and_name', reduceOptions: { calcs: ['lastNotNull'] } } }),
  golden('stat-change', 'stat', 'With change', [load], { defaults: { color: { mode: 'fixed', fixedColor: 'text' } }, options: { colorMode: 'value', graphMode: 'area', showPercentChange: true, reduceOptions: { calcs: ['lastNotNull'] } } }),
  golden('gauge-one', 'gauge', 'Gauge', [busy], { unit: 'percentunit', defaults: byThreshold, options: { showThresholdLabels: true, reduceOptions: { calcs: ['lastNotNull'] } } }),
  golden('gauge-many', 'gauge', 'Gauges', [disks], { unit: 'percentunit', defaults: { ...byThreshold, color: { mode: 'continuous-BlYlRd' } }, options: { reduceOptions: { calcs: ['lastNotNull'] } } }),
  ...['basic', 'lcd', 'gradient'].map((displayMode) => golden(`bargauge-${displayMode}`, 'bargauge', `Bars lying, ${displayMode}`, [disks], { unit: 'percentunit', defaults: byThreshold, options: { displayMode, orientation: 'horizontal', reduceOptions: { calcs: ['lastNotNull'] } } })),
  ...['basic', 'lcd', 'gradient'].map((displayMode) => golden(`bargauge-${displayMode}-standing`, 'bargauge', `Bars standing, ${displayMode}`, [disks], { unit: 'percentunit', defaults: byThreshold, options: { displayMode, orientation: 'vertical', reduceOptions: { calcs: ['lastNotNull'] } } })),
];

const tables = [
  golden('table-gauges', 'table', 'Table with bars and a sum', [rows([['/', 'ext4', 60e9], ['/boot', 'ext4', 1e9], ['/home', 'xfs', 240e9], ['/var/lib/data', 'xfs', 480e9]].map(([mountpoint, fstype, value]) => ({ mountpoint, fstype, value }))), rows([['/', 0.42], ['/boot', 0.18], ['/home', 0.67], ['/var/lib/data', 0.91]].map(([mountpoint, value]) => ({ mountpoint, value })))], {
    table: true, unit: 'bytes', defaults: { thresholds: threeSteps, color: { mode: 'thresholds' } },
    transformations: [{ id: 'merge', options: {} }, { id: 'organize', options: { excludeByName: { Time: true }, renameByName: { mountpoint: 'Mounted on', fstype: 'Type', 'Value #A': 'Size', 'Value #B': 'Used' } } }],
    overrides: [{ matcher: { id: 'byName', options: 'Used' }, properties: [{ id: 'unit', value: 'percentunit' }, { id: 'min', value: 0 }, { id: 'max', value: 1 }, { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'gradient' } }] }],
    options: { showHeader: true, sortBy: [{ displayName: 'Used', desc: true }], footer: { show: true, reducer: ['sum'], fields: ['Size'] } },
  }),
  golden('table-colours', 'table', 'Table with coloured cells', [rows([['api', 'web-1', 1, 0.31], ['api', 'web-2', 0, 0.97], ['billing', 'web-1', 1, 0.72], ['search', 'web-3', 2, 0.12], ['worker', 'web-4', 1, 0.66]].map(([service, host, state, value]) => ({ service, host, state: String(state), value })))], {
    table: true, unit: 'percentunit', defaults: { ...byThreshold, mappings: [] },
    transformations: [{ id: 'organize', options: { excludeByName: { Time: true }, renameByName: { service: 'Service', host: 'Host', state: 'State', Value: 'Load' } } }],
    overrides: [
      { matcher: { id: 'byName', options: 'State' }, properties: [{ id: 'mappings', value: upDown }, { id: 'custom.cellOptions', value: { type: 'color-text' } }] },
      { matcher: { id: 'byName', options: 'Load' }, properties: [{ id: 'custom.cellOptions', value: { type: 'color-background', mode: 'gradient' } }] },
    ],
  }),
  golden('text-markdown', 'text', 'Text', [], { options: { mode: 'markdown', content: '## Runbook\nLook at [dashboards](/dashboards), then at `node_load1`.\n\n- first the **hosts**\n- then the *queue*\n\n| what | limit |\n|---|---|\n| load | 2 a core |' } }),
  golden('unknown', 'made-up-panel', 'A type that is not known', [series([['web-1', { instance: 'web-1' }, wave(120, 40, 'a')], ['web-2', { instance: 'web-2' }, wave(90, 30, 'b')]], 3_600_000)], { unit: 'reqps' }),
];

const spread = [
  golden('barchart-standing', 'barchart', 'Bars by name', [rows([['/', 60e9], ['/boot', 1e9], ['/home', 240e9], ['/var/lib/data', 480e9]].map(([mountpoint, value]) => ({ mountpoint, value })))], { table: true, unit: 'bytes', options: { xField: 'mountpoint', showValue: 'auto', legend: { showLegend: false } } }),
  golden('barchart-lying', 'barchart', 'Bars lying, by threshold', [rows(['user', 'system', 'iowait', 'irq', 'nice'].map((mode, i) => ({ mode, value: [0.93, 0.64, 0.4, 0.12, 0.05][i] })))], { table: true, unit: 'percentunit', defaults: byThreshold, options: { xField: 'mode', orientation: 'horizontal', showValue: 'always', barRadius: 0.2, legend: { showLegend: false } } }),
  golden('barchart-stacked', 'barchart', 'Bars stacked', [requests], { unit: 'reqps', options: { stacking: 'normal', legend: legend() } }),
  golden('piechart-pie', 'piechart', 'Pie', [values({ user: 52, system: 21, iowait: 14, steal: 8, irq: 5 })], { unit: 'percent', options: { pieType: 'pie', displayLabels: ['percent'], legend: { showLegend: true, displayMode: 'table', placement: 'right', values: ['value', 'percent'] }, reduceOptions: { calcs: ['lastNotNull'] } } }),
  golden('piechart-donut', 'piechart', 'Ring', [values({ 200: 840, 204: 210, 404: 66, 500: 12 })], { unit: 'reqps', options: { pieType: 'donut', displayLabels: ['name', 'percent'], legend: { showLegend: true, displayMode: 'list', placement: 'bottom', values: ['value'] }, reduceOptions: { calcs: ['lastNotNull'] } } }),
  golden('histogram-values', 'histogram', 'Histogram', [series(['1', '2', '3'].map((rack) => [`rack ${rack}`, { rack }, wave(24 + Number(rack) * 2, 5, `rack ${rack}`)]))], { unit: 'celsius', custom: { fillOpacity: 70, lineWidth: 1, stacking: { mode: 'normal', group: 'A' } }, options: { bucketCount: 24, legend: legend() } }),
  golden('histogram-buckets', 'histogram', 'Histogram of buckets', [buckets(['0.01', '0.05', '0.1', '0.5', '1', '5', '+Inf'])], { unit: 's', formats: ['heatmap'], options: { legend: { showLegend: false } } }),
  golden('heatmap-buckets', 'heatmap', 'Heatmap of buckets', [buckets(['0.01', '0.05', '0.1', '0.5', '1', '5', '+Inf'], 300_000)], { formats: ['heatmap'], options: { calculate: false, color: { mode: 'scheme', scheme: 'Oranges', steps: 64 }, yAxis: { unit: 's' }, legend: { show: true } } }),
  golden('heatmap-calculated', 'heatmap', 'Heatmap, calculated', [series(Array.from({ length: 8 }, (_, i) => [`rack ${i}`, { rack: String(i) }, wave(22 + i, 5, `hot ${i}`)]))], { options: { calculate: true, calculation: { xBuckets: { mode: 'count', value: '30' }, yBuckets: { mode: 'count', value: '12' } }, color: { mode: 'scheme', scheme: 'Viridis', steps: 64 }, yAxis: { unit: 'celsius' }, legend: { show: true } } }),
];

const overTime = [
  golden('state-timeline', 'state-timeline', 'States', [services], { defaults: { mappings: upDown, color: { mode: 'thresholds' } }, custom: { fillOpacity: 75, lineWidth: 0 }, options: { mergeValues: true, rowHeight: 0.85, showValue: 'auto', legend: legend() } }),
  golden('state-timeline-thresholds', 'state-timeline', 'States by threshold', [series(['web-1', 'web-2', 'web-3'].map((host) => [host, { host }, wave(0.55, 0.42, host)]), 600_000)], { unit: 'percentunit', defaults: byThreshold, custom: { fillOpacity: 70, lineWidth: 1 }, options: { mergeValues: true, rowHeight: 0.8, showValue: 'never', legend: legend() } }),
  golden('status-history', 'status-history', 'Status history', [series(['api', 'billing', 'search', 'worker'].map((service) => [service, { service }, (i) => states(service)(i * 6)]), 720_000)], { defaults: { mappings: upDown, color: { mode: 'thresholds' } }, custom: { fillOpacity: 75, lineWidth: 1 }, options: { colWidth: 0.9, rowHeight: 0.9, showValue: 'never', legend: legend() } }),
  golden('candlestick-volume', 'candlestick', 'Candles with volume', [candles()], { options: { mode: 'candles+volume', candleStyle: 'candles', colorStrategy: 'open-close', legend: { showLegend: false } } }),
  golden('candlestick-bars', 'candlestick', 'Bars of open, high, low, close', [candles()], { options: { mode: 'candles', candleStyle: 'ohlcbars', legend: { showLegend: false } } }),
  golden('trend', 'trend', 'Trend along a number', [rows(Array.from({ length: 30 }, (_, i) => ({ load: String(i * 10), value: Math.round(20 + (i * i) / 6 + Math.sin(i) * 8) })))], { table: true, unit: 'ms', custom: { lineInterpolation: 'smooth', fillOpacity: 12 }, transformations: [{ id: 'convertFieldType', options: { conversions: [{ targetField: 'load', destinationType: 'number' }] } }], overrides: [{ matcher: { id: 'byName', options: 'load' }, properties: [{ id: 'unit', value: 'reqps' }] }], options: { xField: 'load', legend: legend() } }),
  golden('xychart-points', 'xychart', 'Points', [rows(hosts.map(({ host, x }) => ({ host, value: x / 100 }))), rows(hosts.map(({ host, x, y }) => ({ host, value: 0.02 + (x / 100) ** 2 * 0.4 + y * 0.08 }))), rows(hosts.map(({ host, y }) => ({ host, value: Math.round(20 + y * 900) })))], {
    table: true, unit: 's', custom: { pointSize: { min: 5, max: 26 } },
    transformations: [{ id: 'merge', options: {} }, { id: 'organize', options: { excludeByName: { Time: true }, renameByName: { 'Value #A': 'Busy', 'Value #B': 'Latency', 'Value #C': 'Requests' } } }],
    overrides: [
      { matcher: { id: 'byName', options: 'Busy' }, properties: [{ id: 'unit', value: 'percentunit' }] },
      { matcher: { id: 'byName', options: 'Requests' }, properties: [{ id: 'unit', value: 'short' }, { id: 'color', value: { mode: 'continuous-BlYlRd' } }] },
    ],
    options: { mapping: 'manual', series: [{ name: { fixed: 'Hosts' }, ...Object.fromEntries([['x', 'Busy'], ['y', 'Latency'], ['size', 'Requests'], ['color', 'Requests']].map(([k, n]) => [k, { matcher: { id: 'byName', options: n } }])) }], legend: legend() },
  }),
];

const places = [
  golden('nodegraph', 'nodeGraph', 'Services', [rows([['web', 'shop', 80], ['web', 'accounts', 40], ['shop', 'orders', 160], ['accounts', 'orders', 40], ['shop', 'cache', 700], ['shop', 'queue', 30], ['queue', 'mail', 3]].map(([source, target, value]) => ({ source, target, value })))], { table: true, unit: 'reqps' }),
  golden('geomap-markers', 'geomap', 'Visits by country', [visits], {
    table: true, defaults: { color: { mode: 'thresholds' }, thresholds: steps(['green', null], ['orange', 500], ['red', 1000]) },
    options: { view: { id: 'zero' }, controls: { showScale: true }, layers: [{ type: 'markers', name: 'Visits', location: { mode: 'lookup', lookup: 'country' }, config: { showLegend: true, style: { size: { field: 'Value', min: 4, max: 18 }, color: { field: 'Value' } } } }] },
  }),
  golden('geomap-heat', 'geomap', 'Shops as heat', [rows([['Berlin', 52.52, 13.4, 80], ['Paris', 48.85, 2.35, 95], ['Vienna', 48.21, 16.37, 40], ['Zurich', 47.37, 8.54, 35], ['Prague', 50.08, 14.43, 20], ['Milan', 45.46, 9.19, 15]].map(([city, latitude, longitude, value]) => ({ city, latitude: String(latitude), longitude: String(longitude), value })))], { table: true, options: { view: { id: 'fit' }, layers: [{ type: 'heatmap', name: 'Shops', config: { weight: { field: 'Value' } } }] } }),
];

const lists = [
  golden('dashlist', 'dashlist', 'Dashboards', [], { options: { showStarred: true, showSearch: true, showHeadings: true, maxItems: 10 } }),
  golden('annolist', 'annolist', 'Notes', [], { options: { limit: 10, onlyInTimeRange: true, showTags: true, showTime: true, showUser: true } }),
  golden('alertlist', 'alertlist', 'Alerts', [], { options: { sortOrder: 3, showInstances: true } }),
  golden('alertlist-stat', 'alertlist', 'Number of alerts', [], { options: { viewMode: 'stat' } }),
  golden('news', 'news', 'News', [], { options: { feedUrl: 'https://feeds.example/x.xml' } }),
];

const without = [
  golden('empty', 'timeseries', 'No data', [[]], { options: { legend: legend() } }),
  golden('no-query', 'timeseries', 'No query', []),
  golden('failed', 'timeseries', 'A query that fails', [{ error: { type: 'bad_data', message: 'parse error: unexpected end of input at position 14' } }]),
  golden('source-down', 'stat', 'A source that is down', [{ error: { type: 'datasource', message: 'Get "http://prometheus:9090/api/v1/query": connection refused' } }]),
];

export const goldens = [...timeseries, ...oldPanels([cpu, busy, busy, busy], golden), ...figures, ...tables, ...spread, ...overTime, ...places, ...lists, ...without];

/** Answers of the portal, by path, for the panels that ask for them and for the page itself. */
export const portal = {
  '/api/datasources': [{ id: 1, uid: 'metrics', name: 'Prometheus', type: 'prometheus', isDefault: true }],
  '/api/search': ['System Overview', 'Database Performance', 'Kubernetes Cluster', 'Alert Overview'].map((title, i) => ({
    id: i + 1, uid: `d${i}`, title, uri: '', url: `/d/d${i}`, slug: '', type: 'dash-db', tags: ['platform'], isStarred: i < 2, folderUid: 'platform', folderTitle: i === 2 ? 'Kubernetes' : 'Platform',
  })),
  '/api/annotations': MARKS,
  '/api/prometheus/grafana/api/v1/rules': { status: 'success', data: { groups: [{ name: 'hosts', file: 'Platform', rules: [
    ['DiskAlmostFull', 'firing', 'Less than a tenth of the disk is left', ['db-1', 'db-2']], ['HighLoad', 'pending', 'More is waiting than there are cores', ['web-1']],
  ].map(([name, state, summary, on]) => ({
    name, state, type: 'alerting', health: 'ok', labels: { severity: 'page' }, annotations: { summary },
    alerts: on.map((host) => ({ labels: { alertname: name, host }, state: state === 'firing' ? 'Alerting' : 'Pending', activeAt: new Date(NOW - 42 * 60_000).toISOString(), value: '1' })),
  })) }] } },
};
