/** The map's legend: per layer the thresholds or the scale of colours, and what stands for what. */
import { resolveColor, type Theme } from '../../model/color/names';
import { isContinuous, scaleColor } from '../../model/color/palette';
import { showValue } from '../../model/fieldconfig/display';
import { standardThresholds } from '../../model/fieldconfig/thresholds';
import { h } from '../dom';
import type { Placed } from './locate';
import type { MapLayer } from './options';

/** Nothing where colours tell nothing. */
export function layerLegend(layer: MapLayer, placed: Placed, theme: Theme): HTMLElement | undefined {
  const field = placed.colorBy;
  if (!layer.legend || layer.type !== 'markers' || !field || placed.markers.length === 0) return undefined;
  const show = (v: number): string => (field.display ? showValue(field.display(v)) : String(v));
  const mode = field.config?.color?.mode ?? 'thresholds';
  const title = h('div', { class: 'map-legend-title', text: layer.name || (field.title ?? field.name) });
  const [low, high] = placed.ends;
  if (isContinuous(mode)) {
    const stops = [0, 0.2, 0.4, 0.6, 0.8, 1].map((at) => scaleColor(mode, at, theme)).join(', ');
    return h('div', {}, title, h('div', { class: 'map-scale', style: { backgroundImage: `linear-gradient(90deg, ${stops})` } }), h('div', { class: 'map-ends' }, h('span', { text: show(low) }), h('span', { text: show(high) })));
  }
  if (mode !== 'thresholds') return undefined;
  const thresholds = field.config?.thresholds ?? standardThresholds;
  if (thresholds.steps.length < 2) return undefined;
  const value = (v: number): string => (thresholds.mode === 'percentage' ? show(low + ((high - low) * v) / 100) : show(v));
  return h('div', {}, title, h('ul', {}, ...thresholds.steps.map((step, i) => h('li', {},
    h('span', { class: 'map-swatch', style: { '--swatch': resolveColor(step.color, theme) } }),
    i === 0 ? `below ${value(thresholds.steps[1]?.value ?? 0)}` : `${value(step.value)} and more`))));
}
