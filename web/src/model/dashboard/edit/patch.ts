/** Patches on JSON: steps that set or remove one place each, applied without touching what they do not name, and their way back. */
export type Path = readonly (string | number)[];

export type Step =
  /** Sets a member or replaces an element; makes the objects on the way. */
  | { op: 'set'; path: Path; value: unknown }
  /** Puts an element into a list before the index that ends the path. */
  | { op: 'insert'; path: Path; value: unknown }
  | { op: 'remove'; path: Path };
export type Patch = readonly Step[];

interface Patched {
  value: unknown;
  /** Applied to `value`, it gives back what was there before. */
  undo: Patch;
}

const isBranch = (v: unknown): v is Record<string | number, unknown> => typeof v === 'object' && v !== null;

/** What stands at a path; undefined when nothing does. */
export function at(root: unknown, path: Path): unknown {
  let here = root;
  for (const key of path) {
    // Own members alone: a path named `constructor` finds nothing.
    if (!isBranch(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

const copy = (v: unknown, next: string | number): Record<string | number, unknown> => {
  if (Array.isArray(v)) return [...(v as unknown[])] as unknown as Record<number, unknown>;
  if (isBranch(v)) return { ...v };
  return typeof next === 'number' ? ([] as unknown as Record<number, unknown>) : {};
};

function step(root: unknown, change: Step): { value: unknown; undo: Step } {
  const { path } = change;
  const last = path[path.length - 1];
  if (last === undefined) {
    // The whole document.
    return { value: change.op === 'remove' ? undefined : change.value, undo: { op: 'set', path, value: root } };
  }
  const parentPath = path.slice(0, -1);
  const before = at(root, parentPath);
  const parent = copy(before, last);
  let undo: Step;
  if (change.op === 'insert') {
    if (!Array.isArray(parent) || typeof last !== 'number') throw new Error(`there is no list at “${parentPath.join('.')}”`);
    parent.splice(last, 0, change.value);
    undo = { op: 'remove', path };
  } else if (change.op === 'remove') {
    if (Array.isArray(parent) && typeof last === 'number') {
      const [gone] = (parent as unknown[]).splice(last, 1);
      undo = { op: 'insert', path, value: gone };
    } else {
      undo = Object.hasOwn(parent, last) ? { op: 'set', path, value: parent[last] } : { op: 'remove', path };
      delete parent[last];
    }
  } else {
    undo = Object.hasOwn(parent, last) ? { op: 'set', path, value: parent[last] } : { op: 'remove', path };
    parent[last] = change.value;
  }
  if (before === undefined && change.op === 'set' && parentPath.length > 0) {
    // The parent itself is new: taking it away again is the way back.
    const up = step(root, { op: 'set', path: parentPath, value: parent });
    return { value: up.value, undo: up.undo };
  }
  return { value: replaceAt(root, parentPath, parent), undo };
}

function replaceAt(root: unknown, path: Path, value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const here = copy(root, first);
  here[first] = replaceAt(here[first], rest, value);
  return here;
}

/** Applies the steps in order; the given document is left as it is. */
export function applyPatch(root: unknown, patch: Patch): Patched {
  let value = root;
  const undo: Step[] = [];
  for (const change of patch) {
    const done = step(value, change);
    value = done.value;
    undo.unshift(done.undo);
  }
  return { value, undo };
}
