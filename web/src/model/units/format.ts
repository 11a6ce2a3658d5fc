/** Turns a number and a unit id into text. Unknown ids follow Grafana's custom forms: `suffix:`, `prefix:`, `time:`, `si:`, `count:`, `currency:`, `bool:`. */
import { count, currency, fixed, si, type FormattedValue, type Formatter } from './families';
import { unitTable } from './table';
import { formatPattern } from '../time/format';

export type { FormattedValue } from './families';
const cache = new Map<string, Formatter>();

function custom(id: string): Formatter {
  const at = id.indexOf(':');
  const kind = at > 0 ? id.slice(0, at) : '';
  const rest = id.slice(at + 1);
  switch (kind) {
    case 'prefix':
      return (value, decimals) => ({ ...fixed('')(value, decimals), prefix: rest });
    case 'suffix':
      return (value, decimals) => ({ ...fixed('')(value, decimals), suffix: rest });
    case 'time':
      return (value, _decimals, zone = 'browser') => ({ text: formatPattern(value, rest, zone) });
    case 'si': {
      const prefixes = ['f', 'p', 'n', 'µ', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
      const offset = rest.length > 1 ? prefixes.indexOf(rest.charAt(0)) : -1;
      return offset < 0 ? si(rest) : si(rest.slice(1), offset - prefixes.indexOf(''));
    }
    case 'count':
      return count(rest);
    case 'currency': {
      const behind = rest.startsWith('financial:') ? rest.slice('financial:'.length) : rest;
      return currency(behind.replace(/:suffix$/, ''), behind.endsWith(':suffix'));
    }
    case 'bool': {
      const [yes = 'True', no = 'False'] = rest.split('/');
      return (value) => ({ text: value === 0 ? no : yes });
    }
    default:
      return fixed(id);
  }
}

function formatter(unit: string | undefined): Formatter {
  const id = unit === undefined || unit === '' ? 'none' : unit;
  let found = cache.get(id);
  if (!found) {
    found = unitTable.get(id) ?? custom(id);
    cache.set(id, found);
  }
  return found;
}

export function formatValue(value: number, unit?: string, decimals?: number | null, zone?: string): FormattedValue {
  if (Number.isNaN(value)) return { text: 'NaN' };
  return formatter(unit)(value, decimals, zone);
}

export const joinValue = (v: FormattedValue): string => `${v.prefix ?? ''}${v.text}${v.suffix ?? ''}`;
