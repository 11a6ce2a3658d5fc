/** Annotations as marks on a time axis: their words, which share a handle, whose they are; and links of a value. */
import { expect, test } from 'vitest';
import { linksAt } from '../../src/model/links';
import { clusterMarks, plainText, type Mark } from '../../src/model/marks';
import type { Field } from '../../src/model/frame';

const mark = (time: number, part: Partial<Mark> = {}): Mark => ({ key: String(time), id: 0, time, timeEnd: time, title: '', text: '', links: [], source: '', tags: [], color: 'blue', panelId: 0, login: '', ...part });

test.each([
  ['plain', 'plain', []],
  ['<b>Deploy</b> &amp; go<script>alert(1)</script>', 'Deploy & go', []],
  ['a<br>b &amp; c', 'a\nb & c', []],
  ['<script>alert(1)</script>x<img src=x onerror=alert(1)>', 'x', []],
  ['see <a href="https://e.org/?a=1&amp;b=2" onclick="x()">the <b>page</b></a>', 'see the page', [{ text: 'the page', url: 'https://e.org/?a=1&b=2' }]],
  ['<a href="javascript:alert(1)">no</a> [go](/d/x)', 'no go', [{ text: 'go', url: '/d/x' }]],
  ['[x](javascript:alert) 1 < 2', 'x 1 < 2', []],
])('the words of %s', (source, text, links) => {
  expect(plainText(source)).toEqual({ text, links });
});

test('marks closer than a handle share one', () => {
  expect(clusterMarks([mark(30), mark(0), mark(4)], (t) => t, 10).map((c) => c.marks.map((m) => m.time))).toEqual([[0, 4], [30]]);
});

const field: Field = { name: 'Value', title: 'errors', type: 'number', values: [1.5, 2], labels: { tenant: 'a&b' } };
const tenant: Field = { name: 'tenant', type: 'string', values: ['acme', 'b c'] };
test.each([
  ['/d/x?v=${__value.raw}', '/d/x?v=2'],
  ['/d/x?var-tenant=${__data.fields.tenant}', '/d/x?var-tenant=b%20c'],
  ['/d/x?t=${__data.fields["tenant"]}&u=${__data.fields[0].numeric}', '/d/x?t=b%20c&u=2'],
  ['/d/x?l=${__field.labels.tenant}&n=${__field.name}&s=${__series.name}', '/d/x?l=a%26b&n=errors&s=errors'],
  ['/d/x?at=${__value.time}', '/d/x?at=99'],
  ['https://e.org/${__field.labels.tenant:raw}', 'https://e.org/a&b'],
])('the link %s becomes %s', (url, expected) => {
  expect(linksAt([{ title: 'x', url, targetBlank: false }], { field, row: 1, fields: [field, tenant], time: 99 }, (t) => t)[0]?.url).toBe(expected);
});

test('links a browser must not follow are left out', () => {
  const all = ['javascript:alert(1)', 'data:text/html,x', '//evil.org', '/\\evil.org', ''].map((url) => ({ title: 'x', url, targetBlank: false }));
  expect(linksAt(all, { field, row: 0, fields: [field] }, (t) => t)).toEqual([]);
});
