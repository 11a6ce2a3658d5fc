/** The text panel: Markdown or HTML, sanitised before it touches the page. Its parser loads only when a dashboard has such a panel. */
import { marked } from 'marked';
import { oneOf, text as asText } from '../../model/json';
import { h } from '../dom';
import type { PanelInput, PanelModule, PanelView } from '../types';
import { sanitize } from './sanitize';

function render(input: PanelInput): Node {
  const mode = oneOf(input.options['mode'], ['markdown', 'html', 'code'] as const, 'markdown');
  const content = input.interpolate(asText(input.options['content']));
  if (mode === 'code') return h('pre', { class: 'text-code', text: content });
  const html = mode === 'markdown' ? marked.parse(content, { async: false, gfm: true }) : content;
  return sanitize(html);
}

class TextView implements PanelView {
  private readonly root = h('div', { class: 'prose' });
  private before = '';

  constructor(host: HTMLElement) {
    host.append(this.root);
  }

  update(input: PanelInput): void {
    const now = JSON.stringify([input.options['mode'], input.interpolate(asText(input.options['content']))]);
    if (now === this.before) return;
    this.before = now;
    this.root.replaceChildren(render(input));
    for (const link of this.root.querySelectorAll('a[href^="http"]')) link.setAttribute('rel', 'noopener noreferrer');
  }

  destroy(): void {
    this.root.remove();
  }
}

const text: PanelModule = {
  mount: (host) => new TextView(host),
  describe: (_frames, options) => asText(options['content']).slice(0, 200),
  toTable: () => ({ columns: [], rows: [] }),
};
export default text;
