/** The pie chart panel: shares of a whole as a pie or a ring, in our own SVG. */
import { inkOn } from '../../model/color/names';
import type { Cell, Field } from '../../model/frame';
import type { Table } from '../../model/table';
import { fontFamily, h, svg, textWidth } from '../dom';
import { tooltipOptions } from '../timeseries/options';
import { pinActions } from '../pinned';
import { hideTooltip, isPinned, showTooltip, unpinTooltip, type TooltipRow } from '../tooltip';
import type { PanelContext, PanelInput, PanelModule, PanelView } from '../types';
import { renderPieLegend } from './legend';
import { labelPlace, pieOptions, pieSlices, slicePath, type PieOptions, type Slice } from './slices';
import '../canvas/canvas.css';
import './piechart.css';

const tooltipRowsMax = 24;
/** Radius in units of the drawing. */
const outer = 100;
const hole = 58;
const none: ReadonlySet<string> = new Set();

class PieView implements PanelView {
  private readonly root = h('div', { class: 'chart' });
  private readonly plot = h('div', { class: 'chart-plot pie-plot' });
  private readonly legend = h('div', { class: 'chart-legend' });
  private input: PanelInput | undefined;
  private slices: Slice[] = [];
  private paths = new Map<Slice, SVGElement>();
  private hidden = new Set<string>();
  private at: number | undefined;

  constructor(host: HTMLElement, private readonly ctx: PanelContext) {
    this.root.append(this.plot, this.legend);
    host.append(this.root);
    this.plot.addEventListener('pointerleave', () => this.point(null));
  }

  update(input: PanelInput): void {
    this.input = input;
    const options = pieOptions(input.options);
    this.slices = pieSlices(input.frames, input.options, this.hidden, input.theme);
    this.at = undefined;
    // Beside a pie there must be room for the pie.
    const right = options.legend.placement === 'right' && input.size.width > 260 && input.size.width > input.size.height * 0.9;
    this.root.classList.toggle('legend-right', right);
    this.legend.hidden = !options.legend.show;
    this.legend.classList.toggle('as-table', options.legend.table);
    if (right && options.legend.width !== undefined) this.legend.style.width = `${options.legend.width}px`;
    else this.legend.style.removeProperty('width');
    if (options.legend.show) {
      renderPieLegend(this.legend, { slices: this.slices, options: options.legend, onToggle: (title, add) => this.toggle(title, add), onHover: (title) => this.emphasise(this.slices.find((s) => s.title === title) ?? null) });
    }
    this.draw(options);
  }

  destroy(): void {
    hideTooltip(this);
    this.root.remove();
  }

  walk(points: number, series: number): string | undefined {
    const shown = this.slices.filter((s) => !s.hidden);
    if (shown.length === 0) return undefined;
    const before = this.at ?? (points + series < 0 ? 0 : -1);
    this.at = (before + points + series + shown.length) % shown.length;
    const slice = shown[this.at];
    if (!slice) return undefined;
    this.emphasise(slice);
    return `${slice.title}: ${slice.valueText}, ${slice.percentText}`;
  }

  private toggle(title: string, add: boolean): void {
    const titles = this.slices.map((s) => s.title);
    if (add) {
      if (!this.hidden.delete(title)) this.hidden.add(title);
    } else {
      const alone = titles.every((t) => this.hidden.has(t) === (t !== title));
      this.hidden = new Set(alone ? [] : titles.filter((t) => t !== title));
    }
    if (titles.every((t) => this.hidden.has(t))) this.hidden.clear();
    if (this.input) this.update(this.input);
  }

  private draw(options: PieOptions): void {
    const inner = options.donut ? hole : 0;
    this.paths = new Map();
    const side = Math.max(40, Math.min(this.plot.clientWidth, this.plot.clientHeight));
    /** Units of the drawing per CSS pixel: texts keep their size. */
    const unit = (outer * 2 + 8) / side;
    const picture = svg('svg', { class: 'pie', attrs: { viewBox: `${-outer - 4} ${-outer - 4} ${outer * 2 + 8} ${outer * 2 + 8}`, role: 'presentation' }, style: { width: `${side}px`, height: `${side}px` } });
    const words: SVGElement[] = [];
    let from = 0;
    for (const slice of this.slices) {
      const to = from + slice.share;
      const d = slicePath(from, to, outer, inner);
      if (d !== '') {
        const path = svg('path', { class: 'pie-slice', attrs: { d, fill: slice.color, 'stroke-width': 1.5 * unit } });
        path.addEventListener('pointermove', (e) => this.point(slice, e));
      path.addEventListener('click', () => this.pin(slice));
        this.paths.set(slice, path);
        picture.append(path);
        const label = this.words(slice, options, from, to, inner, unit);
        if (label) words.push(label);
      }
      from = to;
    }
    if (this.paths.size === 0) picture.append(svg('circle', { class: 'pie-empty', attrs: { r: outer - 1, cx: 0, cy: 0, 'stroke-width': 2 * unit } }));
    picture.append(...words);
    this.plot.replaceChildren(picture);
  }

  /** Name, value and share inside the slice, where they fit. */
  private words(slice: Slice, options: PieOptions, from: number, to: number, inner: number, unit: number): SVGElement | undefined {
    const lines = [options.labels.name ? slice.title : '', options.labels.value ? slice.valueText : '', options.labels.percent ? slice.percentText : ''].filter((l) => l !== '');
    if (lines.length === 0) return undefined;
    const size = 12 * unit;
    const radius = slice.share > 0.999 && inner === 0 ? 0 : inner > 0 ? (outer + inner) / 2 : outer * 0.66;
    const room = Math.min(inner > 0 ? outer - inner : outer * 0.62, slice.share > 0.45 ? Infinity : 2 * radius * Math.sin(Math.PI * slice.share));
    const fits = (line: string): boolean => textWidth(line, `500 12px ${fontFamily}`) * unit <= room * 0.9;
    const shown = lines.filter(fits);
    const tall = slice.share > 0.45 ? outer : 2 * radius * Math.sin(Math.PI * Math.min(0.5, slice.share)) + size;
    if (shown.length === 0 || shown.length * size * 1.15 > tall) return undefined;
    const at = labelPlace(from, to, radius);
    return svg('text', { class: 'pie-words', attrs: { x: at.x, y: at.y, 'font-size': size, fill: inkOn(slice.color), 'text-anchor': 'middle' } },
      ...shown.map((line, i) => svg('tspan', { text: line, attrs: { x: at.x, dy: i === 0 ? size * (0.35 - (shown.length - 1) * 0.575) : size * 1.15 } })));
  }

  private pin(slice: Slice): void {
    if (isPinned()) {
      unpinTooltip();
      return;
    }
    const { field } = slice;
    const row = Math.max(0, field.values.lastIndexOf(slice.value));
    if (this.input) pinActions(this, this.ctx, this.input, { field, row, fields: this.input.frames.find((f) => f.fields.includes(field))?.fields ?? [field] }, undefined);
  }

  private emphasise(slice: Slice | null): void {
    for (const [s, path] of this.paths) path.classList.toggle('dim', slice !== null && s !== slice);
  }

  private point(slice: Slice | null, e?: PointerEvent): void {
    this.emphasise(slice);
    const options = tooltipOptions(this.input?.options ?? {});
    if (!slice || !e || options.mode === 'none') {
      hideTooltip(this);
      return;
    }
    let entries = options.mode === 'multi' ? this.slices.filter((s) => !s.hidden && !s.hideTooltip && !(options.hideZeros && s.value === 0)) : [slice];
    if (options.mode === 'multi' && options.sort !== 'none') entries = [...entries].sort((a, b) => (options.sort === 'asc' ? a.value - b.value : b.value - a.value));
    const rows = entries.slice(0, tooltipRowsMax).map((s): TooltipRow => ({ color: s.color, name: s.title, value: `${s.valueText} (${s.percentText})`, strong: options.mode === 'multi' && s === slice }));
    showTooltip(this, { x: e.clientX, y: e.clientY }, options.mode === 'multi' ? 'Shares' : '', rows, entries.length - rows.length, undefined, options);
  }
}

function table(slices: readonly Slice[]): Table {
  const name: Field = { name: 'Name', type: 'string', values: slices.map((s) => s.title) };
  const first = slices[0]?.field;
  const value: Field = { ...(first ?? { type: 'number' as const }), name: 'Value', title: 'Value', type: 'number', values: slices.map((s) => s.value) };
  const share: Field = { name: 'Share', type: 'string', values: slices.map((s) => s.percentText) };
  return {
    columns: [{ title: 'Name', field: name, numeric: false }, { title: 'Value', field: value, numeric: true }, { title: 'Share', field: share, numeric: true }],
    rows: slices.map((s): Cell[] => [s.title, Number.isFinite(s.value) ? s.value : null, s.percentText]),
  };
}

const toldMax = 12;

const piechart: PanelModule = {
  mount: (host, ctx) => new PieView(host, ctx),
  describe: (frames, options) => {
    const slices = pieSlices(frames, options, none, 'light');
    return `${pieOptions(options).donut ? 'Ring' : 'Pie'} of ${slices.length} shares. ${slices.slice(0, toldMax).map((s) => `${s.title}: ${s.valueText}, ${s.percentText}`).join('; ')}${slices.length > toldMax ? '; and more' : ''}.`;
  },
  toTable: (frames, options) => table(pieSlices(frames, options, none, 'light')),
};
export default piechart;
