/**
 * Lets CodeMirror bring its styles under our content policy, which forbids style elements: its style sheets are adopted through
 * the CSSOM instead. Import this before an editor is made.
 */
import { StyleModule } from 'style-mod';

/** The library adopts sheets only for roots without a head; what it then remembers on the root serves the document as well. */
function adoptStyles(page: Document): void {
  const root = {
    ownerDocument: page,
    get adoptedStyleSheets() {
      return page.adoptedStyleSheets;
    },
    set adoptedStyleSheets(sheets) {
      page.adoptedStyleSheets = sheets;
    },
  };
  StyleModule.mount(root as unknown as DocumentOrShadowRoot, []);
  for (const key of Object.getOwnPropertySymbols(root)) Object.defineProperty(page, key, { value: Reflect.get(root, key) as unknown, configurable: true, writable: true });
}

if (typeof document !== 'undefined' && 'adoptedStyleSheets' in document) adoptStyles(document);
