/** The spread at one moment as small bars, for the tooltip. */
import type { Heat } from '../../model/buckets/heat';
import { h } from '../dom';
import type { HeatColors } from './cells';

const barsMax = 60;

export function columnHistogram(heat: Heat, column: number, row: number, colors: HeatColors): HTMLElement {
  const counts = heat.counts.slice(0, barsMax).map((r) => r[column] ?? 0);
  const most = Math.max(...counts, 1e-9);
  return h('div', { class: 'heat-bars', attrs: { 'aria-hidden': 'true' } }, ...counts.map((v, i) => h('span', {
    class: i === row ? 'here' : '', style: { height: `${Math.max(v > 0 ? 4 : 0, (v / most) * 100)}%`, background: colors.of(v) ?? 'transparent' },
  })));
}
