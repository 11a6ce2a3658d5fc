/** The portal's API as one typed function: the compiler knows each route's parameters, body and answer. */
import { send } from './http';
import { fill, type Names } from './path';
import type { Route } from './routes';
import type { Answers, Bodies } from './schema';

type Given<R extends Route> = ([Names<R>] extends [never] ? { params?: undefined } : { params: Record<Names<R>, string | number> })
  & (R extends keyof Bodies ? { body: Bodies[R] } : { body?: undefined })
  & { query?: Record<string, string | number | boolean | undefined>; signal?: AbortSignal | undefined; stay?: boolean };

export type Answer<R extends Route> = R extends keyof Answers ? Answers[R] : unknown;

/** Nothing has to be given where a route takes neither parameters nor a body. */
type Arguments<R extends Route> = Record<never, never> extends Given<R> ? [given?: Given<R>] : [given: Given<R>];

/** The address of a route with its parameters and query filled in. */
export function address(route: Route, params?: Record<string, string | number>, query: Record<string, string | number | boolean | undefined> = {}): string {
  const path = fill(route.slice(route.indexOf(' ') + 1), params);
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined && value !== '') search.append(key, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Asks a route, as `call('GET /api/folders/{uid}', { params: { uid } })`; throws `ApiError`. */
export async function call<R extends Route>(route: R, ...[given]: Arguments<R>): Promise<Answer<R>> {
  const { params, query, body, signal, stay } = (given ?? {}) as { params?: Record<string, string | number>; query?: Record<string, string | number | boolean | undefined>; body?: unknown; signal?: AbortSignal; stay?: boolean };
  const method = route.slice(0, route.indexOf(' '));
  const answer = await send(address(route, params, query), { method, body, signal, ...(stay === undefined ? {} : { stay }) });
  const text = await answer.text();
  return (text === '' ? undefined : JSON.parse(text)) as Answer<R>;
}
