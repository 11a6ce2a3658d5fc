/** Hints for raw counters: who gets one, and what is offered. */
import { expect, test } from 'vitest';
import { counterHint } from '../../src/model/promql/hints';

const rate = (expr: string): string => `rate(${expr}[$__rate_interval])`;

test.each([
  ['a counter', 'http_requests_total', false, [rate('http_requests_total')]],
  ['with labels', ' http_requests_total{path=~"/a{2}\\"}",code!="500"} ', false, [rate('http_requests_total{path=~"/a{2}\\"}",code!="500"}')]],
  ['a sum', 'x_seconds_sum', false, [rate('x_seconds_sum')]],
  ['buckets', 'x_bucket{a="b"}', false, ['histogram_quantile(0.95, sum by (le) (rate(x_bucket{a="b"}[$__rate_interval])))', rate('x_bucket{a="b"}')]],
  ['native histograms', 'x_seconds', true, [rate('x_seconds'), 'histogram_quantile(0.95, sum(rate(x_seconds[$__rate_interval])))']],
  ['a gauge', 'node_load1', false, undefined],
  ['what is a rate already', 'rate(http_requests_total[5m])', false, undefined],
  ['a range', 'http_requests_total[5m]', false, undefined],
  ['two', 'a_total + b_total', false, undefined],
  ['native, but a rate', 'rate(x_seconds[5m])', true, undefined],
  ['nothing', '', false, undefined],
])('%s', (_, expr, native, want) => {
  expect(counterHint(expr, native)?.fixes.map((f) => f.expr)).toEqual(want);
});
