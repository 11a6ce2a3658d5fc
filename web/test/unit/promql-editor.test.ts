/** The editor's text work: variables and their stand-ins, lint positions, what the server said. */
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { checkQuery, promQL, serverDiagnostic } from '../../src/editors/promql/language';
import { describeFunction } from '../../src/editors/promql/words';
import { carryVariables, findVariables, maskVariables } from '../../src/editors/promql/variables';

const lint = (text: string): string[] => checkQuery(EditorState.create({ doc: text, extensions: [promQL] })).map((d) => `${d.from}-${d.to} ${d.severity}`);

describe('variables of a query', () => {
  it.each([
    ['rate(x[$__rate_interval])', ['range']],
    ['x{env="$env"} + $y', ['text', 'name']],
    ['sum by (${label:csv}) (x offset $shift)', ['name', 'range']],
    ['[[metric]]{a=~"[[v]]"}', ['name', 'text']],
    ['up # $comment', ['text']],
    ['x{a="[$1]"}[5m]', ['text']],
    ['up', []],
  ])('%s', (text, where) => {
    expect(findVariables(text).map((v) => v.where)).toEqual(where);
    expect(maskVariables(text)).toHaveLength(text.length);
  });
  it('are carried past a server that does not know them', () => {
    const carried = carryVariables('rate(${metric}_total{a="$b"}[$__rate_interval:$s])/$n');
    expect(carried.text).toBe('rate(variable_0__total{a="$b"}[50009d:50016d])/variable_3_');
    expect(carried.restore('rate(variable_0__total{a="$b"}[50009d:50016d]) / variable_3_')).toBe('rate(${metric}_total{a="$b"}[$__rate_interval:$s]) / $n');
  });
});

describe('lint', () => {
  it.each([
    ['sum by (job) (rate(x_total[5m]))', []],
    ['sum by ($l) (rate($m[$__rate_interval]))', []],
    ['topk($n, up)', []],
    ['rate(x_total[$__rate_interval]) / $factor > 1', []],
    ['rate(x_total)', ['5-12 error']],
    ['integral(x[5m]) + integral (x[$__range], 0)', []],
    ['integral(x)', ['9-10 error']],
    ['integral(x[5m], 0, 1)', ['0-21 error']],
    ['increase(x[5m], 0)', ['0-18 error']],
    ['integral{a="integral("}', []],
    ['', []],
  ])('%s', (text, want) => expect(lint(text)).toEqual(want));
  it('calls newer functions by their name', () => {
    const said = (text: string): string[] => checkQuery(EditorState.create({ doc: text, extensions: [promQL] })).map((d) => d.message);
    expect(said('integral(x)')).toEqual(['expected type matrix in call to function "integral", got vector']);
    expect(said('increase(integral[5m], 0)')).toEqual(['expected 1 argument(s) in call to "increase", got 2']);
    expect(describeFunction('integral')).toBe('Calculate the area below a gauge over a range of time, in its unit times seconds');
  });
  it('finds a bracket that is missing', () => expect(lint('sum(rate(x_total[5m])').length).toBeGreaterThan(0));
});

describe('what the server said', () => {
  it.each([
    ['invalid parameter "query": 1:18: parse error: unclosed left parenthesis', 'sum(rate(foo[5m])', 16, 17, 'unclosed left parenthesis'],
    ['2:3: parse error: unknown function with name "foo"', 'a +\n  foo(b)', 6, 9, 'unknown function with name "foo"'],
  ])('%s', (message, text, from, to, said) => expect(serverDiagnostic(message, text)).toMatchObject({ from, to, message: said }));
  it.each([['timeout', 'up'], ['9:1: parse error: x', 'up']])('%s has no place', (message, text) => expect(serverDiagnostic(message, text)).toBeUndefined());
});
