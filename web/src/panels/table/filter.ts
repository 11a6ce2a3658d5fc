/** The box that filters a column: words or a comparison on top, the values there are below, some to keep. */
import { h } from '../dom';
import type { Filter } from './model';
import { searchTest } from './model';
import type { Cell } from '../../model/frame';

/** Values listed at once; typing finds the others. */
const listedMax = 200;

interface FilterChoices {
  title: string;
  /** Every text of the column once, with a value behind it. */
  values: ReadonlyMap<string, Cell>;
  before: Filter | undefined;
  onApply: (filter: Filter | undefined) => void;
}

export function openFilter(button: HTMLElement, choices: FilterChoices): void {
  const { title, values, before, onApply } = choices;
  const all = [...values.keys()].sort(new Intl.Collator(undefined, { numeric: true }).compare);
  let chosen = new Set(before?.chosen ?? all);
  const search = h('input', { class: 'input', attrs: { type: 'search', placeholder: 'Words, or > 5', 'aria-label': `Filter ${title}`, value: before?.search ?? '' } });
  const listBox = h('div', { class: 'table-filter-list', attrs: { role: 'group', 'aria-label': `Values of ${title}` } });
  const note = h('p', { class: 'quiet' });
  const found = (): string[] => {
    const test = searchTest(search.value);
    return all.filter((t) => test(t, values.get(t) ?? null));
  };
  const draw = (): void => {
    const now = found();
    listBox.replaceChildren(...now.slice(0, listedMax).map((t) => {
      const box = h('input', { attrs: { type: 'checkbox', checked: chosen.has(t) }, on: { change: () => { if (!chosen.delete(t)) chosen.add(t); } } });
      return h('label', { class: 'table-filter-row' }, box, h('span', { text: t === '' ? '(empty)' : t }));
    }));
    note.textContent = now.length > listedMax ? `The first ${listedMax} of ${now.length.toLocaleString('en-US')}: type to find others.` : now.length === 0 ? 'No value fits.' : '';
    note.hidden = note.textContent === '';
  };
  search.addEventListener('input', draw);
  const box = h('form', { class: 'table-filter popover', attrs: { role: 'dialog', 'aria-label': `Filter ${title}` } },
    search,
    h('div', { class: 'table-filter-all' },
      h('button', { class: 'button quiet small', text: 'All', attrs: { type: 'button' }, on: { click: () => { for (const t of found()) chosen.add(t); draw(); } } }),
      h('button', { class: 'button quiet small', text: 'None', attrs: { type: 'button' }, on: { click: () => { for (const t of found()) chosen.delete(t); draw(); } } })),
    listBox, note,
    h('div', { class: 'table-filter-foot' },
      h('button', { class: 'button', text: 'Clear', attrs: { type: 'button' }, on: { click: () => { onApply(undefined); close(); } } }),
      h('button', { class: 'button primary', text: 'Apply', attrs: { type: 'submit' } })));
  const outside = (e: PointerEvent): void => {
    if (e.target instanceof Node && !box.contains(e.target)) close();
  };
  function close(): void {
    document.removeEventListener('pointerdown', outside, true);
    box.remove();
    // The header may have been drawn anew meanwhile.
    const again = button.isConnected ? button : document.querySelector<HTMLElement>(`[data-filter="${CSS.escape(title)}"]`);
    again?.focus();
  }
  box.addEventListener('submit', (e) => {
    e.preventDefault();
    if (chosen.size === all.length) chosen = new Set(all);
    const every = chosen.size >= all.length;
    onApply(every && search.value.trim() === '' ? undefined : { search: search.value, chosen: every ? undefined : chosen });
    close();
  });
  box.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') {
      e.stopPropagation();
      close();
    }
  });
  document.body.append(box);
  draw();
  const at = button.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - box.offsetWidth - 8))}px`;
  box.style.top = `${at.bottom + 4 + box.offsetHeight > innerHeight - 8 ? Math.max(8, at.top - 4 - box.offsetHeight) : at.bottom + 4}px`;
  document.addEventListener('pointerdown', outside, true);
  search.focus();
}
