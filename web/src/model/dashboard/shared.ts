/** Panels that show what another panel of the dashboard asks: Grafana's data source "-- Dashboard --". Pure. */
import { number, object } from '../json';
import type { Panel, Target } from './types';

const dashboardSource = '-- Dashboard --';
/** Queries that a panel gets from others; what would bring more is left as it is. */
const targetsMax = 100;

const isShared = (panel: Panel, target: Target): boolean => (target.datasource ?? panel.datasource)?.uid === dashboardSource;

/** The panel a query stands for; `undefined` where it is none of another panel. */
export const sharedPanelId = (panel: Panel, target: Target): number | undefined => (isShared(panel, target) ? number(object(target.raw)['panelId']) : undefined);

/** Queries keep the data source of the panel they come from, and get another letter before theirs where there is one with it. */
function adopt(from: Panel, beside: readonly Target[], letter: string): Target[] {
  const taken = new Set(beside.map((t) => t.refId));
  return from.targets.map((t) => {
    let { refId } = t;
    while (taken.has(refId)) refId = `${letter || 'X'}${refId}`;
    taken.add(refId);
    return { ...t, datasource: t.datasource ?? from.datasource, refId };
  });
}

/** Panels may show what one shows that shows another's. Each is looked at once: in a circle, what leads back is left as it is. */
class Sharing {
  private readonly byId: ReadonlyMap<number, Panel>;
  private readonly done = new Map<Panel, Panel>();

  constructor(panels: readonly Panel[]) {
    this.byId = new Map(panels.map((p) => [p.id, p]));
  }

  of(panel: Panel): Panel {
    const known = this.done.get(panel);
    if (known) return known;
    this.done.set(panel, panel);
    const resolved = this.resolve(panel);
    this.done.set(panel, resolved);
    return resolved;
  }

  private resolve(panel: Panel): Panel {
    const targets: Target[] = [];
    const sources: Panel[] = [];
    for (const target of panel.targets) {
      const source = target.hide ? undefined : this.byId.get(sharedPanelId(panel, target) ?? NaN);
      const whole = source && source.id !== panel.id ? this.of(source) : undefined;
      if (!whole || targets.length + whole.targets.length > targetsMax) targets.push(target);
      else {
        sources.push(whole);
        targets.push(...adopt(whole, [...targets, ...panel.targets.filter((t) => t !== target)], target.refId));
      }
    }
    if (sources.length === 0) return panel;
    const only = panel.targets.length === 1 ? sources[0] : undefined;
    if (!only) return { ...panel, targets };
    // The other panel's data is of its range and its resolution; its transformations only where that is wanted.
    const transformed = object(panel.targets[0]?.raw)['withTransforms'] === true;
    const { interval, maxDataPoints, timeFrom, timeShift, hideTimeOverride } = only;
    return { ...panel, targets, interval, maxDataPoints, timeFrom, timeShift, hideTimeOverride, transformations: transformed ? [...only.transformations, ...panel.transformations] : panel.transformations };
  }
}

/** The panels with the queries they show; the same list where every panel asks for itself. */
export function shareQueries(panels: readonly Panel[]): readonly Panel[] {
  if (!panels.some((p) => p.targets.some((t) => isShared(p, t)))) return panels;
  const sharing = new Sharing(panels);
  return panels.map((p) => sharing.of(p));
}
