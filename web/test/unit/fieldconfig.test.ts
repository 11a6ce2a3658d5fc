/** Field options: thresholds, mappings, overrides, names, colours, calculations. */
import { expect, test } from 'vitest';
import { alphaOf, inkOn, overPanel, readable, resolveColor, withAlpha, withOwnAlpha } from '../../src/model/color/names';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { mapValue } from '../../src/model/fieldconfig/mappings';
import { absoluteSteps, activeThreshold } from '../../src/model/fieldconfig/thresholds';
import { parseMappings, parseThresholds, type Thresholds } from '../../src/model/fieldconfig/types';
import { showValue } from '../../src/model/fieldconfig/display';
import { makeFrame, type Cell, type Frame } from '../../src/model/frame';
import { reduceField } from '../../src/model/reduce';

const thresholds = (mode: string, steps: [number | null, string][]): Thresholds => parseThresholds({ mode, steps: steps.map(([value, color]) => ({ value, color })) }) as Thresholds;
const abs = thresholds('absolute', [[null, 'green'], [70, 'orange'], [90, 'red']]);
const pct = thresholds('percentage', [[null, 'green'], [50, 'red']]);

test.each([[-5, 'green'], [69.9, 'green'], [70, 'orange'], [90, 'red'], [1e9, 'red']])('absolute threshold of %s', (value, want) => {
  expect(activeThreshold(value, abs, 0, 100)?.color).toBe(want);
});
test.each([[149, 'green'], [150, 'red'], [99, 'green']])('percentage threshold of %s between 100 and 200', (value, want) => {
  expect(activeThreshold(value, pct, 100, 200)?.color).toBe(want);
});
test('percentages on an axis', () => {
  expect(absoluteSteps(pct, 100, 200).map((s) => s.value)).toEqual([-Infinity, 150]);
});

const mappings = parseMappings([
  { type: 'value', options: { 0: { text: 'down', color: 'red' }, up: { text: 'fine' } } },
  { type: 'range', options: { from: 1, to: 9, result: { text: 'few' } } },
  { type: 'range', options: { from: 1000, to: null, result: { text: 'many' } } },
  { type: 'regex', options: { pattern: '/^host-(\\d+)$/', result: { text: 'machine $1' } } },
  { type: 'special', options: { match: 'null+nan', result: { text: 'none' } } },
  { type: 'special', options: { match: 'true', result: { text: 'yes' } } },
]);
test.each<[Cell, string | undefined]>([[0, 'down'], ['up', 'fine'], [1, 'few'], [9, 'few'], [9.5, undefined], [5000, 'many'], ['host-17', 'machine 17'], [null, 'none'], [NaN, 'none'], [true, 'yes'], ['x', undefined]])('mapping of %s', (value, want) => {
  expect(mapValue(value, mappings)?.text).toBe(want);
});

test.each<[string, unknown[], Cell, string | undefined]>([
  ['the first of the list, whatever its kind', [{ type: 'special', options: { match: 'null+nan', result: { text: 'none' } } }, { type: 'value', options: { NaN: { text: 'value' } } }], NaN, 'none'],
  ['a special value behind the others waits for its turn', [{ type: 'value', options: { NaN: { text: 'value' } } }, { type: 'special', options: { match: 'nan', result: { text: 'special' } } }], NaN, 'value'],
  ['a range before a value', [{ type: 'range', options: { from: 0, to: 10, result: { text: 'range' } } }, { type: 'value', options: { 5: { text: 'value' } } }], 5, 'range'],
  ['a value before a range', [{ type: 'value', options: { 5: { text: 'value' } } }, { type: 'range', options: { from: 0, to: 10, result: { text: 'range' } } }], 5, 'value'],
  ['a word is not “not a number”', [{ type: 'special', options: { match: 'nan', result: { text: 'word' } } }], 'abc', undefined],
  ['nothing is not “not a number”', [{ type: 'special', options: { match: 'nan', result: { text: 'word' } } }], null, undefined],
  ['a number with words behind it is in a range', [{ type: 'range', options: { from: 0, to: 10, result: { text: 'range' } } }], '5 of 9', 'range'],
  ['patterns are for texts', [{ type: 'regex', options: { pattern: '/^2../', result: { text: 'good' } } }], 200, undefined],
  ['a range open below', [{ type: 'range', options: { from: null, to: 1, result: { text: 'low' } } }], -5, 'low'],
  ['no mapping of an object’s own words', [{ type: 'value', options: { a: { text: 'x' } } }], 'constructor', undefined],
])('mapping: %s', (_, json, value, want) => {
  expect(mapValue(value, parseMappings(json))?.text).toBe(want);
});

const frame = (name: string, values: Cell[], labels: Record<string, string> = {}, refId = 'A'): Frame => makeFrame(refId, [
  { name: 'Time', type: 'time', values: values.map((_, i) => i * 1000) }, { name: 'Value', type: 'number', values, labels, legend: name },
]);
const apply = (frames: Frame[], defaults: unknown, overrides: unknown[] = []) => applyFieldConfig(frames, { defaults, overrides }, { theme: 'light', zone: 'utc', wantsRange: true, interpolate: (t) => t.replace('$env', 'prod') });

test('units, decimals, no value, names', () => {
  const field = apply([frame('cpu', [0.25, null], { mode: 'user' })], { unit: 'percentunit', decimals: 1, noValue: 'n/a', displayName: '${__field.labels.mode} in $env' })[0]?.fields[1];
  expect(field?.title).toBe('user in prod');
  const shown = field?.display?.(0.25);
  expect(shown && showValue(shown)).toBe('25.0%');
  expect(field?.display?.(null).text).toBe('n/a');
  expect(field?.config).toMatchObject({ min: 0.25, max: 0.25 });
});

test.each([
  [{ id: 'byName', options: 'b' }, [false, true]], [{ id: 'byRegexp', options: '/^[ab]$/' }, [true, true]], [{ id: 'byFrameRefID', options: 'B' }, [false, true]], [{ id: 'byType', options: 'number' }, [true, true]],
  [{ id: 'byNames', options: { names: ['a'] } }, [true, false]], [{ id: 'unheard', options: 1 }, [false, false]],
])('override %j', (matcher, want) => {
  const out = apply([frame('a', [1]), frame('b', [2], {}, 'B')], { unit: 'short' }, [{ matcher, properties: [{ id: 'unit', value: 'bytes' }, { id: 'custom.lineWidth', value: 3 }, { id: 'custom.stacking', value: { mode: 'normal' } }] }]);
  expect(out.map((f) => f.fields[1]?.config?.unit === 'bytes')).toEqual(want);
  const hit = out.find((f) => f.fields[1]?.config?.unit === 'bytes');
  if (hit) expect(hit.fields[1]?.config?.custom).toMatchObject({ lineWidth: 3, 'stacking.mode': 'normal' });
});

test('colours by mode', () => {
  const color = (mode: string, more: object = {}) => apply([frame('a', [95]), frame('b', [10])], { color: { mode, ...more }, min: 0, max: 100, thresholds: { mode: 'absolute', steps: [{ color: '#00ff00', value: null }, { color: '#ff0000', value: 90 }] } }).map((f) => f.fields[1]?.color);
  expect(color('thresholds')).toEqual(['#ff0000', '#00ff00']);
  expect(color('fixed', { fixedColor: '#123456' })).toEqual(['#123456', '#123456']);
  expect(color('palette-classic')).toEqual(['#11a0bb', '#6a4901']);
  expect(new Set(color('continuous-GrYlRd')).size).toBe(2);
});

const field = { name: 'v', type: 'number' as const, values: [3, null, 1, 5, 5] };
test.each<[string, Cell]>([
  ['lastNotNull', 5], ['last', 5], ['firstNotNull', 3], ['first', 3], ['min', 1], ['max', 5], ['mean', 3.5], ['sum', 14], ['count', 4], ['range', 4], ['diff', 2], ['median', 4], ['distinctCount', 3], ['changeCount', 2], ['delta', 0],
  ['p50', 5], ['p95', 5], ['variance', 2.75], ['step', -2], ['allIsZero', false], ['nonsense', null],
])('calculation %s', (id, want) => {
  expect(reduceField(field, id)).toBe(want);
});
test('calculations over nothing', () => {
  for (const id of ['lastNotNull', 'min', 'max', 'mean', 'range', 'median', 'p95']) expect(reduceField({ ...field, values: [null, null] }, id), id).toBeNull();
});

test.each([
  ['#fff', 1], ['#ffffff', 1], ['#ffff', 1], ['#fff0', 0], ['#11223380', 128 / 255], ['rgb(1,2,3)', 1], ['rgba(1, 2, 3, 0.25)', 0.25], ['rgb(1 2 3 / 50%)', 0.5], ['rgba(0,0,0,0)', 0], ['red', 1],
])('%s covers %f of what lies behind it', (color, alpha) => {
  expect(alphaOf(color)).toBe(alpha);
});

test('colours that let something through', () => {
  expect(withAlpha('#102030', 0.14)).toBe('rgba(16,32,48,0.14)');
  expect(withAlpha('rgba(16,32,48,0.5)', 0.14)).toBe('rgba(16,32,48,0.07)');
  expect(withOwnAlpha('#102030', 0.1)).toBe('rgba(16,32,48,0.1)');
  expect(withOwnAlpha(resolveColor('transparent', 'light'), 0.1)).toBe('rgba(0,0,0,0)');
  // Words on a ground that is hardly there are those of the panel.
  expect([inkOn(overPanel('rgba(0,0,0,0.1)', 'light')), inkOn(overPanel('rgba(255,255,255,0.1)', 'dark')), inkOn(overPanel('#000000', 'light'))]).toEqual(['#14181e', '#ffffff', '#ffffff']);
  expect([readable('rgba(0,0,0,0)', 'light', false), readable('rgba(0,0,0,0)', 'dark', true)]).toEqual([resolveColor('text', 'light'), resolveColor('text', 'dark')]);
});
