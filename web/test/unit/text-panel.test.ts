// @vitest-environment happy-dom
// @vitest-environment-options { "url": "https://portal.example/d/x" }
/** Text panels keep their looks, and neither run anything nor ask anybody. */
import { expect, test, vi } from 'vitest';
import { harmlessStyle, putStylesAside, sanitize } from '../../src/panels/text/sanitize';

// The sanitiser reads names by the getter of all nodes, as browsers have it; happy-dom's own says nothing for elements.
vi.hoisted(() => Object.defineProperty(Node.prototype, 'nodeName', { get(this: Node & { tagName?: string }) { return this.tagName ?? this.nodeName; } }));

test.each<[string, [string, string][]]>([
  ['color: red; TEXT-ALIGN:center', [['color', 'red'], ['text-align', 'center']]],
  ['background: url(https://elsewhere.example/x.png)', []],
  ['background: URL (x); background-image: image-set("x" 1x)', []],
  ['position: fixed; z-index: 9; top: 0; margin-top: 4px', [['margin-top', '4px']]],
  ['width: expression(alert(1)); height: 12px !important', [['height', '12px']]],
  ['color: var(--text); color: \\72 ed; behavior: x', []],
  [';;: ;color', []],
])('%s', (style, want) => expect(harmlessStyle(style)).toEqual(want));

test('styles of tags get another name, texts stay', () => {
  expect(putStylesAside('<div class="a" style="color:red">a style="x"</div>')).toBe('<div class="a" data-text-style="color:red">a style="x"</div>');
  expect(putStylesAside(`<p STYLE = 'x'><b/style="y">`)).toBe(`<p data-text-style= 'x'><b/data-text-style="y">`);
});

const link = (href: string, words: string): string => `<a href="${href}">${words}</a>`;
test.each<[string, string, string]>([
  ['a picture of another host', '<img src="https://b.example/x.png" alt="A chart">', link('https://b.example/x.png', 'A chart')],
  ['without a scheme', '<img src="//b.example/x.png">', link('https://b.example/x.png', 'Picture at b.example')],
  ['behind spaces', '<img src="  https://b.example/x.png">', link('https://b.example/x.png', 'Picture at b.example')],
  ['within a link', '<a href="/d/y"><img src="https://b.example/x.png" alt="A chart"></a>', link('/d/y', 'A chart')],
  ['one of the portal', '<img src="/x.png">', '<img src="/x.png">'],
  ['an address that is none', '<img src="https://[" alt="A chart">', '<img alt="A chart">'],
  ['several sizes', '<img src="/x.png" srcset="/x.png 1x, https://b.example/x.png 2x">', '<img src="/x.png">'],
  ['an address behind a comma', '<img srcset="https://portal.example,@b.example/x.png">', '<img>'],
])('%s', (_, html, want) => {
  const host = document.createElement('div');
  host.append(sanitize(html));
  expect(host.innerHTML).toBe(want);
});

test.each(['javascript:alert(1)', 'https://[', 'https://b.example'])('an attribute of the author’s own makes no link: %s', (address) => {
  for (const tag of ['img', 'span']) expect(sanitize(`<${tag} data-text-picture="${address}"></${tag}>`).querySelector('a')).toBeNull();
});

test('one text’s pictures are no other’s', () => {
  sanitize('<img src="https://b.example/x.png">');
  expect(sanitize('<p>words</p>').querySelector('a')).toBeNull();
});
