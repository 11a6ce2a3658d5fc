// @vitest-environment happy-dom
/** Cards of several charts at once: each has its own, and takes it away. */
import { expect, test } from 'vitest';
import { hideBeside, showBeside, showTooltip } from '../../src/panels/tooltip';

const said = (): (string | null)[] => [...document.querySelectorAll('.chart-tooltip.beside')].map((c) => c.textContent);

test('each chart has one card beside the pointer’s own', () => {
  const [a, b] = [{}, {}];
  const row = (value: string) => [{ color: 'red', name: 'x', value }];
  showTooltip({}, { x: 0, y: 0 }, 'pointer', row('0'), 0);
  showBeside(a, { x: 0, y: 0 }, 'then', row('1'), 0);
  showBeside(b, { x: 0, y: 0 }, 'then', row('2'), 3);
  showBeside(a, { x: 9, y: 9 }, 'later', row('4'), 0);
  expect(said()).toEqual(['laterx4', 'thenx2and 3 more']);
  hideBeside(a);
  hideBeside(a);
  expect(said()).toEqual(['thenx2and 3 more']);
  hideBeside(b);
  expect(said()).toEqual([]);
  expect(document.querySelectorAll('.chart-tooltip')).toHaveLength(1);
});
