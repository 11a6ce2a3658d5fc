/** Queries of Prometheus variables: forms and text, every format of an interpolation as Grafana documents it. */
import { describe, expect, it, test } from 'vitest';
import { changeKind, emptyQuery, parseVariableQuery, printVariableQuery, queryTypes, type VariableQuery } from '../../src/model/variables/query';
import { formatValues } from '../../src/model/variables/formats';

const q = (kind: VariableQuery['kind'], part: Partial<VariableQuery> = {}): VariableQuery => ({ ...emptyQuery(kind), ...part });
const filter = (label: string, op: '=' | '=~', value: string) => ({ label, op, value });

describe('variable queries', () => {
  it.each<[string, number | undefined, VariableQuery, string | undefined]>([
    ['label_values(job)', undefined, q('values', { label: 'job' }), undefined],
    ['label_values(up, job)', 1, q('values', { metric: 'up', label: 'job' }), undefined],
    ['label_values(up{a="b,c)",d=~"e|f"}, job)', undefined, q('values', { metric: 'up', label: 'job', filters: [filter('a', '=', 'b,c)'), filter('d', '=~', 'e|f')] }), undefined],
    ['label_values(up{env="$env"},instance)', undefined, q('values', { metric: 'up', label: 'instance', filters: [filter('env', '=', '$env')] }), 'label_values(up{env="$env"}, instance)'],
    ['label_values($metric, job)', undefined, q('values', { metric: '$metric', label: 'job' }), undefined],
    ['label_values({a="b"}, job)', undefined, q('values', { label: 'job', filters: [filter('a', '=', 'b')] }), undefined],
    ['label_values(up, $label)', undefined, q('values', { metric: 'up', label: '$label' }), undefined],
    ['label_names()', undefined, q('names'), undefined], ['label_names(up)', 0, q('names', { metric: 'up' }), undefined],
    ['metrics(node_.*)', undefined, q('metrics', { text: 'node_.*' }), undefined],
    ['query_result(topk(5, sum(rate(a[5m])) by (b)))', 3, q('result', { text: 'topk(5, sum(rate(a[5m])) by (b))' }), undefined],
    ['up{a="b"}', 4, q('series', { text: 'up{a="b"}' }), undefined], ['up{a="b"}', undefined, q('classic', { text: 'up{a="b"}' }), undefined],
    ['label_values(up, job)', 5, q('classic', { text: 'label_values(up, job)' }), undefined],
    // What a form cannot hold stays as text.
    ['label_values({__name__=~"a|b"}, __name__)', undefined, q('values', { label: '__name__', filters: [filter('__name__', '=~', 'a|b')] }), undefined],
    ['label_values(${m}_total, job)', undefined, q('classic', { text: 'label_values(${m}_total, job)' }), undefined],
    ['', undefined, q('values'), ''],
  ])('%s', (text, type, want, printed) => {
    expect(parseVariableQuery(text, type)).toEqual(want);
    expect(printVariableQuery(want)).toBe(printed ?? text);
  });
  it.each<[VariableQuery, VariableQuery['kind'], string]>([
    [q('values', { metric: 'up', label: 'job' }), 'names', 'label_names(up)'], [q('values', { metric: 'up', label: 'job' }), 'classic', 'label_values(up, job)'],
    [q('values', { metric: 'up', label: 'job' }), 'series', 'up'], [q('values', { metric: 'up', label: 'job' }), 'metrics', 'metrics(up)'],
    [q('result', { text: 'up' }), 'series', 'up'], [q('classic', { text: 'up' }), 'result', 'query_result(up)'], [q('result', { text: 'up' }), 'values', ''],
  ])('another kind keeps what both have', (from, to, want) => {
    expect(printVariableQuery(changeKind(from, to))).toBe(want);
  });
  it('has Grafana’s numbers', () => {
    expect(queryTypes).toEqual({ names: 0, values: 1, metrics: 2, result: 3, series: 4, classic: 5 });
  });
});

// grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax: servers and their results there.
describe('formats as documented', () => {
  const two = ['test1', 'test2'];
  test.each<[string, string[], string]>([
    ['csv', two, 'test1,test2'], ['distributed', two, 'test1,servers=test2'], ['doublequote', two, '"test1","test2"'], ['glob', two, '{test1,test2}'], ['json', two, '["test1","test2"]'],
    ['lucene', two, '("test1" OR "test2")'], ['percentencode', ['foo()bar BAZ'], 'foo%28%29bar%20BAZ'], ['pipe', ['test1.', 'test2'], 'test1.|test2'], ['raw', two, 'test1,test2'],
    ['regex', ['test1.', 'test2'], '(test1\\.|test2)'], ['singlequote', two, "'test1','test2'"], ['sqlstring', ["test'1", 'test2'], "'test''1','test2'"], ['text', two, 'test1 + test2'],
    ['queryparam', two, 'var-servers=test1&var-servers=test2'], ['customqueryparam:p-servers', two, 'p-servers=test1&p-servers=test2'], ['customqueryparam:v-servers:x-', two, 'v-servers=x-test1&v-servers=x-test2'],
    ['join:-', two, 'test1-test2'], ['join', two, 'test1,test2'], ['html', ['<b>', 'a&"b"'], '&lt;b&gt;, a&amp;&quot;b&quot;'], ['uriencode', ["a b/c?d='e'"], 'a%20b/c?d=%27e%27'],
    ['date', ['1594671549254'], '2020-07-13T20:19:09.254Z'], ['date:iso', ['1594671549254'], '2020-07-13T20:19:09.254Z'], ['date:seconds', ['1594671549254'], '1594671549'], ['date:YYYY-MM', ['1594671549254'], '2020-07'],
    // Anything unknown is glob.
    ['nonsense', two, '{test1,test2}'], ['distributed', ['one'], 'one'], ['lucene', ['a:b'], 'a\\:b'], ['regex', ['a/b'], 'a\\/b'], ['json', ['one'], '"one"'], ['csv', [], ''],
  ])('%s of %j', (format, values, want) => {
    expect(formatValues({ name: 'servers', values, texts: values, zone: 'utc' }, format)).toBe(want);
  });
});
