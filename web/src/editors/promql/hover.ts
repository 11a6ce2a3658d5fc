/** What a word of a query means, shown under the pointer: functions, aggregations, and metrics with type, unit and help. */
import { syntaxTree } from '@codemirror/language';
import { hoverTooltip, type Tooltip } from '@codemirror/view';
import { metadataOf } from './client';
import { describeFunction } from './words';

function box(title: string, facts: readonly string[], text: string): HTMLElement {
  const root = document.createElement('div');
  root.className = 'promql-hover';
  const head = document.createElement('p');
  const name = document.createElement('strong');
  name.textContent = title;
  head.append(name);
  for (const fact of facts) {
    const chip = document.createElement('span');
    chip.className = 'chip';
    chip.textContent = fact;
    head.append(' ', chip);
  }
  const body = document.createElement('p');
  body.textContent = text;
  root.append(head, body);
  return root;
}

export const hoverHelp = (source: () => string): ReturnType<typeof hoverTooltip> => hoverTooltip(async (view, pos, side): Promise<Tooltip | null> => {
  const node = syntaxTree(view.state).resolveInner(pos, side);
  const text = view.state.sliceDoc(node.from, node.to);
  const show = (make: () => HTMLElement): Tooltip => ({ pos: node.from, end: node.to, above: true, create: () => ({ dom: make() }) });
  if (node.name === 'Identifier') {
    const known = (await metadataOf(source()).catch(() => ({})) as Awaited<ReturnType<typeof metadataOf>>);
    // Histograms and summaries are described under the name without the suffix.
    const meta = (known[text] ?? known[text.replace(/_(bucket|sum|count|total)$/, '')])?.[0];
    if (!meta) return null;
    return show(() => box(text, [meta.type, meta.unit].filter((f) => f !== '' && f !== 'unknown'), meta.help || 'The metric comes without a description.'));
  }
  const what = /^\w+$/.test(text) ? describeFunction(text) : undefined;
  return what === undefined ? null : show(() => box(text.toLowerCase(), [node.parent?.name === 'AggregateOp' || node.name === 'AggregateOp' ? 'aggregation' : 'function'], `${what}.`));
}, { hideOnChange: true, hoverTime: 300 });
