/** calculateField: a new column from the others, by row, over time, or over a window. */
import { timeField, type Cell, type Field, type Frame } from '../frame';
import { flag, isObject, list, number, object, text } from '../json';
import { makeMatcher } from '../fieldconfig/matchers';
import { reducer } from '../reduce';
import { column, nameOf, TransformError, type Options } from './fields';
import { ensureColumns } from './join';

type Values = Cell[] | undefined;

const operators: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b, '**': (a, b) => a ** b, '%': (a, b) => a % b,
};
const functions: Record<string, (v: number) => number> = { abs: Math.abs, exp: Math.exp, ln: Math.log, floor: Math.floor, ceil: Math.ceil, round: Math.round };

/** One side of a binary operation: a field by name, a number, or all fields of a type. */
interface Side {
  name?: string | undefined;
  type?: string | undefined;
  fixed?: number | undefined;
  label: string;
}

function side(v: unknown, frames: readonly Frame[]): Side {
  const known = (name: string): boolean => frames.some((f) => f.fields.some((x) => x.name === name || nameOf(x) === name));
  if (!isObject(v)) {
    const word = text(v);
    return known(word) ? { name: word, label: word } : { fixed: number(word), name: word, label: word };
  }
  const matcher = object(v['matcher']);
  const option = text(matcher['options']);
  if (matcher['id'] === 'byType') return { type: option, label: option };
  if (matcher['id'] === 'byName' && option !== '') return { name: option, fixed: number(option), label: option };
  const word = text(v['fixed']);
  return known(word) ? { name: word, label: word } : { fixed: number(word), label: word };
}

function sideValues(s: Side, frame: Frame): Values {
  const field = s.name === undefined ? undefined : (frame.fields.find((f) => nameOf(f) === s.name) ?? frame.fields.find((f) => f.name === s.name));
  if (field) return field.type === 'boolean' ? field.values.map((v) => (v === true ? 1 : 0)) : field.values;
  return s.fixed === undefined ? undefined : column(frame.length, () => s.fixed ?? null);
}

const operate = (apply: (a: number, b: number) => number, left: Cell[], right: Cell[]): Cell[] =>
  left.map((l, i) => { const r = right[i] ?? null; return typeof l === 'number' && typeof r === 'number' ? apply(l, r) : null; });

/** The first field of that name, or the first number. */
const chosen = (frame: Frame, name: string): Field | undefined => {
  const matches = makeMatcher(name === '' ? { id: 'numeric' } : { id: 'byNames', options: { names: [name] } });
  return frame.fields.find((f) => matches(f, frame, nameOf(f)));
};

function cumulative(frame: Frame, o: Options): Values {
  const calc = text(o['reducer'], 'sum');
  if (calc !== 'sum' && calc !== 'mean') throw new TransformError(`A running calculation can be a total or a mean, not “${calc}”.`);
  let total = 0;
  return chosen(frame, text(o['field']))?.values.map((v, i) => {
    total += typeof v === 'number' ? v : 0;
    return calc === 'sum' ? total : total / (i + 1);
  });
}

function windowed(frame: Frame, o: Options): Values {
  const calc = text(o['reducer'], 'mean');
  if (!['mean', 'stdDev', 'variance'].includes(calc)) throw new TransformError(`A window can have a mean, a standard deviation or a variance, not “${calc}”.`);
  const size = number(o['windowSize']) ?? 0.1;
  if (size <= 0) throw new TransformError('The size of a window must be larger than 0.');
  const field = chosen(frame, text(o['field']));
  if (!field) return undefined;
  const width = Math.max(1, Math.ceil(size * (text(o['windowSizeMode'], 'percentage') === 'percentage' ? frame.length : 1)));
  const centred = o['windowAlignment'] === 'centered';
  const before = centred ? Math.floor(width / 2) : width - 1;
  const after = centred ? Math.ceil(width / 2) - 1 : 0;
  return column(frame.length, (i) => {
    const inside = field.values.slice(Math.max(0, i - before), i + after + 1);
    return reducer(calc)?.calc(inside, 'number') ?? 0;
  });
}

function unary(frame: Frame, o: Options): Values {
  const operator = text(o['operator'], 'abs');
  const field = chosen(frame, text(o['fieldName']));
  if (!field || text(o['fieldName']) === '') return undefined;
  if (operator === 'percent') {
    const total = Number(reducer('sum')?.calc(field.values, 'number') ?? 0);
    return field.values.map((v) => (typeof v === 'number' ? v / (total || 1) : null));
  }
  const apply = functions[operator];
  return apply && field.values.map((v) => (typeof v === 'number' ? apply(v) : null));
}

function reduceRow(frame: Frame, o: Options): Values {
  const calc = reducer(text(o['reducer'], 'sum'));
  if (!calc) throw new TransformError(`There is no calculation “${text(o['reducer'])}”.`);
  const names = list(o['include']).map((n) => text(n));
  const matches = makeMatcher(names.length === 0 ? { id: 'numeric' } : { id: 'byNames', options: { names } });
  const members = frame.fields.filter((f) => matches(f, frame, nameOf(f)));
  return column(frame.length, (i) => calc.calc(members.map((f) => f.values[i] ?? null), 'number'));
}

function plainName(mode: string, options: Options, frames: readonly Frame[]): string {
  const o = object(options[{ cumulativeFunctions: 'cumulative', windowFunctions: 'window', unary: 'unary', binary: 'binary' }[mode] ?? 'reduce']);
  const calc = reducer(text(o['reducer'], mode === 'windowFunctions' ? 'mean' : 'sum'))?.label ?? '';
  const of = text(o['field']);
  switch (mode) {
    case 'binary': return `${side(o['left'], frames).label} ${text(o['operator'], '+')} ${side(o['right'], frames).label}`;
    case 'unary': return `${text(o['operator'], 'abs')}${text(o['fieldName']) === '' ? '' : `(${text(o['fieldName'])})`}`;
    case 'cumulativeFunctions': return `cumulative ${text(o['reducer'], 'sum')}${of === '' ? '' : `(${of})`}`;
    case 'windowFunctions': return `${text(o['windowAlignment'], 'trailing')} moving ${text(o['reducer'], 'mean')}${of === '' ? '' : `(${of})`}`;
    default: return calc;
  }
}

export function calculateField(frames: readonly Frame[], options: Options): Frame[] {
  const mode = text(options['mode'], 'reduceRow');
  const alias = text(options['alias']);
  const replace = flag(options['replaceFields']);
  const asSeries = flag(options['timeSeries'], true);
  const binary = object(options['binary']);
  const fixedRight = mode === 'binary' && isObject(binary['right']) === false ? number(binary['right']) !== undefined : mode === 'binary' && number(object(binary['right'])['fixed']) !== undefined;
  const source = asSeries && !fixedRight ? ensureColumns(frames) : frames;
  const time = (frame: Frame): Field[] => { const f = timeField(frame); return f && asSeries ? [f] : []; };
  if (mode === 'index') {
    const share = flag(object(options['index'])['asPercentile']);
    return source.map((frame) => {
      const made: Field = { name: alias || 'Row', type: 'number', values: column(frame.length, (i) => (share ? i / frame.length : i)), given: share ? { unit: 'percentunit' } : undefined };
      return { ...frame, fields: replace ? [made] : [...frame.fields, made] };
    });
  }
  const left = side(binary['left'], source);
  const right = side(binary['right'], source);
  const apply = operators[text(binary['operator'], '+')];
  if (mode === 'binary' && left.type !== undefined) {
    return source.flatMap((frame) => {
      const by = sideValues(right, frame);
      const made = (f: Field): Field[] => (f.type !== left.type || !by || !apply ? [] : [{
        ...f, name: `${f.name} ${text(binary['operator'], '+')} ${right.label}`, values: operate(apply, f.values, by),
        ...(f.legend === undefined ? {} : { legend: `${f.legend} ${text(binary['operator'], '+')} ${right.label}` }),
      }]);
      const fields = replace ? [...time(frame), ...frame.fields.flatMap(made)] : frame.fields.flatMap((f) => [f, ...made(f)]);
      return replace && fields.every((f) => f.type !== left.type) ? [] : [{ ...frame, fields }];
    });
  }
  const unaryType = mode === 'unary' && isObject(object(options['unary'])['fieldName']);
  if (unaryType) throw new TransformError('A calculation over all fields of a type needs an operator with two sides.');
  return source.flatMap((frame) => {
    let values: Values;
    switch (mode) {
      case 'binary': {
        const l = sideValues(left, frame);
        const r = sideValues(right, frame);
        values = l && r && apply ? operate(apply, l, r) : undefined;
        break;
      }
      case 'unary': values = unary(frame, object(options['unary'])); break;
      case 'cumulativeFunctions': values = cumulative(frame, object(options['cumulative'])); break;
      case 'windowFunctions': values = windowed(frame, object(options['window'])); break;
      case 'reduceRow': values = reduceRow(frame, object(options['reduce'])); break;
      default: throw new TransformError(`There is no way to calculate a field called “${mode}”.`);
    }
    if (!values) return replace ? [] : [frame];
    const made: Field = { name: alias || plainName(mode, options, source), type: 'number', values };
    return [{ ...frame, fields: replace ? [...time(frame), made] : [...frame.fields, made] }];
  });
}
