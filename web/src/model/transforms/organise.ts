/** What the transformation "organise" says of each field: its place, whether it is hidden, its new name. */
import { object, text } from '../json';

interface OrganisedField {
  name: string;
  hidden: boolean;
  renamed: string;
}

/** The fields in the order that the options give them; those that are not named stand last, as they came. */
export function organised(names: readonly string[], options: Record<string, unknown>): OrganisedField[] {
  const places = object(options['indexByName']);
  const place = (name: string): number => { const at = places[name]; return typeof at === 'number' && Number.isInteger(at) ? at : Number.MAX_SAFE_INTEGER; };
  return [...names].sort((a, b) => place(a) - place(b)).map((name) => ({
    name, hidden: object(options['excludeByName'])[name] === true, renamed: text(object(options['renameByName'])[name]),
  }));
}

/** The options with a field moved by so many places; every field then has a place of its own. */
export function moveField(names: readonly string[], options: Record<string, unknown>, name: string, by: number): Record<string, unknown> {
  const order = organised(names, options).map((f) => f.name);
  const from = order.indexOf(name);
  const to = Math.min(order.length - 1, Math.max(0, from + by));
  if (from < 0 || from === to) return options;
  order.splice(from, 1);
  order.splice(to, 0, name);
  return { ...options, indexByName: { ...object(options['indexByName']), ...Object.fromEntries(order.map((n, i) => [n, i])) } };
}
