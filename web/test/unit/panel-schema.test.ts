/** Option schemas: every panel type has one, its defaults are among its choices, and suggestions fit the data. */
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/model/frame';
import { schemaOf, type OptionSpec } from '../../src/panels/schema';
import { shapeOf, suggestTypes } from '../../src/panels/suggest';

const types = ['timeseries', 'stat', 'gauge', 'bargauge', 'table', 'text', 'barchart', 'piechart', 'histogram', 'heatmap', 'state-timeline', 'status-history', 'candlestick', 'trend', 'xychart', 'geomap', 'nodeGraph', 'dashlist', 'annolist', 'alertlist', 'news'];

describe('schemas', () => {
  it.each(types)('%s', (type) => {
    const schema = schemaOf(type);
    expect(schema).toBeDefined();
    // One may have two forms, each under its own condition.
    const paths = (schema?.options ?? []).map((o) => `${o.at}.${o.path}${o.items && o.when ? ` ${o.label}` : ''}`);
    expect(new Set(paths).size).toBe(paths.length);
    const inside = (o: OptionSpec): OptionSpec[] => (o.items?.specs ?? []).flatMap((i) => [i, ...inside(i)]);
    const items = (schema?.options ?? []).flatMap(inside);
    expect([...(schema?.options ?? []), ...items].filter((o) => o.kind === 'items').every((o) => o.items !== undefined)).toBe(true);
    for (const o of [...(schema?.options ?? []), ...items]) {
      if (o.kind === 'radio' || o.kind === 'select') expect((o.choices ?? []).map(([v]) => v), o.path).toContain(o.initial);
      if (o.kind === 'slider') expect([typeof o.min, typeof o.max, typeof o.initial], o.path).toEqual(['number', 'number', 'number']);
    }
  });
  it('knows nothing of what is no type', () => expect(schemaOf('constructor')).toBeUndefined());
});

const series = (count: number, values: number[]): Frame[] => Array.from({ length: count }, (_, i): Frame => ({
  refId: 'A', length: values.length, fields: [{ name: 'Time', type: 'time', values: values.map((__, k) => k) }, { name: 'Value', type: 'number', values, labels: { i: String(i) } }],
}));
describe('suggestions', () => {
  it.each<[string, Frame[], string]>([
    ['series over time', series(3, [1.5, 2.25, 3.1, 4.7, 5.3, 6.9, 7.2]), 'timeseries'],
    ['a table of words and numbers', [{ refId: 'A', length: 1, fields: [{ name: 'a', type: 'string', values: ['x'] }, { name: 'Value', type: 'number', values: [1] }] }], 'barchart'],
    ['buckets', series(5, [1, 2]).map((f, i) => ({ ...f, fields: f.fields.map((x) => ({ ...x, labels: { le: String(i) } })) })), 'heatmap'],
  ])('%s', (_, frames, first) => expect(suggestTypes(shapeOf(frames))[0]).toBe(first));
  it('none without data', () => expect(suggestTypes(shapeOf([]))).toEqual([]));
  it('states only for few values', () => expect(suggestTypes(shapeOf(series(1, [0, 1, 1, 0])))).toContain('state-timeline'));
});
