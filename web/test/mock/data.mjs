/** Made-up answers: waves whose labels follow from the expression, the same for the same question. */
import { candleValue, shapeOf } from './shapes.mjs';

const labelValues = {
  cpu: ['0', '1'], mode: ['user', 'system', 'iowait', 'irq', 'softirq', 'nice', 'steal'], device: ['vda', 'vdb'], mountpoint: ['/', '/boot', '/var/lib/data', '/home'], fstype: ['ext4'],
  instance: ['127.0.0.1:9100'], job: ['orrery', 'host'], protocol: ['remote_write', 'scrape', 'otlp'], code: ['200', '204', '404'], face: ['prometheus', 'grafana', 'mimir'], endpoint: ['query', 'query_range', 'series'],
  level: ['l0', 'l1'], reason: ['too_old', 'bad_label'], health: ['up', 'down'], le: ['0.01', '0.05', '0.1', '0.5', '1', '+Inf'], service: ['api', 'billing', 'search', 'worker'], rack: ['1', '2', '3', '4', '5', '6'],
};
const steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400].map((s) => s * 1000);

const hash = (text) => [...text].reduce((h, c) => (h * 33 + c.charCodeAt(0)) % 1_000_003, 5381);

function scaleOf(expr) {
  if (/state/.test(expr)) return [1.4, 1.3];
  if (/celsius/.test(expr)) return [30, 8];
  if (/info|^up$|by \(job, instance\) \(up\)/.test(expr)) return [1, 0];
  if (/1 - |cpu_seconds|io_time|pressure/.test(expr) && !/process/.test(expr)) return [0.3, 0.25];
  if (/count\(/.test(expr)) return [4, 0];
  if (/size_bytes|MemTotal|avail_bytes/.test(expr)) return [6e10, 2e10];
  if (/Mem|Cached|resident|chunks_bytes|parts_bytes/.test(expr)) return [8e8, 3e8];
  if (/bytes/.test(expr)) return [250_000, 240_000];
  if (/time_seconds/.test(expr)) return [345_600, 0];
  if (/duration_seconds|quantile/.test(expr)) return [0.012, 0.01];
  if (/load/.test(expr)) return [1.2, 0.8];
  if (/process_cpu/.test(expr)) return [0.04, 0.03];
  return [1200, 900];
}

function seriesOf(query) {
  const { expr, legendFormat } = query;
  const grouped = /by \(([^)]*)\)(?!.*by \()/.exec(expr)?.[1] ?? '';
  let names = grouped.split(',').map((s) => s.trim()).filter((s) => s !== '');
  if (names.length === 0) names = (legendFormat.match(/\{\{\s*(\w+)\s*\}\}/g) ?? []).map((m) => m.replace(/[{}\s]/g, ''));
  if (/^(sum|max|avg|count)\(|^1 - avg/.test(expr) && grouped === '') names = [];
  if (/^up$/.test(expr)) names = ['job', 'instance'];
  let sets = [{}];
  for (const name of names) sets = sets.flatMap((s) => (labelValues[name] ?? ['a', 'b']).map((v) => ({ ...s, [name]: v })));
  return sets.slice(0, 12).map((labels) => {
    const auto = Object.entries(labels).map(([k, v]) => `${k}="${v}"`).join(', ');
    const name = legendFormat === '' || legendFormat === '__auto' ? (auto === '' ? expr : `{${auto}}`) : legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, l) => labels[l] ?? '');
    return { name, labels };
  });
}

export function* answerPanel(panel, range) {
  for (const q of panel.queries) {
    const common = { id: panel.id, refId: q.refId };
    if (q.expr.includes('fail_me')) {
      yield { ...common, error: { message: 'parse error: unexpected end of input at position 14', type: 'bad_data' } };
      continue;
    }
    const shape = shapeOf(q.expr);
    if (shape) {
      yield { ...common, frame: { kind: 'instant', t: range.to, series: shape.map((s) => ({ ...s, name: q.expr })) } };
      yield { ...common, done: { ms: 1, series: shape.length, samples: shape.length, stepMs: 0 } };
      continue;
    }
    const list = q.expr.includes('nothing_here') ? [] : seriesOf(q);
    const [base, swing] = scaleOf(q.expr);
    const value = (labels, i, t) => {
      if (swing === 0) return base;
      const seed = hash(q.expr + JSON.stringify(labels));
      const wave = Math.sin(t / 1_200_000 + seed) * 0.5 + Math.sin(t / 170_000 + seed * 3) * 0.28 + Math.sin(t / 41_000 + seed * 7) * 0.16 + (((seed * 7919 + Math.round(t / 1000) * 104_729) % 1000) / 1000 - 0.5) * 0.12;
      const v = Math.max(0, (base + swing * wave) / (1 + i * 0.7));
      // Buckets hold everything up to their bound; states are whole numbers.
      if ('le' in labels) return Math.round(Math.max(0, 200 + 150 * Math.sin(t / 1_700_000)) * [0.08, 0.35, 0.6, 0.75, 0.96, 1][i % 6]);
      if (/state/.test(q.expr)) return Math.round((base + swing * wave)) % 3;
      return /celsius/.test(q.expr) ? base + swing * wave : v;
    };
    const candles = (v, t, at) => candleValue(q.expr, t, at) ?? v;
    const step = steps.find((s) => s >= Math.max((range.to - range.from) / panel.maxDataPoints, panel.intervalMs ?? 0)) ?? 86_400_000;
    let samples = 0;
    if (q.instant) {
      yield { ...common, frame: { kind: 'instant', t: range.to, series: list.map((s, i) => ({ ...s, value: value(s.labels, i, range.to) })) } };
      samples = list.length;
    }
    if (q.range) {
      const t0 = Math.floor(range.from / step) * step;
      const n = Math.floor((range.to - t0) / step) + 1;
      samples = n * list.length;
      const hole = q.expr.includes('holes');
      yield { ...common, frame: { kind: 'series', time: { t0, step, n }, series: list.map((s, i) => ({ ...s, values: Array.from({ length: n }, (_, k) => (hole && k % 60 > 44 ? null : candles(value(s.labels, i, t0 + k * step), t0 + k * step, step))) })) } };
    }
    if (q.expr.includes('too_many')) yield { ...common, notice: 'first 12 of 4,032 series' };
    yield { ...common, done: { ms: 3.2, series: list.length, samples, stepMs: step } };
  }
}

export function options(query) {
  if (/device/.test(query) && /network/.test(query)) return ['eth0', 'docker0'].map((v) => ({ text: v, value: v }));
  if (/device/.test(query)) return ['vda', 'vdb'].map((v) => ({ text: v, value: v }));
  if (/instance/.test(query)) return [{ text: '127.0.0.1:9100', value: '127.0.0.1:9100' }];
  return ['one', 'two', 'three'].map((v) => ({ text: v, value: v }));
}
