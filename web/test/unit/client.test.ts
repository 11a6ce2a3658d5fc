/** The typed client: addresses as they are asked for; the types are checked by the compiler. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { address, call } from '../../src/api/client';

afterEach(() => vi.unstubAllGlobals());

describe('address', () => {
  it.each([
    ['GET /api/org', undefined, {}, '/api/org'],
    ['GET /api/folders/{uid}', { uid: 'a/b c' }, {}, '/api/folders/a%2Fb%20c'],
    ['GET /api/search', undefined, { query: 'x&y', limit: 5, deleted: undefined, tag: '' }, '/api/search?query=x%26y&limit=5'],
  ] as const)('%s', (route, params, query, want) => {
    expect(address(route, params, query)).toBe(want);
  });
});

describe('call', () => {
  it('sends the body of a route and reads its answer', async () => {
    const fetched = vi.fn(async (_url: string, _init: RequestInit) => new Response('{"id":1,"uid":"u","title":"T"}'));
    vi.stubGlobal('fetch', fetched);
    const folder = await call('POST /api/folders', { body: { title: 'T' } });
    expect(folder.uid).toBe('u');
    expect(fetched.mock.calls[0]?.[0]).toBe('/api/folders');
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({ method: 'POST', body: '{"title":"T"}' });
  });

  it('reads an empty answer as nothing', async () => {
    vi.stubGlobal('fetch', async () => new Response(''));
    expect(await call('DELETE /api/folders/{uid}', { params: { uid: 'u' } })).toBeUndefined();
  });

  it('refuses what the server does not know, when it is compiled', () => {
    // @ts-expect-error there is no such route
    const wrongRoute = (): unknown => call('GET /api/nothing');
    // @ts-expect-error the parameter is missing
    const noParameter = (): unknown => call('GET /api/folders/{uid}', {});
    // @ts-expect-error a title is a text
    const wrongBody = (): unknown => call('POST /api/folders', { body: { title: 5 } });
    expect([wrongRoute, noParameter, wrongBody]).toHaveLength(3);
  });
});
