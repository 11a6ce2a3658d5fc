/**
 * Makes a dashboard from metric names: one panel for each metric, of the kind that suits it.
 *
 *   node scripts/new-dashboard.mjs --title "Checkout" [--uid checkout] [--labels job,instance] < names.txt > checkout.json
 *   curl -s http://localhost:9090/metrics | node scripts/new-dashboard.mjs --title "Orrery" --match '^orrery_' > orrery.json
 *
 * Standard input holds names, one a line, or a page in the Prometheus text format, whose TYPE and HELP lines are used.
 * Without a TYPE the name decides: _total and _count are counters, _bucket is a histogram.
 * Standard output is a dashboard that can be imported, or laid into a provisioned folder.
 */
import { readFileSync } from 'node:fs';
import { argv, stdin, stdout, stderr, exit } from 'node:process';
import { pathToFileURL } from 'node:url';

const SOURCE = { type: 'prometheus', uid: '${datasource}' };
const METRICS_MAX = 200;

/** What a page says: `[{ name, type, help }]`, histograms and summaries once, by the name of the family. */
export function readMetrics(text) {
  const families = new Map();
  const family = (name) => {
    if (!families.has(name)) families.set(name, { name, type: '', help: '' });
    return families.get(name);
  };
  for (const line of text.split('\n')) {
    const comment = /^# (TYPE|HELP) (\S+) ?(.*)$/.exec(line);
    if (comment) {
      family(comment[2])[comment[1] === 'TYPE' ? 'type' : 'help'] = comment[3];
      continue;
    }
    const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line.trim())?.[0];
    if (!name || line.startsWith('#')) continue;
    const stem = name.replace(/_(bucket|sum|count)$/, '');
    const known = families.get(stem)?.type;
    if (stem !== name && (known === 'histogram' || known === 'summary')) continue;
    if (name.endsWith('_bucket')) family(stem).type = 'histogram';
    else family(name);
  }
  return [...families.values()]
    .filter((m) => !/_(sum|count)$/.test(m.name) || families.get(m.name.replace(/_(sum|count)$/, ''))?.type !== 'histogram')
    .filter((m) => !m.name.endsWith('_created') && !(m.name.endsWith('_info') && m.type !== 'counter'))
    .map((m) => ({ ...m, type: m.type || (/_(total|count)$/.test(m.name) ? 'counter' : 'gauge') }));
}

/** The unit that a name ends with, as Grafana calls it. */
export function unitOf({ name, type }) {
  const base = name.replace(/_total$/, '');
  const rate = type === 'counter';
  if (/_seconds$/.test(base)) return rate ? 'percentunit' : 's';
  if (/_bytes$/.test(base)) return rate ? 'Bps' : 'bytes';
  if (/_ratio$/.test(base)) return 'percentunit';
  if (/_percent$/.test(base)) return 'percent';
  if (/_celsius$/.test(base)) return 'celsius';
  if (/_timestamp$/.test(base)) return 'dateTimeAsIso';
  return rate ? 'ops' : 'short';
}

/** The queries of a metric, as `[expression, legend]`. */
export function queriesOf({ name, type }, labels) {
  const matchers = labels.map((label) => `${label}=~"$${label}"`).join(',');
  const by = (more) => [...more, ...labels.slice(-1)].join(', ');
  const legend = labels.length ? `{{${labels.at(-1)}}}` : '__auto';
  if (type === 'histogram') {
    return ['0.50', '0.95', '0.99'].map((q) => [`histogram_quantile(${q}, sum by (le) (rate(${name}_bucket{${matchers}}[$__rate_interval])))`, `p${q.slice(2)}`]);
  }
  if (type === 'summary') return [[`max by (quantile) (${name}{${matchers}})`, '{{quantile}}']];
  if (type === 'counter') return [[`sum by (${by([])}) (rate(${name}{${matchers}}[$__rate_interval]))`, legend]];
  return [[`avg by (${by([])}) (${name}{${matchers}})`, legend]];
}

const words = (name) => {
  const text = name.replace(/_total$/, '').replaceAll(/[_:]+/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

function panel(metric, index, labels) {
  const targets = queriesOf(metric, labels).map(([expr, legendFormat], i) => (
    { refId: String.fromCharCode(65 + i), datasource: SOURCE, editorMode: 'code', expr, legendFormat, range: true, instant: false }));
  return {
    id: index + 1, type: 'timeseries', title: words(metric.name), description: metric.help || `\`${metric.name}\``, datasource: SOURCE,
    gridPos: { x: (index % 3) * 8, y: Math.floor(index / 3) * 8, w: 8, h: 8 }, targets,
    fieldConfig: {
      defaults: {
        unit: unitOf(metric), color: { mode: 'palette-classic' }, mappings: [], thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }] },
        custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: 10, showPoints: 'auto', spanNulls: false, stacking: { group: 'A', mode: 'none' }, thresholdsStyle: { mode: 'off' } },
      },
      overrides: [],
    },
    options: { legend: { calcs: ['lastNotNull', 'max'], displayMode: 'table', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}

/** The dashboard of these metrics, in Grafana's classic schema. */
export function dashboard(metrics, { title, uid, labels }) {
  const source = { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', refresh: 1, hide: 0, multi: false, includeAll: false, options: [], current: { text: 'Prometheus', value: 'prometheus' } };
  const first = metrics[0];
  const series = first && (first.type === 'histogram' ? `${first.name}_bucket` : first.name);
  const list = labels.map((label, i) => {
    const before = labels.slice(0, i).map((l) => `${l}=~"$${l}"`).join(',');
    const query = `label_values(${series}{${before}}, ${label})`;
    return { name: label, label: words(label), type: 'query', datasource: SOURCE, definition: query, query: { qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' }, refresh: 2, sort: 1, hide: 0, multi: true, includeAll: true, allValue: '.*', options: [], current: { text: ['All'], value: ['$__all'] } };
  });
  return {
    uid, title, description: `Made from ${metrics.length} metrics.`, tags: ['generated'], schemaVersion: 42, version: 1, editable: true, graphTooltip: 1,
    time: { from: 'now-1h', to: 'now' }, refresh: '30s', timezone: 'browser', timepicker: {}, templating: { list: [source, ...list] },
    annotations: { list: [] }, links: [], panels: metrics.map((metric, i) => panel(metric, i, labels)),
  };
}

/** `--name value` pairs; a name that is not known is an error. */
function options(args) {
  const found = { title: 'New dashboard', uid: '', labels: 'job,instance', match: '' };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i].replace(/^--/, '');
    if (!(name in found) || args[i + 1] === undefined) throw new Error(`cannot make sense of ${args[i]}; known are --title, --uid, --labels and --match, each with a value`);
    found[name] = args[i + 1];
  }
  const labels = found.labels.split(',').filter(Boolean);
  const uid = found.uid || found.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '').slice(0, 40);
  return { title: found.title, uid, labels, match: new RegExp(found.match) };
}

export function run(args, text) {
  const { match, ...wanted } = options(args);
  const metrics = readMetrics(text).filter((m) => match.test(m.name));
  if (!metrics.length) throw new Error('no metric in standard input');
  if (metrics.length > METRICS_MAX) throw new Error(`${metrics.length} metrics are more than the ${METRICS_MAX} that fit a dashboard; choose with --match`);
  return `${JSON.stringify(dashboard(metrics, wanted), null, 2)}\n`;
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  try {
    stdout.write(run(argv.slice(2), readFileSync(stdin.fd, 'utf8')));
  } catch (error) {
    stderr.write(`new-dashboard: ${error.message}\n`);
    exit(1);
  }
}
