/** HTML of a text panel made harmless: no script, no form, nothing from another host; its looks are kept as far as they stay inside. */
import DOMPurify from 'dompurify';
import { safeUrl } from '../../model/links';

/** Declarations that change how the text looks, and nothing outside its panel: no position, no layers. */
const harmless = /^(?:(?:background-)?color|background|opacity|(?:min-|max-)?(?:width|height)|display|gap|float|clear|line-height|letter-spacing|white-space|word-break|vertical-align|list-style(?:-type)?|(?:text|font|margin|padding|border|flex|align|justify|column|grid)(?:-[a-z-]+)?|overflow(?:-[xy])?|object-fit)$/;
/** What a value must not do: fetch, or take what the page knows. */
const reaches = /url|image|attr\s*\(|var\s*\(|env\s*\(|expression|@|\\/i;

/** The declarations of a `style` attribute that may stay. */
export function harmlessStyle(style: string): [name: string, value: string][] {
  return style.split(';').flatMap((part): [string, string][] => {
    const at = part.indexOf(':');
    const name = part.slice(0, at).trim().toLowerCase();
    const value = part.slice(at + 1).replace(/!\s*important/i, '').trim();
    return at > 0 && harmless.test(name) && value !== '' && !reaches.test(value) ? [[name, value]] : [];
  });
}

/**
 * The content policy refuses `style` attributes, and logs each as an error, even where they are removed at once. So they get
 * another name before anything reads them as HTML. A text that has ` style=` inside another attribute's value changes there.
 */
export const putStylesAside = (html: string): string => html.replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/(["'\s/])style\s*=/gi, '$1data-text-style='));

const sourceAttributes = ['src', 'poster', 'background', 'data'];
const readAddress = (address: string): URL | undefined => (URL.canParse(address, location.href) ? new URL(address, location.href) : undefined);
/** What cannot be read counts as foreign. */
const isForeign = (url: URL | undefined): boolean => !url || (/^https?:$/.test(url.protocol) && url.origin !== location.origin);

/** Pictures of other hosts are links to them: opening a dashboard tells nobody. */
function linkInstead(image: Element, url: URL): void {
  const address = safeUrl(url.href);
  if (address === undefined) return;
  const link = document.createElement('a');
  link.href = address;
  link.textContent = image.getAttribute('alt')?.trim() || `Picture at ${url.host}`;
  if (image.closest('a')) image.replaceWith(link.textContent);
  else image.replaceWith(link);
}

/** Pictures of other hosts in the text that is being sanitised. Kept here: an attribute could be the author's own. */
let pictures = new Map<Element, URL>();
let hooked = false;
function hook(): void {
  if (hooked) return;
  hooked = true;
  DOMPurify.addHook('afterSanitizeAttributes', (node) => {
    // Links lead elsewhere when somebody follows them; everything else with an address is fetched at once.
    const fetched = node.nodeName.toUpperCase() === 'A' ? sourceAttributes : [...sourceAttributes, 'href', 'xlink:href'];
    for (const name of fetched) {
      const address = node.getAttribute(name);
      const url = address === null ? undefined : readAddress(address);
      if (address === null || !isForeign(url)) continue;
      // Gone before the node becomes part of a document that loads what it names.
      node.removeAttribute(name);
      if (node.nodeName === 'IMG' && name === 'src' && url) pictures.set(node, url);
    }
  });
}

export function sanitize(html: string): DocumentFragment {
  hook();
  pictures = new Map();
  // A `srcset` is a list whose addresses may hold commas themselves: the picture's `src` says enough.
  const fragment = DOMPurify.sanitize(putStylesAside(html), { RETURN_DOM_FRAGMENT: true, FORBID_TAGS: ['style', 'form', 'input', 'button', 'textarea', 'select', 'video', 'audio'], FORBID_ATTR: ['style', 'srcset'] });
  for (const node of fragment.querySelectorAll<HTMLElement>('[data-text-style]')) {
    for (const [name, value] of harmlessStyle(node.dataset['textStyle'] ?? '')) node.style?.setProperty(name, value);
    delete node.dataset['textStyle'];
  }
  for (const [image, url] of pictures) linkInstead(image, url);
  return fragment;
}
