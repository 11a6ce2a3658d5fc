/** The legend of a chart with what a person did to it: series put aside, columns sorted. */
import { h } from './dom';
import { renderLegend, type LegendSeries } from './timeseries/legend';
import type { LegendOptions } from './timeseries/options';

export class LegendBox {
  readonly element = h('div', { class: 'chart-legend' });
  /** Titles of the series a person has put aside. */
  hidden = new Set<string>();
  private sort: { by: string; desc: boolean } | undefined;

  /** `root` is the chart's own element; `onChange` when other series are to be shown, `onHover` when one is pointed at. */
  constructor(private readonly root: HTMLElement, private readonly onChange: () => void, private readonly onHover: (title: string | null) => void) {
    root.append(this.element);
  }

  draw(series: readonly LegendSeries[], options: LegendOptions): void {
    this.root.classList.toggle('legend-right', options.placement === 'right');
    this.element.hidden = !options.show || series.length === 0;
    this.element.classList.toggle('as-table', options.mode === 'table');
    if (options.placement === 'right' && options.width !== undefined) this.element.style.width = `${options.width}px`;
    else this.element.style.removeProperty('width');
    if (this.element.hidden) return;
    renderLegend(this.element, {
      series, options, hidden: this.hidden,
      sort: this.sort ?? { by: options.sortBy, desc: options.sortDesc },
      onToggle: (title, add) => this.toggle(series.map((s) => s.title), title, add),
      onHover: this.onHover,
      onSort: (by) => {
        this.sort = this.sort?.by === by ? (this.sort.desc ? { by, desc: false } : { by: '', desc: false }) : { by, desc: true };
        this.draw(series, options);
      },
    });
  }

  /** A click shows one alone, or all again; with Ctrl or Cmd it takes one in or out. */
  private toggle(titles: readonly string[], title: string, add: boolean): void {
    if (add) {
      if (!this.hidden.delete(title)) this.hidden.add(title);
    } else {
      const alone = titles.every((t) => this.hidden.has(t) === (t !== title));
      this.hidden = new Set(alone ? [] : titles.filter((t) => t !== title));
    }
    if (titles.every((t) => this.hidden.has(t))) this.hidden.clear();
    this.onChange();
  }
}
