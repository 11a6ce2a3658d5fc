/** What a dashboard says about how a field is shown, after reading it from JSON. */
import { flag, isObject, list, number, object, oneOf, text } from '../json';

export interface Threshold {
  /** -Infinity for the base step. */
  value: number;
  color: string;
}
export interface Thresholds {
  mode: 'absolute' | 'percentage';
  steps: Threshold[];
}

export interface MappingResult {
  text?: string | undefined;
  color?: string | undefined;
}
export type Mapping =
  | { type: 'value'; options: Record<string, MappingResult> }
  | { type: 'range'; from: number | null; to: number | null; result: MappingResult }
  | { type: 'regex'; pattern: string; result: MappingResult }
  | { type: 'special'; match: 'null' | 'nan' | 'null+nan' | 'true' | 'false' | 'empty'; result: MappingResult };

interface ColorConfig {
  mode: string;
  fixedColor?: string | undefined;
  seriesBy?: 'last' | 'min' | 'max' | undefined;
}

export interface DataLink {
  title: string;
  url: string;
  targetBlank: boolean;
}

export interface FieldConfig {
  displayName?: string | undefined;
  unit?: string | undefined;
  decimals?: number | null | undefined;
  min?: number | undefined;
  max?: number | undefined;
  /** Where values are placed for colours and shares: min and max, or the data's own. Set by `applyFieldConfig`. */
  range?: { min: number; max: number } | undefined;
  /** True to place values between the lowest and highest of their own field, not of the whole panel. */
  ownRange?: boolean | undefined;
  noValue?: string | undefined;
  description?: string | undefined;
  /** Whether a table offers to filter the column. */
  filterable?: boolean | undefined;
  color?: ColorConfig | undefined;
  thresholds?: Thresholds | undefined;
  mappings: Mapping[];
  links: DataLink[];
  /** Options of the panel type itself, by dotted path: `lineWidth`, `stacking.mode`, … */
  custom: Record<string, unknown>;
}

function mappingResult(v: unknown): MappingResult {
  const o = object(v);
  const out: MappingResult = {};
  if (typeof o['text'] === 'string' && o['text'] !== '') out.text = o['text'];
  if (typeof o['color'] === 'string') out.color = o['color'];
  return out;
}

export function parseMappings(v: unknown): Mapping[] {
  const out: Mapping[] = [];
  for (const item of list(v)) {
    const m = object(item);
    const options = object(m['options']);
    switch (m['type']) {
      case 'value':
        out.push({ type: 'value', options: Object.fromEntries(Object.entries(options).map(([k, r]) => [k, mappingResult(r)])) });
        break;
      case 'range':
        out.push({ type: 'range', from: number(options['from']) ?? null, to: number(options['to']) ?? null, result: mappingResult(options['result']) });
        break;
      case 'regex':
        out.push({ type: 'regex', pattern: text(options['pattern']), result: mappingResult(options['result']) });
        break;
      case 'special':
        out.push({ type: 'special', match: oneOf(options['match'], ['null', 'nan', 'null+nan', 'true', 'false', 'empty'] as const, 'null'), result: mappingResult(options['result']) });
        break;
      default:
    }
  }
  return out;
}

export function parseThresholds(v: unknown): Thresholds | undefined {
  if (!isObject(v)) return undefined;
  const steps = list(v['steps']).map((s, i): Threshold => {
    const step = object(s);
    return { value: i === 0 ? -Infinity : (number(step['value']) ?? -Infinity), color: text(step['color'], 'green') };
  });
  return { mode: oneOf(v['mode'], ['absolute', 'percentage'] as const, 'absolute'), steps: steps.sort((a, b) => a.value - b.value) };
}

function parseColorConfig(v: unknown): ColorConfig | undefined {
  if (!isObject(v)) return undefined;
  return {
    mode: text(v['mode'], 'thresholds'),
    fixedColor: typeof v['fixedColor'] === 'string' ? v['fixedColor'] : undefined,
    seriesBy: oneOf(v['seriesBy'], ['last', 'min', 'max'] as const, 'last'),
  };
}

export const parseLinks = (v: unknown): DataLink[] =>
  list(v).map((l) => ({ title: text(object(l)['title']), url: text(object(l)['url']), targetBlank: flag(object(l)['targetBlank']) }));

/** Flattens `{stacking: {mode: 'normal'}}` to `{'stacking.mode': 'normal'}`, keeping the objects reachable too. */
function flatten(v: Record<string, unknown>, prefix = ''): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(v)) {
    out[prefix + key] = value;
    if (isObject(value)) Object.assign(out, flatten(value, `${prefix}${key}.`));
  }
  return out;
}

/** Sets one property by the id overrides use (`unit`, `custom.lineWidth`, …). */
export function setProperty(config: FieldConfig, id: string, value: unknown): void {
  if (id.startsWith('custom.')) {
    const key = id.slice('custom.'.length);
    config.custom[key] = value;
    if (isObject(value)) Object.assign(config.custom, flatten(value, `${key}.`));
    return;
  }
  switch (id) {
    case 'displayName': config.displayName = typeof value === 'string' && value !== '' ? value : undefined; break;
    case 'unit': config.unit = typeof value === 'string' ? value : undefined; break;
    case 'decimals': config.decimals = number(value); break;
    case 'min': config.min = number(value); break;
    case 'max': config.max = number(value); break;
    case 'fieldMinMax': config.ownRange = flag(value); break;
    case 'description': config.description = text(value); break;
    case 'filterable': config.filterable = flag(value); break;
    case 'noValue': config.noValue = typeof value === 'string' && value !== '' ? value : undefined; break;
    case 'color': config.color = parseColorConfig(value); break;
    case 'thresholds': config.thresholds = parseThresholds(value); break;
    case 'mappings': config.mappings = parseMappings(value); break;
    case 'links': config.links = parseLinks(value); break;
    default:
  }
}

export function parseFieldConfig(v: unknown): FieldConfig {
  const config: FieldConfig = { mappings: [], links: [], custom: {} };
  for (const [id, value] of Object.entries(object(v))) {
    if (id === 'custom') config.custom = flatten(object(value));
    else setProperty(config, id, value);
  }
  return config;
}
