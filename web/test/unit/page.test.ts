/** What a page is made of: its address, the layout of panels, tables and CSV, frames from the stream. */
import { describe, expect, test } from 'vitest';
import { layoutSections } from '../../src/model/dashboard/layout';
import { shareQueries } from '../../src/model/dashboard/shared';
import type { Panel, Target } from '../../src/model/dashboard/types';
import type { Frame } from '../../src/model/frame';
import { nameSeries } from '../../src/model/seriesnames';
import { parseDashboardUrl, printDashboardUrl } from '../../src/model/url';
import { framesTable, toCsv } from '../../src/model/table';
import { toFrames } from '../../src/query/frames';
import { rankCommands } from '../../src/ui/palette';

test.each([
  '', 'from=now-6h&to=now', 'from=1&to=2&timezone=utc&refresh=10s&var-env=prod&var-env=test&var-x=&viewPanel=4&kiosk', 'refresh=', 'orgId=1', 'var-a=1&orgId=1&theme=dark', 'kiosk', 'var-q=a%26b%3D%7B%7D',
])('address “%s” survives a round trip', (text) => {
  expect(printDashboardUrl(parseDashboardUrl(text))).toBe(text);
});

const panel = (id: number, x: number, y: number, w: number, h: number, more: Partial<Panel> = {}): Panel => ({
  id, type: 'stat', originalType: 'stat', title: '', description: '', transparent: false, gridPos: { x, y, w, h }, datasource: null, targets: [], options: {}, fieldConfig: { defaults: {}, overrides: [] },
  transformations: [], interval: '', maxDataPoints: null, timeFrom: '', timeShift: '', hideTimeOverride: false, repeat: '', repeatDirection: 'h', maxPerRow: 0, links: [], rowId: null, collapsed: false, ...more,
});
const variables = { v: { name: 'v', type: 'custom', values: ['a', 'b', 'c'], texts: ['a', 'b', 'c'], multi: true, isAll: false, allValue: null } };
const place = (panels: Panel[], toggled = new Set<string>()) => layoutSections(panels, variables, toggled).map((s) => ({ row: s.row?.key, open: s.open, panels: s.panels.map((p) => [p.key, ...Object.values(p.panel.gridPos)]) }));

test('rows fold, and gaps close', () => {
  const row = panel(2, 0, 4, 24, 1, { type: 'row', collapsed: true });
  const inside = panel(3, 0, 5, 12, 8, { rowId: 2 });
  const panels = [panel(1, 0, 0, 12, 4), panel(9, 12, 2, 12, 2), row, inside];
  expect(place(panels)).toEqual([{ row: undefined, open: true, panels: [['1', 0, 0, 12, 4], ['9', 12, 0, 12, 2]] }, { row: '2', open: false, panels: [['3', 0, 5, 12, 8]] }]);
  expect(place(panels, new Set(['2']))[1]).toEqual({ row: '2', open: true, panels: [['3', 0, 0, 12, 8]] });
});

test('a panel repeats sideways, and what is below moves down', () => {
  expect(place([panel(1, 0, 0, 12, 4, { repeat: 'v', maxPerRow: 2 }), panel(2, 0, 4, 24, 2)])[0]?.panels).toEqual([['1', 0, 0, 12, 4], ['1-b', 12, 0, 12, 4], ['1-c', 0, 4, 12, 4], ['2', 0, 8, 24, 2]]);
  expect(place([panel(1, 0, 0, 12, 4, { repeat: 'v', repeatDirection: 'v' })])[0]?.panels).toEqual([['1', 0, 0, 12, 4], ['1-b', 0, 4, 12, 4], ['1-c', 0, 8, 12, 4]]);
});

test('a file may be careless', () => {
  expect(place([panel(1, 30, 0, 40, 0), panel(1, -2, 0, 12.4, 4)])[0]?.panels).toEqual([['1', 0, 0, 12, 4], ['1~2', 23, 0, 1, 1]]);
});

describe('panels that show what another one asks', () => {
  const target = (refId: string, part: Partial<Target> = {}): Target => ({ refId, expr: '', datasource: null, legendFormat: '', instant: false, range: true, format: 'time_series', interval: '', intervalFactor: 1, hide: false, raw: {}, ...part });
  const other = (refId: string, panelId: number | string, more: object = {}): Target => target(refId, { datasource: { type: 'datasource', uid: '-- Dashboard --' }, raw: { panelId, ...more } });
  const prom = { type: 'prometheus', uid: 'p' };
  const asking = panel(1, 0, 0, 1, 1, { datasource: prom, targets: [target('A', { expr: 'up' }), target('B', { expr: 'down' })], interval: '1m', timeFrom: '2h', transformations: [{ id: 'merge' }] });
  const shown = (...targets: Target[]): Panel => panel(2, 0, 0, 1, 1, { targets, transformations: [{ id: 'limit' }] });
  const second = (...panels: Panel[]): Panel | undefined => shareQueries([asking, ...panels]).find((p) => p.id === 2);

  test('its queries, its range, and its transformations where they are wanted', () => {
    const one = second(shown(other('A', 1)));
    expect(one?.targets.map((t) => [t.refId, t.expr, t.datasource])).toEqual([['A', 'up', prom], ['B', 'down', prom]]);
    expect(one).toMatchObject({ interval: '1m', timeFrom: '2h', transformations: [{ id: 'limit' }] });
    expect(second(shown(other('A', '1', { withTransforms: true })))?.transformations).toEqual([{ id: 'merge' }, { id: 'limit' }]);
  });
  test('beside queries of its own', () => {
    expect(second(shown(target('A', { expr: 'x', datasource: prom }), other('Q', 1)))?.targets.map((t) => [t.refId, t.expr])).toEqual([['A', 'x'], ['QA', 'up'], ['B', 'down']]);
  });
  test('before a query of its own', () => {
    expect(second(shown(other('A', 1), target('B', { expr: 'x', datasource: prom })))?.targets.map((t) => [t.refId, t.expr])).toEqual([['A', 'up'], ['AB', 'down'], ['B', 'x']]);
  });
  test('over a third', () => {
    expect(second(shown(other('A', 3)), panel(3, 0, 0, 1, 1, { targets: [other('A', 1)] }))?.targets.map((t) => t.expr)).toEqual(['up', 'down']);
  });
  test.each([['itself', 2], ['one that is gone', 9], ['nothing', NaN]])('%s is left as it is', (_, id) => {
    const own = shown(other('A', id));
    expect(second(own)).toEqual(own);
  });
  test('a circle ends', () => {
    expect(second(shown(other('A', 3)), panel(3, 0, 0, 1, 1, { targets: [other('A', 2)] }))?.targets).toHaveLength(1);
  });
  test('panels that show each other many times over show some hundred queries at most', () => {
    const many = (id: number): Target[] => ['A', 'B', 'C', 'D'].map((letter) => other(letter, id));
    const inCircle = [panel(3, 0, 0, 1, 1, { targets: many(2) })];
    const inChain = [3, 4, 5, 6].map((id) => panel(id, 0, 0, 1, 1, { targets: many(id === 6 ? 1 : id + 1) }));
    for (const others of [inCircle, inChain]) {
      const letters = second(shown(...many(3)), ...others)?.targets.map((t) => t.refId) ?? [];
      expect(letters.length).toBeGreaterThan(4);
      expect(letters.length).toBeLessThanOrEqual(100 + 4);
      expect(new Set(letters).size).toBe(letters.length);
    }
  });
  test('where none does, the list is the same', () => {
    const all = [asking];
    expect(shareQueries(all)).toBe(all);
  });
});

test('instant vectors become a table, series become frames', () => {
  const instant = toFrames({ kind: 'instant', t: 5, series: [{ name: 'x', labels: { a: '1' }, value: 2 }, { name: 'y', labels: { b: '2' }, value: '+Inf' }] }, { refId: 'B', format: 'table', several: true });
  expect(instant[0]?.fields.map((f) => [f.name, f.values])).toEqual([['Time', [5, 5]], ['a', ['1', null]], ['b', [null, '2']], ['Value #B', [2, Infinity]]]);
  const range = toFrames({ kind: 'series', time: { t0: 10, step: 5, n: 3 }, series: [{ name: 'x', labels: {}, values: [1, null, 'NaN'] }] }, { refId: 'A', format: 'time_series', several: false });
  expect(range[0]?.fields.map((f) => f.values)).toEqual([[10, 15, 20], [1, null, NaN]]);
  expect(range[0]?.fields[1]?.legend).toBe('x');
});

describe('names of series', () => {
  const series = (legendFormat: string, ...all: [name: string, labels: Record<string, string>][]): Frame[] =>
    toFrames({ kind: 'series', time: { t0: 0, step: 1, n: 1 }, series: all.map(([name, labels]) => ({ name, labels, values: [1] })) }, { refId: 'A', format: 'time_series', several: false, legendFormat });
  const two: [string, Record<string, string>][] = [['{job="a"}', { job: 'a' }], ['{job="b"}', { job: 'b' }]];
  test.each([
    ['the only label', series('__auto', ...two), ['a', 'b']],
    ['the only label, as the format names one that is not there', series('{{alias}}', ...two), ['a', 'b']],
    ['beside a series that has a name', [...series('__auto', ...two), ...series('Total', ['Total', {}])], ['a', 'b', 'Total']],
    ['beside another label', [...series('__auto', ...two), ...series('Node', ['Node', { node: 'n' }])], ['{job="a"}', '{job="b"}', 'Node']],
    ['two labels', series('__auto', ['{job="a", le="1"}', { job: 'a', le: '1' }]), ['{job="a", le="1"}']],
    ['a metric and a label', series('__auto', ['up{job="a"}', { __name__: 'up', job: 'a' }]), ['up{job="a"}']],
    ['written out on purpose', series('', ...two), ['{job="a"}', '{job="b"}']],
    ['named by its format', series('x {{job}}', ['x a', { job: 'a' }]), ['x a']],
    ['no labels', series('__auto', ['sum(up)', {}]), ['sum(up)']],
  ])('%s', (_, frames, names) => {
    const named = nameSeries(frames);
    expect(named.map((f) => f.name)).toEqual(names);
    expect(named.map((f) => f.fields[1]?.legend)).toEqual(names);
  });
});

test('series side by side, and CSV that no spreadsheet runs', () => {
  const frames = ['a', '=b'].flatMap((name, i) => toFrames({ kind: 'series', time: { t0: 0, step: 1000, n: 2 }, series: [{ name, labels: {}, values: [i, i + 0.5] }] }, { refId: 'A', format: 'time_series', several: false }))
    .map((f) => ({ ...f, fields: f.fields.map((x) => ({ ...x, title: x.legend ?? x.name })) }));
  const table = framesTable(frames);
  expect(table.rows).toEqual([[1000, 0.5, 1.5], [0, 0, 1]]);
  expect(toCsv(table, 'utc')).toBe("Time,a,'=b\r\n1970-01-01 00:00:01,0.5,1.5\r\n1970-01-01 00:00:00,0,1\r\n");
});

test('commands are found by their words', () => {
  const commands = ['Home', 'Dashboards', 'Theme: dark'].map((label) => ({ id: label, label, group: 'Go to', run: () => undefined }));
  expect(rankCommands(commands, 'da').map((c) => c.label)).toEqual(['Dashboards', 'Theme: dark']);
  expect(rankCommands(commands, 'dark theme').map((c) => c.label)).toEqual(['Theme: dark']);
  expect(rankCommands(commands, 'zz')).toEqual([]);
});
