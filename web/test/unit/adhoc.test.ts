/** Ad hoc filters: read, written, and put into queries; and where a data source variable starts. */
import { expect, test } from 'vitest';
import { injectFilters, parseFilter, printFilter, printMatcher, savedFilters, type AdhocFilter } from '../../src/model/variables/adhoc';
import { unsavedSources, wantedSource } from '../../src/model/variables/options';

const job: AdhocFilter = { key: 'job', operator: '=', values: ['node'] };
test.each([
  ['up', 'up{job="node"}'], ['up{a="b"}', 'up{a="b",job="node"}'], ['up{}', 'up{job="node"}'], ['{__name__=~"node_.*"}', '{__name__=~"node_.*",job="node"}'], ['up {a="b",}', 'up {a="b",job="node"}'],
  ['rate(http_requests_total[5m])', 'rate(http_requests_total{job="node"}[5m])'], ['sum by (job, instance) (rate(a[1m])) / on(job) group_left(x) b', 'sum by (job, instance) (rate(a{job="node"}[1m])) / on(job) group_left(x) b{job="node"}'],
  ['sum(a) by (job)', 'sum(a{job="node"}) by (job)'], ['a offset 5m and b or c unless d', 'a{job="node"} offset 5m and b{job="node"} or c{job="node"} unless d{job="node"}'],
  ['histogram_quantile(0.9, sum(rate(x_bucket[$__rate_interval])) by (le))', 'histogram_quantile(0.9, sum(rate(x_bucket{job="node"}[$__rate_interval])) by (le))'],
  ['label_replace(a, "b", "$1", "c", "(.*)")', 'label_replace(a{job="node"}, "b", "$1", "c", "(.*)")'], ['1 + 2e3 * vector(1)', '1 + 2e3 * vector(1)'], ['a @ start() > bool 5', 'a{job="node"} @ start() > bool 5'],
  ['a # b\n+ c', 'a{job="node"} # b\n+ c{job="node"}'], ['max_over_time(rate(a[5m])[30m:1m])', 'max_over_time(rate(a{job="node"}[5m])[30m:1m])'], ['count_values("v", a)', 'count_values("v", a{job="node"})'],
])('%s', (expr, want) => {
  expect(injectFilters(expr, [job])).toBe(want);
  expect(injectFilters(expr, [])).toBe(expr);
});

test.each<[AdhocFilter, string, string]>([
  [job, 'job|=|node', 'job="node"'], [{ key: 'a', operator: '=~', values: ['x|y'] }, 'a|=~|x__gfp__y', 'a=~"x|y"'], [{ key: 'a', operator: '=|', values: ['x.y', 'z'] }, 'a|=__gfp__|x.y|z', 'a=~"x\\\\.y|z"'],
  [{ key: 'b c', operator: '!=', values: ['say "hi"'] }, 'b c|!=|say "hi"', '"b c"!="say \\"hi\\""'], [{ key: 'e', operator: '=', values: [''] }, 'e|=|', 'e=""'],
])('%j', (filter, address, promql) => {
  expect(printFilter(filter)).toBe(address);
  expect(parseFilter(address)).toEqual(filter);
  expect(printMatcher(filter)).toBe(promql);
});
test('what is no filter is none', () => {
  for (const bad of ['', 'a', 'a|?|b', '|=|b']) expect(parseFilter(bad)).toBeUndefined();
});

test('saved filters of both forms', () => {
  const filters = [{ key: 'job', operator: '=', value: 'node' }, { key: '', operator: '=', value: 'x' }];
  const want = { F: { filters: [job], base: [{ key: 'env', operator: '!=', values: ['dev'] }] } };
  const baseFilters = [{ key: 'env', operator: '!=', value: 'dev' }];
  expect(savedFilters({ templating: { list: [{ type: 'adhoc', name: 'F', filters, baseFilters }, { type: 'custom', name: 'c' }] } })).toEqual(want);
  expect(savedFilters({ spec: { variables: [{ kind: 'AdhocVariable', spec: { name: 'F', filters, baseFilters } }] } })).toEqual(want);
  expect(savedFilters(null)).toEqual({});
});

test('a data source variable starts at the default source', () => {
  const options = [{ text: 'Alpha', value: 'a' }, { text: 'Beta', value: 'b' }];
  const sources = [{ uid: 'a', name: 'Alpha', type: 'prometheus', isDefault: false }, { uid: 'b', name: 'Beta', type: 'prometheus', isDefault: true }];
  expect(wantedSource(options, [], sources)).toEqual(['b']);
  expect(wantedSource(options, ['default'], sources)).toEqual(['b']);
  expect(wantedSource(options, ['Alpha'], sources)).toEqual(['Alpha']);
  expect(wantedSource(options.slice(0, 1), ['gone'], sources)).toEqual(['gone']);
});

test.each([
  ['nothing', undefined, true], ['an empty choice', {}, true], ['an empty list', { value: [] }, true], ['the default one, whichever that is', { text: 'default', value: 'default' }, true], ['a source of another site', { text: 'Prom', value: 'P1809F7CD0C75ACF3' }, true],
  ['a source that is here, by uid', { text: 'x', value: 'a' }, false], ['by name', { value: 'Alpha' }, false], ['one of several', { value: ['gone', 'a'] }, false], ['all', { value: ['$__all'] }, false],
])('a variable of sources that was saved with %s', (_, current, unsaved) => {
  const shown = [{ name: 'v', current: { text: 'Alpha', value: 'a' } }];
  expect([...unsavedSources({ templating: { list: [{ type: 'datasource', name: 'v', current }, { type: 'custom', name: 'other' }] } }, shown)]).toEqual(unsaved ? ['v'] : []);
  expect([...unsavedSources({ spec: { variables: [{ kind: 'DatasourceVariable', spec: { name: 'v', current } }] } }, shown)]).toEqual(unsaved ? ['v'] : []);
});
