/** The whole value of a cell in a window of its own: plain text, or JSON with its lines; to read and to copy. */
import { h } from '../dom';
import type { Cell } from '../../model/frame';

/** Letters shown at most; a larger value is for the CSV. */
const lettersMax = 500_000;

function lines(value: Cell): string {
  const text = value === null ? '' : String(value);
  if (!/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function openInspect(title: string, value: Cell): void {
  const text = lines(value);
  const copied = h('span', { class: 'quiet', attrs: { role: 'status' } });
  const dialog = h('dialog', { class: 'dialog', attrs: { 'aria-label': title } },
    h('div', { class: 'dialog-head' }, h('h2', { text: title }),
      h('button', { class: 'icon-button', text: '✕', attrs: { type: 'button', 'aria-label': 'Close' }, on: { click: () => dialog.close() } })),
    h('div', { class: 'dialog-body' },
      h('pre', { class: 'cell-whole', text: text.slice(0, lettersMax), attrs: { tabindex: 0 } }),
      text.length > lettersMax && h('p', { class: 'quiet', text: `The first ${lettersMax.toLocaleString('en-US')} of ${text.length.toLocaleString('en-US')} letters.` }),
      h('p', { class: 'cell-whole-foot' },
        h('button', {
          class: 'button', text: 'Copy', attrs: { type: 'button' },
          on: { click: () => { navigator.clipboard.writeText(text).then(() => { copied.textContent = 'Copied.'; }, () => { copied.textContent = 'The browser did not allow it: select the text instead.'; }); } },
        }), copied)));
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('pointerdown', (e) => {
    if (e.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}
