/** Variables: syntax, formats, Prometheus escaping, dependencies, choices. */
import { expect, test } from 'vitest';
import type { Variable } from '../../src/model/dashboard/types';
import { chooseOptions, onlyHere } from '../../src/model/variables/choices';
import { loadLevels } from '../../src/model/variables/graph';
import { fillServerSide, interpolate, interpolateTitle, rowTitle, type InterpolationContext } from '../../src/model/variables/interpolate';
import { autoInterval, chooseState, localOptions, parseCustom, wantedValues } from '../../src/model/variables/options';
import type { VariableState } from '../../src/model/variables/state';

const state = (name: string, values: string[], more: Partial<VariableState> = {}): VariableState => ({ name, type: 'custom', values, texts: values, multi: values.length > 1, isAll: false, allValue: null, ...more });
const ctx: InterpolationContext = {
  variables: {
    one: state('one', ['a.b']), env: state('env', ['prod', 'te-st']), quote: state('quote', ["it's", 'say "x"']), named: state('named', ['v1', 'v2'], { texts: ['First', 'Second'] }),
    all: state('all', ['x', 'y'], { isAll: true, multi: true }), custom: state('custom', ['x', 'y'], { isAll: true, allValue: '.+' }), when: state('when', ['1767225600000']), multi1: state('multi1', ['a.b'], { multi: true }),
  },
  range: { from: 1000, to: 61_000 }, zone: 'utc', dashboard: { uid: 'u1', title: 'My dash' }, user: { login: 'admin', email: 'a@b' },
};

test.each([
  ['as the address has it', { from: 'now-1h', to: 'now' }, 'from=now-1h&to=now'], ['quoted', { from: 'now-1d/d', to: '2026-01-01T00:00:00+01:00' }, 'from=now-1d%2Fd&to=2026-01-01T00%3A00%3A00%2B01%3A00'],
  ['as moments where there is no address', undefined, 'from=1000&to=61000'],
])('a link keeps the time range, %s', (_, raw, want) => {
  expect(interpolate('/d/x?${__url_time_range}', { ...ctx, ...(raw ? { raw } : {}) })).toBe(`/d/x?${want}`);
});

test.each([
  ['$one ${one} [[one]]', 'a.b a.b a.b'],
  ['${env}', '{prod,te-st}'], ['${env:csv}', 'prod,te-st'], ['${env:raw}', 'prod,te-st'], ['${env:pipe}', 'prod|te-st'], ['${env:regex}', '(prod|te-st)'], ['${one:regex}', 'a\\.b'],
  ['${env:json}', '["prod","te-st"]'], ['${one:json}', '"a.b"'], ['${env:glob}', '{prod,te-st}'], ['[[env:pipe]]', 'prod|te-st'],
  ['${env:queryparam}', 'var-env=prod&var-env=te-st'], ['${env:percentencode}', '%7Bprod%2Cte-st%7D'], ['${env:singlequote}', "'prod','te-st'"], ['${env:doublequote}', '"prod","te-st"'],
  ['${quote:sqlstring}', `'it''s','say "x"'`], ['${quote:doublequote}', `"it's","say \\"x\\""`], ['${named:text}', 'First + Second'], ['${named}', '{v1,v2}'],
  ['${when:date}', '2026-01-01T00:00:00.000Z'], ['${when:date:seconds}', '1767225600'], ['${when:date:YYYY/MM}', '2026/01'], ['${env:lucene}', '("prod" OR "te-st")'],
  ['$custom', '.+'], ['${all}', '{x,y}'], ['${all:text}', 'All'],
  ['$__from ${__to} ${__from:date:YYYY}', '1000 61000 1970'], ['${__dashboard} ${__dashboard.uid} ${__user.login}', 'My dash u1 admin'],
  ['$__interval ${__rate_interval} $__range_s', '$__interval ${__rate_interval} $__range_s'], ['$unknown ${nope:csv} $1', '$unknown ${nope:csv} $1'], ['cost 5$', 'cost 5$'],
])('%s', (text, want) => {
  expect(interpolate(text, ctx)).toBe(want);
});

test.each([
  ['up{job=~"$env"}', 'up{job=~"(prod|te-st)"}'], ['up{job="$one"}', 'up{job="a.b"}'], ['up{job=~"$multi1"}', 'up{job=~"a\\\\.b"}'], ['rate($one[5m])', 'rate(a.b[5m])'], ['up{x=~"$custom"}', 'up{x=~".+"}'],
  // One label is not the pattern of several.
  ['up{a="$env", b != "${multi1}",c="[[custom]]"}', 'up{a=~"(prod|te-st)", b !~ "a\\\\.b",c=~".+"}'], ["up{a='$all'}", "up{a=~'(x|y)'}"],
  ['up{a="x$env",b="$one",c=~"$env",d="$unknown"} == 1', 'up{a="x(prod|te-st)",b="a.b",c=~"(prod|te-st)",d="$unknown"} == 1'],
])('in PromQL: %s', (text, want) => {
  expect(interpolate(text, ctx, 'prometheus')).toBe(want);
});

test.each([
  ['Load of $custom', 'Load of All'], ['$all', 'All'], ['$named and $one', 'First + Second and a.b'], ['${env:csv}', 'prod,te-st'], ['$__from', '1000'],
])('in a title: %s', (text, want) => {
  expect(interpolateTitle(text, ctx)).toBe(want);
});

test('a title names the step once it is known', () => {
  expect(interpolateTitle('Requests / $__interval', ctx)).toBe('Requests / $__interval');
  expect(interpolateTitle('Requests / $__interval (${__interval_ms} ms, $one)', ctx, 60_000)).toBe('Requests / 1m (60000 ms, a.b)');
});

test('all, in the author’s own words with other variables in them', () => {
  const variables = { ...ctx.variables, pods: state('pods', ['x'], { isAll: true, allValue: '$one-([0-9]+)' }), self: state('self', [], { isAll: true, allValue: '$self|${one:raw}' }) };
  expect(interpolate('up{pod=~"$pods"}', { ...ctx, variables }, 'prometheus')).toBe('up{pod=~"a.b-([0-9]+)"}');
  expect(interpolate('$self', { ...ctx, variables })).toBe('$self|a.b');
  expect(loadLevels([variable('pods', 'x()', { includeAll: true, allValue: '$one.*' }), variable('one', 'y()')]).map((l) => l.map((v) => v.name))).toEqual([['one'], ['pods']]);
});

test('a row without a title is called by what it is repeated for', () => {
  expect(rowTitle('Pods of $one', {}, ctx)).toBe('Pods of a.b');
  expect(rowTitle('', { one: state('one', ['x']) }, ctx)).toBe('x');
  expect(rowTitle('', {}, ctx)).toBe('');
});

test('a panel’s own value wins over the page’s', () => {
  expect(interpolate('$env', { ...ctx, scoped: { env: state('env', ['only']) } })).toBe('only');
});

const variable = (name: string, query: string, more: Partial<Variable> = {}): Variable => ({
  name, label: '', type: 'query', hide: 0, multi: false, includeAll: false, allValue: null, query, datasource: null, regex: '', sort: 0, refresh: 1, options: [], current: { text: '', value: '' },
  auto: false, autoCount: 30, autoMin: '10s', skipUrlSync: false, ...more,
});

test('dependencies give levels', () => {
  const all = [variable('c', 'x($b)'), variable('a', 'x()'), variable('b', 'x(${a:regex})'), variable('d', 'y()')];
  expect(loadLevels(all).map((l) => l.map((v) => v.name))).toEqual([['a', 'd'], ['b'], ['c']]);
  expect(loadLevels([variable('x', '$y'), variable('y', '$x')]).flat().length).toBe(2);
});

test('options', () => {
  expect(parseCustom('a, b : 2, c\\,d')).toEqual([{ text: 'a', value: 'a' }, { text: 'b', value: '2' }, { text: 'c,d', value: 'c,d' }]);
  expect(autoInterval({ from: 0, to: 3_600_000 }, 30, '10s')).toBe('2m');
  expect(autoInterval({ from: 0, to: 60_000 }, 30, '10s')).toBe('10s');
  expect(localOptions(variable('ds', 'prometheus', { type: 'datasource' }), [{ uid: 'u', name: 'n', type: 'prometheus' }, { uid: 'v', name: 'm', type: 'loki' }])).toEqual([{ text: 'n', value: 'u' }]);
});

test('choices', () => {
  const range = { from: 0, to: 3_600_000 };
  const options = ['a', 'b'].map((v) => ({ text: v, value: v }));
  const pick = (v: Variable, wanted: string[]): string[] => chooseState(v, options, wanted, range).values;
  expect(pick(variable('v', ''), ['b'])).toEqual(['b']);
  expect(pick(variable('v', ''), ['gone'])).toEqual(['a']);
  expect(pick(variable('v', '', { multi: true }), ['b', 'a', 'gone'])).toEqual(['b', 'a']);
  expect(chooseState(variable('v', '', { multi: true, includeAll: true }), options, ['$__all'], range)).toMatchObject({ isAll: true, values: ['a', 'b'] });
  expect(chooseState(variable('v', '', { includeAll: true }), options, ['All'], range).isAll).toBe(true);
  // Never set, or set to what is gone: "All" where the variable has it.
  for (const wanted of [[], wantedValues(variable('v', '', { current: { text: [''], value: [''] } }), undefined), ['gone']]) {
    expect(chooseState(variable('v', '', { includeAll: true }), options, wanted, range)).toMatchObject({ isAll: true, values: ['a', 'b'], multi: true });
  }
  // With nothing to choose from it is the author's own expression for all.
  expect(chooseState(variable('v', '', { includeAll: true, allValue: '.+' }), [], [], range)).toMatchObject({ isAll: true, values: [] });
  expect(pick(variable('v', '', { includeAll: true }), ['b'])).toEqual(['b']);
  // What an address names stays, whether or not it is there.
  expect(chooseState(variable('v', '', { includeAll: true }), options, ['gone'], range, true)).toMatchObject({ isAll: false, values: ['gone'], texts: ['gone'] });
  expect(chooseState(variable('v', '', { includeAll: true }), options, ['All'], range, true).isAll).toBe(true);
  expect(chooseState(variable('v', '', { multi: true }), options, ['b', 'gone'], range, true).values).toEqual(['b', 'gone']);
  expect(chooseState(variable('v', '1m', { type: 'interval', auto: true }), [{ text: 'auto', value: '$__auto' }], ['$__auto'], range).values).toEqual(['2m']);
  expect(chooseState(variable('v', 'const', { type: 'constant' }), [], ['x'], range).values).toEqual(['const']);
});

test('what the server fills in is filled in for routes that know nothing of it', () => {
  expect(fillServerSide('rate(a[$__rate_interval]) / ${__range_s} + x_over_time(b[$__interval]) + $other', 15_000, { from: 0, to: 3_600_000 })).toBe('rate(a[60s]) / 3600 + x_over_time(b[15s]) + $other');
  expect(fillServerSide('rate(a[${__rate_interval}]) + c[$__range]', 30_000, { from: 0, to: 60_000 })).toBe('rate(a[120s]) + c[60s]');
});

test.each<[string[], string, number, string[]]>([
  [['app', 'postgres', 'template0'], '/^(?!template*|postgres).*$/', 0, ['app']],
  [['a1', 'b2', 'a3'], '(?=a).*', 0, ['a1', 'a3']], [['a1', 'b2'], ' (?=a).* ', 0, ['a1']],
  [['x-1', 'y-1', 'y-2'], '/(?<=-)(\\d)/', 0, ['1', '2']],
  [['aa1', 'ab1'], '/(.)\\1(\\d)/', 0, ['a']],
  [['a1 b2', 'c3'], '/(?=.)\\w(\\d)/g', 0, ['1', '2', '3']],
  [['t=x v=1'], '/(?<text>\\w) v=(?<value>\\w)(?!y)/', 0, ['x=1']],
  [['A1'], '/(?!b)a/i', 0, ['A1']],
  [['{} 3 1600000'], '/{} (.*) .*/', 0, ['3']], [['a[b'], '/([^[]*)/', 0, ['a']],
  [['b10', 'B9', 'a2', 'c'], '/(?!z)/', 1, ['B9', 'a2', 'b10', 'c']], [['b10', 'B9', 'a2', 'c'], '/(?!z)/', 2, ['c', 'b10', 'a2', 'B9']],
  [['b10', 'B9', 'a2', 'c'], '/(?!z)/', 3, ['c', 'a2', 'B9', 'b10']], [['b10', 'B9', 'a2', 'c'], '/(?!z)/', 5, ['a2', 'b10', 'B9', 'c']],
  [['b10', 'B9', 'a2', 'c'], '/(?!z)/', 7, ['a2', 'B9', 'b10', 'c']], [['b10', 'B9', 'a2', 'c'], '/(?!z)/', 8, ['c', 'b10', 'B9', 'a2']],
])('options %j through %s, sorted %i', (found, regex, sort, want) => {
  expect(onlyHere(regex)).toBe(true);
  expect(chooseOptions(found.map((v) => ({ text: v, value: v })), regex, sort).map((o) => (o.text === o.value ? o.text : `${o.text}=${o.value}`))).toEqual(want);
});

test('patterns the server reads are the server’s', () => {
  expect(['', '/a(?<text>b)(?:c)?/', 'a.*', '/\\d+/', '/\\{(.*)\\}/', '/a{2,3}b{1}c{2,}/', '/[a-z]-[0-9]/'].filter(onlyHere)).toEqual([]);
  expect(() => chooseOptions([], '/(?=/', 0)).toThrow('cannot be used');
});
