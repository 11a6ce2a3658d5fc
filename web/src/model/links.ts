/** Data links: addresses with the value, the field, the series and the other cells of the row filled in. Pure. */
import { showValue } from './fieldconfig/display';
import type { DataLink } from './fieldconfig/types';
import type { Cell, Field } from './frame';

/** What a link is opened from: one cell of one row. */
export interface LinkPlace {
  field: Field;
  row: number;
  /** All fields of the frame, for `${__data.fields…}`. */
  fields: readonly Field[];
  time?: number | undefined;
}

const textOf = (field: Field, value: Cell): string => (field.display ? showValue(field.display(value)) : value === null ? '' : String(value));

function cell(field: Field | undefined, row: number, form: string): string | undefined {
  if (!field) return undefined;
  const value = field.values[row] ?? null;
  if (form === 'text') return textOf(field, value);
  if (form === 'numeric') return typeof value === 'number' ? String(value) : String(Number(value));
  return value === null ? '' : String(value);
}

/** `fields.Name`, `fields["Name"]`, `fields[1]`, each with `.text` or `.numeric` after it. */
function otherField(path: string, fields: readonly Field[]): { field: Field | undefined; form: string } {
  const m = /^fields(?:\.([^.[\]]+)|\[\s*"([^"]+)"\s*\]|\[\s*'([^']+)'\s*\]|\[(\d+)\])(?:\.(\w+))?$/.exec(path);
  if (!m) return { field: undefined, form: '' };
  const name = m[1] ?? m[2] ?? m[3];
  const field = name === undefined ? fields[Number(m[4])] : fields.find((f) => (f.title ?? f.name) === name || f.name === name);
  return { field, form: m[5] ?? '' };
}

function fieldPart(path: string, field: Field): string | undefined {
  if (path === '' || path === 'name') return field.title ?? field.name;
  const label = /^labels(?:\.([^[\]]+)|\[\s*["']([^"']+)["']\s*\])?$/.exec(path);
  if (!label) return undefined;
  const name = label[1] ?? label[2];
  return name === undefined ? Object.entries(field.labels ?? {}).map(([k, v]) => `${k}="${v}"`).join(', ') : (field.labels?.[name] ?? '');
}

const reference = /\$\{__(value|field|series|data)(?:\.([^}:]+?))?(?::(\w+))?\}/g;

/** Fills in what depends on the place; the page's variables come after it. Everything is escaped unless `:raw` is asked for or it is a title. */
function fillPlace(url: string, place: LinkPlace, escape = true): string {
  return url.replace(reference, (whole, kind: string, path = '', format?: string) => {
    let found: string | undefined;
    if (kind === 'value') found = path === 'time' ? String(place.time ?? '') : cell(place.field, place.row, path === '' ? 'raw' : path);
    else if (kind === 'field') found = fieldPart(path, place.field);
    else if (kind === 'series') found = path === '' || path === 'name' ? (place.field.title ?? place.field.name) : fieldPart(path, place.field);
    else {
      const other = otherField(path, place.fields);
      found = cell(other.field, place.row, other.form);
    }
    if (found === undefined) return whole;
    return format === 'raw' || !escape ? found : encodeURIComponent(found);
  });
}

export interface ShownLink {
  title: string;
  url: string;
  blank: boolean;
}

/**
 * The address if it leads to this portal, to the web or to a mail program; undefined for anything else. Every address that a
 * dashboard, a label or an annotation brings goes through here before it becomes a link.
 */
export function safeUrl(url: string): string | undefined {
  // Browsers leave these out wherever they stand: what is looked at must be what is followed.
  const plain = url.replace(/[\t\n\r]/g, '').trim();
  return /^(https?:\/\/|mailto:|\/(?![/\\])|[?#])/i.test(plain) ? plain : undefined;
}

/** A safe address that leads to a page of this portal, and not to a route that the server answers by itself. */
export const isPage = (url: string): boolean => /^(\/(?![/\\]|api\/|logout|login)|\?)/.test(url);

/** A link of a panel or a dashboard, its variables filled in; undefined where a browser may not follow it. */
export function shownLink(link: { title: string; url: string; targetBlank: boolean }): ShownLink | undefined {
  const url = safeUrl(link.url);
  return url === undefined ? undefined : { url, title: link.title || url, blank: link.targetBlank };
}

/** The links of a cell that a browser may follow, complete. */
export function linksAt(links: readonly DataLink[], place: LinkPlace, interpolate: (text: string) => string): ShownLink[] {
  return links.flatMap((l) => shownLink({ url: interpolate(fillPlace(l.url, place)), title: interpolate(fillPlace(l.title, place, false)), targetBlank: l.targetBlank }) ?? []);
}
