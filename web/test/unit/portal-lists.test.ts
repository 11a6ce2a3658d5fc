/** Lists of the portal's own things: which alerts are chosen, where annotations and dashboards lead, what a link may be. */
import { expect, test } from 'vitest';
import { readRules } from '../../src/api/alerts';
import { alertListOptions, chooseRules, labelFilter } from '../../src/panels/alertlist/choose';
import { annotationAddress, annotationListOptions } from '../../src/panels/annolist/options';
import { dashboardAddress, listOptions } from '../../src/panels/dashlist/options';

const rule = (name: string, state: string, labels: object, extra: object = {}) => ({
  name, state, type: 'alerting', health: 'ok', labels: { severity: 'page' }, annotations: {},
  alerts: [{ labels, state: state === 'inactive' ? 'Normal' : state === 'firing' ? 'Alerting' : state, activeAt: '2026-01-31T10:00:00Z', value: '1' }], ...extra,
});
const rules = readRules({ data: { groups: [
  { name: 'g', file: 'Platform', rules: [rule('Disk full', 'firing', { host: 'a' }), rule('Slow', 'pending', { host: 'b' }, { annotations: { __dashboardUid__: 'here' } })] },
  { name: 'h', file: 'Shop', rules: [rule('Calm', 'inactive', { host: 'a' }), rule('Broken', 'firing', { host: 'c' }, { health: 'error' }), { type: 'recording', name: 'r' }] },
] } });
const names = (options: object, uid = '') => chooseRules(rules, alertListOptions({ ...options }), uid).map((r) => r.name);

test('recording rules are no alerts, and states have one spelling', () => {
  expect(rules.map((r) => [r.name, r.state])).toEqual([['Disk full', 'firing'], ['Slow', 'pending'], ['Calm', 'normal'], ['Broken', 'error']]);
});

test.each([
  [{}, ['Broken', 'Disk full', 'Slow']],
  [{ sortOrder: 2 }, ['Slow', 'Disk full', 'Broken']],
  [{ sortOrder: 3 }, ['Disk full', 'Broken', 'Slow']],
  [{ stateFilter: { normal: true } }, ['Calm']],
  [{ stateFilter: { firing: true, pending: false } }, ['Disk full']],
  [{ alertName: 'DISK' }, ['Disk full']],
  [{ folder: { title: 'Platform' } }, ['Disk full', 'Slow']],
  [{ dashboardAlerts: true }, ['Slow']],
  [{ alertInstanceLabelFilter: '{host=~"a|c", severity="page"}' }, ['Broken', 'Disk full']],
])('alerts by %j', (options, expected) => {
  expect(names(options, 'here')).toEqual(expected);
});

test('a label filter that cannot be read leaves everything', () => {
  expect(labelFilter('host=~"["')({ host: 'x' })).toBe(true);
  expect(labelFilter('host!~"x.*"')({ host: 'xy' })).toBe(false);
});

test('an annotation opens its dashboard around its time', () => {
  const a = { id: 1, dashboardUID: 'd', panelId: 4, time: 1_000_000, timeEnd: 2_000_000, text: '', tags: [], login: '' };
  expect(annotationAddress(a, '', annotationListOptions({ navigateBefore: '1m', navigateAfter: '2m' }))).toBe('/d/d?from=940000&to=2120000&viewPanel=4');
  expect(annotationAddress({ ...a, dashboardUID: '', panelId: 0 }, '', annotationListOptions({}))).toBeUndefined();
});

test('a dashboard link keeps what the panel says', () => {
  const search = '?from=now-1h&to=now&var-a=1&var-a=2&viewPanel=3';
  expect(dashboardAddress('/d/x/y', search, listOptions({}))).toBe('/d/x/y');
  expect(dashboardAddress('/d/x/y', search, listOptions({ keepTime: true, includeVars: true }))).toBe('/d/x/y?from=now-1h&to=now&var-a=1&var-a=2');
});
