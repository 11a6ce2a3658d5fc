/** Puts one panel at the end of a dashboard as it is stored; everything else stays as it was. */
import { isObject, list, number, object } from '../json';

/** Panels of a dashboard, those of closed rows too. */
const allPanels = (panels: readonly unknown[]): Record<string, unknown>[] => panels.filter(isObject).flatMap((p) => [p, ...list(p['panels']).filter(isObject)]);

/** The dashboard with the panel below all others, or why it cannot be put there. */
export function appendPanel(raw: unknown, panel: Record<string, unknown>): { dashboard: Record<string, unknown> } | { problem: string } {
  if (!isObject(raw)) return { problem: 'The dashboard’s JSON is no object.' };
  if (isObject(raw['spec']) || isObject(raw['elements'])) return { problem: 'This dashboard is kept in the newer format (elements and layout). Adding from here works with the classic one.' };
  if (raw['panels'] !== undefined && !Array.isArray(raw['panels'])) return { problem: 'The dashboard’s list of panels cannot be read.' };
  if (Array.isArray(raw['rows']) && raw['panels'] === undefined) return { problem: 'This dashboard is in a format with rows that was left long ago. Open and save it once, then add the panel.' };
  const panels = list(raw['panels']);
  const every = allPanels(panels);
  const id = every.reduce((n, p) => Math.max(n, number(p['id']) ?? 0), 0) + 1;
  const bottom = panels.reduce((n: number, p) => {
    const g = object(object(p)['gridPos']);
    return Math.max(n, (number(g['y']) ?? 0) + (number(g['h']) ?? 0));
  }, 0);
  return { dashboard: { ...raw, panels: [...panels, { ...panel, id, gridPos: { x: 0, y: bottom, w: 12, h: 8 } }] } };
}
