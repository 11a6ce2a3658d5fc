/** What a field is shown as: text, unit, mappings, thresholds, colours, share; and which fields an override means. */
import { expect, test } from 'vitest';
import { makeFrame, type Cell, type Field, type Frame } from '../../src/model/frame';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeMatcher } from '../../src/model/fieldconfig/matchers';
import { isContinuous } from '../../src/model/color/palette';
import { resolveColor } from '../../src/model/color/names';
import { nameOf, shownName } from '../../src/model/transforms/fields';
import { agree } from './compare';
import { grafana, toTheirs } from './grafana';

const theme = grafana.createTheme({ colors: { mode: 'dark' } });
const names = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'].flatMap((c) => [c, `dark-${c}`, `semi-dark-${c}`, `light-${c}`, `super-light-${c}`]).concat('transparent', 'text');
// Colours have values of their own on each side: they are compared by the name they were asked for.
const theirNames = new Map(names.map((n) => [theme.visualization.getColorByName(n).toLowerCase(), n]));
const ourNames = new Map(names.map((n) => [resolveColor(n, 'dark').toLowerCase(), n]));

const num = (name: string, values: Cell[], more: Partial<Field> = {}): Field => ({ name, type: 'number', values, ...more });
const frames = (): Frame[] => [
  makeFrame('A', [{ name: 'Time', type: 'time', values: [0, 60_000, 120_000] }, num('Value', [10, 50, 90], { labels: { __name__: 'up', job: 'web' }, legend: 'web' })]),
  makeFrame('B', [{ name: 'Time', type: 'time', values: [0, 60_000, 120_000] }, num('Value', [1, null, 3], { labels: { __name__: 'up', job: 'db' }, legend: 'db' })]),
  makeFrame('C', [{ name: 'word', type: 'string', values: ['ok', 'bad', ''] }, { name: 'on', type: 'boolean', values: [true, false, null] }, num('zero', [0, 0, 0]), num('none', [null, null, null])]),
];

interface Source { defaults: Record<string, unknown>; overrides: unknown[] }
const theirsApplied = (source: Source): ReturnType<typeof grafana.applyFieldOverrides> =>
  grafana.applyFieldOverrides({ data: frames().map(toTheirs), fieldConfig: source, theme, timeZone: 'utc', replaceVariables: (s: string) => s });
const oursApplied = (source: Source): Frame[] => applyFieldConfig(frames(), source, { theme: 'dark', zone: 'utc', wantsRange: false });

const standard: [string, unknown][] = [
  ['displayName', 0], ['description', 0], ['unit', 0], ['min', 0], ['max', 0], ['decimals', 0], ['links', 0], ['actions', 0], ['color', 0], ['thresholds', 0], ['mappings', 0], ['noValue', 0], ['filterable', 0], ['fieldMinMax', 0],
];
// Their registry is filled by the application; the properties it knows are enough to set values by.
grafana.standardFieldConfigEditorRegistry.setInit(() => standard.map(([id]) => ({ id, path: id, name: id, process: (v: unknown) => v, shouldApply: () => true, editor: () => null, override: () => null, settings: {} })));

const thresholds = { mode: 'absolute', steps: [{ value: null, color: 'green' }, { value: 40, color: 'orange' }, { value: 80, color: 'red' }] };
const special = (match: string, text: string): object => ({ type: 'special', options: { match, result: { text, color: 'purple', index: 0 } } });
const configs: [string, Record<string, unknown>][] = [
  ['nothing', {}],
  ['thresholds', { color: { mode: 'thresholds' }, thresholds }],
  ['percentage thresholds', { color: { mode: 'thresholds' }, min: 0, max: 200, thresholds: { ...thresholds, mode: 'percentage' } }],
  ['a unit', { unit: 'bytes' }], ['a unit and decimals', { unit: 's', decimals: 1 }], ['no decimals', { decimals: 0 }], ['percent', { unit: 'percentunit', min: 0, max: 1 }],
  ['a word for nothing', { noValue: 'n/a' }],
  ['a fixed colour', { color: { mode: 'fixed', fixedColor: 'purple' } }],
  ['value mappings', { mappings: [{ type: 'value', options: { 10: { text: 'ten', color: 'blue', index: 0 }, ok: { text: 'fine', index: 1 }, true: { text: 'yes', index: 2 }, 0: { text: 'zero', index: 3 } } }] }],
  ['range mappings', { mappings: [{ type: 'range', options: { from: 2, to: 60, result: { text: 'middle', color: 'yellow', index: 0 } } }, { type: 'range', options: { from: null, to: 1, result: { text: 'low', index: 1 } } }] }],
  ['pattern mappings', { mappings: [{ type: 'regex', options: { pattern: '/(o)(k)/', result: { text: '$2$1', index: 0 } } }, { type: 'regex', options: { pattern: 'b', result: { text: 'never', index: 1 } } }] }],
  ['nothing mapped', { mappings: [special('null', 'missing')] }], ['empty mapped', { mappings: [special('empty', 'blank')] }], ['yes mapped', { mappings: [special('true', 'YES'), special('false', 'NO')] }], ['nan mapped', { mappings: [special('nan', 'NaN!'), special('null+nan', 'either')] }],
  ['mapped without text', { mappings: [{ type: 'value', options: { 10: { color: 'red', index: 0 } } }] }],
  ['limits', { min: 0, max: 100, color: { mode: 'thresholds' }, thresholds }], ['its own limits', { fieldMinMax: true, color: { mode: 'thresholds' }, thresholds: { ...thresholds, mode: 'percentage' } }],
  ['a name', { displayName: 'Same for all' }],
];

// What the application fills in where a dashboard says nothing.
const usual = { color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps: [{ value: null, color: 'green' }, { value: 80, color: 'red' }] } };

test.each(configs)('shown with %s', (name, own) => {
  const defaults = { ...usual, ...own };
  const theirs = theirsApplied({ defaults, overrides: [] });
  oursApplied({ defaults, overrides: [] }).forEach((frame, f) => frame.fields.forEach((field, i) => {
    const other = theirs[f]?.fields[i];
    if (!other?.display) throw new Error('their field has no display');
    [...field.values, ...(field.type === 'number' ? [NaN, 1234.5678, -3] : [])].forEach((value, at) => {
      const ours = field.display?.(value ?? null);
      const want = other.display?.(value) ?? { text: '', numeric: NaN };
      const where = `${name} ${field.type} ${nameOf(field)} ${String(value)} ${at}`;
      agree(`display text ${where}`, `${ours?.prefix ?? ''}${ours?.text}${ours?.suffix ?? ''}`, `${want.prefix ?? ''}${want.text}${want.suffix ?? ''}`);
      if (field.type !== 'number' || value === null || Number.isNaN(value)) return;
      const named = (map: Map<string, string>, c: string | undefined): string => (c === undefined ? 'none' : (map.get(c.toLowerCase()) ?? 'another'));
      agree(`display colour ${where}`, named(ourNames, ours?.color), named(theirNames, want.color));
      if (want.percent !== undefined) agree(`display share ${where}`, Number(ours?.percent.toPrecision(9)), Number(want.percent.toPrecision(9)));
    });
  }));
});

const matchers: [string, unknown][] = [
  ['byName', 'web'], ['byName', 'Value'], ['byName', 'Time'], ['byName', 'nobody'], ['byNames', { names: ['web', 'word'] }], ['byNames', { names: ['web', 'word'], mode: 'exclude' }],
  ['byRegexp', '/e/'], ['byRegexp', 'w.*'], ['byRegexp', '/^WEB$/i'], ['byRegexp', ''], ['byRegexpOrNames', { pattern: '/^w/', names: ['db'] }], ['byType', 'number'], ['byType', 'string'], ['byType', 'time'], ['byTypes', new Set(['string', 'boolean'])],
  ['byFrameRefID', 'B'], ['numeric', {}], ['time', {}], ['first', {}], ['firstTimeField', {}],
  ...['gt', 'gte', 'lt', 'lte', 'eq', 'neq'].map((op): [string, unknown] => ['byValue', { reducer: 'lastNotNull', op, value: 3 }]), ['byValue', { reducer: 'allIsZero' }], ['byValue', { reducer: 'allIsNull' }], ['byValue', { reducer: 'max', op: 'gte', value: 50 }], ['byValue', { reducer: 'lastNotNull', op: 'eq', value: null }], ['byValue', {}],
];

test.each(matchers)('%s matches the same fields', (id, options) => {
  const ours = makeMatcher({ id, options: options instanceof Set ? [...options] : options });
  const theirFrames = frames().map(toTheirs);
  const theirs = grafana.fieldMatchers.get(id).get(options);
  frames().forEach((frame, f) => {
    const own = frame.fields.map((field) => ours(field, frame, shownName(field, frame)));
    const their = theirFrames[f]?.fields.map((field) => theirs(field, theirFrames[f] as NonNullable<(typeof theirFrames)[number]>, theirFrames));
    agree(`matcher ${id} ${JSON.stringify(options instanceof Set ? [...options] : options)} ${frame.refId}`, own, their);
  });
});

test('overrides set the same properties', () => {
  const source: Source = {
    defaults: { unit: 'bytes' },
    overrides: [
      { matcher: { id: 'byName', options: 'web' }, properties: [{ id: 'unit', value: 's' }, { id: 'displayName', value: 'Front' }, { id: 'decimals', value: 2 }] },
      { matcher: { id: 'byType', options: 'number' }, properties: [{ id: 'min', value: 0 }, { id: 'max', value: 50 }] },
    ],
  };
  const theirs = theirsApplied(source);
  oursApplied(source).forEach((frame, f) => frame.fields.forEach((field, i) => {
    const config = theirs[f]?.fields[i]?.config ?? {};
    if (field.type === 'time') return;
    expect([field.config?.unit, field.config?.displayName, field.config?.decimals ?? undefined, field.config?.min, field.config?.max]).toEqual([config['unit'], config['displayName'], config['decimals'], config['min'], config['max']]);
  }));
});

test('there is every way to colour', () => {
  for (const { id } of grafana.fieldColorModeRegistry.list()) {
    const [a, b] = applyFieldConfig(frames(), { defaults: { color: { mode: id, fixedColor: 'purple' } }, overrides: [] }, { theme: 'dark', zone: 'utc', wantsRange: false }).map((f) => f.fields[1]?.color);
    expect(a, id).toMatch(/^#/);
    // One colour for all series, or one for each.
    if (id === 'fixed' || id === 'gradient') expect(a, id).toBe(b);
    else if (id.startsWith('palette-') || isContinuous(id)) expect(a, id).not.toBe(b);
  }
});
