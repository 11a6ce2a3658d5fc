/** The stat panel: big numbers, coloured by value, with the history as a quiet area behind. */
import { inkOn, overPanel, readable, withAlpha } from '../../model/color/names';
import type { Cell } from '../../model/frame';
import { formatValue, joinValue } from '../../model/units/format';
import { oneOf, number, object, text } from '../../model/json';
import { framesTable } from '../../model/table';
import { fontFamily, h, svg, textWidth } from '../dom';
import type { Options, PanelInput, PanelModule, PanelView } from '../types';
import { withLinks } from '../valuelinks';
import { earlierText, nothingToShow, shownValues, tileGrid, valuesInWords, type ShownValue } from '../values';

/** An area and a line through the history, in a box of 100 by 100 that is stretched to the tile. */
function sparkline(history: readonly Cell[], color: string): SVGElement | null {
  const points = history.map((v, i) => ({ i, v })).filter((p): p is { i: number; v: number } => typeof p.v === 'number' && Number.isFinite(p.v));
  if (points.length < 2) return null;
  let min = Infinity;
  let max = -Infinity;
  for (const p of points) {
    if (p.v < min) min = p.v;
    if (p.v > max) max = p.v;
  }
  const flat = max - min < 1e-12;
  const last = history.length - 1;
  const at = (p: { i: number; v: number }): string => `${((p.i / last) * 100).toFixed(2)} ${flat ? '60' : (94 - ((p.v - min) / (max - min)) * 86).toFixed(2)}`;
  const line = points.map(at).join('L');
  const first = points[0];
  const end = points.at(-1);
  if (!first || !end) return null;
  return svg('svg', { class: 'stat-spark', attrs: { viewBox: '0 0 100 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' } },
    svg('path', { attrs: { d: `M${((first.i / last) * 100).toFixed(2)} 100L${line}L${((end.i / last) * 100).toFixed(2)} 100Z`, fill: withAlpha(color, 0.13) } }),
    svg('path', { attrs: { d: `M${line}`, fill: 'none', stroke: withAlpha(color, 0.75), 'stroke-width': 1.25, 'vector-effect': 'non-scaling-stroke' } }));
}

/** Change from the first to the last value of the history, as the small line below the number. */
function change(v: ShownValue): string | undefined {
  const there = v.history.filter((x): x is number => typeof x === 'number' && !Number.isNaN(x));
  const first = there[0];
  const last = there.at(-1);
  if (first === undefined || last === undefined || first === 0) return undefined;
  const share = (last - first) / Math.abs(first);
  return `${share >= 0 ? '↑' : '↓'} ${joinValue(formatValue(Math.abs(share), 'percentunit', 1))}`;
}

/** Letters of the number are this big at most, in pixels. */
const numberMax = 64;
/** As in the style sheet: letters of prefix and suffix, relative to the number's. */
const affixSize = 0.62;

const prefixOf = (v: ShownValue, o: Options): string => text(o['prefix']) + (v.value.prefix ?? '');
/** Units had no plural once, and dashboards brought it along: "day" and "s". */
export const suffixOf = (v: Pick<ShownValue, 'value'>, o: Options): string => {
  const [unit, postfix] = [v.value.suffix ?? '', text(o['postfix'])];
  return postfix.trim() !== '' && unit.endsWith(postfix.trim()) ? unit : unit + postfix;
};
const numberFont = `600 100px ${fontFamily}`;
/** Width of a number in letters of 100 px; words around it, which a panel of the old type brought along, are smaller. */
const numberWidth = (v: ShownValue, o: Options): number => textWidth(v.value.text || '0', numberFont) + affixSize * textWidth(prefixOf(v, o) + suffixOf(v, o), numberFont);

/** Left and right of the words together, as in the style sheet. */
const padding = (width: number): number => (width < 64 ? 8 : 24);

/** Width of a time of day with its date, or of a sentence, in letters of 100 px: to be read, if need be, in small letters. */
const longText = 700;

/** A tile lower than this has no room for a number below its name: they stand side by side. */
const lowTile = 40;

/** `widest` is of all tiles, in letters of 100 px: their numbers are as big as each other. */
function tile(v: ShownValue, input: PanelInput, width: number, height: number, single: boolean, widest: number): HTMLElement {
  const o = input.options;
  const colorMode = oneOf(o['colorMode'], ['value', 'background', 'background_solid', 'none'] as const, 'value');
  const textMode = oneOf(o['textMode'], ['auto', 'value', 'value_and_name', 'name', 'none'] as const, 'auto');
  const graph = oneOf(o['graphMode'], ['none', 'area', 'line'] as const, 'area');
  const graphed = graph !== 'none' && v.history.length > 1;
  const justify = oneOf(o['justifyMode'], ['auto', 'center'] as const, 'auto');
  const color = v.value.color ?? v.field.color ?? '#888888';
  const filled = colorMode.startsWith('background');
  const showName = textMode === 'name' || textMode === 'value_and_name' || (textMode === 'auto' && !single);
  const [prefix, suffix] = [prefixOf(v, o), suffixOf(v, o)];
  const showNumber = textMode !== 'name' && textMode !== 'none';
  const delta = o['showPercentChange'] === true ? change(v) : undefined;
  const fixed = object(o['text']);
  const small = [delta, v.earlier && earlierText(v.earlier)].filter((t) => t !== undefined);
  const beside = showName && showNumber && height < lowTile;
  const nameSize = number(fixed['titleSize']) ?? Math.min(16, Math.max(beside ? 10 : 12, beside ? height * 0.5 : height * 0.16));
  const room = beside ? { width: width * 0.55, height: height - 4 } : { width: width - padding(width), height: height - 16 - (showName ? nameSize * 1.4 : 0) - small.length * 18 };
  const size = number(fixed['valueSize']) ?? Math.max(beside || width < 64 || widest > longText ? 10 : 14, Math.min((room.width / widest) * 100, room.height * (graphed && !beside ? 0.58 : 0.8), numberMax));
  const ink = filled ? inkOn(overPanel(color, input.theme)) : colorMode === 'none' ? 'var(--text-1)' : readable(color, input.theme, size >= 24);
  const box = h('div', { class: `stat-tile${filled ? ' filled' : ''}${justify === 'center' || (justify === 'auto' && single) ? ' centered' : ''}${padding(width) < 24 ? ' tight' : ''}` });
  if (filled) box.style.backgroundColor = color;
  if (graphed && !beside) {
    const spark = sparkline(v.history, filled ? ink : color);
    if (spark) {
      // The curve keeps clear of the words above it.
      const words = (showName ? nameSize * 1.35 : 0) + (showNumber ? size * 1.1 : 0) + small.length * 16 + (filled ? 6 : 2);
      spark.style.height = `${Math.max(0, Math.min(height * 0.42, height - words - 4))}px`;
      box.append(spark);
      box.classList.add('graphed');
    }
  }
  const words = h('div', { class: beside ? 'stat-words beside' : 'stat-words' });
  if (showName) words.append(h('div', { class: 'stat-name', text: v.title, title: v.title, style: { color: filled ? ink : 'var(--text-2)', fontSize: `${nameSize}px` } }));
  if (showNumber) {
    const value = h('div', { class: 'stat-value', style: { color: ink, fontSize: `${size}px` } });
    if (prefix) value.append(h('span', { class: 'stat-affix', text: prefix }));
    value.append(v.value.text);
    if (suffix) value.append(h('span', { class: 'stat-affix', text: suffix }));
    words.append(value);
  }
  if (!beside) for (const line of small) words.append(h('div', { class: 'stat-change', text: line, title: line, style: { color: filled ? ink : 'var(--text-2)' } }));
  box.append(words);
  return withLinks(box, v, input);
}

/**
 * Letters of a number in a tile below its name, as if it had the usual length where it is shorter: it will not stay so. Wide tiles
 * break a tie, as its curve is lying.
 */
export const numberSize = (named: boolean, widest: number) => (width: number, height: number): number =>
  Math.min((width - padding(width)) / Math.max(2.4, widest / 100), (height - (named ? 38 : 16)) * 0.58, numberMax) + Math.min(width / height, 4);

class StatView implements PanelView {
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
    const count = Math.max(1, values.length);
    const orientation = oneOf(input.options['orientation'], ['auto', 'horizontal', 'vertical'] as const, 'auto');
    const widest = values.reduce((w, v) => Math.max(w, numberWidth(v, input.options)), 1);
    const named = values.length > 1 && ['auto', 'value_and_name', 'name'].includes(text(input.options['textMode'], 'auto'));
    const { columns, rows } = tileGrid(count, input.size.width, input.size.height, orientation, numberSize(named, widest));
    this.root.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    this.root.style.gridTemplateRows = `repeat(${rows}, minmax(0, 1fr))`;
    const width = (input.size.width - (columns - 1) * 6) / columns;
    const height = (input.size.height - (rows - 1) * 6) / rows;
    this.root.replaceChildren(...values.map((v) => tile(v, input, width, height, values.length === 1, widest)));
  }

  destroy(): void {
    this.root.remove();
  }
}

const stat: PanelModule = {
  mount: (host) => new StatView(host),
  describe: valuesInWords,
  toTable: (frames) => framesTable(frames),
};
export default stat;
