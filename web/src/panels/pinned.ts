/** What one can do from a chart's tooltip once it is pinned: follow the value's links, annotate the moment. */
import { linksAt, type LinkPlace } from '../model/links';
import { linkChips } from './address';
import { h } from './dom';
import { pinTooltip, unpinTooltip } from './tooltip';
import type { PanelContext, PanelInput } from './types';

/** Pins the tooltip of `by` if there is something to do. */
export function pinActions(by: object, ctx: PanelContext, input: PanelInput, place: LinkPlace | undefined, time: number | undefined): void {
  const actions: Node[] = place ? linkChips(linksAt(place.field.config?.links ?? [], place, input.interpolate)) : [];
  const annotate = ctx.onAnnotate;
  if (annotate && time !== undefined) {
    actions.push(h('button', { class: 'chip', text: 'Add annotation', attrs: { type: 'button' }, on: { click: () => {
      unpinTooltip();
      annotate(time, time);
    } } }));
  }
  if (actions.length > 0) pinTooltip(by, actions);
}
