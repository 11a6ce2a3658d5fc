// @vitest-environment happy-dom
/** Text panels keep their looks, and neither run anything nor ask anybody. */
import { expect, test } from 'vitest';
import { harmlessStyle, putStylesAside } from '../../src/panels/text/sanitize';

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
