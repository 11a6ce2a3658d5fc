/** What a page says about its dashboard before anything else. Pure. */
import type { DashboardView, Variable } from './types';

/**
 * What the server could not take over, and variables without effect. That an old panel is drawn as its successor is nothing to act on:
 * the import says so, and the page only where the successor is not known either.
 */
export function pageNotices(view: Pick<DashboardView, 'notices' | 'variables' | 'panels'>, isKnown: (type: string) => boolean, isSupported: (variable: Variable) => boolean): string[] {
  const successors = new Set(view.panels.filter((p) => isKnown(p.type)).map((p) => `${p.originalType} panels are shown as ${p.type}`));
  return [
    ...view.notices.filter((n) => !successors.has(n)),
    ...view.variables.filter((v) => !isSupported(v)).map((v) => `The variable “${v.label || v.name}” is of type “${v.type}”, which is not supported yet: it has no effect.`),
  ];
}
