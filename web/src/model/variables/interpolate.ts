/** Fills variables into text: the page's own, a panel's scoped ones, and the built-in ones for time and dashboard. */
import type { RawRange, TimeRange } from '../time/range';
import { formatValues } from './formats';
import { intervalText } from './options';
import { spellsAll, type VariableState, type VariableValues } from './state';
import { replaceReferences } from './syntax';

export interface InterpolationContext {
  variables: VariableValues;
  scoped?: VariableValues;
  range: TimeRange;
  /** The range as the address has it, where a link may lead: a page that follows the clock leads to one that does. */
  raw?: RawRange;
  zone: string;
  dashboard: { uid: string; title: string };
  user: { login: string; email: string };
}

/** Names the server fills in, because only it knows the step and the scrape interval. */
const serverSide = new Set(['__interval', '__interval_ms', '__rate_interval', '__rate_interval_ms', '__range', '__range_s', '__range_ms', '__auto']);

function builtIn(name: string, path: string | undefined, ctx: InterpolationContext): string | undefined {
  switch (name) {
    case '__from': return String(Math.round(ctx.range.from));
    case '__to': return String(Math.round(ctx.range.to));
    case '__dashboard': return path === 'uid' ? ctx.dashboard.uid : ctx.dashboard.title;
    case '__org': return path === 'name' ? 'Main Org.' : '1';
    case '__user': return path === 'email' ? ctx.user.email : path === 'id' ? '' : ctx.user.login;
    case '__timezone': return ctx.zone;
    case 'timeFilter':
    case '__timeFilter': return '';
    default: return undefined;
  }
}

type DefaultFormat = 'glob' | 'prometheus' | 'text';

/** In a link, `${__url_time_range}` and `${__all_variables}`. */
function urlPart(name: string, ctx: InterpolationContext): string | undefined {
  if (name === '__url_time_range') {
    const { from, to } = ctx.raw ?? { from: String(Math.round(ctx.range.from)), to: String(Math.round(ctx.range.to)) };
    return `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
  }
  if (name === '__all_variables') {
    return Object.values({ ...ctx.variables, ...ctx.scoped }).map((v) => formatValues({ name: v.name, values: v.isAll ? ['$__all'] : v.values, texts: v.texts, zone: ctx.zone }, 'queryparam')).join('&');
  }
  return undefined;
}

/** The context without a variable, whose own value must not lead back to it. */
function without(name: string, ctx: InterpolationContext): InterpolationContext {
  const rest = (values: VariableValues): VariableValues => Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
  return { ...ctx, variables: rest(ctx.variables), ...(ctx.scoped ? { scoped: rest(ctx.scoped) } : {}) };
}

function write(variable: VariableState, wanted: string | undefined, fallback: DefaultFormat, ctx: InterpolationContext): string {
  const { zone } = ctx;
  const format = wanted ?? (fallback === 'text' ? 'text' : undefined);
  // A custom "all" value is the author's own expression, with other variables in it: written as it is, but for formats that quote.
  if (spellsAll(variable)) {
    if (format === 'text') return 'All';
    if (format === 'percentencode' || format === 'queryparam') return formatValues({ name: variable.name, values: [variable.allValue], texts: ['All'], zone }, format);
    return interpolate(variable.allValue, without(variable.name, ctx), fallback);
  }
  const input = { name: variable.name, values: variable.values, texts: variable.isAll && format === 'text' ? ['All'] : variable.texts, zone };
  if (format !== undefined) return formatValues(input, format);
  // A single-value variable goes into PromQL as it is: it may be a metric name or a whole expression.
  if (fallback === 'prometheus') return variable.multi || variable.isAll ? formatValues(input, 'prometheus') : formatValues(input, 'raw');
  return formatValues(input, 'glob');
}

/**
 * A label that is compared with a variable of several values, or of all, is compared with their pattern, also where the query says `=`:
 * no label is that pattern itself, and the escapes of a single value would keep it from being found.
 */
function comparePatterns(text: string, ctx: InterpolationContext): string {
  return text.replace(/(?<![=!<>])(!?=)(\s*)(["'])(\$(\w+)|\$\{(\w+)\}|\[\[(\w+)\]\])\3/g, (whole, op: string, space: string, quote: string, reference: string, ...names: (string | undefined)[]) => {
    const name = names.slice(0, 3).find((n) => n !== undefined) ?? '';
    const variable = ctx.scoped?.[name] ?? ctx.variables[name];
    return variable && (variable.multi || variable.isAll) ? `${op === '=' ? '=~' : '!~'}${space}${quote}${reference}${quote}` : whole;
  });
}

export function interpolate(template: string, ctx: InterpolationContext, fallback: DefaultFormat = 'glob'): string {
  const text = fallback === 'prometheus' ? comparePatterns(template, ctx) : template;
  return replaceReferences(text, ({ name, path, format }) => {
    if (serverSide.has(name)) return undefined;
    const variable = ctx.scoped?.[name] ?? ctx.variables[name];
    if (variable) return write(variable, format, fallback, ctx);
    const value = builtIn(name, path, ctx);
    if (value !== undefined) return format === undefined ? value : formatValues({ name, values: [value], texts: [value], zone: ctx.zone }, format);
    return urlPart(name, ctx);
  });
}

/** Titles name what was chosen as the person reads it: "All", not the expression that stands for all. */
export function interpolateTitle(text: string, ctx: InterpolationContext, stepMs?: number): string {
  const filled = interpolate(text, ctx, 'text');
  // Panels whose query counts per step say so in their title.
  return stepMs === undefined ? filled : replaceReferences(filled, ({ name }) => (name === '__interval' ? intervalText(stepMs) : name === '__interval_ms' ? String(stepMs) : undefined));
}

/** A row without a title of its own is called by what it is repeated for; else by nothing. */
export const rowTitle = (title: string, scoped: VariableValues, ctx: InterpolationContext): string =>
  interpolateTitle(title, { ...ctx, scoped }) || Object.values(scoped).map((v) => v.texts.join(' + ')).join(', ');

/**
 * The names the server fills in, for routes of Prometheus' own API, which know none of them: the step and the range as asked for.
 * The scrape interval is not known here, so a rate's window is at least a minute.
 */
export function fillServerSide(expr: string, stepMs: number, range: TimeRange): string {
  const step = Math.max(1, Math.round(stepMs / 1000));
  const span = Math.max(1, Math.round((range.to - range.from) / 1000));
  const rate = Math.max(60, step * 4);
  const values: Record<string, string> = {
    __interval: `${step}s`, __interval_ms: String(step * 1000), __auto: `${step}s`, __rate_interval: `${rate}s`, __rate_interval_ms: String(rate * 1000),
    __range: `${span}s`, __range_s: String(span), __range_ms: String(span * 1000),
  };
  return replaceReferences(expr, ({ name }) => values[name]);
}
