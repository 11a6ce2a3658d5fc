/** From text to the builder, by Prometheus' grammar; what the builder cannot show is said in a sentence. */
import { parser } from '@prometheus-io/lezer-promql';
import { maskNewer } from '../newer';
import { maskVariables } from '../variables';
import { operation } from './operations';
import { plainLabel, readText } from './text';
import type { Filter, MatchOperator, Step, VisualQuery } from './types';

export type ParsedQuery = { query: VisualQuery; problem?: undefined } | { query?: undefined; problem: string };

type Node = ReturnType<typeof parser.parse>['topNode'];

/** Why the builder gives up; the text stays as it is. */
class Unshown extends Error {}
const refuse = (why: string): never => {
  throw new Unshown(why);
};

const children = (node: Node): Node[] => {
  const out: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) out.push(child);
  return out;
};

class Reader {
  constructor(private readonly text: string) {}

  slice(node: Node): string {
    return this.text.slice(node.from, node.to);
  }

  literal(node: Node): string {
    return readText(this.slice(node)) ?? refuse(`The builder cannot show the escape in ${this.slice(node)}.`);
  }

  expression(node: Node): VisualQuery {
    switch (node.name) {
      case 'VectorSelector': return this.selector(node);
      case 'ParenExpr': return this.expression(children(node)[0] ?? node);
      case 'AggregateExpr': return this.aggregation(node);
      case 'FunctionCall': return this.call(node);
      case 'BinaryExpr': return this.binary(node);
      case 'MatrixSelector': return refuse('The builder needs a function such as rate around a range like [5m].');
      case 'OffsetExpr': return refuse('The builder has no “offset”.');
      case 'StepInvariantExpr': return refuse('The builder has no “@”, which fixes the time.');
      case 'SubqueryExpr': return refuse('The builder needs a function such as max_over_time around a subquery.');
      case 'UnaryExpr': return refuse('The builder has no sign before an expression.');
      case 'NumberDurationLiteral': case 'StringLiteral': return refuse('The builder begins with a metric; this query is a plain value.');
      default: return refuse(`The builder cannot show “${this.slice(node)}”.`);
    }
  }

  private selector(node: Node): VisualQuery {
    let metric = '';
    const filters: Filter[] = [];
    for (const child of children(node)) {
      if (child.name === 'Identifier') metric = this.slice(child);
      else for (const m of children(child)) {
        if (m.name === 'QuotedLabelName') {
          metric = this.literal(m.firstChild ?? m);
          continue;
        }
        const [name, op, value] = children(m);
        if (!name || !op || !value) refuse('A filter is not complete.');
        else filters.push({ label: name.name === 'LabelName' ? this.slice(name) : this.literal(name.firstChild ?? name), op: this.slice(op) as MatchOperator, value: this.literal(value) });
      }
    }
    const named = filters.findIndex((f) => f.label === '__name__' && f.op === '=');
    if (metric === '' && named >= 0) metric = filters.splice(named, 1)[0]?.value ?? '';
    return { metric, filters, steps: [] };
  }

  private with(query: VisualQuery, step: Step): VisualQuery {
    return { ...query, steps: [...query.steps, step] };
  }

  private parameter(node: Node): string {
    if (node.name === 'StringLiteral') return this.literal(node);
    const text = this.slice(node);
    const plain = node.name === 'NumberDurationLiteral' || (node.name === 'UnaryExpr' && node.lastChild?.name === 'NumberDurationLiteral') || plainLabel(text) && text.startsWith('$');
    return plain ? text : refuse(`The builder takes plain numbers and texts as parameters, not “${text}”.`);
  }

  private aggregation(node: Node): VisualQuery {
    const parts = children(node);
    const id = this.slice(parts[0] ?? node).toLowerCase();
    const body = parts.find((p) => p.name === 'FunctionCallBody');
    const modifier = parts.find((p) => p.name === 'AggregateModifier');
    const grouping = modifier && {
      by: modifier.firstChild?.name === 'By',
      labels: children(modifier).filter((c) => c.name === 'GroupingLabels').flatMap(children).map((l) => (l.name === 'LabelName' ? this.slice(l) : this.literal(l.firstChild ?? l))),
    };
    return this.operation(id, body ? children(body) : [], grouping);
  }

  private call(node: Node): VisualQuery {
    const [name, body] = children(node);
    return this.operation(name ? this.slice(name) : '', body ? children(body) : [], undefined);
  }

  /** Functions and aggregations alike: one argument is a query, the others are parameters in their order. */
  private operation(id: string, given: Node[], grouping: Step['grouping']): VisualQuery {
    const o = operation(id);
    if (!o) return refuse(`The builder does not have “${id}”.`);
    const argument = given[o.before];
    if (!argument) return refuse(`“${id}” has too few parameters.`);
    const values = [...given.slice(0, o.before), ...given.slice(o.before + 1)].map((n) => this.parameter(n));
    const own = o.params.filter((p) => p.kind !== 'range');
    const last = own.at(-1);
    if (last?.many) values.splice(own.length - 1, Infinity, values.slice(own.length - 1).join(', '));
    if (values.length > own.length || own.slice(values.length).some((p) => !p.optional)) refuse(`“${id}” has another number of parameters than the builder knows.`);
    const params = [...values, ...own.slice(values.length).map(() => '')];
    const step: Step = { id, params, ...(o.kind === 'aggregation' && grouping ? { grouping } : {}) };
    if (o.kind !== 'range') return this.with(this.expression(argument), step);
    const { window, inner } = this.range(argument);
    return this.with(inner, { ...step, params: [window, ...params] });
  }

  private range(node: Node): { window: string; inner: VisualQuery } {
    if (node.name !== 'MatrixSelector' && node.name !== 'SubqueryExpr') {
      if (node.name === 'OffsetExpr') refuse('The builder has no “offset”.');
      return refuse(`The builder expects a range such as [5m] in “${this.slice(node)}”.`);
    }
    const of = node.firstChild ?? node;
    const inner = this.expression(of);
    const window = this.text.slice(of.to, node.to).trim().slice(1, -1).trim();
    if (node.name === 'MatrixSelector') return { window, inner };
    // Without a step of its own a subquery is what the builder writes anyway; over a bare selector the colon must stay.
    return { window: inner.steps.length > 0 ? window.replace(/:\s*$/, '') : window, inner };
  }

  private binary(node: Node): VisualQuery {
    const parts = children(node);
    const left = parts[0];
    const right = parts.at(-1);
    const op = parts[1] ? this.slice(parts[1]) : '';
    if (!left || !right || parts.length !== 3) {
      return refuse(parts.some((p) => p.name === 'BoolModifier') ? 'The builder has no “bool”.' : 'The builder has no matching of labels between two queries.');
    }
    const isNumber = (n: Node): boolean => n.name === 'NumberDurationLiteral' || (n.name === 'UnaryExpr' && n.lastChild?.name === 'NumberDurationLiteral') || /^\$(\w+|\{[^}]*\})$/.test(this.slice(n));
    if (!isNumber(right)) return refuse(isNumber(left) ? 'The builder has the number at the right of an operator, not at the left.' : 'The builder combines a query with a number, not with another query.');
    if (!operation(op)) return refuse(`The builder does not have the operator “${op}”.`);
    return this.with(this.expression(left), { id: op, params: [this.slice(right)] });
  }
}

/** Reads a query; an empty text is an empty query. */
export function parseQuery(text: string): ParsedQuery {
  if (text.trim() === '') return { query: { metric: '', filters: [], steps: [] } };
  const tree = parser.parse(maskNewer(maskVariables(text)));
  let broken = false;
  let comment = false;
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) broken = true;
      if (node.name === 'LineComment') comment = true;
    },
  });
  if (broken) return { problem: 'The query has a mistake in it; the builder can show it when it is put right.' };
  if (comment) return { problem: 'The builder would lose the comment in this query.' };
  const top = tree.topNode.firstChild;
  if (!top) return { problem: 'The query is empty.' };
  try {
    return { query: new Reader(text).expression(top) };
  } catch (error) {
    if (error instanceof Unshown) return { problem: error.message };
    throw error;
  }
}
