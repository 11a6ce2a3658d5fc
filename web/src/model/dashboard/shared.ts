/** Panels that show what another panel of the dashboard asks: Grafana's data source "-- Dashboard --". Pure. */
import { number, object } from '../json';
import type { Panel, Target } from './types';

const dashboardSource = '-- Dashboard --';
/** A panel may show what one shows that shows another's; no further than this, and never in a circle. */
const deepest = 8;

const isShared = (panel: Panel, target: Target): boolean => (target.datasource ?? panel.datasource)?.uid === dashboardSource;

/** The panel a query stands for; `undefined` where it is none of another panel. */
export const sharedPanelId = (panel: Panel, target: Target): number | undefined => (isShared(panel, target) ? number(object(target.raw)['panelId']) : undefined);

/** Queries keep the data source of the panel they come from, and get another letter where there is one with theirs. */
function adopt(from: Panel, taken: ReadonlySet<string>, letter: string): Target[] {
  return from.targets.map((t) => ({ ...t, datasource: t.datasource ?? from.datasource, refId: taken.has(t.refId) ? `${letter}${t.refId}` : t.refId }));
}

function resolve(panel: Panel, byId: ReadonlyMap<number, Panel>, depth: number): Panel {
  const ids = panel.targets.map((t) => (t.hide ? undefined : sharedPanelId(panel, t)));
  if (depth > deepest || !ids.some((id) => id !== undefined && id !== panel.id && byId.has(id))) return panel;
  const targets: Target[] = [];
  const sources: Panel[] = [];
  panel.targets.forEach((target, i) => {
    const source = byId.get(ids[i] ?? NaN);
    if (!source || source.id === panel.id) return void targets.push(target);
    const whole = resolve(source, byId, depth + 1);
    sources.push(whole);
    targets.push(...adopt(whole, new Set(targets.map((t) => t.refId)), target.refId));
  });
  const only = panel.targets.length === 1 ? sources[0] : undefined;
  if (!only) return { ...panel, targets };
  // The other panel's data is of its range and its resolution; its transformations only where that is wanted.
  const transformed = object(panel.targets[0]?.raw)['withTransforms'] === true;
  const { interval, maxDataPoints, timeFrom, timeShift, hideTimeOverride } = only;
  return { ...panel, targets, interval, maxDataPoints, timeFrom, timeShift, hideTimeOverride, transformations: transformed ? [...only.transformations, ...panel.transformations] : panel.transformations };
}

/** The panels with the queries they show; the same list where every panel asks for itself. */
export function shareQueries(panels: readonly Panel[]): readonly Panel[] {
  if (!panels.some((p) => p.targets.some((t) => isShared(p, t)))) return panels;
  const byId = new Map(panels.map((p) => [p.id, p]));
  return panels.map((p) => resolve(p, byId, 0));
}
