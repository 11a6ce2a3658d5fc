// @vitest-environment happy-dom
/** Which addresses become links, wherever they come from, and how they open. */
import { describe, expect, test } from 'vitest';
import { makeFrame } from '../../src/model/frame';
import { isPage, linksAt, safeUrl, shownLink } from '../../src/model/links';
import { plainText } from '../../src/model/marks';
import { linkAnchor } from '../../src/panels/address';

/** Address as it is written, and as it is followed; undefined where it is not. */
const addresses: [written: string, followed: string | undefined][] = [
  ['https://a.b/c', 'https://a.b/c'], ['HTTP://A.B', 'HTTP://A.B'], ['  https://a.b ', 'https://a.b'], ['mailto:a@b.c', 'mailto:a@b.c'],
  ['/d/x', '/d/x'], ['/', '/'], ['?x=1', '?x=1'], ['#part', '#part'], ['/a\n/b', '/a/b'],
  ['javascript:alert(1)', undefined], ['JavaScript:alert(1)', undefined], [' javascript:alert(1)', undefined], ['java\nscript:alert(1)', undefined], ['java\tscript:alert(1)', undefined],
  ['\u0001javascript:alert(1)', undefined], ['\u00a0javascript:alert(1)', undefined], ['javascript://https://a.b/%0aalert(1)', undefined], ['jAvAsCrIpT&colon;alert(1)', undefined],
  ['vbscript:x', undefined], ['data:text/html,x', undefined], ['blob:https://a.b/x', undefined], ['file:///etc/passwd', undefined], ['ftp://a.b', undefined],
  ['//evil.example', undefined], ['/\\evil.example', undefined], ['/\t/evil.example', undefined], ['/\n\\evil.example', undefined], ['\\\\evil.example', undefined], ['https:evil.example', undefined],
  ['d/x', undefined], ['', undefined],
];
const field = { name: 'v', type: 'number' as const, values: [1] };

describe.each(addresses)('%j', (written, followed) => {
  test('by itself', () => expect(safeUrl(written)).toBe(followed));
  test('of a panel or a dashboard', () => expect(shownLink({ title: 't', url: written, targetBlank: false })?.url).toBe(followed));
  test('of a value, also when a variable brings it', () => {
    const place = { field, row: 0, fields: makeFrame('A', [field]).fields };
    const urlsOf = (url: string): (string | undefined)[] => linksAt([{ title: 't', url, targetBlank: false }], place, (s) => s.replace('$v', written)).map((l) => l.url);
    expect(urlsOf(written)).toEqual(followed === undefined ? [] : [followed]);
    expect(urlsOf('$v')).toEqual(followed === undefined ? [] : [followed]);
  });
  test('of an annotation’s text', () => {
    const found = plainText(`<a href="${written}">words</a>`).links[0]?.url;
    expect(found).toBe(followed);
  });
  test('as an element', () => expect(linkAnchor({ title: 't', url: written, blank: true }, 't').getAttribute('href') ?? undefined).toBe(followed));
});

test.each([[true, '_blank', 'noopener noreferrer'], [false, null, null]])('in a new tab: %s', (blank, target, rel) => {
  const a = linkAnchor({ title: 't', url: 'https://a.b', blank }, 't');
  expect([a.getAttribute('target'), a.getAttribute('rel')]).toEqual([target, rel]);
});

test.each([['/d/x', true], ['?x=1', true], ['/', true], ['/api/health', false], ['/logout', false], ['/login?x', false], ['//a.b', false], ['https://a.b', false], ['#x', false]])('%s is a page of the portal: %s', (url, page) => {
  expect(isPage(url)).toBe(page);
});

test('a link without a title shows its address', () => expect(shownLink({ title: '', url: '/d/x', targetBlank: true })).toEqual({ title: '/d/x', url: '/d/x', blank: true }));
