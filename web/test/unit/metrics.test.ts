/** The list of metrics and who uses them; finding by a few letters; adding a panel to a dashboard; the history's texts. */
import { describe, expect, it } from 'vitest';
import { appendPanel } from '../../src/model/dashboard/append';
import { fuzzyFilter } from '../../src/model/fuzzy';
import { historyKey, historyTexts } from '../../src/model/history';
import { filterMetrics, glanceQuery, metricPrefixes, metricRows, noFilter, openQuery } from '../../src/model/metrics';
import { addUsage, queryTexts, type UsageIndex } from '../../src/model/usage';

const known = { http_request_seconds: [{ type: 'histogram', help: 'Time.', unit: 'seconds' }], up: [{ type: 'gauge', help: 'Up.', unit: '' }], jobs_total: [{ type: 'counter', help: 'Jobs.', unit: '' }], odd: [{ type: 'unknown', help: '', unit: '' }] };
const rows = metricRows(['up', 'jobs_total', 'http_request_seconds_bucket', 'odd', 'job:rate:sum'], known, new Map([['up', 3], ['jobs_total', 9]]));
const names = (f: Partial<typeof noFilter>, used: (n: string) => boolean = () => false): string[] => filterMetrics(rows, { ...noFilter, ...f }, used).map((r) => r.name);

describe('metrics', () => {
  it('take their description from the whole of which they are a part', () => {
    expect(rows.map((r) => [r.name, r.type, r.series])).toEqual([['up', 'gauge', 3], ['jobs_total', 'counter', 9], ['http_request_seconds_bucket', 'histogram', undefined], ['odd', '', undefined], ['job:rate:sum', '', undefined]]);
  });
  it.each([
    [{}, ['http_request_seconds_bucket', 'job:rate:sum', 'jobs_total', 'odd', 'up']],
    [{ type: 'counter' }, ['jobs_total']],
    [{ type: 'none' }, ['job:rate:sum', 'odd']],
    [{ prefix: 'job' }, ['job:rate:sum']],
    [{ text: 'hrsb' }, ['http_request_seconds_bucket']],
    [{ text: 'jobs tot' }, ['jobs_total']],
    [{ order: 'series' as const }, ['jobs_total', 'up', 'http_request_seconds_bucket', 'odd', 'job:rate:sum']],
  ])('%j', (filter, want) => expect(names(filter)).toEqual(want));
  it('that are used are left out when unused ones are looked for', () => expect(names({ unused: true }, (n) => n !== 'odd')).toEqual(['odd']));
  it('have prefixes', () => expect(metricPrefixes(['a_b', 'a_c', 'b', 'b:x', 'b_y'])).toEqual([{ prefix: 'b', count: 3 }, { prefix: 'a', count: 2 }]));
  it.each([
    ['jobs_total', 'counter', 'sum(rate(jobs_total[$__rate_interval]))', 'rate(jobs_total{a="x\\"y"}[$__rate_interval])'],
    ['up', 'gauge', 'avg(up)', 'up{a="x\\"y"}'],
    ['a.b', 'gauge', 'avg({"a.b"})', '{"a.b", a="x\\"y"}'],
    ['x_bucket', 'histogram', 'sum(rate(x_bucket[$__rate_interval]))', 'histogram_quantile(0.95, sum by (le) (rate(x_bucket{a="x\\"y"}[$__rate_interval])))'],
  ])('%s (%s)', (name, type, glance, open) => {
    expect(glanceQuery({ name, type })).toBe(glance);
    expect(openQuery({ name, type }, { name: 'a', value: 'x"y' })).toBe(open);
  });
  it('50,000 of them are searched in one go', () => {
    const many = Array.from({ length: 50_000 }, (_, i) => `service_${i % 97}_requests_${i}_total`);
    expect(fuzzyFilter(many, 'requests_4999', (n) => n)[0]).toMatch(/requests_4999/);
  });
});

it('usage is found in targets, variables and annotations', () => {
  const texts = queryTexts({ panels: [{ targets: [{ expr: 'rate(a_total[5m])', legendFormat: 'not_this' }] }], variables: [{ query: 'label_values(b_info, x)' }], annotations: { list: [{ expr: 'c > 0' }] }, title: 'd' });
  const index: UsageIndex = new Map();
  addUsage(index, { title: 'T', url: '/d/t', kind: 'dashboard' }, texts);
  expect(['a_total', 'b_info', 'c', 'd', 'not_this'].map((n) => index.has(n))).toEqual([true, true, true, false, false]);
});

describe('a panel is appended', () => {
  it('below the others, with an id of its own, and nothing else is touched', () => {
    const raw = { title: 'X', custom: { kept: true }, panels: [{ id: 3, type: 'strange', gridPos: { x: 0, y: 2, w: 24, h: 7 } }, { id: 4, type: 'row', gridPos: { x: 0, y: 9, w: 24, h: 1 }, panels: [{ id: 9 }] }] };
    const made = appendPanel(raw, { type: 'timeseries', title: 'New' });
    expect(made).toEqual({ dashboard: { ...raw, panels: [...raw.panels, { type: 'timeseries', title: 'New', id: 10, gridPos: { x: 0, y: 10, w: 12, h: 8 } }] } });
  });
  it.each([[null], [{ spec: {} }], [{ rows: [] }], [{ panels: 5 }]])('not to %j', (raw) => expect(appendPanel(raw, {})).toHaveProperty('problem'));
});

it('the history knows a query by its text', () => {
  expect(historyTexts([{ refId: 'A', expr: 'up' }, { query: '{}' }, { rawSql: 'SELECT 1' }, 5, {}])).toEqual(['up', '{}', 'SELECT 1']);
  expect(historyKey('a', [{ refId: 'A', expr: 'up' }])).toBe(historyKey('a', [{ refId: 'B', expr: 'up', hide: true }]));
});
