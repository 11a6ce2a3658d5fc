/** Options of the list of alerts, and which rules they choose, in which order. Pure. */
import type { AlertInstance, AlertRule, AlertState } from '../../api/alerts';
import { flag, number, object, oneOf, text } from '../../model/json';
import type { Options } from '../types';

interface AlertListOptions {
  stat: boolean;
  max: number;
  order: 'name' | 'nameDesc' | 'importance' | 'oldest' | 'newest';
  here: boolean;
  name: string;
  labels: string;
  folder: string;
  states: Record<AlertState, boolean>;
  showInstances: boolean;
}
const orders: Record<number, AlertListOptions['order']> = { 1: 'name', 2: 'nameDesc', 3: 'importance', 4: 'oldest', 5: 'newest' };

export function alertListOptions(o: Options): AlertListOptions {
  const given = object(o['stateFilter']);
  const none = Object.keys(given).length === 0;
  const on = (key: string, fallback: boolean): boolean => flag(given[key], none ? fallback : false);
  return {
    stat: oneOf(o['viewMode'], ['list', 'stat'] as const, 'list') === 'stat',
    max: Math.min(1000, Math.max(1, Math.round(number(o['maxItems']) ?? 20))),
    order: orders[number(o['sortOrder']) ?? 1] ?? 'name',
    here: flag(o['dashboardAlerts']), name: text(o['alertName']), labels: text(o['alertInstanceLabelFilter']),
    folder: text(object(o['folder'])['title']),
    states: { firing: on('firing', true), pending: on('pending', true), recovering: on('recovering', true), noData: on('noData', false), normal: on('normal', false) || flag(given['inactive']), error: on('error', true) },
    showInstances: flag(o['showInstances']),
  };
}

const importance: readonly AlertState[] = ['firing', 'error', 'pending', 'noData', 'recovering', 'normal'];

/** `{severity="critical", team=~"a|b"}` with or without the braces; what cannot be read matches everything. */
export function labelFilter(spec: string): (labels: Record<string, string>) => boolean {
  const tests: ((labels: Record<string, string>) => boolean)[] = [];
  for (const [, name, op, quoted, bare] of spec.matchAll(/([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,}"]+))/g)) {
    const wanted = quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1');
    const value = (labels: Record<string, string>): string => labels[name ?? ''] ?? '';
    if (op === '=') tests.push((l) => value(l) === wanted);
    else if (op === '!=') tests.push((l) => value(l) !== wanted);
    else {
      let re: RegExp;
      try {
        re = new RegExp(`^(?:${wanted})$`);
      } catch {
        continue;
      }
      tests.push((l) => re.test(value(l)) === (op === '=~'));
    }
  }
  return (labels) => tests.every((t) => t(labels));
}

const since = (rule: AlertRule): number => rule.instances.reduce((t, i) => Math.min(t, i.since ?? Infinity), Infinity);

/** Rules in a wanted state whose name, folder, dashboard and instances' labels fit. */
export function chooseRules(rules: readonly AlertRule[], o: AlertListOptions, dashboardUid: string): AlertRule[] {
  const fits = labelFilter(o.labels);
  const name = o.name.toLowerCase();
  const chosen = rules
    .filter((r) => o.states[r.state] && (name === '' || r.name.toLowerCase().includes(name)) && (o.folder === '' || r.folder === o.folder || r.folder.endsWith(`/${o.folder}`))
      && (!o.here || r.annotations['__dashboardUid__'] === dashboardUid))
    .map((r) => ({ ...r, instances: r.instances.filter((i) => o.states[i.state] && fits({ ...r.labels, ...i.labels })) }))
    .filter((r) => o.labels === '' || r.instances.length > 0 || (r.state === 'normal' && fits(r.labels)));
  const byName = (a: AlertRule, b: AlertRule): number => a.name.localeCompare(b.name, undefined, { numeric: true });
  return chosen.sort((a, b) => {
    switch (o.order) {
      case 'nameDesc': return byName(b, a);
      case 'importance': return importance.indexOf(a.state) - importance.indexOf(b.state) || byName(a, b);
      case 'oldest': return since(a) - since(b) || byName(a, b);
      case 'newest': return (Number.isFinite(since(b)) ? since(b) : 0) - (Number.isFinite(since(a)) ? since(a) : 0) || byName(a, b);
      default: return byName(a, b);
    }
  });
}

export const countInstances = (rules: readonly AlertRule[]): number => rules.reduce((n, r) => n + r.instances.length, 0);
export const instanceWords = (i: AlertInstance): string => Object.entries(i.labels).filter(([k]) => k !== 'alertname' && !k.startsWith('__')).map(([k, v]) => `${k}=${v}`).join(', ') || 'no labels';
