/** Links of single values: filled from the calculation or the row, with the other fields beside it. */
import { expect, test } from 'vitest';
import { applyFieldConfig } from '../../src/model/fieldconfig/apply';
import { makeFrame } from '../../src/model/frame';
import { linksAt } from '../../src/model/links';
import { shownValues } from '../../src/panels/values';

const frames = applyFieldConfig([makeFrame('A', [
  { name: 'Time', type: 'time', values: [1000, 2000] },
  { name: 'host', type: 'string', values: ['web 1', 'db'] },
  { name: 'load', type: 'number', values: [5, 7], labels: { job: 'node' } },
])], {
  defaults: { unit: 'percent', links: [{ title: '${__field.name} of ${__data.fields.host}', url: '/d/x?v=${__value.raw}&t=${__value.text}&h=${__data.fields["host"]}&j=${__field.labels.job}&at=${__value.time}' }, { title: 'bad', url: 'javascript:alert(1)' }] },
  overrides: [],
}, { theme: 'light', zone: 'utc', wantsRange: true });

test.each<[object, string[]]>([
  [{ reduceOptions: { calcs: ['mean'] } }, ['/d/x?v=6&t=6%25&h=db&j=node&at=2000']],
  [{ reduceOptions: { values: true, fields: 'load' } }, ['/d/x?v=5&t=5%25&h=web%201&j=node&at=1000', '/d/x?v=7&t=7%25&h=db&j=node&at=2000']],
])('%j', (options, want) => {
  const shown = shownValues(frames, options as Record<string, unknown>);
  const links = shown.map((v) => linksAt(v.field.config?.links ?? [], v.place, (s) => s));
  expect(links.map((l) => l.map((x) => x.url))).toEqual(want.map((w) => [w]));
  expect(links.at(-1)?.[0]?.title).toContain('of db');
});
