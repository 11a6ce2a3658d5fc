/** Addresses of the portal's routes: the compiler knows which there are, and what each has to be given. */
import type { Route } from './routes';

/** The names in braces. */
export type Names<R extends string> = R extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** Routes of one method, without the method. */
type PathOf<M extends string> = Route extends infer R ? (R extends `${M} ${infer P}` ? P : never) : never;

type Given<P extends string> = [Names<P>] extends [never] ? [] : [params: Record<Names<P>, string | number>];

export function fill(path: string, params: Record<string, string | number> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

/** The address of a route, its parameters escaped. `M` is the method that it is asked with. */
export const reading = <P extends PathOf<'GET'>>(path: P, ...[params]: Given<P>): string => fill(path, params);
export const asking = <P extends PathOf<'POST'>>(path: P, ...[params]: Given<P>): string => fill(path, params);
export const replacing = <P extends PathOf<'PUT'>>(path: P, ...[params]: Given<P>): string => fill(path, params);
export const deleting = <P extends PathOf<'DELETE'>>(path: P, ...[params]: Given<P>): string => fill(path, params);
export const patching = <P extends PathOf<'PATCH'>>(path: P, ...[params]: Given<P>): string => fill(path, params);
