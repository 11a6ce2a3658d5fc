/** Every unit of every category, over small, large and odd numbers. */
import { expect, test } from 'vitest';
import { formatValue, joinValue } from '../../src/model/units/format';
import { agree } from './compare';
import { grafana } from './grafana';

const values = [0, 0.00042, 0.5, 1, 12.34, 59.99, 60, 100, 999, 1000, 1024, 1234.5, 3600, 5400, 86_400, 123_456, 999_999, 12_345_678, 1e12, -1, -1234.5];
const categories = grafana.getValueFormats();
const isDate = (id: string): boolean => id.startsWith('dateTime');

test('all categories are compared', () => {
  expect(categories.length).toBeGreaterThanOrEqual(25);
  expect(categories.reduce((n, c) => n + c.submenu.length, 0)).toBeGreaterThanOrEqual(273);
});

test.each(categories.map((c) => [c.text, c.submenu] as const))('%s', (_category, units) => {
  for (const { value: id } of units) {
    const theirs = grafana.getValueFormat(id);
    for (const value of isDate(id) ? [0, 1_767_225_600_000, 1_785_000_000_123] : values) {
      for (const decimals of [undefined, 0, 2]) {
        if (id === 'dateTimeFromNow') continue;
        const want = joinValue(theirs(value, decimals, null, 'utc'));
        agree(`unit ${id} ${value}${decimals === undefined ? '' : ` .${decimals}`}`, joinValue(formatValue(value, id, decimals, 'utc')).trim(), want.trim());
      }
    }
  }
});
