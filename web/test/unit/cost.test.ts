/** What queries cost in words, and values beside those of an earlier time. */
import { expect, it, test } from 'vitest';
import { ghostFrames } from '../../src/model/compare';
import { accountRows, engineFigures } from '../../src/model/cost';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeFrame } from '../../src/model/frame';
import { suffixOf } from '../../src/panels/stat';
import { earlierText, shownValues, valuesInWords } from '../../src/panels/values';

const engine = { seriesSelected: 1200, samplesRead: 34567, samplesPeak: 90, steps: 240, stepsCached: 228, prepareMs: 0.5, evalMs: 12, sortMs: 0 };
it.each([[engine, '228 of 240 points (95 %)'], [{ ...engine, stepsCached: 0 }, 'nothing'], [{ ...engine, steps: 0 }, undefined]])('tells the share of the cache', (e, want) => {
  expect(engineFigures(e).find(([name]) => name === 'From the result cache')?.[1]).toBe(want);
});
it('tells the server’s account, whatever it has', () => {
  expect(accountRows({ timings: { evalTotalTime: 0.0025 }, samples: { totalQueryableSamples: 1200, totalQueryableSamplesPerStep: [[1, 2]] }, cache: { stepsCached: 3 } })).toEqual([
    ['Eval total time', '2.50 ms'], ['Total queryable samples', '1,200'], ['Cache: steps cached', '3'],
  ]);
  expect([accountRows(undefined), accountRows({ timings: 'x' })]).toEqual([[], []]);
});

const prepared = (values: number[], extra: object = {}) => applyFieldConfig(
  [makeFrame('A', [{ name: 'Time', type: 'time', values: values.map((_, i) => i) }, { name: 'Value', type: 'number', values, legend: 'load' }], extra)],
  { defaults: { unit: 'short' }, overrides: [] }, { theme: 'light', zone: 'utc', wantsRange: true, interpolate: (t) => t });
test.each<[string, number[], number[], string | undefined]>([
  ['more', [1, 55], [2, 50], '1 day earlier: 50 ↑ 10.0%'], ['less', [1, 25], [2, 50], '1 day earlier: 50 ↓ 50.0%'], ['the same', [50], [50], '1 day earlier: 50 = 0.0%'],
  ['from nothing', [5], [0], '1 day earlier: 0'],
])('an earlier value is told beside the present one: %s', (_, now, before, want) => {
  const frames = [...prepared(now), ...ghostFrames(prepared(before), 86_400_000, '1 day earlier')];
  const values = shownValues(frames, {});
  expect(values.map((v) => [v.title, v.value.numeric, v.earlier && earlierText(v.earlier)])).toEqual([['load', now.at(-1), want]]);
  expect(valuesInWords(frames, {})).toContain(want);
});
test('without one nothing is told', () => {
  expect(shownValues(prepared([1]), {}).map((v) => v.earlier)).toEqual([undefined]);
});

test('a time is one of the values where it is asked for by name', () => {
  const titles = (fields: string): string[] => shownValues(prepared([1]), { reduceOptions: { fields } }).map((v) => v.field.type);
  expect(titles('')).toEqual(['number']);
  expect(titles('/^Time$/')).toEqual(['time']);
  expect(titles('/.*/')).toEqual(['time', 'number']);
});

test.each([[' days', 's', ' days'], [' day', 's', ' days'], ['', ' req', ' req'], [' req/s', ' req/s', ' req/s'], ['%', '', '%']])('a unit of “%s” with “%s” behind it is “%s”', (unit, postfix, want) => {
  expect(suffixOf({ value: { text: '1', numeric: 1, percent: 0, suffix: unit } }, { postfix })).toBe(want);
});
