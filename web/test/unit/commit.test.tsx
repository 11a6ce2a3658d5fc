// @vitest-environment happy-dom
/** Fields that hand over what was typed when they are left: once, and only what differs. */
import { act } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CommitInput, WordsInput } from '../../src/ui/commit';
import { mount, type Mounted } from './mounted';

let page: Mounted;
beforeEach(() => {
  page = mount();
});
afterEach(async () => {
  await page.unmount();
  vi.unstubAllGlobals();
});
const tell = (event: Event): Promise<void> => act(async () => {
  document.querySelector('input')?.dispatchEvent(event);
});
const leave = (): Promise<void> => tell(new FocusEvent('focusout', { bubbles: true }));
const key = (name: string): Promise<void> => tell(new KeyboardEvent('keydown', { key: name, bubbles: true }));

test('leaving hands over another text once, and the same not at all', async () => {
  const said = vi.fn();
  await page.draw(<CommitInput value="a" onCommit={said} />);
  await leave();
  expect(said).not.toHaveBeenCalled();
  await page.type('input', 'ab');
  await key('Enter');
  await leave();
  expect(said.mock.calls).toEqual([['ab']]);
  await page.type('input', 'a');
  await leave();
  expect(said).toHaveBeenCalledTimes(1);
});

test('another value from outside takes the field’s place', async () => {
  await page.draw(<CommitInput value="a" onCommit={() => undefined} />);
  await page.type('input', 'typed');
  await page.draw(<CommitInput value="b" onCommit={() => undefined} />);
  expect(document.querySelector('input')?.value).toBe('b');
});

test.each([[true, [['typed']]], [false, []]])('a field that goes away while it is typed in, keeps: %s', async (keeps, calls) => {
  const said = vi.fn();
  await page.draw(<CommitInput keeps={keeps} value="a" onCommit={said} />);
  await page.type('input', 'typed');
  await page.draw(null);
  expect(said.mock.calls).toEqual(calls);
});

test('Escape goes back to what is there', async () => {
  const said = vi.fn();
  await page.draw(<CommitInput keeps value="a" onCommit={said} />);
  await page.type('input', 'typed');
  await key('Escape');
  await leave();
  await page.draw(null);
  expect(said).not.toHaveBeenCalled();
});

test.each([['a,b', 0], ['a, b ,', 0], ['a, c', 1], ['', 1]])('words “%s” over “a, b” are handed over %d times', async (text, times) => {
  const said = vi.fn();
  await page.draw(<WordsInput value={['a', 'b']} onCommit={said} />);
  await page.type('input', text);
  await leave();
  expect(said).toHaveBeenCalledTimes(times);
});
