/** Made-up data of a certain shape: prices for candles, rows for points, graphs and maps. */
const rows = (names, list) => list.map((row) => ({ labels: Object.fromEntries(names.map((n, i) => [n, row[i]]).filter(([, v]) => v !== '')), value: row.at(-1) }));

const nodes = [
  ['web', 'Web', 'nginx', '', 120, 0.97], ['shop', 'Shop', 'django', '', 86, 0.9], ['auth', 'Accounts', 'django', 'user', 40, 0.99], ['db', 'Orders', 'postgres', 'database', 210, 1],
  ['cache', 'Cache', 'redis', '', 900, 1], ['queue', 'Queue', 'rabbit', '', 33, 0.7], ['mail', 'Mail', 'worker', 'envelope', 3, 0.5], ['pay', 'Payment', 'external', 'cloud', 9, 0.8],
];
const nodeRows = (value) => rows(['id', 'title', 'subtitle', 'icon'], nodes.map((n) => [n[0], n[1], n[2], n[3], value(n)]));
const hosts = Array.from({ length: 24 }, (_, i) => [`host-${i + 1}`, (i * 37) % 100, ((i * i * 13) % 71) / 71]);

const shapes = {
  curve_points: rows(['load'], Array.from({ length: 30 }, (_, i) => [String(i * 10), Math.round(20 + (i * i) / 6 + Math.sin(i) * 8)])),
  host_busy: rows(['host'], hosts.map(([host, x]) => [host, x / 100])),
  host_latency: rows(['host'], hosts.map(([host, x, y]) => [host, 0.02 + (x / 100) ** 2 * 0.4 + y * 0.08])),
  host_requests: rows(['host'], hosts.map(([host, , y]) => [host, Math.round(20 + y * 900)])),
  graph_nodes: nodeRows((n) => n[4]),
  graph_ok: nodeRows((n) => n[5]),
  graph_failed: nodeRows((n) => Number((1 - n[5]).toFixed(2))),
  graph_edges: rows(['id', 'source', 'target'], [
    ['1', 'web', 'shop', 80], ['2', 'web', 'auth', 40], ['3', 'shop', 'db', 160], ['4', 'auth', 'db', 40], ['5', 'shop', 'cache', 700], ['6', 'shop', 'queue', 30], ['7', 'queue', 'mail', 3], ['8', 'shop', 'pay', 9],
  ]),
  visits: rows(['country'], [['DE', 840], ['FR', 620], ['US', 1900], ['BR', 420], ['IN', 1500], ['JP', 700], ['ZA', 120], ['AU', 260], ['NG', 210], ['SE', 140]]),
  shops: rows(['city', 'latitude', 'longitude'], [['Berlin', '52.52', '13.40', 80], ['Paris', '48.85', '2.35', 95], ['Vienna', '48.21', '16.37', 40], ['Zurich', '47.37', '8.54', 35], ['Prague', '50.08', '14.43', 20], ['Amsterdam', '52.37', '4.90', 66], ['Milan', '45.46', '9.19', 15]]),
};

/** Rows of an instant query by the metric's name; undefined for all other metrics. */
export const shapeOf = (expr) => shapes[expr];

/** A price that wanders, the same at the same moment. */
const price = (t) => 100 + Math.sin(t / 2_400_000) * 12 + Math.sin(t / 310_000) * 4 + Math.sin(t / 47_000) * 2;

/** The value of `ohlc_open`, `ohlc_high`, … at a moment; undefined for all other metrics. */
export function candleValue(expr, t, step) {
  const part = /^ohlc_(open|high|low|close|volume)$/.exec(expr)?.[1];
  if (!part) return undefined;
  const open = price(t - step);
  const close = price(t);
  const wick = 0.6 + Math.abs(Math.sin(t / 73_000));
  return { open, close, high: Math.max(open, close) + wick, low: Math.min(open, close) - wick, volume: Math.round(400 + Math.abs(close - open) * 300 + wick * 90) }[part];
}
