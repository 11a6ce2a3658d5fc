/** From the builder to text. */
import { operation, type Operation } from './operations';
import { labelText, plainMetric, quoteText } from './text';
import type { Step, VisualQuery } from './types';

/** How strongly an operator binds; brackets are set where the inner one binds less. */
const strength: Record<string, number> = { '^': 6, '*': 5, '/': 5, '%': 5, '+': 4, '-': 4, '==': 3, '!=': 3, '<': 3, '<=': 3, '>': 3, '>=': 3 };
export const bindingOf = (id: string): number => strength[id] ?? 9;

function selector({ metric, filters }: VisualQuery): string {
  const inside = filters.filter((f) => f.label !== '').map((f) => `${labelText(f.label)}${f.op}${quoteText(f.value)}`);
  const plain = metric === '' || plainMetric(metric);
  if (!plain) inside.unshift(quoteText(metric));
  return `${plain ? metric : ''}${inside.length > 0 ? `{${inside.join(', ')}}` : ''}`;
}

function parameter(o: Operation, index: number, value: string): string[] {
  const p = o.params[index];
  if (!p || (p.optional && value === '')) return [];
  if (p.kind !== 'text') return [value === '' ? p.initial : value];
  return p.many ? value.split(',').map((v) => v.trim()).filter((v) => v !== '').map(quoteText) : [quoteText(value)];
}

function apply(inner: string, step: Step, o: Operation, first: boolean): string {
  if (o.kind === 'operator' || o.kind === 'comparison') return `${inner} ${o.id} ${step.params[0] || '0'}`;
  const own = o.params.map((p, i) => ({ p, texts: parameter(o, i, step.params[i] ?? p.initial) })).filter(({ p }) => p.kind !== 'range');
  let argument = inner;
  if (o.kind === 'range') {
    const window = step.params[0] || '5m';
    argument = first || window.includes(':') ? `${inner}[${window}]` : `${inner}[${window}:]`;
  }
  const before = own.slice(0, o.before).flatMap((x) => x.texts);
  const after = own.slice(o.before).flatMap((x) => x.texts);
  const call = `(${[...before, argument, ...after].join(', ')})`;
  const g = step.grouping;
  // Aggregation over nothing is the plain form; "without ()" means something else and is kept.
  if (g && (g.labels.length > 0 || !g.by)) return `${o.id} ${g.by ? 'by' : 'without'} (${g.labels.map(labelText).join(', ')}) ${call}`;
  return `${o.id}${call}`;
}

export function printQuery(query: VisualQuery): string {
  let out = selector(query);
  if (out === '') return '';
  /** How strongly what is there so far holds together. */
  let binding = 9;
  query.steps.forEach((step, i) => {
    const o = operation(step.id);
    if (!o) return;
    const infix = o.kind === 'operator' || o.kind === 'comparison';
    const own = infix ? bindingOf(o.id) : 9;
    const subquery = o.kind === 'range' && i > 0;
    // Powers are read from the right, all others from the left.
    if (infix ? binding < own || (o.id === '^' && binding === own) : subquery && binding < 9) out = `(${out})`;
    out = apply(out, step, o, i === 0);
    binding = own;
  });
  return out;
}
