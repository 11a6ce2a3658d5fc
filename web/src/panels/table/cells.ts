/** One cell of a table, as its options say: plain, coloured, with a gauge, a small line, a picture, pills, links, JSON or prose. */
import { alphaOf, inkOn, mix, overPanel, readable, resolveColor, withAlpha, type Theme } from '../../model/color/names';
import { colorByName, isContinuous, scaleColor } from '../../model/color/palette';
import { showValue } from '../../model/fieldconfig/display';
import { absoluteSteps, standardThresholds } from '../../model/fieldconfig/thresholds';
import { timeField, valueFields, type Cell } from '../../model/frame';
import { flag, number, object, text } from '../../model/json';
import { linksAt, safeUrl, type ShownLink } from '../../model/links';
import { cellText } from '../../model/table';
import { linkAnchor } from '../address';
import { h, svg } from '../dom';
import type { PanelInput } from '../types';
import { custom, type ShownColumn } from './model';
import { openInspect } from './inspect';

/** Links, pills and lit cells of one cell at most. */
const partsMax = 24;
/** Letters of one cell that are put into the page; the rest is for the inspector. */
const lettersMax = 2000;
const cut = (s: string): string => (s.length > lettersMax ? `${s.slice(0, lettersMax)}…` : s);

interface CellPlace {
  column: ShownColumn;
  columns: readonly ShownColumn[];
  row: number;
  input: PanelInput;
}

const valueOf = ({ column, row }: CellPlace): Cell => column.field.values[row] ?? null;

function anchor(link: ShownLink, words: string): HTMLElement {
  const made = linkAnchor(link, words);
  made.title = link.title;
  return made;
}

const linksOf = ({ column, columns, row, input }: CellPlace): ShownLink[] => {
  const own = column.field.config?.links ?? [];
  if (own.length === 0) return [];
  const time = columns.find((c) => c.field.type === 'time')?.field.values[row];
  return linksAt(own, { field: column.field, row, fields: columns.map((c) => c.field), time: typeof time === 'number' ? time : undefined }, input.interpolate).slice(0, partsMax);
};

/** The words as a link where there is one; further links follow as small marks. */
function linked(place: CellPlace, words: string): Node[] {
  const links = linksOf(place);
  const [first, ...more] = links;
  if (!first) return [document.createTextNode(words)];
  return [anchor(first, words || first.title), ...more.map((l) => {
    const mark = anchor(l, '↗');
    mark.setAttribute('aria-label', l.title);
    mark.className = 'cell-more-link';
    return mark;
  })];
}

/** Stops of the scale from the least to the value, for a gauge that shows them all. */
function scaleGradient(column: ShownColumn, share: number, input: PanelInput, color: string): string {
  const config = column.field.config;
  const mode = config?.color?.mode ?? 'thresholds';
  const { min, max } = config?.range ?? { min: 0, max: 100 };
  if (isContinuous(mode)) return Array.from({ length: 6 }, (_, i) => scaleColor(mode, (i / 5) * share, input.theme)).join(', ');
  if (mode !== 'thresholds') return `${mix(color, input.theme === 'dark' ? '#000000' : '#ffffff', 0.4)}, ${color}`;
  const stops = absoluteSteps(config?.thresholds ?? standardThresholds, min, max)
    .map((s) => ({ at: (Math.max(s.value, min) - min) / (max - min || 1), color: resolveColor(s.color, input.theme) })).filter((s) => s.at <= share);
  const last = stops.at(-1)?.color ?? color;
  return [...stops.map((s) => `${s.color} ${Math.round((s.at / (share || 1)) * 100)}%`), last].join(', ');
}

function gauge(place: CellPlace): Node[] {
  const { column, input } = place;
  const shown = column.field.display?.(valueOf(place));
  if (!shown || !Number.isFinite(shown.numeric)) return linked(place, shown ? showValue(shown) : '');
  const share = Math.min(1, Math.max(0, Number.isFinite(shown.percent) ? shown.percent : 0));
  const color = shown.color ?? '#888888';
  const track = h('div', { class: `cell-gauge-track${column.mode === 'lcd' ? ' lcd' : ''}` });
  if (column.mode === 'lcd') {
    for (let i = 0; i < partsMax; i += 1) track.append(h('span', { style: { backgroundColor: (i + 0.5) / partsMax <= share ? color : withAlpha(color, 0.14) } }));
  } else {
    const fill = h('div', { class: 'cell-gauge-fill', style: { width: `${share * 100}%` } });
    if (column.mode === 'basic') fill.style.backgroundColor = color;
    else fill.style.backgroundImage = `linear-gradient(90deg, ${scaleGradient(column, share, input, color)})`;
    track.append(fill);
  }
  const valueMode = text(custom(column.field)['cellOptions.valueDisplayMode'], 'color');
  const number = h('span', { class: 'cell-gauge-value', style: valueMode === 'color' ? { color: readable(color, input.theme, false) } : {} }, ...linked(place, showValue(shown)));
  return [h('div', { class: 'cell-gauge' }, track, valueMode !== 'hidden' && number)];
}

function history(place: CellPlace): (number | null)[] {
  const { column, row } = place;
  const inner = column.field.inner?.[row]?.[0];
  const values = inner ? (valueFields(inner)[0]?.values ?? []) : parsed(valueOf(place));
  return values.map((v) => (typeof v === 'number' && Number.isFinite(v) ? v : null));
}

function parsed(value: Cell): Cell[] {
  if (typeof value !== 'string' || !value.startsWith('[')) return [];
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) ? (list as Cell[]) : [];
  } catch {
    return [];
  }
}

/** A small line of a series, and its number. */
function sparkline(place: CellPlace): Node[] {
  const { column, row, input } = place;
  const values = history(place);
  const there = values.filter((v): v is number => v !== null);
  const options = custom(column.field);
  const inner = column.field.inner?.[row]?.[0];
  const series = inner && valueFields(inner)[0];
  const color = column.field.config?.color?.mode === 'fixed' ? resolveColor(column.field.config.color.fixedColor ?? 'blue', input.theme) : (series?.color ?? column.field.color ?? resolveColor('blue', input.theme));
  const shown = flag(options['cellOptions.hideValue']) || column.field.type !== 'frame' ? undefined : column.field.display?.(valueOf(place));
  if (there.length < 2) return [h('div', { class: 'cell-spark' }, h('span', { class: 'quiet', text: 'no course' }), shown && h('span', { class: 'num', text: showValue(shown) }))];
  let [min, max] = [Infinity, -Infinity];
  for (const v of there) {
    min = Math.min(min, v);
    max = Math.max(max, v);
  }
  const times = inner ? (timeField(inner)?.values ?? []) : [];
  const t0 = Number(times[0] ?? 0);
  const span = Number(times.at(-1) ?? values.length - 1) - t0 || 1;
  const at = (v: number, i: number): string => `${(((Number(times[i] ?? i) - t0) / span) * 100).toFixed(1)} ${(max === min ? 14 : 26 - ((v - min) / (max - min)) * 24).toFixed(1)}`;
  let path = '';
  let pen = false;
  values.forEach((v, i) => {
    if (v === null) pen = false;
    else {
      path += `${pen ? 'L' : 'M'}${at(v, i)}`;
      pen = true;
    }
  });
  const picture = svg('svg', { class: 'cell-spark-line', attrs: { viewBox: '0 0 100 28', preserveAspectRatio: 'none', 'aria-hidden': 'true' } },
    (number(options['cellOptions.fillOpacity']) ?? 15) > 0 && !path.slice(1).includes('M') && svg('path', { attrs: { d: `${path}L100 28L0 28Z`, fill: withAlpha(color, (number(options['cellOptions.fillOpacity']) ?? 15) / 100) } }),
    svg('path', { attrs: { d: path, fill: 'none', stroke: color, 'stroke-width': number(options['cellOptions.lineWidth']) ?? 1.25, 'vector-effect': 'non-scaling-stroke' } }));
  return [h('div', { class: 'cell-spark' }, picture, shown && h('span', { class: 'cell-spark-value', text: showValue(shown) }))];
}

/** Words next to each other in their own colours: a list in JSON, or parted by commas. */
function pills(place: CellPlace): Node[] {
  const { column, input } = place;
  const value = valueOf(place);
  if (value === null || value === '') return [];
  const parts = (typeof value === 'string' && value.trim().startsWith('[') ? parsed(value.trim()).map((p) => String(p)) : String(value).split(',')).map((p) => p.trim()).filter((p) => p !== '');
  const mappings = column.field.config?.mappings ?? [];
  const fixed = column.field.config?.color?.mode === 'fixed' ? column.field.config.color.fixedColor : undefined;
  return [h('div', { class: 'cell-pills' }, ...parts.slice(0, partsMax).map((part) => {
    const shown = mappings.length > 0 ? column.field.display?.(part) : undefined;
    const color = fixed !== undefined ? resolveColor(fixed, input.theme) : (shown?.color ?? colorByName(part, input.theme));
    return h('span', { class: 'cell-pill', text: shown ? showValue(shown) : part, style: { backgroundColor: color, color: inkOn(color) } });
  }), parts.length > partsMax && h('span', { class: 'quiet', text: `and ${parts.length - partsMax} more` }))];
}

/** A picture of this site; another host is never asked, its address is shown as a link instead. */
function picture(place: CellPlace, words: string): Node[] {
  const source = String(valueOf(place) ?? '');
  const own = /^data:image\/(png|jpeg|gif|webp);base64,/i.test(source) || /^\/(?![/\\])/.test(source);
  const options = custom(place.column.field);
  const first = linksOf(place)[0];
  if (!own) {
    const url = safeUrl(source);
    return url === undefined ? linked(place, words) : [anchor(first ?? { title: source, url, blank: true }, text(options['cellOptions.alt']) || source)];
  }
  const image = h('img', { class: 'cell-image', title: text(options['cellOptions.title']), attrs: { src: source, alt: text(options['cellOptions.alt']), loading: 'lazy' } });
  if (!first) return [image];
  const around = anchor(first, '');
  around.append(image);
  return [around];
}

function pretty(value: Cell): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  try {
    return JSON.stringify(JSON.parse(value), null, 1).replace(/\n\s*/g, ' ');
  } catch {
    return value;
  }
}

function prose(source: string): Node[] {
  const host = h('div', { class: 'prose cell-prose', text: source });
  // The parser is large: cells show their source until it is there.
  void import('./prose').then(({ renderProse }) => host.replaceChildren(renderProse(source)));
  return [host];
}

function content(place: CellPlace, words: string): Node[] {
  const { column } = place;
  switch (column.kind) {
    case 'gauge': return column.numeric ? gauge(place) : linked(place, words);
    case 'sparkline': return sparkline(place);
    case 'pill': return pills(place);
    case 'image': return picture(place, words);
    case 'json-view': return [h('code', { class: 'cell-json', text: cut(pretty(valueOf(place))) })];
    case 'data-links': {
      const links = linksOf(place);
      return links.length === 0 ? [] : [h('div', { class: 'cell-links' }, ...links.map((l) => anchor(l, l.title)))];
    }
    case 'markdown': return words === '' ? [] : prose(cut(words));
    default: return linked(place, cut(words));
  }
}

/** The colour a whole row takes from one of its cells, where that column says so. */
export function rowColor(columns: readonly ShownColumn[], row: number): { color: string; mode: string } | undefined {
  for (const column of columns) {
    if (column.kind !== 'color-background' || !flag(custom(column.field)['cellOptions.applyToRow'])) continue;
    const color = column.field.display?.(column.field.values[row] ?? null).color;
    if (color !== undefined) return { color, mode: column.mode };
  }
  return undefined;
}

export function paint(element: HTMLElement, color: string, mode: string, theme: Theme): void {
  // "transparent" is how dashboards leave a row as it is.
  const alpha = alphaOf(color);
  if (alpha === 0) return;
  element.style.backgroundColor = color;
  if (mode !== 'basic' && alpha === 1) element.style.backgroundImage = `linear-gradient(120deg, ${mix(color, '#000000', 0.06)}, ${mix(color, '#ffffff', 0.08)})`;
  const ink = inkOn(overPanel(color, theme));
  element.style.setProperty('--cell-ink', ink);
  element.style.color = ink;
  element.classList.add('painted');
}

export function bodyCell(place: CellPlace): HTMLElement {
  const { column, row, input } = place;
  const value = valueOf(place);
  const words = cellText(column, value, input.zone);
  const cell = h('td', { class: `${column.align === 'right' ? 'num' : column.align === 'center' ? 'mid' : ''}${column.wrap ? ' wrap' : ''}` }, ...content(place, words));
  const color = column.kind === 'color-text' || column.kind === 'color-background' ? column.field.display?.(value).color : undefined;
  if (color !== undefined && column.kind === 'color-background' && !flag(custom(column.field)['cellOptions.applyToRow'])) paint(cell, color, column.mode, input.theme);
  else if (color !== undefined && column.kind === 'color-text') cell.style.color = readable(color, input.theme, false);
  if (!column.wrap && words.length > 24 && column.kind !== 'json-view') cell.title = cut(words);
  const tip = text(object(custom(column.field)['tooltip'])['field']);
  const other = tip === '' ? undefined : place.columns.find((c) => c.title === tip || c.field.name === tip);
  if (other) cell.title = cellText(other, other.field.values[row] ?? null, input.zone);
  if (column.inspectable) {
    cell.classList.add('inspectable');
    cell.append(h('button', { class: 'cell-inspect', title: 'Look at the whole value', attrs: { type: 'button', 'aria-label': `Look at ${column.title}` }, on: { click: () => openInspect(column.title, column.kind === 'json-view' ? value : words) } }, '⤢'));
  }
  return cell;
}
