/** A dashboard for somebody else's server: data sources become inputs that the importer is asked for. Pure. */
import { isObject, list, object, text } from '../json';

interface ExportSource {
  uid: string;
  name: string;
  type: string;
  isDefault: boolean;
}

interface Input {
  name: string;
  label: string;
  description: string;
  type: 'datasource' | 'constant';
  pluginId?: string;
  pluginName?: string;
  value?: string;
}

const inputName = (name: string): string => `DS_${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_').replace(/^_+|_+$/g, '') || 'SOURCE'}`;
/** Sources every server has, and variables, stay as they are. */
const isFixed = (uid: string): boolean => uid === '' || uid.includes('$') || uid === 'grafana' || /^-- .* --$/.test(uid);

/** Walks through all references to data sources, wherever they stand, and answers the JSON with them replaced. */
function replaceSources(v: unknown, replace: (ref: { uid: string; type: string }) => { uid: string; type: string } | undefined): unknown {
  if (Array.isArray(v)) return v.map((x) => replaceSources(x, replace));
  if (!isObject(v)) return v;
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(v)) {
    if (key === 'datasource' && (typeof value === 'string' || isObject(value))) {
      const ref = typeof value === 'string' ? { uid: value, type: '' } : { uid: text(value['uid']), type: text(value['type']) };
      const made = replace(ref);
      out[key] = made === undefined ? value : typeof value === 'string' ? made.uid : { ...value, ...made };
    } else out[key] = replaceSources(value, replace);
  }
  return out;
}

/** All panels, those inside folded rows as well. */
const allPanels = (v: unknown): Record<string, unknown>[] => list(v).map(object).flatMap((p) => [p, ...allPanels(p['panels'])]);

/** What stays at home in any export: the number in our database. */
function withoutId(raw: unknown): Record<string, unknown> {
  const { id: _id, version: _version, ...rest } = object(raw);
  return rest;
}

/** The dashboard as it is stored, without what only this server knows. */
export const exportPlain = (raw: unknown): Record<string, unknown> => ({ ...withoutId(raw), id: null });

/** With `__inputs` for data sources and constants, and `__requires` for what has to be installed. Classic dashboards only. */
export function exportForSharing(raw: unknown, sources: readonly ExportSource[], serverVersion: string): Record<string, unknown> {
  const inputs = new Map<string, Input>();
  const types = new Set<string>();
  const replaced = object(replaceSources(withoutId(raw), ({ uid, type }) => {
    if (isFixed(uid) && uid !== '') return undefined;
    const found = sources.find((s) => s.uid === uid) ?? sources.find((s) => s.name === uid) ?? (uid === '' || uid === 'default' ? sources.find((s) => s.isDefault) : undefined);
    const kind = found?.type ?? type;
    if (kind === '') return undefined;
    const name = inputName(found?.name ?? kind);
    types.add(kind);
    inputs.set(name, { name, label: found?.name ?? kind, description: '', type: 'datasource', pluginId: kind, pluginName: kind.charAt(0).toUpperCase() + kind.slice(1) });
    return { type: kind, uid: `\${${name}}` };
  }));
  const templating = object(replaced['templating']);
  const variables = list(templating['list']).map((v) => {
    const o = object(v);
    if (o['type'] === 'constant') {
      const name = `VAR_${text(o['name']).replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()}`;
      const value = text(o['query']);
      inputs.set(name, { name, label: text(o['label']) || text(o['name']), description: '', type: 'constant', value });
      const reference = `\${${name}}`;
      return { ...o, query: reference, current: { value: reference, text: reference, selected: false }, options: [{ value: reference, text: reference, selected: false }] };
    }
    // What was chosen here means nothing elsewhere: a query is asked anew.
    return o['type'] === 'query' ? { ...o, current: {}, options: [], refresh: o['refresh'] === 0 || o['refresh'] === undefined ? 1 : o['refresh'] } : v;
  });
  const panelTypes = new Set(allPanels(replaced['panels']).map((p) => text(p['type'])).filter((t) => t !== '' && t !== 'row'));
  const requires = [
    { type: 'grafana', id: 'grafana', name: 'Grafana', version: serverVersion },
    ...[...types].sort().map((id) => ({ type: 'datasource', id, name: id.charAt(0).toUpperCase() + id.slice(1), version: '1.0.0' })),
    ...[...panelTypes].sort().map((id) => ({ type: 'panel', id, name: id, version: '' })),
  ];
  return { __inputs: [...inputs.values()], __elements: {}, __requires: requires, ...replaced, ...(isObject(replaced['templating']) ? { templating: { ...templating, list: variables } } : {}), id: null };
}

/** Only classic dashboards have the places where inputs go. */
export const isClassic = (raw: unknown): boolean => Array.isArray(object(raw)['panels']) || object(raw)['schemaVersion'] !== undefined;
