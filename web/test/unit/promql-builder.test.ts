/** The query builder: text to query and back, and what it leaves as text. */
import { describe, expect, it } from 'vitest';
import { parseQuery } from '../../src/editors/promql/builder/parse';
import { printQuery } from '../../src/editors/promql/builder/print';
import { newStep, operations } from '../../src/editors/promql/builder/operations';

const round = (text: string): string => {
  const { query, problem } = parseQuery(text);
  return query ? printQuery(query) : `problem: ${problem}`;
};

describe('round trips without a change', () => {
  it.each([
    'up',
    'up{job="node", instance=~"a.*", env!="$env", x!~""}',
    '{job="node"}',
    '{"my.metric", job="node"}',
    'rate(http_requests_total{code=~"5.."}[$__rate_interval])',
    'sum by (job, instance) (rate(x_total[5m]))',
    'sum without (pod) (rate(x_total[5m]))',
    'sum(up)',
    'topk(5, sum by (job) (rate(x_total[5m])))',
    'histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))',
    'histogram_fraction(0, 0.2, rate(x[5m]))',
    'quantile_over_time(0.9, x[1h])',
    'predict_linear(x[1h], 3600)',
    'integral(x[1h])', 'max(integral(x{a="integral (b)"}[1h], 0))',
    'max_over_time(sum(rate(x_total[5m]))[1h:])',
    'max_over_time(sum(rate(x_total[5m]))[1h:1m])',
    'max_over_time(x[1h:])',
    'label_replace(up, "a", "$1", "instance", "(.*):.*")',
    'label_join(up, "a", "-", "b", "c")',
    'sort_by_label(up, "a", "b")',
    'round(x)', 'round(x, 0.1)', 'clamp(x, 0, -1)',
    'rate(x[5m]) * 100 > 5',
    '(x + 1) * 100', 'x ^ 2', '(x ^ 2) ^ 3', 'x * 2 + 1', 'x - 1 - 2', '(x > 5) * 2',
    'sum(x * 2) / 3', 'avg_over_time((x > 1)[5m:])',
    'sum by ($group) (rate(${metric}_total[${window}]))',
    'topk($n, up) > ${limit}',
    'count_values("version", build_info)',
    'x{path="C:\\\\a \\"b\\""}',
    'sum by ("label.with.dots") ({"metric.with.dots"})',
    '',
  ])('%s', (text) => expect(round(text)).toBe(text));
});

describe('round trips to the usual form', () => {
  it.each([
    ['sum(rate(x[5m]))by(a)', 'sum by (a) (rate(x[5m]))'],
    ['SUM(x)', 'sum(x)'],
    ['(up)', 'up'],
    ['up{a=\'b\',c=`d"`}', 'up{a="b", c="d\\""}'],
    ['{__name__="up",a="b"}', 'up{a="b"}'],
    ['sum(x)by()', 'sum(x)'],
    ['rate( x [5m] )', 'rate(x[5m])'],
    ['integral (x[5m])', 'integral(x[5m])'],
    ['x ^ 2 ^ 3', 'problem: The builder combines a query with a number, not with another query.'],
  ])('%s', (text, want) => expect(round(text)).toBe(want));
});

describe('stays text, with the reason', () => {
  it.each([
    ['sum(rate(x[5m])', 'mistake'], ['a / b', 'another query'], ['1 - x', 'at the left'], ['x offset 5m', 'offset'], ['rate(x[5m] offset 1h)', 'offset'],
    ['x @ end()', '@'], ['-x', 'sign'], ['x[5m]', 'range'], ['x > bool 5', 'bool'], ['a / on(b) c', 'matching'], ['vector(1)', 'does not have'],
    ['time()', 'does not have'], ['5', 'plain value'], ['up # note', 'comment'], ['topk(scalar(x), y)', 'plain numbers'], ['absent(x) or vector(0)', 'matching|another query'],
  ])('%s', (text, why) => expect(parseQuery(text).problem).toMatch(new RegExp(why)));
});

it('every operation is printed in a form that is read back', () => {
  for (const o of operations) {
    const step = newStep(o);
    step.params = step.params.map((p, i) => (p === '' ? (o.params[i]?.kind === 'text' ? 'label' : p) : p));
    const query = { metric: 'x', filters: [], steps: [step] };
    expect(parseQuery(printQuery(query)), printQuery(query)).toEqual({ query: step.grouping ? { ...query, steps: [{ id: step.id, params: step.params }] } : query });
  }
});
