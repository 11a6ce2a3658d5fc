/** The list of alerts: rules by state with their instances, or how many there are. */
import { listAlertRules, type AlertRule, type AlertState } from '../../api/alerts';
import { formatAgo } from '../../model/time/format';
import { safeUrl } from '../../model/links';
import { h, svg } from '../dom';
import { note, portalPanel } from '../portal';
import { alertListOptions, chooseRules, countInstances, instanceWords } from './choose';

/** Instances listed under one rule before it says how many more there are. */
const instancesMax = 50;

const states: Record<AlertState, { word: string; color: string; icon: string }> = {
  firing: { word: 'Firing', color: 'var(--critical)', icon: 'M12 3 2.5 20h19zM12 10v4M12 17h.01' },
  error: { word: 'Error', color: 'var(--critical)', icon: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M9 9l6 6M15 9l-6 6' },
  pending: { word: 'Pending', color: 'var(--warning)', icon: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7v5l3 2' },
  noData: { word: 'No data', color: 'var(--info)', icon: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M8 12h8' },
  recovering: { word: 'Recovering', color: 'var(--info)', icon: 'M4 12a8 8 0 1 0 3-6.2M4 4v4h4' },
  normal: { word: 'Normal', color: 'var(--ok)', icon: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M8 12l3 3 5-6' },
};

const badge = (state: AlertState): HTMLElement => h('span', { class: 'alert-state', style: { '--state': states[state].color } },
  svg('svg', { attrs: { width: 14, height: 14, viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': 2, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' } }, svg('path', { attrs: { d: states[state].icon } })),
  states[state].word);

function row(rule: AlertRule, open: boolean, onToggle: () => void): HTMLElement {
  const first = rule.instances.reduce((t, i) => Math.min(t, i.since ?? Infinity), Infinity);
  const runbook = safeUrl(rule.annotations['runbook_url'] ?? '');
  return h('li', {}, h('div', { class: 'portal-row' }, badge(rule.state), h('div', { class: 'portal-main' },
    h('span', { class: 'portal-title', text: rule.name }),
    rule.annotations['summary'] ? h('span', { class: 'portal-sub', text: rule.annotations['summary'] }) : null,
    h('span', { class: 'portal-sub' },
      h('span', { text: `${rule.folder}${rule.group === '' ? '' : ` / ${rule.group}`}` }),
      Number.isFinite(first) && h('span', { text: `began ${formatAgo(first, Date.now())}` }),
      runbook !== undefined && h('a', { class: 'portal-link', text: 'Runbook', attrs: { href: runbook, rel: 'noopener noreferrer' } }),
      rule.instances.length > 0 && h('button', { class: 'alert-more', text: `${rule.instances.length} ${rule.instances.length === 1 ? 'instance' : 'instances'}`, attrs: { type: 'button', 'aria-expanded': String(open) }, on: { click: onToggle } })),
    open && rule.instances.length > 0 && h('ul', { class: 'alert-instances' },
      ...rule.instances.slice(0, instancesMax).map((i) => h('li', { class: 'portal-sub' }, badge(i.state), h('span', { text: instanceWords(i) }))),
      rule.instances.length > instancesMax && h('li', { class: 'portal-sub', text: `and ${rule.instances.length - instancesMax} more` })))));
}

const alertlist = portalPanel<AlertRule[]>({
  name: (options) => (alertListOptions(options).stat ? 'Number of alerts' : 'List of alerts'),
  depends: (input) => [input.interpolate(alertListOptions(input.options).name), input.interpolate(alertListOptions(input.options).labels)],
  ask: (_input, signal) => listAlertRules(signal),
  draw: (rules, input, { redraw, memory }) => {
    const plain = alertListOptions(input.options);
    const o = { ...plain, name: input.interpolate(plain.name), labels: input.interpolate(plain.labels) };
    const chosen = chooseRules(rules, o, input.page?.uid ?? '');
    if (o.stat) {
      const count = countInstances(chosen);
      return [h('div', { class: 'alert-figure' }, h('strong', { text: String(count), style: { '--state': count > 0 ? 'var(--critical)' : 'var(--ok)' } }), h('span', { class: 'portal-sub', text: count === 1 ? 'alert' : 'alerts' }))];
    }
    if (rules.length === 0) return [note('There are no alert rules yet, so nothing can fire. Once rules exist, those that need attention stand here.')];
    if (chosen.length === 0) return [note('All quiet: no alert fits this panel’s filters.')];
    return [
      h('ul', {}, ...chosen.slice(0, o.max).map((rule) => {
        const key = `${rule.folder}/${rule.group}/${rule.name}`;
        const open = (memory.get(key) ?? (o.showInstances ? 'open' : '')) === 'open';
        return row(rule, open, () => {
          memory.set(key, open ? '' : 'open');
          redraw();
        });
      })),
      ...(chosen.length > o.max ? [note(`and ${chosen.length - o.max} more`)] : []),
    ];
  },
});
export default alertlist;
