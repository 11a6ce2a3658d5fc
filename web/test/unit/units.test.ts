/** Units against the strings Grafana's own formatter (@grafana/data 13.2.3) prints for the same values. */
import { expect, test } from 'vitest';
import { formatValue, joinValue } from '../../src/model/units/format';
import expected from './units.expected.json';

const values: [number, number | undefined][] = [[0, undefined], [0.5, undefined], [12.34, undefined], [999, undefined], [1234.5, undefined], [5400, undefined], [123456, undefined], [12345678, undefined], [12.34, 2], [123456, 2]];
/** Where we differ on purpose: our year has 365 days throughout, so a year's worth of minutes is one year. */
const ours = new Set(['m 12345678', 'm 123456', 'h 12345678', 'd 123456', 'd 12345678', 'd 1234.5', 'd 5400', 'd 999']);

test.each(Object.entries(expected))('%s', (unit, want) => {
  values.forEach(([value, decimals], i) => {
    if (ours.has(`${unit} ${value}`)) return;
    expect(joinValue(formatValue(value, unit, decimals)).trim(), `${value} with ${decimals ?? 'auto'} decimals`).toBe(want[i]?.trim());
  });
});

test.each([
  ['suffix:req', 12, '12req'], ['prefix:~', 12, '~12'], ['si:mF', 1500, '1.50 F'], ['si:W', 1500, '1.50 kW'], ['count:lines', 1500, '1.50K lines'], ['currency:CAD', 2000, 'CAD2K'],
  ['bool:Open/Shut', 0, 'Shut'], ['frobs', 3, '3 frobs'], ['time:YYYY-MM-DD', 0, '1970-01-01'],
])('custom unit %s', (unit, value, want) => {
  expect(joinValue(formatValue(value, unit, undefined, 'utc'))).toBe(want);
});

test('odd numbers', () => {
  expect(formatValue(NaN, 'bytes').text).toBe('NaN');
  expect(formatValue(Infinity, 'none').text).toBe('∞');
  expect(formatValue(-0.001, 'none', 1).text).toBe('0.0');
});
