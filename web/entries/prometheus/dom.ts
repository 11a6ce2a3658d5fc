/** Elements, tables and requests of the pages on the Prometheus port. Everything is text: nothing is put in as HTML. */

type Child = Node | string;

export function el<K extends keyof HTMLElementTagNameMap>(tag: K, attrs: Record<string, string> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function table(columns: readonly string[], rows: readonly (readonly Child[])[], caption = ''): HTMLElement {
  const body = el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((cell) => el('td', {}, cell)))));
  const head = el('thead', {}, el('tr', {}, ...columns.map((name) => el('th', { scope: 'col' }, name))));
  return el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': caption === '' ? 'Table' : caption }, el('table', {}, ...(caption === '' ? [] : [el('caption', {}, caption)]), head, body));
}

/** What the server answered, in words when it refused. */
export class Refused extends Error {}

export interface Answer<T> {
  data: T;
  warnings: string[];
}

/** `GET /api/v1/…`. */
export async function ask<T>(path: string, query: Record<string, string> = {}): Promise<Answer<T>> {
  const search = new URLSearchParams(query).toString();
  const response = await fetch(`/api/v1/${path}${search === '' ? '' : `?${search}`}`);
  const text = await response.text();
  let body: { status?: string; data?: T; error?: string; errorType?: string; warnings?: string[]; infos?: string[] };
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refused(response.status === 404 ? 'This server does not have that.' : `The server answered ${response.status}.`);
  }
  if (body.status !== 'success') throw new Refused(body.error ? `${body.errorType ?? 'error'}: ${body.error}` : `The server answered ${response.status}.`);
  return { data: body.data as T, warnings: [...(body.warnings ?? []), ...(body.infos ?? [])] };
}

export type Labels = Record<string, string>;

/** `name{a="b"}` as the reference writes it. */
export function seriesName(labels: Labels): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== '__name__').map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const name = labels['__name__'] ?? '';
  return pairs.length === 0 && name !== '' ? name : `${name}{${pairs.join(', ')}}`;
}

export const seconds = (at: number): string => new Date(at * 1000).toISOString().replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
