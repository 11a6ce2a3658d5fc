// @vitest-environment happy-dom
/** Cards of several charts at once: each has its own, and takes it away. */
import { expect, test } from 'vitest';
import { followMoment, hideBeside, showTooltip, type MomentValues } from '../../src/panels/tooltip';

const said = (): (string | null)[] => [...document.querySelectorAll('.chart-tooltip.beside')].map((c) => c.textContent);
const chart = document.body.appendChild(document.createElement('div'));
const moment = (heading: string, ...values: string[]): MomentValues => ({ heading, rows: values.map((value) => ({ color: 'red', name: 'x', value })) });

test('each chart has one card beside the pointer’s own', () => {
  const [a, b] = [{}, {}];
  showTooltip({}, { x: 0, y: 0 }, 'pointer', moment('', '0').rows, 0);
  followMoment(a, chart, 0, () => moment('then', '1'));
  followMoment(b, chart, 0, () => moment('then', ...'123456789ab'));
  followMoment(a, chart, 0, () => moment('later', '4'));
  expect(said()).toEqual(['laterx4', `then${[...'12345678'].map((v) => `x${v}`).join('')}and 3 more`]);
  hideBeside(a);
  hideBeside(a);
  expect(said()).toHaveLength(1);
  hideBeside(b);
  expect(said()).toEqual([]);
  expect(document.querySelectorAll('.chart-tooltip')).toHaveLength(1);
});

test('a chart that has nothing to say, or is not seen, shows no card', () => {
  const a = {};
  followMoment(a, chart, 0, () => moment('then', '1'));
  followMoment(a, chart, 0, () => undefined);
  expect(said()).toEqual([]);
  followMoment(a, chart, 0, () => moment('then', '1'));
  followMoment(a, chart, 0, () => moment('then'));
  expect(said()).toEqual([]);
  followMoment(a, chart, -5, () => moment('then', '1'));
  expect(said()).toEqual([]);
});
