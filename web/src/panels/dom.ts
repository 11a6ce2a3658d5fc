/** Making elements without a framework; styles go through the CSSOM, which the content policy allows. */
type Child = Node | string | null | undefined | false;
interface Props {
  class?: string;
  text?: string;
  title?: string;
  style?: Partial<CSSStyleDeclaration> | Record<string, string>;
  attrs?: Record<string, string | number | boolean | undefined>;
  on?: Partial<{ [K in keyof HTMLElementEventMap]: (event: HTMLElementEventMap[K]) => void }>;
}

function fill(element: HTMLElement | SVGElement, props: Props, children: readonly Child[]): void {
  if (props.class !== undefined) element.setAttribute('class', props.class);
  if (props.text !== undefined) element.textContent = props.text;
  if (props.title !== undefined) element.setAttribute('title', props.title);
  for (const [key, value] of Object.entries(props.attrs ?? {})) if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : String(value));
  for (const [key, value] of Object.entries(props.style ?? {})) {
    if (typeof value !== 'string') continue;
    if (key.startsWith('--')) element.style.setProperty(key, value);
    else element.style.setProperty(key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`), value);
  }
  for (const [type, listener] of Object.entries(props.on ?? {})) element.addEventListener(type, listener as EventListener);
  for (const child of children) if (child !== null && child !== undefined && child !== false) element.append(child);
}

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, props, children);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  fill(element, props, children);
  return element;
}

let measuring: CanvasRenderingContext2D | null | undefined;

/** Width of a text in CSS pixels in the given CSS font. */
export function textWidth(text: string, font: string): number {
  // Outside a browser, where tests run, widths are guessed.
  measuring ??= typeof document === 'undefined' ? null : document.createElement('canvas').getContext('2d');
  if (!measuring) return text.length * 7;
  measuring.font = font;
  return measuring.measureText(text).width;
}

export const fontFamily = "'Atkinson Hyperlegible Next', system-ui, sans-serif";
