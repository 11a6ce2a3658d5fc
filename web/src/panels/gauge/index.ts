/** The gauge panel: a value on an arc from min to max, with the thresholds as a thin outer rim. Own SVG. */
import { readable, resolveColor } from '../../model/color/names';
import { isContinuous, scaleColor } from '../../model/color/palette';
import { showValue } from '../../model/fieldconfig/display';
import { absoluteSteps, standardThresholds } from '../../model/fieldconfig/thresholds';
import { flag, number, object, oneOf } from '../../model/json';
import { framesTable } from '../../model/table';
import { formatValue, joinValue } from '../../model/units/format';
import { fontFamily, h, svg, textWidth } from '../dom';
import type { PanelInput, PanelModule, PanelView } from '../types';
import { withLinks } from '../valuelinks';
import { earlierText, nothingToShow, shownValues, tileGrid, valuesInWords, type ShownValue } from '../values';
import { arcPath } from './arc';

function rim(v: ShownValue, input: PanelInput, min: number, max: number): SVGElement[] {
  const config = v.field.config;
  const mode = config?.color?.mode ?? 'thresholds';
  const radius = 94;
  if (isContinuous(mode)) {
    const parts = 24;
    return Array.from({ length: parts }, (_, i) => svg('path', { attrs: { d: arcPath(i / parts, (i + 1) / parts, radius), stroke: scaleColor(mode, (i + 0.5) / parts, input.theme), 'stroke-width': 3, fill: 'none' } }));
  }
  const steps = absoluteSteps(config?.thresholds ?? standardThresholds, min, max);
  return steps.map((step, i) => {
    const from = (Math.max(step.value, min) - min) / (max - min || 1);
    const to = ((steps[i + 1]?.value ?? max) - min) / (max - min || 1);
    return svg('path', { attrs: { d: arcPath(from, to, radius), stroke: resolveColor(step.color, input.theme), 'stroke-width': 3, fill: 'none' } });
  });
}

function gaugeTile(v: ShownValue, input: PanelInput, width: number, height: number, single: boolean): HTMLElement {
  const config = v.field.config;
  const min = config?.min ?? 0;
  const max = config?.max ?? 100;
  const share = Number.isFinite(v.value.numeric) && max > min ? (v.value.numeric - min) / (max - min) : 0;
  const color = v.value.color ?? v.field.color ?? '#888888';
  const showName = !single || width > 0 && object(input.options)['showTitle'] === true;
  const nameRoom = showName ? 20 : 0;
  const label = showValue(v.value);
  // The number sits inside the ring: as big as its width allows.
  const fit = (112 / textWidth(label === '' ? '0' : label, `600 100px ${fontFamily}`)) * 100;
  const size = Math.min(44, fit);
  const picture = svg('svg', { class: 'gauge', attrs: { viewBox: '0 0 200 160', role: 'presentation' }, style: { height: `${Math.max(40, Math.min(height - nameRoom, width * 0.8))}px`, width: `${width}px` } },
    svg('path', { class: 'gauge-track', attrs: { d: arcPath(0, 1, 82), fill: 'none', 'stroke-width': 15 } }),
    svg('path', { attrs: { d: arcPath(0, share, 82), fill: 'none', stroke: color, 'stroke-width': 15 } }));
  if (flag(input.options['showThresholdMarkers'], true)) picture.append(...rim(v, input, min, max));
  if (v.earlier && Number.isFinite(v.earlier.value.numeric) && max > min) {
    const at = Math.min(1, Math.max(0, (v.earlier.value.numeric - min) / (max - min)));
    picture.append(svg('path', { class: 'gauge-earlier', attrs: { d: arcPath(Math.max(0, at - 0.006), Math.min(1, at + 0.006), 82), fill: 'none', 'stroke-width': 21 } }));
    // Smaller letters than these nobody reads; the mark and the tooltip stay.
    if (Math.min(width / 200, (height - nameRoom) / 160) >= 0.85) picture.append(svg('text', { class: 'gauge-end', text: `${v.earlier.words}: ${showValue(v.earlier.value)}`, attrs: { x: 100, y: 132, 'text-anchor': 'middle' } }));
  }
  const valueSize = number(object(input.options['text'])['valueSize']);
  picture.append(svg('text', { class: 'gauge-value', text: label, attrs: { x: 100, y: 108, 'text-anchor': 'middle', 'font-size': valueSize ?? size, fill: readable(color, input.theme, true) } }));
  if (flag(input.options['showThresholdLabels'])) {
    const ends: [number, number, string][] = [[min, 30, 'middle'], [max, 170, 'middle']];
    for (const [value, x, anchor] of ends) picture.append(svg('text', { class: 'gauge-end', text: joinValue(formatValue(value, config?.unit, config?.decimals)), attrs: { x, y: 158, 'text-anchor': anchor } }));
  }
  return withLinks(h('div', { class: 'gauge-tile', title: v.earlier ? earlierText(v.earlier) : '' }, h('div', { class: 'gauge-box' }, picture), showName && h('div', { class: 'gauge-name', text: v.title, title: v.title })), v, input);
}

/** How big the ring gets in a tile, above its name: the picture is five to four. */
const ringSize = (width: number, height: number): number => Math.min(width / 200, (height - 20) / 160);

class GaugeView implements PanelView {
  private readonly root = h('div', { class: 'tiles' });

  constructor(host: HTMLElement) {
    host.append(this.root);
  }

  update(input: PanelInput): void {
    const values = shownValues(input.frames, input.options);
    if (values.length === 0) {
      this.root.removeAttribute('style');
      this.root.replaceChildren(nothingToShow(input.options));
      return;
    }
    const orientation = oneOf(input.options['orientation'], ['auto', 'horizontal', 'vertical'] as const, 'auto');
    const { columns, rows } = tileGrid(Math.max(1, values.length), input.size.width, input.size.height, orientation, ringSize);
    this.root.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    this.root.style.gridTemplateRows = `repeat(${rows}, minmax(0, 1fr))`;
    const width = (input.size.width - (columns - 1) * 6) / columns;
    const height = (input.size.height - (rows - 1) * 6) / rows;
    this.root.replaceChildren(...values.map((v) => gaugeTile(v, input, width, height, values.length === 1)));
  }

  destroy(): void {
    this.root.remove();
  }
}

const gauge: PanelModule = {
  mount: (host) => new GaugeView(host),
  describe: valuesInWords,
  toTable: (frames) => framesTable(frames),
};
export default gauge;
