/** The bar gauge panel: one bar per value, lying or standing; plain, as lit cells, or as a gradient. */
import { mix, readable, resolveColor, withAlpha, type Theme } from '../../model/color/names';
import { isContinuous, scaleColor } from '../../model/color/palette';
import { showValue } from '../../model/fieldconfig/display';
import { absoluteSteps, activeThreshold, standardThresholds } from '../../model/fieldconfig/thresholds';
import { flag, number, oneOf } from '../../model/json';
import { framesTable } from '../../model/table';
import { fontFamily, h, textWidth } from '../dom';
import type { PanelInput, PanelModule, PanelView } from '../types';
import { withLinks } from '../valuelinks';
import { earlierText, nothingToShow, shownValues, valuesInWords, type ShownValue } from '../values';

type Mode = 'basic' | 'lcd' | 'gradient';
/** Length of one lit cell with its gap, in pixels. */
const cellPitch = 9;
/** A bar this long still tells; names may take the rest of the row, up to almost half of it. In pixels. */
const barMin = 96;

function share(v: ShownValue): number {
  const min = v.field.config?.min ?? 0;
  const max = v.field.config?.max ?? 100;
  if (!Number.isFinite(v.value.numeric) || max <= min) return 0;
  return Math.min(1, Math.max(0, (v.value.numeric - min) / (max - min)));
}

/** The colour the scale has at a share of the bar. */
function colorAt(v: ShownValue, at: number, theme: Theme): string {
  const config = v.field.config;
  const mode = config?.color?.mode ?? 'thresholds';
  if (isContinuous(mode)) return scaleColor(mode, at, theme);
  if (mode !== 'thresholds') return v.field.color ?? '#888888';
  const min = config?.min ?? 0;
  const max = config?.max ?? 100;
  const step = activeThreshold(min + (max - min) * at, config?.thresholds ?? standardThresholds, min, max);
  return resolveColor(step?.color ?? 'green', theme);
}

function gradient(v: ShownValue, theme: Theme, to: number, direction: string): string {
  const config = v.field.config;
  const mode = config?.color?.mode ?? 'thresholds';
  if (!isContinuous(mode) && mode !== 'thresholds') return `linear-gradient(${direction}, ${mix(v.field.color ?? '#888888', theme === 'dark' ? '#000000' : '#ffffff', 0.35)}, ${v.field.color ?? '#888888'})`;
  const stops: string[] = [];
  if (isContinuous(mode)) for (let i = 0; i <= 6; i += 1) stops.push(scaleColor(mode, (i / 6) * to, theme));
  else {
    const min = config?.min ?? 0;
    const max = config?.max ?? 100;
    for (const step of absoluteSteps(config?.thresholds ?? standardThresholds, min, max)) {
      const at = (Math.max(step.value, min) - min) / (max - min || 1);
      if (at <= to) stops.push(`${resolveColor(step.color, theme)} ${Math.round((at / (to || 1)) * 100)}%`);
    }
    if (stops.length === 1) stops.push(colorAt(v, to, theme));
  }
  return `linear-gradient(${direction}, ${stops.join(', ')})`;
}

/** A line across the bar where it ended earlier. */
function withEarlier(track: HTMLElement, v: ShownValue, vertical: boolean): HTMLElement {
  if (!v.earlier) return track;
  const at = `${share({ ...v, value: v.earlier.value }) * 100}%`;
  track.append(h('div', { class: 'bar-earlier', style: vertical ? { bottom: at } : { left: at } }));
  return track;
}

function bar(v: ShownValue, input: PanelInput, mode: Mode, vertical: boolean, length: number): HTMLElement {
  const filled = share(v);
  const color = v.value.color ?? v.field.color ?? '#888888';
  const track = h('div', { title: v.earlier ? earlierText(v.earlier) : '', class: `bar-track ${vertical ? 'vertical' : 'horizontal'}${flag(input.options['showUnfilled'], true) ? '' : ' bare'}${mode === 'lcd' ? ' lcd' : ''}` });
  if (mode === 'lcd') {
    const cells = Math.max(3, Math.floor(length / cellPitch));
    for (let i = 0; i < cells; i += 1) {
      const at = (i + 0.5) / cells;
      const lit = at <= filled;
      const tone = colorAt(v, at, input.theme);
      track.append(h('span', { class: 'bar-cell', style: { backgroundColor: lit ? tone : withAlpha(tone, flag(input.options['showUnfilled'], true) ? 0.14 : 0) } }));
    }
    return withEarlier(track, v, vertical);
  }
  const fillStyle: Record<string, string> = vertical ? { height: `${filled * 100}%` } : { width: `${filled * 100}%` };
  if (mode === 'gradient') fillStyle['backgroundImage'] = gradient(v, input.theme, filled, vertical ? '0deg' : '90deg');
  else {
    fillStyle['backgroundColor'] = withAlpha(color, 0.35);
    fillStyle[vertical ? 'borderTop' : 'borderRight'] = `2px solid ${color}`;
  }
  track.append(h('div', { class: 'bar-fill', style: fillStyle }));
  return withEarlier(track, v, vertical);
}

class BarGaugeView implements PanelView {
  private readonly root = h('div', { class: 'bars' });

  constructor(host: HTMLElement) {
    host.append(this.root);
  }

  update(input: PanelInput): void {
    const { options, size } = input;
    const values = shownValues(input.frames, options);
    if (values.length === 0) {
      this.root.className = 'bars';
      this.root.replaceChildren(nothingToShow(options));
      this.reachable(0, size.height);
      return;
    }
    const mode = oneOf(options['displayMode'], ['basic', 'lcd', 'gradient'] as const, 'gradient');
    const wanted = oneOf(options['orientation'], ['auto', 'horizontal', 'vertical'] as const, 'auto');
    const vertical = wanted === 'vertical' || (wanted === 'auto' && size.height > size.width * 1.4);
    const single = values.length === 1;
    const named = options['namePlacement'] !== 'hidden' && !single || options['namePlacement'] === 'left' || options['namePlacement'] === 'top';
    const hideValue = options['valueMode'] === 'hidden';
    const inkOf = (v: ShownValue): string => (options['valueMode'] === 'text' ? 'var(--text-1)' : readable(v.value.color ?? 'var(--text-1)', input.theme, false));
    this.root.className = `bars ${vertical ? 'vertical' : 'horizontal'}`;
    if (vertical) {
      const length = size.height - (named ? 20 : 0) - (hideValue ? 0 : 26);
      const widest = values.reduce((w, v) => Math.max(w, textWidth(showValue(v.value), `600 100px ${fontFamily}`)), 1);
      const fontSize = Math.max(10, Math.min(15, ((size.width / Math.max(1, values.length) - 8) / widest) * 100));
      this.root.replaceChildren(...values.map((v) => withLinks(h('div', { class: 'bar-column' },
        !hideValue && h('div', { class: 'bar-value', text: showValue(v.value), style: { color: inkOf(v), fontSize: `${fontSize}px` } }),
        bar(v, input, mode, true, length),
        named && h('div', { class: 'bar-name', text: v.title, title: v.title })), v, input)));
      this.reachable(0, size.height);
      return;
    }
    const minHeight = number(options['minVizHeight']) ?? 16;
    const row = Math.max(minHeight, (size.height - (values.length - 1) * 6) / Math.max(1, values.length));
    const stacked = options['namePlacement'] === 'top' || (options['namePlacement'] !== 'left' && row > 54);
    const fontSize = Math.min(18, Math.max(12, (stacked ? row - 20 : row) * 0.4));
    const font = `600 ${fontSize}px ${fontFamily}`;
    const valueWidth = hideValue ? 0 : Math.ceil(values.reduce((w, v) => Math.max(w, textWidth(showValue(v.value), font)), 0)) + 12;
    const nameWidth = named && !stacked ? Math.min(size.width * 0.46, Math.max(size.width * 0.35, size.width - valueWidth - barMin), Math.ceil(values.reduce((w, v) => Math.max(w, textWidth(v.title, `13px ${fontFamily}`)), 0)) + 12) : 0;
    const length = size.width - valueWidth - nameWidth;
    this.root.replaceChildren(...values.map((v) => withLinks(h('div', { class: stacked ? 'bar-row stacked' : 'bar-row', style: { minHeight: `${minHeight}px` } },
      named && h('div', { class: 'bar-name', text: v.title, title: v.title, style: stacked ? {} : { width: `${nameWidth}px` } }),
      h('div', { class: 'bar-line' },
        bar(v, input, mode, false, length),
        !hideValue && h('div', { class: 'bar-value', text: showValue(v.value), style: { color: inkOf(v), width: `${valueWidth}px`, fontSize: `${fontSize}px` } }))), v, input)));
    this.reachable(values.length * (minHeight + 6) - 6, size.height);
  }

  /** More bars than fit are scrolled to, with the keys as well. */
  private reachable(needed: number, room: number): void {
    if (needed > room + 1) this.root.tabIndex = 0;
    else this.root.removeAttribute('tabindex');
  }

  destroy(): void {
    this.root.remove();
  }
}

const bargauge: PanelModule = {
  mount: (host) => new BarGaugeView(host),
  describe: valuesInWords,
  toTable: (frames) => framesTable(frames),
};
export default bargauge;
