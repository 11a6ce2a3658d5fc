/** The made-up answers behind the golden pictures: pure functions of the moment, so that every run draws the same. */

/** The moment the pages believe in: an ordinary Thursday noon. */
export const NOW = Date.UTC(2026, 0, 15, 12);
const HOURS = 3_600_000;
export const STEP_MS = 120_000;
export const SPAN_MS = 6 * HOURS;

/** The same number for the same text, 0 to 1. */
function luck(text) {
  let h = 2_166_136_261;
  for (const c of text) h = Math.imul(h ^ c.charCodeAt(0), 16_777_619);
  h = Math.imul(h ^ (h >>> 15), 2_246_822_519);
  return ((h ^ (h >>> 13)) >>> 0) / 2 ** 32;
}

/** A curve around `base` that differs by name; `i` is the point's index. */
export const wave = (base, swing, name = '') => (i) => {
  const phase = luck(name) * 6.28;
  return base + swing * (0.6 * Math.sin(i / 23 + phase) + 0.25 * Math.sin(i / 6.1 + phase * 3) + 0.15 * Math.sin(i / 2.3 + phase * 7));
};

/** Series of a range query: `[name, labels, value(i, t)]` each. `step` in ms is a divisor of the span. */
export function series(list, step = STEP_MS) {
  const n = SPAN_MS / step + 1;
  const t0 = NOW - SPAN_MS;
  return { kind: 'series', time: { t0, step, n }, series: list.map(([name, labels, value]) => ({ name, labels, values: Array.from({ length: n }, (_, i) => value(i, t0 + i * step)) })) };
}

/** Rows of an instant query: objects of labels with a `value`. */
export const rows = (list) => ({ kind: 'instant', t: NOW, series: list.map(({ value, name = '', ...labels }) => ({ name: name || Object.values(labels)[0] || 'value', labels, value })) });

/** Values of one moment by name. */
export const values = (entries) => ({ kind: 'instant', t: NOW, series: Object.entries(entries).map(([name, value]) => ({ name, labels: { name }, value })) });

/** Running totals of a histogram over time, by upper bound; the crowd moves slowly upwards and back. */
export function buckets(bounds, step = STEP_MS) {
  return series(bounds.map((le, k) => [le, { le }, (i) => {
    const middle = bounds.length * (0.45 + 0.18 * Math.sin((i * step) / STEP_MS / 29));
    return Math.round(400 / (1 + Math.exp(-(k - middle) * 1.4)));
  }]), step);
}

/** Open, high, low and close of a price, ten minutes each, and what was traded. */
export function candles() {
  const price = (i) => wave(100, 14, 'price')(i * 4);
  const part = {
    open: (i) => price(i - 1), close: price, volume: (i) => Math.round(400 + 900 * luck(`volume ${i}`)),
    high: (i) => Math.max(price(i - 1), price(i)) + 0.5 + 3 * luck(`high ${i}`), low: (i) => Math.min(price(i - 1), price(i)) - 0.5 - 3 * luck(`low ${i}`),
  };
  return series(Object.entries(part).map(([name, value]) => [name, {}, value]), 600_000);
}

/** 0, 1 or 2 for stretches of uneven length. */
export const states = (name) => (i) => {
  const at = luck(`${name} ${Math.floor(i / (9 + Math.floor(luck(name) * 14)))}`);
  return at < 0.7 ? 1 : at < 0.86 ? 2 : 0;
};
