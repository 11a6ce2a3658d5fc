/** Selectors found in PromQL, and the names a person may have meant. */
import { expect, test } from 'vitest';
import { findSelectors, matchesEmpty, printSelector, similarNames } from '../../src/model/promql/selectors';

test.each([
  ['up', ['up']],
  ['sum by (job) (rate(http_requests_total{code=~"5..", job="a"}[5m])) / sum(rate(http_requests_total[5m]))', ['http_requests_total{code=~"5..",job="a"}', 'http_requests_total']],
  ['sum(rate(x_total[$__rate_interval])) by (le, instance)', ['x_total']],
  ['histogram_quantile(0.95, sum without(pod) (rate(d_bucket{a!="b",c!~"d"}[1m])))', ['d_bucket{a!="b",c!~"d"}']],
  ['a * on(instance) group_left(nodename) b{x=\'y"z\'} and c or d unless e', ['a', 'b{x="y\\"z"}', 'c', 'd', 'e']],
  ['{__name__="x", a="b"} + {"my.metric", c="d"}', ['x{a="b"}', '{__name__="my.metric",c="d"}']],
  ['topk(5, count by(__name__) ({job="a"}))', ['{job="a"}']],
  ['rate(a[5m] offset 1h) > bool 0 # b', ['a']],
  ['label_replace(up, "x", "$1", "y", "(.*)") == Inf', ['up']],
  ['a:b:rate5m @ start() - 1e3 + 0x1f', ['a:b:rate5m']],
  ['avg_over_time((a + b)[5m:1m])', ['a', 'b']],
  ['increase(a[$__interval:] offset -$__interval) / $__range_s + ${__interval_ms}', ['a']],
  ['time() - 1', []], ['', []], ['sum(', []], ['up{a=', ['up']],
])('%s', (expr, expected) => {
  expect(findSelectors(expr).map(printSelector)).toEqual(expected);
});

test('names that look alike come first, others not at all', () => {
  const names = ['node_cpu_seconds_total', 'node_load1', 'node_load15', 'up', 'go_goroutines'];
  expect(similarNames('node_cpu_second_total', names, 3)).toEqual(['node_cpu_seconds_total']);
  expect(similarNames('node_load', names, 3)).toEqual(['node_load1', 'node_load15']);
  expect(similarNames('zzzzzzzz', names, 3)).toEqual([]);
});

test.each([
  ['=', '', true], ['=', 'a', false], ['!=', '', false], ['!=', 'a', true], ['=~', '()', true], ['=~', '.*', true], ['=~', '.+', false], ['=~', 'a|b', false],
  ['!~', '.+', true], ['!~', '.*', false], ['!~', 'a', true], ['=~', '(', true],
] as const)('series without the label fit %s "%s": %s', (op, value, fits) => {
  expect(matchesEmpty({ label: 'l', op, value })).toBe(fits);
});
