/** A dashboard that shows every panel type with its main options, to look at while working on them. */
let nextId = 1;
let x = 0;
let y = 0;
let rowHeight = 0;

function panel(type, title, w, h, { expr = [], unit = 'short', custom = {}, defaults = {}, options = {}, overrides = [], ...rest } = {}) {
  if (x + w > 24) {
    x = 0;
    y += rowHeight;
    rowHeight = 0;
  }
  const made = {
    id: nextId, type, title, gridPos: { x, y, w, h }, datasource: { type: 'prometheus', uid: 'orrery-metrics' },
    targets: expr.map((e, i) => ({ refId: String.fromCharCode(65 + i), ...(typeof e === 'string' ? { expr: e, legendFormat: '__auto' } : e) })),
    fieldConfig: { defaults: { unit, color: { mode: 'palette-classic' }, thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }, { color: 'orange', value: 0.4 }, { color: 'red', value: 0.6 }] }, ...defaults, custom }, overrides },
    options, ...rest,
  };
  nextId += 1;
  x += w;
  rowHeight = Math.max(rowHeight, h);
  return made;
}

const share = 'avg by (mode) (rate(node_cpu_seconds_total[1m]))';
const calcs = { showLegend: true, displayMode: 'table', placement: 'bottom', calcs: ['mean', 'max', 'lastNotNull'] };
const byThreshold = { color: { mode: 'thresholds' }, min: 0, max: 1 };
const instant = (expr, legendFormat = '__auto') => ({ expr, legendFormat, instant: true, format: 'table' });

const states = [{ type: 'value', options: { 0: { text: 'Down', color: 'red' }, 1: { text: 'Up', color: 'green' }, 2: { text: 'Draining', color: 'orange' } } }];

export const gallery = {
  uid: 'gallery', title: 'Gallery of panels', tags: ['test', 'panels'], graphTooltip: 2, time: { from: 'now-1h', to: 'now' }, refresh: '', timezone: '',
  notices: ['The panel “Old graph” was of type “graph” and is shown as a time series.'],
  templating: { list: [
    { name: 'host', label: 'Host', type: 'query', query: 'label_values(up, instance)', datasource: { type: 'prometheus', uid: 'orrery-metrics' }, refresh: 1, current: {} },
    { name: 'size', type: 'custom', query: 'small : 1, medium : 5, large : 10', multi: true, includeAll: true, current: { text: ['All'], value: ['$__all'] } },
    { name: 'step', type: 'interval', query: '1m,5m,1h', auto: true, auto_count: 30, current: { text: 'auto', value: '$__auto_interval_step' } },
    { name: 'filter', label: 'Filter', type: 'textbox', query: '.*', current: { text: '.*', value: '.*' } },
  ] },
  panels: [
    panel('timeseries', 'Lines', 8, 8, { expr: ['node_load1', 'node_load5'], unit: 'short', description: 'Three averages of the run queue.', options: { legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: ['lastNotNull'] }, tooltip: { mode: 'multi', sort: 'desc' } } }),
    panel('timeseries', 'Stacked areas', 8, 8, { expr: [{ expr: share, legendFormat: '{{mode}}' }], unit: 'percentunit', custom: { fillOpacity: 55, stacking: { mode: 'normal' }, lineWidth: 1 }, options: { legend: { ...calcs }, tooltip: { mode: 'multi' } } }),
    panel('timeseries', 'Gradient, smooth, thresholds', 8, 8, { expr: ['1 - avg(rate(node_cpu_seconds_total[1m]))'], unit: 'percentunit', custom: { fillOpacity: 30, gradientMode: 'opacity', lineInterpolation: 'smooth', lineWidth: 2, thresholdsStyle: { mode: 'dashed+area' } }, options: { legend: { showLegend: false } } }),
    panel('timeseries', 'Bars', 8, 7, { expr: ['rate(http_requests_total[1m])'], unit: 'reqps', maxDataPoints: 40, custom: { drawStyle: 'bars', fillOpacity: 70 } }),
    panel('timeseries', 'Steps with holes', 8, 7, { expr: [{ expr: 'sum by (device) (rate(holes_bytes[1m]))', legendFormat: '{{device}}' }], unit: 'Bps', custom: { lineInterpolation: 'stepAfter', fillOpacity: 10 }, options: { legend: { showLegend: true, displayMode: 'table', placement: 'right', calcs: ['max', 'lastNotNull'] } } }),
    panel('timeseries', 'Two axes, one turned down', 8, 7, { expr: [{ expr: 'rate(node_network_receive_bytes_total[1m])', legendFormat: 'in' }, { expr: 'rate(node_network_transmit_bytes_total[1m])', legendFormat: 'out' }, { expr: 'node_load15', legendFormat: 'load' }], unit: 'Bps', custom: { fillOpacity: 20 }, overrides: [
      { matcher: { id: 'byName', options: 'out' }, properties: [{ id: 'custom.transform', value: 'negative-Y' }] },
      { matcher: { id: 'byName', options: 'load' }, properties: [{ id: 'unit', value: 'short' }, { id: 'custom.axisPlacement', value: 'right' }, { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } }, { id: 'custom.fillOpacity', value: 0 }] },
    ] }),
    panel('timeseries', 'Logarithmic', 8, 7, { expr: ['node_memory_MemFree_bytes', 'rate(node_disk_read_bytes_total[1m])'], unit: 'bytes', custom: { scaleDistribution: { type: 'log', log: 10 } } }),
    panel('timeseries', 'Colour by value', 8, 7, { expr: ['1 - rate(node_cpu_seconds_total[1m])'], unit: 'percentunit', defaults: { color: { mode: 'continuous-GrYlRd' } }, custom: { gradientMode: 'scheme', fillOpacity: 25, lineWidth: 2 } }),
    panel('timeseries', 'Percent stack', 8, 7, { expr: [{ expr: share, legendFormat: '{{mode}}' }], unit: 'percentunit', custom: { fillOpacity: 70, lineWidth: 0, stacking: { mode: 'percent' } } }),
    panel('stat', 'Busy', 4, 4, { expr: ['1 - avg(rate(node_cpu_seconds_total[1m]))'], unit: 'percentunit', defaults: byThreshold, options: { colorMode: 'value', graphMode: 'area' } }),
    panel('stat', 'Background', 4, 4, { expr: ['1 - avg(rate(node_cpu_seconds_total[2m]))'], unit: 'percentunit', defaults: byThreshold, options: { colorMode: 'background', graphMode: 'area' } }),
    panel('stat', 'Uptime', 4, 4, { expr: ['node_time_seconds'], unit: 's', defaults: { color: { mode: 'fixed', fixedColor: 'text' } }, options: { colorMode: 'value', graphMode: 'none' } }),
    panel('stat', 'Several', 12, 4, { expr: [{ expr: share, legendFormat: '{{mode}}' }], unit: 'percentunit', defaults: byThreshold, options: { colorMode: 'background_solid', graphMode: 'none', textMode: 'value_and_name' } }),
    panel('gauge', 'Gauge', 5, 6, { expr: ['1 - avg(rate(node_cpu_seconds_total[3m]))'], unit: 'percentunit', defaults: byThreshold, options: { showThresholdLabels: true } }),
    panel('gauge', 'Gauges', 9, 6, { expr: [{ expr: 'sum by (device) (rate(node_disk_io_time_seconds_total[1m]))', legendFormat: '{{device}}' }, '1 - rate(node_cpu_seconds_total[1m])'], unit: 'percentunit', defaults: { ...byThreshold, color: { mode: 'continuous-BlYlRd' } } }),
    panel('bargauge', 'Gradient', 5, 6, { expr: [{ expr: 'max by (mountpoint) (1 - node_filesystem_avail)', legendFormat: '{{mountpoint}}' }], unit: 'percentunit', defaults: byThreshold, options: { displayMode: 'gradient', orientation: 'horizontal' } }),
    panel('bargauge', 'Cells', 5, 6, { expr: [{ expr: 'max by (mountpoint) (1 - node_filesystem_free)', legendFormat: '{{mountpoint}}' }], unit: 'percentunit', defaults: byThreshold, options: { displayMode: 'lcd', orientation: 'horizontal' } }),
    panel('bargauge', 'Standing', 6, 6, { expr: [{ expr: share, legendFormat: '{{mode}}' }], unit: 'percentunit', defaults: byThreshold, options: { displayMode: 'basic', orientation: 'vertical' } }),
    panel('table', 'Table', 12, 7, {
      expr: [instant('sum by (mountpoint, fstype) (node_filesystem_size_bytes)'), instant('sum by (mountpoint, fstype) (1 - node_filesystem_avail_bytes)')], unit: 'bytes', defaults: { ...byThreshold, min: undefined, max: undefined },
      transformations: [{ id: 'merge', options: {} }, { id: 'organize', options: { excludeByName: { Time: true }, renameByName: { mountpoint: 'Mounted on', fstype: 'Type', 'Value #A': 'Size', 'Value #B': 'Used' } } }],
      overrides: [{ matcher: { id: 'byName', options: 'Used' }, properties: [{ id: 'unit', value: 'percentunit' }, { id: 'min', value: 0 }, { id: 'max', value: 1 }, { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'gradient' } }] }],
      options: { sortBy: [{ displayName: 'Used', desc: true }], footer: { show: true, reducer: ['sum'] } },
    }),
    panel('text', 'Text', 6, 7, { options: { mode: 'markdown', content: '## Runbook\nThe host is **$host**, sizes `${size:pipe}`.\n\n- look at [dashboards](/dashboards)\n- then at `node_load1`\n\n| what | limit |\n|---|---|\n| load | 2 a core |' } }),
    panel('state-timeline', 'States', 12, 8, { expr: [{ expr: 'sum by (service) (shop_state)', legendFormat: '{{service}}' }], custom: { fillOpacity: 75 }, defaults: { mappings: states }, options: { mergeValues: true, rowHeight: 0.85, tooltip: { mode: 'multi' } } }),
    panel('state-timeline', 'States by threshold', 12, 8, { expr: [{ expr: share, legendFormat: '{{mode}}' }], unit: 'percentunit', defaults: byThreshold, custom: { lineWidth: 1 }, options: { perPage: 4, legend: { placement: 'right' } } }),
    panel('status-history', 'Status history', 12, 7, { expr: [{ expr: 'sum by (service) (shop_state)', legendFormat: '{{service}}' }], maxDataPoints: 30, defaults: { mappings: states }, options: { colWidth: 0.9, rowHeight: 0.9 } }),
    panel('heatmap', 'Heatmap of buckets', 12, 7, { expr: [{ expr: 'sum by (le) (rate(shop_latency_bucket[1m]))', legendFormat: '{{le}}', format: 'heatmap' }], options: { calculate: false, color: { mode: 'scheme', scheme: 'Oranges', steps: 64 }, yAxis: { unit: 's' }, tooltip: { mode: 'single', yHistogram: true } } }),
    panel('heatmap', 'Heatmap, calculated', 8, 7, { expr: [{ expr: 'sum by (rack) (shop_temp_celsius)', legendFormat: '{{rack}}' }], options: { calculate: true, calculation: { yBuckets: { mode: 'count', value: '12' } }, color: { scheme: 'Viridis' }, showValue: 'auto', yAxis: { unit: 'celsius', axisLabel: 'Inlet' } } }),
    panel('heatmap', 'Heatmap, opacity and powers', 8, 7, { expr: [{ expr: 'sum by (le) (rate(shop_latency_bucket[1m]))', legendFormat: '{{le}}', format: 'heatmap' }], maxDataPoints: 40, options: { color: { mode: 'opacity', fill: 'blue', exponent: 0.5 }, rowsFrame: { yBucketScale: { type: 'log', log: 10 } }, yAxis: { unit: 's', axisPlacement: 'right', reverse: true }, cellGap: 2, cellRadius: 20 } }),
    panel('histogram', 'Histogram', 8, 7, { expr: [{ expr: 'sum by (rack) (shop_temp_celsius)', legendFormat: 'rack {{rack}}' }], unit: 'celsius', custom: { fillOpacity: 70, stacking: { mode: 'normal' } }, options: { bucketCount: 25, legend: { calcs: ['mean'] } } }),
    panel('histogram', 'Histogram of buckets', 8, 7, { expr: [{ expr: 'sum by (le) (rate(shop_latency_bucket[1m]))', legendFormat: '{{le}}', format: 'heatmap' }], unit: 's', options: { legend: { showLegend: false } } }),
    panel('barchart', 'Bars by name', 8, 7, { expr: [instant('sum by (mountpoint) (node_filesystem_size_bytes)')], unit: 'bytes', options: { xField: 'mountpoint', showValue: 'auto', legend: { showLegend: false } } }),
    panel('barchart', 'Bars, lying, by threshold', 8, 7, { expr: [instant('sum by (mode) (rate(node_cpu_seconds_total[1m]))')], unit: 'percentunit', defaults: { color: { mode: 'thresholds' } }, options: { orientation: 'horizontal', showValue: 'always', barRadius: 0.2, fullHighlight: true } }),
    panel('barchart', 'Bars, stacked over time', 12, 7, { expr: [{ expr: share, legendFormat: '{{mode}}' }], unit: 'percentunit', maxDataPoints: 24, options: { stacking: 'percent', legend: { showLegend: true, calcs: ['mean'] }, tooltip: { mode: 'multi' } } }),
    panel('piechart', 'Pie', 6, 7, { expr: [{ expr: share, legendFormat: '{{mode}}' }], unit: 'percentunit', options: { pieType: 'pie', displayLabels: ['percent'], legend: { displayMode: 'table', placement: 'right', values: ['percent'] }, tooltip: { mode: 'multi' } } }),
    panel('piechart', 'Ring', 6, 7, { expr: [{ expr: 'sum by (code) (rate(requests_total[1m]))', legendFormat: '{{code}}' }], unit: 'reqps', options: { pieType: 'donut', displayLabels: ['name', 'value'], legend: { placement: 'bottom', values: ['value'] } } }),
    panel('made-up', 'Unknown type', 6, 7, { expr: ['rate(node_context_switches_total[1m])'] }),
    panel('trend', 'Trend along a number', 8, 8, { expr: [instant('curve_points')], options: { xField: 'load' }, custom: { lineInterpolation: 'smooth', fillOpacity: 12 } }),
    panel('xychart', 'Size and colour by field', 8, 8, {
      expr: [instant('host_busy'), instant('host_latency'), instant('host_requests')], unit: 's', custom: { pointSize: { min: 6, max: 32 } },
      transformations: [{ id: 'merge', options: {} }, { id: 'organize', options: { excludeByName: { Time: true }, renameByName: { 'Value #A': 'Busy', 'Value #B': 'Latency', 'Value #C': 'Requests' } } }],
      overrides: [
        { matcher: { id: 'byName', options: 'Busy' }, properties: [{ id: 'unit', value: 'percentunit' }] },
        { matcher: { id: 'byName', options: 'Requests' }, properties: [{ id: 'unit', value: 'short' }, { id: 'color', value: { mode: 'continuous-BlYlRd' } }] },
      ],
      options: { mapping: 'manual', series: [{ name: { fixed: 'Hosts' }, ...Object.fromEntries([['x', 'Busy'], ['y', 'Latency'], ['size', 'Requests'], ['color', 'Requests']].map(([k, n]) => [k, { matcher: { id: 'byName', options: n } }])) }] },
    }),
    panel('candlestick', 'Candles', 8, 8, { expr: ['open', 'high', 'low', 'close', 'volume'].map((p) => ({ expr: `ohlc_${p}`, legendFormat: p })), interval: '2m', options: { mode: 'candles+volume', candleStyle: 'candles' } }),
    panel('nodeGraph', 'Services', 12, 10, {
      expr: ['graph_nodes', 'graph_ok', 'graph_failed', 'graph_edges'].map((e) => instant(e)), unit: 'short',
      transformations: [{ id: 'merge', options: {}, filter: { id: 'byRefId', options: 'A|B|C' } }, { id: 'organize', options: { renameByName: { 'Value #A': 'mainstat', 'Value #B': 'arc__ok', 'Value #C': 'arc__failed', 'Value #D': 'mainstat' } } }],
      overrides: [['ok', 'green'], ['failed', 'red']].map(([n, c]) => ({ matcher: { id: 'byName', options: `arc__${n}` }, properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: c } }] })),
      options: { nodes: { mainStatUnit: 'reqps' }, edges: { mainStatUnit: 'reqps' } },
    }),
    panel('geomap', 'Visits by country', 12, 10, {
      expr: [instant('visits')], defaults: { color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }, { color: 'orange', value: 500 }, { color: 'red', value: 1000 }] } },
      options: { view: { id: 'zero' }, controls: { showScale: true }, layers: [{ type: 'markers', name: 'Visits', location: { mode: 'lookup', lookup: 'country' }, config: { style: { size: { field: 'Value', min: 4, max: 24 }, color: { field: 'Value' } } } }] },
    }),
    panel('geomap', 'Shops, as heat and stars', 12, 8, {
      expr: [instant('shops')], unit: 'percent', defaults: { color: { mode: 'continuous-BlYlRd' } },
      options: { view: { id: 'fit', zoom: 8 }, layers: [{ type: 'heatmap', config: { radius: 14, blur: 40, weight: { field: 'Value', min: 0.1, max: 1 } } }, { type: 'markers', config: { style: { size: { fixed: 7 }, text: { field: 'city' }, symbol: { fixed: 'img/icons/marker/star.svg' } } } }] },
    }),
    panel('dashlist', 'Dashboards', 6, 8, { options: { showStarred: true, showRecentlyViewed: true, showSearch: true, showHeadings: true, tags: ['test'], maxItems: 10 } }),
    panel('annolist', 'Annotations', 6, 8, { options: { limit: 10 } }),
    panel('alertlist', 'Alerts', 8, 8, { options: { sortOrder: 3, showInstances: true } }),
    panel('news', 'News', 4, 8, { options: { feedUrl: 'https://example.com/feed.xml' } }),
    panel('timeseries', 'Nothing recorded', 8, 6, { expr: ['nothing_here'] }),
    panel('timeseries', 'A failing query', 8, 6, { expr: ['sum(fail_me'] }),
    panel('timeseries', 'Half fails', 8, 6, { expr: ['node_load1', 'sum(fail_me'], transformations: [{ id: 'spatial', options: {} }] }),
    { ...panel('row', 'A folded row', 24, 1), collapsed: true, panels: [panel('timeseries', 'Inside', 12, 6, { expr: ['node_load1'] })] },
    { ...panel('row', 'Repeated panels', 24, 1) },
    panel('timeseries', 'Size $size', 12, 6, { expr: ['node_load1 * $size'], repeat: 'size', maxPerRow: 3 }),
  ],
};

/** Two hundred charts of three series, to see that a big dashboard stays quick. */
export const many = {
  uid: 'many', title: 'Two hundred panels', tags: ['test'], graphTooltip: 1, time: { from: 'now-1h', to: 'now' }, refresh: '', timezone: '',
  panels: Array.from({ length: 200 }, (_, i) => ({
    id: i + 1, type: 'timeseries', title: `Panel ${i + 1}`, gridPos: { x: (i % 8) * 3, y: Math.floor(i / 8) * 5, w: 3, h: 5 }, datasource: { type: 'prometheus', uid: 'orrery-metrics' }, maxDataPoints: 360,
    targets: [{ refId: 'A', expr: `sum by (code) (rate(requests_${i}_total[1m]))`, legendFormat: '{{code}}' }],
    fieldConfig: { defaults: { unit: 'reqps', color: { mode: 'palette-classic' }, custom: { fillOpacity: 10 } }, overrides: [] }, options: { legend: { showLegend: false } },
  })),
};
