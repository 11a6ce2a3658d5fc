/** Dashboards that the measurements open: made up of what `orrery demo` sends, each panel with a question of its own. */

const source = { type: 'prometheus', uid: 'orrery-metrics' };
const modes = 'user|system|iowait|softirq|idle';

/** Five series of 720 points over three hours; the number makes it another question. */
const chart = (i, gridPos) => ({
  id: i + 1, type: 'timeseries', title: `Panel ${i + 1}`, gridPos, datasource: source, maxDataPoints: 720,
  targets: [{ refId: 'A', expr: `avg by (mode) (rate(node_cpu_seconds_total{instance="node-${(i % 4) + 1}", mode=~"${modes}"}[5m])) + ${i}`, range: true, legendFormat: '{{mode}}' }],
  fieldConfig: { defaults: { unit: 'percentunit', color: { mode: 'palette-classic' }, custom: { fillOpacity: 10 } }, overrides: [] },
  options: { legend: { showLegend: true, displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
});

export function charts(uid, count, { width = 8, height = 8, refresh = '' } = {}) {
  const perRow = 24 / width;
  return {
    uid, title: `Bench: ${count} panels`, schemaVersion: 42, timezone: 'utc', refresh, time: { from: 'now-3h', to: 'now' }, graphTooltip: 1,
    panels: Array.from({ length: count }, (_, i) => chart(i, { x: (i % perRow) * width, y: Math.floor(i / perRow) * height, w: width, h: height })),
  };
}

/** One variable with many options, and a panel that uses it. */
export const choices = (uid) => ({
  uid, title: 'Bench: options', schemaVersion: 42, timezone: 'utc', time: { from: 'now-1h', to: 'now' },
  templating: { list: [{ name: 'pod', type: 'query', datasource: source, query: { query: 'label_values(pod)', refId: 'V' }, refresh: 1, multi: true, includeAll: true, sort: 1, current: { text: 'pod-00001', value: 'pod-00001' } }] },
  panels: [chart(0, { x: 0, y: 0, w: 24, h: 8 })],
});

/** One table of everything that the query finds. */
export const rows = (uid) => ({
  uid, title: 'Bench: rows', schemaVersion: 42, timezone: 'utc', time: { from: 'now-1h', to: 'now' },
  panels: [{ id: 1, type: 'table', title: 'Rows', gridPos: { x: 0, y: 0, w: 24, h: 20 }, datasource: source, targets: [{ refId: 'A', expr: 'bench_rows', instant: true, format: 'table' }], fieldConfig: { defaults: {}, overrides: [] }, options: {} }],
});

export const manyOptions = (n) => ({ options: Array.from({ length: n }, (_, i) => `pod-${String(i).padStart(5, '0')}`).map((v) => ({ text: v, value: v })), truncated: false });

/** The answer to the table's query: `n` rows of four labels and a value. */
export function manyRows(n, t) {
  const series = Array.from({ length: n }, (_, i) => ({
    name: 'bench_rows', labels: { __name__: 'bench_rows', instance: `node-${i % 97}`, namespace: `team-${i % 31}`, pod: `pod-${String(i).padStart(6, '0')}` }, value: Math.round(Math.sin(i) * 1e6) / 1e3,
  }));
  return [{ id: '1', refId: 'A', frame: { kind: 'instant', t, series } }, { id: '1', refId: 'A', done: { ms: 1, series: n, samples: n, stepMs: 0 } }, { end: true }].map((line) => `${JSON.stringify(line)}\n`).join('');
}
