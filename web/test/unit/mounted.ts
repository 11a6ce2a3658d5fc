/** Mounts components for tests in a document of happy-dom: everything that follows from a drawing is done when it answers. */
import { act, type ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { vi } from 'vitest';

export interface Mounted {
  host: HTMLElement;
  draw: (node: ReactNode) => Promise<void>;
  /** Presses the button that has this text. */
  press: (words: string) => Promise<void>;
  /** Types a text into the field that fits the selector, as the browser tells React of it. */
  type: (selector: string, text: string) => Promise<void>;
  /** Chooses in the list that fits the selector, or stands beside these words. */
  choose: (list: string | { beside: string }, value: string) => Promise<void>;
  /** Waits until the check holds. */
  until: (check: () => void) => Promise<void>;
  unmount: () => Promise<void>;
}

export function mount(): Mounted {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const host = document.createElement('div');
  document.body.append(host);
  const root: Root = createRoot(host);
  return {
    host,
    draw: (node) => act(async () => root.render(node)),
    press: (words) => act(async () => {
      const found = [...document.querySelectorAll('button')].find((b) => b.textContent === words || b.getAttribute('aria-label') === words);
      if (!found) throw new Error(`there is no button “${words}” in: ${document.body.textContent}`);
      found.click();
    }),
    type: (selector, text) => act(async () => {
      const field = document.querySelector<HTMLInputElement>(selector);
      if (!field) throw new Error(`there is no field ${selector}`);
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field) as object, 'value')?.set?.call(field, text);
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }),
    choose: (list, value) => act(async () => {
      const beside = (words: string) => [...document.querySelectorAll('label')].find((l) => l.textContent.startsWith(words))?.querySelector('select');
      const field = typeof list === 'string' ? document.querySelector<HTMLSelectElement>(list) : beside(list.beside);
      if (!field) throw new Error(`there is no list ${JSON.stringify(list)}`);
      field.value = value;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }),
    until: async (check) => {
      // What comes while waiting comes by itself, as it does in a browser.
      vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', false);
      try {
        await vi.waitFor(check);
      } finally {
        vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
      }
    },
    unmount: async () => {
      await act(async () => root.unmount());
      host.remove();
    },
  };
}
