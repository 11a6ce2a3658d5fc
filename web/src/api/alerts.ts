/** Alert rules and what they find, as the rules' own interface tells it. */
import { isObject, list, object, text } from '../model/json';
import { getJson } from './http';
import { reading } from './path';

export type AlertState = 'firing' | 'pending' | 'recovering' | 'noData' | 'error' | 'normal';
export interface AlertInstance {
  labels: Record<string, string>;
  state: AlertState;
  /** Unix ms; undefined when it has not been active. */
  since: number | undefined;
  value: string;
}
export interface AlertRule {
  uid: string;
  name: string;
  folder: string;
  group: string;
  state: AlertState;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  instances: AlertInstance[];
}

const words = (v: unknown): Record<string, string> => Object.fromEntries(Object.entries(object(v)).map(([k, value]) => [k, text(value)]));

/** The states' names as rules, instances and Prometheus spell them. */
function readState(v: unknown, health: unknown): AlertState {
  const state = text(v).toLowerCase();
  if (health === 'error' || health === 'err' || state.includes('error')) return 'error';
  if (health === 'nodata' || state.includes('nodata')) return 'noData';
  if (state.includes('recovering')) return 'recovering';
  if (state === 'firing' || state.startsWith('alerting')) return 'firing';
  return state.startsWith('pending') ? 'pending' : 'normal';
}

function readInstance(v: unknown): AlertInstance {
  const a = object(v);
  const at = Date.parse(text(a['activeAt']));
  return { labels: words(a['labels']), state: readState(a['state'], undefined), since: Number.isFinite(at) && at > 0 ? at : undefined, value: text(a['value']) };
}

/** Every alerting rule the server tells of; recording rules are none. */
export function readRules(body: unknown): AlertRule[] {
  const groups = list(object(object(body)['data'])['groups']).map(object);
  return groups.flatMap((g) => list(g['rules']).filter(isObject).filter((r) => r['type'] !== 'recording').map((r): AlertRule => ({
    uid: text(r['uid']), name: text(r['name']), folder: text(g['file']), group: text(g['name']), state: readState(r['state'], r['health']),
    labels: words(r['labels']), annotations: words(r['annotations']), instances: list(r['alerts']).map(readInstance),
  })));
}

export const listAlertRules = async (signal?: AbortSignal): Promise<AlertRule[]> => readRules(await getJson<unknown>(reading('/api/prometheus/grafana/api/v1/rules'), { signal }));
