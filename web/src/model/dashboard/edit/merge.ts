/** Two people changed one dashboard: what can be put together, and what only a person can decide. Pure. */
import { list, number, object, text } from '../../json';

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
/** Fields that are the server's. */
const own = new Set(['id', 'version', 'uid']);

interface Merged {
  raw: Record<string, unknown>;
  /** What both changed, in words. */
  conflicts: string[];
}

type Named = [key: string, title: string, value: unknown];

function mergeList(base: readonly Named[], mine: readonly Named[], theirs: readonly Named[], kind: string, conflicts: string[]): unknown[] {
  const b = new Map(base.map(([k, , v]) => [k, v]));
  const m = new Map(mine.map(([k, t, v]) => [k, [t, v] as const]));
  const seen = new Set<string>();
  const out: unknown[] = [];
  for (const [key, title, theirValue] of theirs) {
    seen.add(key);
    const my = m.get(key);
    if (!b.has(key)) {
      if (my && !same(my[1], theirValue)) conflicts.push(`${kind} “${title}”: both added one`);
      out.push(theirValue);
    } else if (!my) {
      if (!same(theirValue, b.get(key))) {
        conflicts.push(`${kind} “${title}”: you removed it, they changed it`);
        out.push(theirValue);
      }
    } else if (same(my[1], b.get(key))) out.push(theirValue);
    else {
      if (!same(theirValue, b.get(key)) && !same(my[1], theirValue)) conflicts.push(`${kind} “${title}”: changed by both`);
      out.push(my[1]);
    }
  }
  for (const [key, title, value] of mine) {
    if (seen.has(key)) continue;
    if (b.has(key)) {
      if (same(value, b.get(key))) continue;
      conflicts.push(`${kind} “${title}”: they removed it, you changed it`);
    }
    out.push(value);
  }
  return out;
}

const panels = (raw: Record<string, unknown>): Named[] => list(raw['panels']).map((p, i): Named => {
  const o = object(p);
  return [String(number(o['id']) ?? `#${i}`), text(o['title']) || 'without a title', p];
});
const variables = (raw: Record<string, unknown>): Named[] => list(object(raw['templating'])['list']).map((v): Named => [text(object(v)['name']), text(object(v)['name']), v]);

/** Puts together what the two changed since `base`; where both changed the same thing, mine stands and is named. */
export function mergeDashboards(base: unknown, mine: unknown, theirs: unknown): Merged {
  const [b, m, t] = [object(base), object(mine), object(theirs)];
  const conflicts: string[] = [];
  const raw: Record<string, unknown> = { ...t };
  for (const key of new Set([...Object.keys(b), ...Object.keys(m), ...Object.keys(t)])) {
    if (own.has(key) || key === 'panels' || key === 'templating') continue;
    if (same(m[key], b[key])) continue;
    if (!same(t[key], b[key]) && !same(m[key], t[key])) conflicts.push(`the setting “${key}”: changed by both`);
    if (m[key] === undefined) delete raw[key];
    else raw[key] = m[key];
  }
  raw['panels'] = mergeList(panels(b), panels(m), panels(t), 'panel', conflicts);
  if (m['templating'] !== undefined || t['templating'] !== undefined) {
    raw['templating'] = { ...object(t['templating']), list: mergeList(variables(b), variables(m), variables(t), 'variable', conflicts) };
  }
  return { raw, conflicts };
}
