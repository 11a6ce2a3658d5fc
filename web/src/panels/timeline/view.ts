/** Rows of states over time on canvas: what the state timeline and the status history have in common. */
import { inkOn, mix, withAlpha } from '../../model/color/names';
import { number, oneOf } from '../../model/json';
import { formatTimeZoned } from '../../model/time/format';
import { sameRange, type TimeRange } from '../../model/time/range';
import { axisFont, paintTimeAxis, timeAxisRoom, type Box } from '../canvas/axes';
import { readInk, type Ink } from '../canvas/ink';
import { bands, type Bands } from '../canvas/scales';
import { TimeStage, type Place } from '../canvas/stage';
import { fitText, measure, paintText, widest } from '../canvas/text';
import { h } from '../dom';
import { pinActions } from '../pinned';
import { legendOptions, tooltipOptions } from '../timeseries/options';
import { hideTooltip, showTooltip, type MomentValues, type TooltipRow } from '../tooltip';
import type { PanelContext, PanelInput, PanelView } from '../types';
import { duration, rowHeightOf, stateAt, stateKeys, type Row, type State } from './states';

const tooltipRowsMax = 24;
const perPageDefault = 20;
const labelRoom = 12;
const nameHeight = 13;

export interface TimelineStyle {
  rows: (input: PanelInput) => Row[];
  /** Share of its own width a box fills. */
  boxWidth: (input: PanelInput) => number;
  /** How a state is told in words. */
  sentence: (row: Row, state: State, zone: string) => string;
  /** What the tooltip says about the state's stretch of time. */
  remark: (state: State, zone: string) => string;
  lineWidth: number;
}

const stateEntry = (row: Row, state: State, strong: boolean): TooltipRow => ({ color: state.color, name: row.title, value: state.text === '' ? '–' : state.text, strong });

export class TimelineView implements PanelView {
  private readonly root = h('div', { class: 'chart' });
  private readonly main = h('div', { class: 'chart-plot' });
  private readonly legend = h('div', { class: 'chart-legend' });
  private readonly pages = h('div', { class: 'chart-pages' });
  private readonly stage: TimeStage;
  private input: PanelInput | undefined;
  private rows: Row[] = [];
  private page = 0;
  private lanes: Bands = bands(0, 0, 0);
  private marked: { row: number; state: State } | undefined;

  constructor(host: HTMLElement, private readonly ctx: PanelContext, private readonly style: TimelineStyle) {
    this.root.append(h('div', { class: 'timeline-column' }, this.main, this.pages), this.legend);
    host.append(this.root);
    this.stage = new TimeStage(this.main, ctx, this, {
      onPointer: (at) => this.point(at),
      paintMark: (c) => this.paintMark(c),
      onRescale: () => this.paint(),
      onClick: (at) => this.pin(at.x),
      valuesAt: (t) => this.valuesAt(t),
    });
  }

  update(input: PanelInput): void {
    this.input = input;
    this.rows = this.style.rows(input);
    this.marked = undefined;
    this.page = Math.min(this.page, this.pageCount() - 1);
    this.drawLegend(input);
    this.drawPages();
    this.paint();
  }

  rescale(range: TimeRange): void {
    if (!this.input || sameRange(this.input.range, range)) return;
    this.input = { ...this.input, range };
    this.paint();
  }

  destroy(): void {
    hideTooltip(this);
    this.stage.destroy();
    this.root.remove();
  }

  /** Left and right go from state to state, `[` and `]` from row to row. */
  walk(points: number, series: number): string | undefined {
    const { input, rows } = this;
    if (!input || rows.length === 0) return undefined;
    const index = this.marked ? (this.marked.row + series + rows.length) % rows.length : 0;
    const row = rows[index];
    if (!row) return undefined;
    const now = this.marked?.row === index ? this.marked.state : (this.marked && stateAt(row, (this.marked.state.from + this.marked.state.to) / 2));
    const at = now ? row.states.indexOf(now) : points < 0 ? row.states.length : -1;
    const state = row.states[Math.min(row.states.length - 1, Math.max(0, at + (points === 0 && !now ? 1 : points)))];
    if (Math.floor(index / this.perPage()) !== this.page) {
      this.page = Math.floor(index / this.perPage());
      this.drawPages();
      this.paint();
    }
    if (!state) return `${row.title}: no value`;
    this.marked = { row: index, state };
    this.stage.show((Math.max(state.from, input.range.from) + Math.min(state.to, input.range.to)) / 2);
    return this.style.sentence(row, state, input.zone);
  }

  private perPage(): number {
    return Math.max(1, Math.round(number(this.input?.options['perPage']) ?? perPageDefault));
  }

  private pageCount(): number {
    return Math.max(1, Math.ceil(this.rows.length / this.perPage()));
  }

  private shown(): Row[] {
    return this.rows.slice(this.page * this.perPage(), (this.page + 1) * this.perPage());
  }

  private drawLegend(input: PanelInput): void {
    const options = legendOptions(input.options);
    const keys = options.show && input.options['legend'] !== false ? stateKeys(this.rows, input.theme) : [];
    this.root.classList.toggle('legend-right', options.placement === 'right');
    this.legend.hidden = keys.length === 0;
    this.legend.replaceChildren(h('ul', { class: 'legend-list' }, ...keys.map((k) => h('li', {},
      h('span', { class: 'swatch-key' }, h('span', { class: 'legend-swatch', style: { '--swatch': k.color } }), h('span', { class: 'legend-text', text: k.text }))))));
  }

  private drawPages(): void {
    const count = this.pageCount();
    this.pages.hidden = count < 2;
    if (count < 2) return;
    const turn = (label: string, sign: string, to: number): HTMLElement => h('button', {
      text: sign, attrs: { type: 'button', 'aria-label': label, disabled: to < 0 || to >= count },
      on: { click: () => { this.page = to; this.drawPages(); this.paint(); } },
    });
    const first = this.page * this.perPage() + 1;
    this.pages.replaceChildren(turn('Rows before', '‹', this.page - 1), `Rows ${first} to ${Math.min(this.rows.length, first + this.perPage() - 1)} of ${this.rows.length}`, turn('Rows after', '›', this.page + 1));
  }

  private paint(): void {
    const { input, stage } = this;
    if (!input) return;
    const ink = readInk(input.theme);
    const rows = this.shown();
    stage.surface.resize(Math.max(40, this.main.clientWidth), Math.max(40, this.main.clientHeight));
    const { width, height } = stage.surface;
    const names = Math.min(width * 0.38, Math.ceil(widest(rows.map((r) => r.title), axisFont)));
    const plot: Box = { left: rows.length > 0 ? names + labelRoom : 0, top: 2, right: width - 2, bottom: height - timeAxisRoom };
    stage.place(plot, input.range, input);
    this.lanes = bands(rows.length, plot.top, plot.bottom);
    stage.surface.paint((c) => {
      paintTimeAxis(c, plot, stage.x, input.zone, ink, width);
      // Names closer than their height would lie on each other.
      const stride = Math.max(1, Math.ceil(nameHeight / this.lanes.pitch));
      rows.forEach((row, i) => {
        if (i % stride === 0) paintText(c, row.title, plot.left - labelRoom + 2, this.lanes.center(i), { color: ink.text2, font: axisFont, align: 'right', room: names });
        this.paintRow(c, row, i, ink);
      });
      stage.paintMarks(c);
    });
    stage.repaint();
  }

  /** The place of a state's box, cut to the plot. */
  private box(state: State, lane: number): Box | undefined {
    const { input, stage } = this;
    if (!input) return undefined;
    const { plot, x } = stage;
    const share = this.style.boxWidth(input);
    const inset = ((x.at(state.to) - x.at(state.from)) * (1 - share)) / 2;
    const left = Math.max(plot.left, x.at(state.from) + inset);
    const right = Math.min(plot.right, x.at(state.to) - inset);
    if (right < plot.left || left > plot.right) return undefined;
    const tall = Math.max(1, this.lanes.pitch * rowHeightOf(input.options));
    return { left, right: Math.max(right, left + 1), top: this.lanes.center(lane) - tall / 2, bottom: this.lanes.center(lane) + tall / 2 };
  }

  private paintRow(c: CanvasRenderingContext2D, row: Row, lane: number, ink: Ink): void {
    const { input } = this;
    if (!input) return;
    const custom = row.field.config?.custom ?? {};
    const opacity = Math.min(1, Math.max(0, (number(custom['fillOpacity']) ?? 70) / 100));
    const line = number(custom['lineWidth']) ?? this.style.lineWidth;
    const show = oneOf(input.options['showValue'], ['auto', 'always', 'never'] as const, 'auto');
    const align = oneOf(input.options['alignValue'], ['left', 'center', 'right'] as const, 'left');
    let painted = -Infinity;
    for (const state of row.states) {
      const box = this.box(state, lane);
      // Samples closer than a pixel: one of them is enough.
      if (!box || box.right - painted < 0.5) continue;
      painted = box.right;
      const wide = box.right - box.left;
      const tall = box.bottom - box.top;
      c.fillStyle = withAlpha(state.color, opacity);
      c.beginPath();
      c.roundRect(box.left, box.top, wide, tall, Math.min(3, wide / 3, tall / 3));
      c.fill();
      if (line > 0 && wide > line * 2) {
        c.strokeStyle = state.color;
        c.lineWidth = line;
        c.beginPath();
        c.roundRect(box.left + line / 2, box.top + line / 2, wide - line, Math.max(0, tall - line), Math.min(3, wide / 3, tall / 3));
        c.stroke();
      }
      if (show === 'never' || wide < 14 || tall < 13 || state.text === '') continue;
      const room = wide - 8;
      const full = measure(state.text, axisFont) <= room;
      // Half a number would be another number.
      if (!full && (show === 'auto' || /^[-\d.,]+/.test(state.text) || fitText(state.text, room, (t) => measure(t, axisFont)) === '')) continue;
      const x = this.style.boxWidth(input) < 1 || align === 'center' ? (box.left + box.right) / 2 : align === 'left' ? box.left + 5 : box.right - 5;
      const at = this.style.boxWidth(input) < 1 ? 'center' : align;
      paintText(c, state.text, x, (box.top + box.bottom) / 2, { color: inkOn(mix(ink.panel, state.color, opacity)), font: axisFont, align: at, room });
    }
  }

  private paintMark(c: CanvasRenderingContext2D): void {
    const { marked, input } = this;
    if (!marked || !input) return;
    const lane = marked.row - this.page * this.perPage();
    if (lane < 0 || lane >= this.lanes.count) return;
    const box = this.box(marked.state, lane);
    if (!box) return;
    c.strokeStyle = readInk(input.theme).text1;
    c.lineWidth = 1.5;
    c.beginPath();
    c.roundRect(box.left, box.top, box.right - box.left, box.bottom - box.top, 3);
    c.stroke();
  }

  private pin(x: number): void {
    const { input, marked } = this;
    const field = marked && this.rows[marked.row]?.field;
    if (!input) return;
    const place = field ? { field, row: Math.max(0, field.values.indexOf(marked.state.value)), fields: [field], time: marked.state.from } : undefined;
    pinActions(this, this.ctx, input, place, this.stage.x.value(x));
  }

  /** The state of every row on the page. */
  private statesAt(t: number, marked?: Row): TooltipRow[] {
    return this.shown().flatMap((r) => { const s = stateAt(r, t); return s ? [stateEntry(r, s, r === marked)] : []; });
  }

  private valuesAt(t: number): MomentValues | undefined {
    const { input } = this;
    if (!input || tooltipOptions(input.options).mode === 'none') return undefined;
    return { heading: formatTimeZoned(Math.round(t), input.zone), rows: this.statesAt(t) };
  }

  private point(at: Place | null): void {
    const { input, stage } = this;
    const options = tooltipOptions(input?.options ?? {});
    const lane = at ? this.lanes.index(at.y) : undefined;
    const index = lane === undefined ? -1 : lane + this.page * this.perPage();
    const row = this.rows[index];
    const t = at ? stage.x.value(at.x) : 0;
    const state = row && stateAt(row, t);
    this.marked = row && state ? { row: index, state } : undefined;
    if (!input || !at || options.mode === 'none' || (options.mode === 'single' && !state)) {
      hideTooltip(this);
      return;
    }
    const all = options.mode === 'multi' ? this.statesAt(t, row) : row && state ? [stateEntry(row, state, false)] : [];
    if (all.length === 0) {
      hideTooltip(this);
      return;
    }
    const below = state ? h('div', { class: 'tooltip-more', text: this.style.remark(state, input.zone) }) : undefined;
    showTooltip(this, { x: at.clientX, y: at.clientY }, formatTimeZoned(Math.round(t), input.zone), all.slice(0, tooltipRowsMax), all.length - tooltipRowsMax, below, options);
  }
}

export const spanText = (state: State): string => duration(state.to - state.from);
