/** Addresses of routes, filled in. */
import { describe, expect, it } from 'vitest';
import { deleting, reading } from '../../src/api/path';

describe('addresses of routes', () => {
  it('escapes what is filled in', () => {
    expect(reading('/api/dashboards/uid/{uid}', { uid: 'a/b?c' })).toBe('/api/dashboards/uid/a%2Fb%3Fc');
    expect(deleting('/api/datasources/name/{name}', { name: 'ü' })).toBe('/api/datasources/name/%C3%BC');
    expect(reading('/api/org')).toBe('/api/org');
  });

  it('knows only what the server has', () => {
    // @ts-expect-error there is no such route
    expect(reading('/api/nothing')).toBe('/api/nothing');
    // @ts-expect-error the uid is missing
    expect(reading('/api/folders/{uid}')).toBe('/api/folders/');
  });
});
