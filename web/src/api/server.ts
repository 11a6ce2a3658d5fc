/** The server for its administrators: settings in force, statistics, plug-ins, provisioning, the audit log. */
import type { AuditLine } from '../model/audit';
import { getJson, send } from './http';
import { asking, reading } from './path';

export interface SettingOrigin {
  key: string;
  value: string;
  default: string;
  /** Empty where the server does not tell. */
  source: '' | 'default' | 'file' | 'grafana' | 'environment' | 'flag';
  /** The file or the variable that set it. */
  name: string;
}
export const settingOrigins = async (signal?: AbortSignal): Promise<SettingOrigin[]> => (await getJson<{ settings: SettingOrigin[] }>(reading('/api/ui/settings'), { signal })).settings;
export const serverSettings = (signal?: AbortSignal): Promise<Record<string, Record<string, string>>> => getJson(reading('/api/admin/settings'), { signal });
export const serverStats = (signal?: AbortSignal): Promise<Record<string, number>> => getJson(reading('/api/admin/stats'), { signal });
export interface Plugin {
  id: string;
  name: string;
  type: string;
  signature: string;
  info: { description: string; version: string };
}
export const listPlugins = (signal?: AbortSignal): Promise<Plugin[]> => getJson(reading('/api/plugins'), { signal });
export const reloadProvisioning = (what: 'dashboards' | 'datasources' | 'access-control'): Promise<unknown> => send(asking('/api/admin/provisioning/{what}/reload', { what }), { method: 'POST', body: {} });

export interface AuditEntry extends AuditLine {
  id: number;
}
export interface AuditFilter {
  actor: string;
  action: string;
  kind: string;
  from: number;
  to: number;
}
/** Entries of one answer. */
export const auditPage = 500;
export function listAudit(filter: AuditFilter, page: number, signal?: AbortSignal): Promise<{ entries: AuditEntry[] }> {
  const p = new URLSearchParams({ limit: String(auditPage), page: String(page) });
  for (const key of ['actor', 'action', 'kind'] as const) if (filter[key] !== '') p.set(key, filter[key]);
  if (filter.from > 0) p.set('from', String(filter.from));
  if (filter.to > 0) p.set('to', String(filter.to));
  return getJson(`${reading('/api/ui/audit')}?${p.toString()}`, { signal });
}
