/** The list of annotations: of this dashboard or all, in the shown range or ever, by tags; an entry opens its moment. */
import { findAnnotations, type Annotation } from '../../api/annotations';
import { plainText } from '../../model/marks';
import { formatAgo, formatTime } from '../../model/time/format';
import { pageLink } from '../address';
import { h } from '../dom';
import { note, portalPanel } from '../portal';
import type { PanelInput } from '../types';
import { annotationAddress, annotationListOptions } from './options';

/** Longer texts are cut; the whole one is on its dashboard. */
const wordsMax = 300;

function row(a: Annotation, input: PanelInput, chosen: string, onTag: (tag: string) => void): HTMLElement {
  const o = annotationListOptions(input.options);
  const all = plainText(a.text).text.replace(/\s+/g, ' ');
  const words = all === '' ? 'No text' : all.length > wordsMax ? `${all.slice(0, wordsMax)}…` : all;
  const url = annotationAddress(a, input.page?.uid ?? '', o);
  const start = formatTime(a.time, input.zone);
  const end = formatTime(a.timeEnd, input.zone);
  const time = a.timeEnd > a.time ? `${start} to ${end.slice(0, 10) === start.slice(0, 10) ? end.slice(11) : end}` : start;
  return h('li', {}, h('div', { class: 'portal-row' }, h('div', { class: 'portal-main' },
    url === undefined ? h('span', { class: 'portal-title', text: words }) : pageLink(url, words, 'portal-title'),
    (o.showTime || o.showUser) && h('span', { class: 'portal-sub' },
      o.showTime && h('time', { class: 'num', text: time, title: formatAgo(a.time, Date.now()), attrs: { datetime: new Date(a.time).toISOString() } }),
      o.showUser && a.login !== '' && h('span', { text: `by ${a.login}` })),
    o.showTags && a.tags.length > 0 && h('span', { class: 'portal-tags' }, ...a.tags.map((t) => h('button', {
      class: t === chosen ? 'chip on' : 'chip', text: t, attrs: { type: 'button', 'aria-pressed': String(t === chosen), 'aria-label': `Only annotations tagged ${t}` }, on: { click: () => onTag(t === chosen ? '' : t) },
    }))))));
}

const annolist = portalPanel<Annotation[]>({
  name: () => 'List of annotations',
  depends: (input) => (annotationListOptions(input.options).inRange ? input.range : undefined),
  ask: (input, signal) => {
    const o = annotationListOptions(input.options);
    return findAnnotations({
      ...(o.inRange ? { from: input.range.from, to: input.range.to } : {}), dashboardUid: o.here ? input.page?.uid : undefined,
      tags: o.tags.map((t) => input.interpolate(t)), limit: o.limit,
    }, signal);
  },
  draw: (found, input, { redraw, memory }) => {
    const o = annotationListOptions(input.options);
    const chosen = memory.get('tag') ?? '';
    const choose = (tag: string): void => {
      memory.set('tag', tag);
      redraw();
    };
    const shown = chosen === '' ? found : found.filter((a) => a.tags.includes(chosen));
    const where = `${o.here ? ' on this dashboard' : ''}${o.inRange ? ' in this time range' : ''}${o.tags.length > 0 ? ` with the tags ${o.tags.join(', ')}` : ''}`;
    return [
      ...(chosen === '' ? [] : [h('p', { class: 'portal-filter' }, 'Tagged ', h('button', { class: 'chip on', text: `${chosen} ×`, attrs: { type: 'button', 'aria-label': `Stop filtering by ${chosen}` }, on: { click: () => choose('') } }))]),
      shown.length === 0 ? note(chosen === '' ? `No annotations${where}.` : 'None of the listed annotations has this tag.') : h('ul', {}, ...shown.map((a) => row(a, input, chosen, choose))),
    ];
  },
});
export default annolist;
