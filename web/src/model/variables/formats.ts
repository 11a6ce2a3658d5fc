/** How a variable's values are written into a query or a link: the formats of `${name:format}`. */
import { formatPattern, formatTime } from '../time/format';

/** Characters with a meaning in a regular expression get a backslash. */
const escapeRegex = (value: string): string => value.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&');
/** For a value inside a PromQL string that is a regular expression: the backslashes are doubled once more. */
const escapePromRegex = (value: string): string => value.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&');

/** RFC 3986 keeps these for itself, though browsers leave them. */
const strict = (encoded: string): string => encoded.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const percent = (value: string): string => strict(encodeURIComponent(value));
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => entities[c] ?? c);
const group = (parts: readonly string[], open: string, close: string, separator: string): string =>
  parts.length === 1 ? (parts[0] ?? '') : `${open}${parts.join(separator)}${close}`;

interface FormatInput {
  name: string;
  values: readonly string[];
  texts: readonly string[];
  zone: string;
}

/** The values in the asked format; an unknown format counts as `glob`. */
export function formatValues(input: FormatInput, format: string): string {
  const { values, texts, name } = input;
  const [kind = '', ...rest] = format.split(':');
  const argument = rest.join(':');
  switch (kind) {
    case 'raw':
    case 'csv':
      return values.join(',');
    case 'pipe':
      return values.join('|');
    case 'regex':
      return group(values.map(escapeRegex), '(', ')', '|');
    case 'json':
      return JSON.stringify(values.length === 1 ? values[0] : values);
    case 'lucene': {
      const quoted = values.map((v) => `"${v.replace(/[\\"]/g, '\\$&')}"`);
      return values.length === 1 ? (values[0] ?? '').replace(/[+\-=&|><!(){}[\]^"~*?:\\/]/g, '\\$&') : `(${quoted.join(' OR ')})`;
    }
    case 'singlequote':
      return values.map((v) => `'${v.replace(/'/g, "\\'")}'`).join(',');
    case 'doublequote':
      return values.map((v) => `"${v.replace(/"/g, '\\"')}"`).join(',');
    case 'sqlstring':
      return values.map((v) => `'${v.replace(/'/g, "''")}'`).join(',');
    case 'percentencode':
      return percent(group(values, '{', '}', ','));
    case 'queryparam':
      return values.map((v) => `var-${percent(name)}=${percent(v)}`).join('&');
    case 'uriencode':
      return strict(encodeURI(group(values, '{', '}', ',')));
    case 'distributed':
      // Each value but the first brings the name along: `a,servers=b`.
      return values.map((v, i) => (i === 0 ? v : `${name}=${v}`)).join(',');
    case 'html':
      return escapeHtml(values.join(', '));
    case 'customqueryparam': {
      const [key = name, prefix = ''] = argument.split(':');
      return values.map((v) => `${percent(key === '' ? `var-${name}` : key)}=${percent(prefix + v)}`).join('&');
    }
    case 'text':
      return texts.join(' + ');
    case 'join':
      return values.join(argument === '' ? ',' : argument);
    case 'date': {
      const ms = Number(values[0]);
      if (argument === 'seconds') return String(Math.round(ms / 1000));
      if (argument === '' || argument === 'iso') return Number.isFinite(ms) ? new Date(ms).toISOString() : 'NaN';
      return Number.isFinite(ms) ? formatPattern(ms, argument, input.zone) : formatTime(ms, input.zone);
    }
    case 'prometheus':
      return group(values.map(escapePromRegex), '(', ')', '|');
    default:
      return group(values, '{', '}', ',');
  }
}
