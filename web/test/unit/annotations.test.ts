/** Annotation queries of a dashboard and what their samples become; snapshots and exports there and back. */
import { expect, test } from 'vitest';
import { annotationQueries, askedFor, isDrawn, markOfStored, marksOfFrames, marksOfSaved, showsIn } from '../../src/model/dashboard/annotations';
import { exportForSharing, exportPlain } from '../../src/model/dashboard/export';
import { layoutSections } from '../../src/model/dashboard/layout';
import { exploreUrl, sharePath } from '../../src/model/dashboard/share';
import { readSnapshot, snapshotOf } from '../../src/model/dashboard/snapshot';
import type { DashboardView } from '../../src/model/dashboard/types';
import { compareMs, ghostFrames } from '../../src/model/compare';
import { makeFrame, type Cell, type Frame } from '../../src/model/frame';
import { parseDashboardUrl } from '../../src/model/url';
import { drawsMarks } from '../../src/panels/kinds';

const promQuery = (part: object) => {
  const q = annotationQueries({ annotations: [{ name: 'A', datasource: { type: 'prometheus', uid: 'm' }, expr: 'x', ...part }] })[1];
  if (!q) throw new Error('no query');
  return q;
};
const series = (values: Cell[], labels: Record<string, string> = { job: 'api' }, step = 60_000): Frame => makeFrame('A', [
  { name: 'Time', type: 'time', values: values.map((_, i) => (i + 1) * step) }, { name: 'Value', type: 'number', values, labels, legend: 'x' },
]);
const spans = (values: Cell[], part: object = {}) => marksOfFrames(promQuery(part), [series(values)], 60_000).map((m) => [m.time, m.timeEnd]);

test('neighbouring samples that are not zero are one stretch', () => {
  expect(spans([1, 1, null, 1, 0, 2])).toEqual([[60_000, 120_000], [240_000, 240_000], [360_000, 360_000]]);
  expect(spans([0, null, NaN])).toEqual([]);
});

test('values may name the moment, each once', () => {
  expect(spans([1_700_000_000_000, 1_700_000_000_000, 1_700_000_100_000], { useValueForTime: true })).toEqual([[1_700_000_000_000, 1_700_000_000_000], [1_700_000_100_000, 1_700_000_100_000]]);
  expect(promQuery({ useValueForTime: 'on' }).useValueForTime).toBe(true);
});

test('title, text and tags come from the labels, as plain text', () => {
  const [mark] = marksOfFrames(promQuery({ titleFormat: '{{job}} <b>restarted</b>', textFormat: 'on {{ host }}', tagKeys: 'job, zone' }), [series([1], { job: 'api', host: 'h1' })], 60_000);
  expect(mark).toMatchObject({ title: 'api restarted', text: 'on h1', tags: ['api'] });
});

test.each([
  // A refresh asks the same question again: the answer that is there stays meanwhile, and one that is under way goes on.
  ['stored', 'now-1h', 'now', 10_000, 20_000, true], ['prometheus', 'now-1h', 'now', 10_000, 20_000, true],
  ['stored', 'now/d', 'now/d', 20_000, 31_000, true],
  // Moments that do not move are asked about once.
  ['stored', '1', '2', 10_000, 99_000, true], ['stored', '1', '2', 10_000, 0, false], ['prometheus', '1', '2', 10_000, 0, false],
])('%s annotations of %s to %s, at %d and %d: the same question is %s', (kind, from, to, first, second, same) => {
  const query = kind === 'stored' ? annotationQueries({ annotations: [] })[0] : promQuery({});
  if (!query) throw new Error('no query');
  const at = (now: number) => askedFor(query, { from, to }, from === 'now-1h' ? { from: now - 3_600_000, to: now } : { from: now === 0 ? 0 : 1, to: 2 }, '{}');
  expect(JSON.stringify(at(first)) === JSON.stringify(at(second))).toBe(same);
});

test.each([
  ['of a query', promQuery({}), false],
  ['by tags', annotationQueries({ annotations: [{ name: 'B', datasource: { type: 'grafana', uid: 'g' }, target: { type: 'tags', tags: ['$env'] } }] })[1], false],
  ['of the dashboard', annotationQueries({ annotations: [] })[0], true],
])('annotations %s: whether the answer stays where a variable is set otherwise', (_, query, same) => {
  if (!query) throw new Error('no query');
  const range = { from: 1, to: 2 };
  const at = (values: string) => JSON.stringify(askedFor(query, { from: '1', to: '2' }, range, values));
  expect(at('a') === at('b')).toBe(same);
});

test.each([
  [[], [{ id: 1, type: 'timeseries' }], true], [[], [{ id: 1, type: 'stat' }, { id: 2, type: 'table' }], false], [[], [], false],
  [[2], [{ id: 1, type: 'timeseries' }, { id: 2, type: 'stat' }], false], [[1], [{ id: 1, type: 'timeseries' }], true],
])('a query for the panels %j is drawn on %j: %s', (ids, panels, drawn) => {
  expect(isDrawn(promQuery({ filter: { ids } }), panels, (type) => type === 'timeseries')).toBe(drawn);
});

test('a dashboard has its own annotations, whether its file lists them or not', () => {
  expect(annotationQueries({ annotations: [] }).map((q) => [q.kind, q.hide])).toEqual([['stored', true]]);
  expect(annotationQueries({ annotations: [{ builtIn: 1, name: 'X', enable: false, datasource: '-- Grafana --' }] }).map((q) => [q.name, q.kind, q.enable])).toEqual([['X', 'stored', false]]);
  expect(annotationQueries({ annotations: [{ name: 'X', datasource: { type: 'loki', uid: 'l' } }, { name: 'X', datasource: { type: 'grafana', uid: 'g' }, target: { type: 'tags', tags: ['a'], matchAny: true, limit: 1e9 } }] }).map((q) => [q.name, q.kind, q.byTags, q.limit])).toEqual([
    ['Annotations & alerts', 'stored', false, 100], ['X', 'other', false, 100], ['X 2', 'stored', true, 1000],
  ]);
});

test('a query may be for some panels only', () => {
  const only = promQuery({ filter: { ids: [3], exclude: false } });
  const but = promQuery({ filter: { ids: [3], exclude: true } });
  expect([3, 4].map((id) => [showsIn(only, id), showsIn(but, id)])).toEqual([[true, false], [false, true]]);
});

test('found by tag, an annotation belongs to no panel of this dashboard', () => {
  const [own] = annotationQueries({ annotations: [] });
  const stored = { id: 5, panelId: 7, time: 10, timeEnd: 0, text: 'x', tags: [], login: 'a' };
  expect(own && markOfStored(own, stored)).toMatchObject({ panelId: 7, time: 10, timeEnd: 10 });
  expect(own && markOfStored({ ...own, byTags: true }, stored)).toMatchObject({ panelId: 0 });
});

test('ghosts are moved to the present and say so', () => {
  const [ghost] = ghostFrames([series([1, 2])], 1000, '1 day earlier');
  expect(ghost?.fields[0]?.values).toEqual([61_000, 121_000]);
  expect(ghost?.fields[1]?.title).toBe('Value (1 day earlier)');
  expect(['1d', '', undefined, 'x', '-1h', '9y', '0s'].map(compareMs)).toEqual([86_400_000, 0, 0, 0, 0, 0, 0]);
});

const source = { uid: 'u1', name: 'My Metrics', type: 'prometheus', isDefault: true };
test('an export for others asks for sources and constants', () => {
  const raw = {
    id: 5, uid: 'd', version: 3, title: 'T', schemaVersion: 42,
    templating: { list: [{ name: 'c', type: 'constant', query: 'abc' }, { name: 'q', type: 'query', datasource: { uid: 'u1' }, current: { value: 'x' }, options: [1] }] },
    annotations: { list: [{ datasource: { type: 'grafana', uid: '-- Grafana --' } }] },
    panels: [{ type: 'row', panels: [{ type: 'stat', datasource: 'My Metrics', targets: [{ datasource: { type: 'prometheus', uid: 'u1' } }] }] }, { type: 'timeseries', datasource: { type: 'prometheus', uid: '${ds}' } }],
  };
  const out = exportForSharing(raw, [source], '12.3.0');
  expect(out).toMatchObject({
    id: null, uid: 'd', __inputs: [{ name: 'DS_MY_METRICS', type: 'datasource', pluginId: 'prometheus' }, { name: 'VAR_C', type: 'constant', value: 'abc' }],
    templating: { list: [{ query: '${VAR_C}' }, { current: {}, options: [], refresh: 1, datasource: { uid: '${DS_MY_METRICS}' } }] },
    annotations: { list: [{ datasource: { uid: '-- Grafana --' } }] },
    panels: [{ panels: [{ datasource: '${DS_MY_METRICS}', targets: [{ datasource: { uid: '${DS_MY_METRICS}' } }] }] }, { datasource: { uid: '${ds}' } }],
  });
  expect((out['__requires'] as { id: string }[]).map((r) => r.id)).toEqual(['grafana', 'prometheus', 'stat', 'timeseries']);
  expect(exportPlain(raw)).toMatchObject({ id: null, uid: 'd', panels: raw.panels });
  expect(exportPlain(raw)).not.toHaveProperty('version');
});

test('a snapshot comes back as it was', () => {
  const { view } = readSnapshot({ title: 'T', panels: [{ id: 1, type: 'timeseries', title: 'P $x', gridPos: { x: 0, y: 0, w: 12, h: 8 } }, { id: 2, type: 'row', title: 'R', gridPos: { x: 0, y: 8, w: 24, h: 1 } }, { id: 3, type: 'stat', gridPos: { x: 0, y: 9, w: 6, h: 4 } }] });
  const marks = marksOfSaved({ ...promQuery({}), saved: [{ time: 5, text: 'm', color: 'red' }] });
  const made = snapshotOf({
    view: view as DashboardView, sections: layoutSections(view.panels, {}, new Set()), range: { from: 0, to: 60_000 }, zone: 'utc', marks, now: 1000, url: 'http://x/', fill: (t) => t.replace('$x', '1'),
    frames: (key) => (key === '3' ? [series([1, NaN, Infinity, null])] : []),
  });
  const back = readSnapshot(JSON.parse(JSON.stringify(made)));
  expect(back.taken).toBe(1000);
  expect(back.view.time).toEqual({ from: '0', to: '60000' });
  expect(back.view.panels.map((p) => [p.type, p.title, p.gridPos.y, p.targets])).toEqual([['timeseries', 'P 1', 0, []], ['row', 'R', 8, []], ['stat', '', 9, []]]);
  expect(back.frames.get('3')?.[0]?.fields[1]).toMatchObject({ values: [1, NaN, Infinity, null], labels: { job: 'api' }, legend: 'x' });
  expect(annotationQueries(back.view).flatMap((q) => (q.kind === 'saved' ? marksOfSaved(q) : []))).toMatchObject([{ time: 5, text: 'm', color: 'red' }]);
  expect(readSnapshot(null).view.panels).toEqual([]);
});

test('links lead to what one sees', () => {
  const url = parseDashboardUrl('from=now-1h&to=now&var-a=1&var-a=2&refresh=5s&kiosk&compare=1d&annotation-X=off');
  const dashboard = { uid: 'd', url: '/d/d/slug' };
  expect(sharePath(dashboard, url, { from: 'now-1h', to: 'now' }, { from: 1, to: 2 }, { lockTime: true, variables: true })).toBe('/d/d/slug?from=1&to=2&var-a=1&var-a=2&annotation-X=off&compare=1d');
  expect(sharePath(dashboard, url, { from: 'now-1h', to: 'now' }, { from: 1, to: 2 }, { lockTime: false, variables: false }, '4', true)).toBe('/d-solo/d/slug?from=now-1h&to=now&refresh=5s&annotation-X=off&compare=1d&viewPanel=4');
  const panes = new URLSearchParams(exploreUrl([{ refId: 'A', expr: 'up{a="b"}', instant: false, range: true }], 'm', { from: 'now-1h', to: 'now' }).split('?')[1]).get('panes');
  expect(JSON.parse(panes ?? '')).toMatchObject({ a: { datasource: 'm', queries: [{ expr: 'up{a="b"}' }] } });
});

test('panels whose charts can paint marks say so, that their annotations are asked for', () => {
  for (const type of ['timeseries', 'barchart', 'heatmap', 'state-timeline', 'status-history', 'candlestick']) expect(drawsMarks(type), type).toBe(true);
  for (const type of ['stat', 'table', 'trend', 'text']) expect(drawsMarks(type), type).toBe(false);
});
