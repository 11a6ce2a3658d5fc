/** Addresses of routes that change a part of something. */
import type { PathOf } from './path';

type Params = Record<string, string | number>;

/** The address of a route that is asked with PATCH, its parameters escaped. */
export const changing = (path: PathOf<'PATCH'>, params: Params): string => path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
