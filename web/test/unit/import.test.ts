/** Importing: what is read, what is refused with which words, and what the report says. */
import { describe, expect, it } from 'vitest';
import { importReport, inputChoices, parseImport } from '../../src/model/dashboard/import';
import { pageNotices } from '../../src/model/dashboard/notices';
import type { DashboardView } from '../../src/model/dashboard/types';

describe('import of a file', () => {
  it.each([['', 'nothing'], ['{"a"', 'no JSON'], ['[]', 'no dashboard'], ['{"kind":"Pod"}', 'no dashboard']])('%j is refused', (source, words) => {
    expect(() => parseImport(source)).toThrow(words);
  });
  it('unwraps what the API exports, and finds what is asked for', () => {
    const parsed = parseImport('{"meta":{},"dashboard":{"title":"T","panels":[],"__inputs":[{"name":"DS_PROM","label":"Prometheus","type":"datasource","pluginId":"prometheus"},{}]}}');
    expect(parsed.title).toBe('T');
    expect(parsed.inputs).toEqual([{ name: 'DS_PROM', label: 'Prometheus', type: 'datasource', pluginId: 'prometheus', value: '' }]);
  });
  it.each([
    ['prometheus', 'b', ['A', 'B']], ['loki', 'l', ['L']], ['__expr__', '__expr__', []], ['elasticsearch', 'elasticsearch', ['There is no source of type elasticsearch: its panels stay empty']], ['', 'a', ['A', 'B', 'L']],
  ])('an input of the type “%s” may be', (pluginId, value, words) => {
    const sources = [{ uid: 'a', name: 'A', type: 'prometheus' }, { uid: 'b', name: 'B', type: 'prometheus', isDefault: true }, { uid: 'l', name: 'L', type: 'loki' }];
    const found = inputChoices({ pluginId }, sources);
    expect([found.value, found.choices.map(([, text]) => text)]).toEqual([value, words]);
  });
  it('takes a resource as it is', () => {
    expect(parseImport('{"apiVersion":"x","spec":{"title":"V2","elements":{}}}').title).toBe('V2');
  });
  it('says what maps and what does not', () => {
    const view = { panels: [{ type: 'timeseries', originalType: 'graph' }, { type: 'timeseries', originalType: 'graph' }, { type: 'odd', originalType: 'odd' }, { type: 'row', originalType: 'row' }], variables: [], notices: ['graph panels are shown as timeseries', 'odd panels are shown as odd', 'no source'] } as unknown as DashboardView;
    expect(importReport(view, (t) => t === 'timeseries', () => 'Time series')).toEqual([
      { good: true, words: '2 × graph: becomes Time series' },
      { good: false, words: '1 × odd: not known here; its data is shown as a table, and its settings are kept.' },
      { good: false, words: 'odd panels are shown as odd' },
      { good: false, words: 'no source' },
    ]);
  });
});

it('the page tells what a person can act on', () => {
  const view = { panels: [{ type: 'timeseries', originalType: 'graph' }], variables: [{ name: 'v', label: '', type: 'odd' }, { name: 'w', label: '', type: 'query' }], notices: ['graph panels are shown as timeseries', 'data source "x" is not here'] } as unknown as DashboardView;
  expect(pageNotices(view, () => true, (v) => v.type === 'query')).toEqual(['data source "x" is not here', 'The variable “v” is of type “odd”, which is not supported yet: it has no effect.']);
});
