/** One comparison: equal and not listed, or different and listed with a reason. */
import { expect } from 'vitest';
import { differences } from './differences';

const listed = (name: string): string | undefined => {
  if (differences[name] !== undefined) return differences[name];
  // A star at the end stands for a family of cases.
  const family = Object.keys(differences).find((key) => key.endsWith('*') && name.startsWith(key.slice(0, -1)));
  return family === undefined ? undefined : differences[family];
};

export function agree(name: string, ours: unknown, theirs: unknown): void {
  if (listed(name) === undefined) {
    expect.soft(ours, name).toEqual(theirs);
    return;
  }
  if (!Object.hasOwn(differences, name)) return;
  expect.soft(ours, `${name} is listed as different and is not`).not.toEqual(theirs);
}
