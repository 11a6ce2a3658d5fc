/** Failed requests of the browser's journeys: only what a journey names is excused, and what nothing needed is named too. */
import { expect, test } from 'vitest';
// @ts-expect-error a script, without types
import { matcher } from '../e2e/allowed.mjs';

const signIn = { status: 401, method: 'POST', path: /\/login/, why: 'refused' };
const sometimes = { status: 400, path: /\/api\/datasources\/uid\/[^/]+\/health/, why: 'not there', sometimes: true };
const cases: [status: number, method: string, path: string, excused: boolean][] = [
  [401, 'POST', '/login', true], [401, 'GET', '/login', false], [403, 'POST', '/login', false], [401, 'POST', '/login/x', false], [401, 'POST', '/api/login', false],
  [400, 'GET', '/api/datasources/uid/loki/health', true], [500, 'GET', '/api/datasources/uid/loki/health', false], [400, 'GET', '/api/datasources/uid/loki', false], [0, 'GET', '/api/user', false],
];
test.each(cases)('%i for %s %s is excused: %s', (status, method, path, excused) => {
  expect(matcher([signIn, sometimes]).excused({ status, method, path })).toBe(excused);
});

test('an entry that nothing needed is a fault, unless it is needed only sometimes', () => {
  const { excused, unused } = matcher([signIn, sometimes]);
  expect(unused()).toEqual(['nothing answered 401 at \\/login any more: take it off the list (“refused”)']);
  excused({ status: 401, method: 'POST', path: '/login' });
  expect(unused()).toEqual([]);
});
