/** Panels that show what the portal knows instead of answers of queries: they ask again with every refresh, range and option. */
import './portal.css';
import { h } from './dom';
import type { Options, PanelInput, PanelModule, PanelView } from './types';
import { wordsOf } from '../model/errors';

interface PortalPart<T> {
  /** Names the content for people who do not see it. */
  name: (options: Options) => string;
  /** What the answer depends on besides the moment of the refresh and the options. */
  depends?: (input: PanelInput) => unknown;
  ask: (input: PanelInput, signal: AbortSignal) => Promise<T>;
  /** Hears of what else changes the list; answers what ends it. `again` waits until the list is in sight. */
  watch?: (act: { again: () => void; redraw: () => void }) => () => void;
  /** `again` asks anew, `redraw` draws the same answer, after a person changed something in the panel. */
  draw: (answer: T, input: PanelInput, act: { again: () => void; redraw: () => void; memory: Map<string, string> }) => Node[];
}

class PortalView<T> implements PanelView {
  private readonly root = h('div', { class: 'portal-list', attrs: { tabindex: 0, role: 'region' } });
  private input: PanelInput | undefined;
  private key = '';
  private answer: { value: T } | undefined;
  private asking: AbortController | undefined;
  /** What a person chose in the panel; lives as long as the panel is shown. */
  private readonly memory = new Map<string, string>();
  /** Lists out of sight ask when they come near it, like the queries of other panels. */
  private readonly sight: IntersectionObserver;
  private seen = false;
  private due = false;
  private readonly unwatch: (() => void) | undefined;

  constructor(host: HTMLElement, private readonly part: PortalPart<T>) {
    host.append(this.root);
    this.sight = new IntersectionObserver((entries) => {
      this.seen = entries.at(-1)?.isIntersecting ?? false;
      if (this.seen && this.due) void this.ask();
    }, { rootMargin: '300px' });
    this.sight.observe(this.root);
    this.unwatch = part.watch?.({ again: () => this.askInSight(), redraw: () => this.draw() });
  }

  update(input: PanelInput): void {
    this.input = input;
    this.root.setAttribute('aria-label', this.part.name(input.options));
    const key = JSON.stringify([input.page?.asked, input.page?.uid, input.options, this.part.depends?.(input)]);
    if (key === this.key) this.draw();
    else {
      this.key = key;
      this.askInSight();
    }
  }

  destroy(): void {
    this.unwatch?.();
    this.sight.disconnect();
    this.asking?.abort();
    this.root.remove();
  }

  private askInSight(): void {
    if (this.seen) void this.ask();
    else this.due = true;
  }

  private async ask(): Promise<void> {
    const input = this.input;
    if (!input) return;
    this.due = false;
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    if (this.answer === undefined) this.root.replaceChildren(h('p', { class: 'portal-note', text: 'Loading…' }));
    try {
      const answer = await this.part.ask(input, asking.signal);
      if (asking.signal.aborted) return;
      this.answer = { value: answer };
      this.draw();
    } catch (error) {
      if (asking.signal.aborted) return;
      const retry = h('button', { class: 'button', text: 'Try again', attrs: { type: 'button' }, on: { click: () => void this.ask() } });
      const message = wordsOf(error);
      // What was there before is still worth reading.
      if (this.answer !== undefined) this.draw();
      else this.root.replaceChildren();
      this.root.prepend(h('div', { class: 'portal-problem', attrs: { role: 'status' } }, h('p', { text: `This could not be loaded: ${message}` }), retry));
    }
  }

  private draw(): void {
    if (this.answer === undefined || !this.input) return;
    const act = { again: () => void this.ask(), redraw: () => this.draw(), memory: this.memory };
    const scroll = this.root.scrollTop;
    // The element a person stands on is made anew; the one at the same place takes its focus.
    const held = this.root.contains(document.activeElement) ? [...this.root.querySelectorAll('a, button')].indexOf(document.activeElement as Element) : -1;
    this.root.replaceChildren(...this.part.draw(this.answer.value, this.input, act));
    if (held >= 0) this.root.querySelectorAll<HTMLElement>('a, button')[held]?.focus();
    this.root.scrollTop = scroll;
  }
}

export const portalPanel = <T>(part: PortalPart<T>): PanelModule => ({
  mount: (host) => new PortalView(host, part),
  describe: (_frames, options) => part.name(options),
  toTable: () => ({ columns: [], rows: [] }),
});

/** The sentence that stands where a list has nothing. */
export const note = (words: string): HTMLElement => h('p', { class: 'portal-note', text: words });
