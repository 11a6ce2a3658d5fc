/** The address of Explore: Grafana's forms, round trips, and what cannot be read. */
import { describe, expect, it } from 'vitest';
import { exploreLink, parseExploreUrl, printExploreUrl } from '../../src/model/explore';
import { nextRefId } from '../../src/model/refid';

const panes = {
  abc: {
    datasource: 'PBFA97CFB590B2093',
    queries: [
      { refId: 'A', expr: 'rate(x[5m])', range: true, instant: false, editorMode: 'code', legendFormat: '{{job}}', interval: '1m', exemplar: true, datasource: { type: 'prometheus', uid: 'PBFA97CFB590B2093' } },
      { refId: 'B', expr: 'up', range: false, instant: true, editorMode: 'builder', hide: true },
    ],
    range: { from: 'now-6h', to: 'now' }, panelsState: { logs: { columns: [] } }, compact: false,
  },
  def: { datasource: 'tempo', queries: [{ refId: 'A', query: '{ status = error }', queryType: 'traceql' }], range: { from: '1700000000000', to: '1700003600000' } },
};
const search = new URLSearchParams({ schemaVersion: '1', panes: JSON.stringify(panes), orgId: '1', timezone: 'utc' }).toString();

describe('panes', () => {
  it('are read with what is not known to us', () => {
    const url = parseExploreUrl(search);
    expect(url.panes.map((p) => p.id)).toEqual(['abc', 'def']);
    expect(url.panes[0]?.queries.map((q) => [q.refId, q.expr, q.kind, q.hide, q.editorMode])).toEqual([['A', 'rate(x[5m])', 'range', false, 'code'], ['B', 'up', 'instant', true, 'builder']]);
    expect(url.panes[0]?.rest).toEqual({ panelsState: { logs: { columns: [] } }, compact: false });
    expect(url.panes[1]?.queries[0]).toMatchObject({ expr: '{ status = error }', rest: { queryType: 'traceql' } });
    expect(url).toMatchObject({ timezone: 'utc', rest: [['orgId', '1']] });
  });
  it('survive printing and reading', () => {
    const url = parseExploreUrl(search);
    expect(parseExploreUrl(printExploreUrl(url))).toEqual(url);
  });
  it('of a link to one query', () => {
    const url = parseExploreUrl(exploreLink('prometheus', 'up{a="b&c"}').slice('/explore?'.length));
    expect(url.panes).toHaveLength(1);
    expect(url.panes[0]).toMatchObject({ datasource: 'prometheus', queries: [{ expr: 'up{a="b&c"}', kind: 'both' }] });
  });
});

describe('the older forms', () => {
  it.each([
    ['{"datasource":"Prometheus","queries":[{"refId":"A","expr":"up"}],"range":{"from":"now-3h","to":"now"}}', { datasource: 'Prometheus', range: { from: 'now-3h', to: 'now' } }],
    ['["now-2h","now","Prometheus",{"expr":"up"},{"mode":"Metrics"},{"ui":[true,true,true,"none"]}]', { datasource: 'Prometheus', range: { from: 'now-2h', to: 'now' } }],
    ['{"datasource":{"type":"prometheus","uid":"x"},"queries":[{"expr":"up"}],"range":{"from":1700000000000,"to":1700000360000}}', { datasource: 'x', range: { from: '1700000000000', to: '1700000360000' } }],
  ])('%s', (left, want) => {
    const { panes: [pane], problem } = parseExploreUrl(new URLSearchParams({ left }).toString());
    expect(problem).toBeUndefined();
    expect(pane).toMatchObject(want);
    expect(pane?.queries.map((q) => [q.refId, q.expr])).toEqual([['A', 'up']]);
  });
  it('left and right are two panes', () => {
    expect(parseExploreUrl(new URLSearchParams({ left: '["now-1h","now","a",{"expr":"x"}]', right: '["now-1h","now","b",{"expr":"y"}]' }).toString()).panes.map((p) => [p.id, p.datasource])).toEqual([['left', 'a'], ['right', 'b']]);
  });
});

describe('what is not right', () => {
  it.each(['panes=%7B%22a%22', 'left=%5B', 'panes=5', 'panes=[]', ''])('%s', (text) => {
    const url = parseExploreUrl(text);
    expect(url.panes).toHaveLength(1);
    expect(url.panes[0]?.queries).toHaveLength(1);
    expect(url.problem === undefined).toBe(!text.includes('%'));
  });
  it('queries of the same letter get letters of their own', () => {
    const p = { a: { queries: [{ refId: 'A', expr: '1' }, { refId: 'A', expr: '2' }, { expr: '3' }] } };
    expect(parseExploreUrl(new URLSearchParams({ panes: JSON.stringify(p) }).toString()).panes[0]?.queries.map((q) => q.refId)).toEqual(['A', 'B', 'C']);
  });
  it('has limits', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, { queries: Array.from({ length: 90 }, () => ({ expr: 'up' })) }]));
    const url = parseExploreUrl(new URLSearchParams({ panes: JSON.stringify(many) }).toString());
    expect(url.panes).toHaveLength(4);
    expect(url.panes[0]?.queries).toHaveLength(26);
    expect(nextRefId((url.panes[0]?.queries ?? []).map((q) => q.refId))).toBe('AA');
  });
});
