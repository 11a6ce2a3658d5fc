/** Markdown of a cell, sanitised before it touches the page. */
import DOMPurify from 'dompurify';
import { marked } from 'marked';

export function renderProse(source: string): Node {
  const html = marked.parse(source, { async: false, gfm: true });
  const made = DOMPurify.sanitize(html, { RETURN_DOM_FRAGMENT: true, FORBID_TAGS: ['style', 'form', 'input', 'button', 'textarea', 'select', 'img', 'audio', 'video'], FORBID_ATTR: ['style'] });
  for (const link of made.querySelectorAll('a[href^="http"]')) link.setAttribute('rel', 'noopener noreferrer');
  return made;
}
