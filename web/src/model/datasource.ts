/** A data source as its form has it, and as the server is sent it: headers and secrets are numbered and named there. */
import { flag, list, object, text } from './json';

export interface SourceRecord {
  uid: string;
  name: string;
  type: string;
  url: string;
  access: string;
  isDefault: boolean;
  basicAuth: boolean;
  basicAuthUser: string;
  withCredentials: boolean;
  user: string;
  database: string;
  readOnly: boolean;
  version: number;
  jsonData: Record<string, unknown>;
  /** Names of the secrets that are there; their values never leave the server. */
  secureJsonFields: Record<string, boolean>;
}
export interface SourceHeader {
  name: string;
  /** What is typed now; empty where an older value stays. */
  value: string;
  configured: boolean;
}
export type SourceAuth = 'none' | 'basic' | 'bearer';
interface Exemplar {
  name: string;
  datasourceUid: string;
  url: string;
}
export interface SourceDraft {
  name: string;
  type: string;
  url: string;
  access: string;
  isDefault: boolean;
  auth: SourceAuth;
  basicAuthUser: string;
  headers: SourceHeader[];
  exemplars: Exemplar[];
  json: Record<string, unknown>;
  /** Secrets typed now, by name. */
  secrets: Record<string, string>;
}

export const headersMax = 20;
const headerKey = /^httpHeaderName(\d+)$/;

export function draftOf(record: SourceRecord): SourceDraft {
  const numbers = Object.keys(record.jsonData).flatMap((key) => headerKey.exec(key)?.[1] ?? []).map(Number).sort((a, b) => a - b);
  const headers = numbers.map((n): SourceHeader => ({ name: text(record.jsonData[`httpHeaderName${n}`]), value: '', configured: record.secureJsonFields[`httpHeaderValue${n}`] === true }));
  const bearer = headers.some((h) => h.name.toLowerCase() === 'authorization');
  return {
    name: record.name, type: record.type, url: record.url, access: record.access || 'proxy', isDefault: record.isDefault,
    auth: record.basicAuth ? 'basic' : bearer ? 'bearer' : 'none', basicAuthUser: record.basicAuthUser, headers,
    exemplars: list(record.jsonData['exemplarTraceIdDestinations']).map((e) => ({ name: text(object(e)['name']), datasourceUid: text(object(e)['datasourceUid']), url: text(object(e)['url']) })),
    json: Object.fromEntries(Object.entries(record.jsonData).filter(([key]) => !headerKey.test(key) && key !== 'exemplarTraceIdDestinations')),
    secrets: {},
  };
}

/**
 * The body of a change. A header keeps its number, for its secret goes by it: those that are there come first and in their
 * order, and one that was removed leaves its number to the next, whose value is then asked for again.
 */
export function requestOf(record: SourceRecord, draft: SourceDraft): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(draft.json)) if (value !== '' && value !== undefined) json[key] = value;
  const secrets: Record<string, string> = Object.fromEntries(Object.entries(draft.secrets).filter(([, value]) => value !== ''));
  const headers = draft.headers.filter((h) => h.name.trim() !== '' && (draft.auth === 'bearer' || h.name.toLowerCase() !== 'authorization'));
  headers.forEach((h, i) => {
    json[`httpHeaderName${i + 1}`] = h.name.trim();
    if (h.value !== '') secrets[`httpHeaderValue${i + 1}`] = h.value;
  });
  if (draft.exemplars.length > 0) json['exemplarTraceIdDestinations'] = draft.exemplars.map((e) => ({ name: e.name, ...(e.datasourceUid === '' ? { url: e.url } : { datasourceUid: e.datasourceUid }) }));
  return {
    uid: record.uid, name: draft.name.trim(), type: draft.type, url: draft.url.trim(), access: draft.access, isDefault: draft.isDefault,
    basicAuth: draft.auth === 'basic', basicAuthUser: draft.auth === 'basic' ? draft.basicAuthUser : '',
    withCredentials: record.withCredentials, user: record.user, database: record.database, version: record.version,
    jsonData: json, secureJsonData: secrets,
  };
}

/** Removes a header; those behind it move up, and have to be told their values again, for those cannot be read. */
export function withoutHeader(headers: readonly SourceHeader[], at: number): SourceHeader[] {
  return headers.filter((_, i) => i !== at).map((h, i) => (i >= at ? { ...h, configured: false } : h));
}

/** What is missing or wrong before it is sent; empty when nothing is. */
export function sourceProblem(draft: SourceDraft): string {
  if (draft.name.trim() === '') return 'The data source needs a name.';
  if (draft.url.trim() !== '' && !/^https?:\/\//i.test(draft.url.trim()) && /^[a-z]+:\/\//i.test(draft.url.trim())) return 'The URL begins with http:// or https://.';
  const missing = draft.headers.find((h) => h.name.trim() !== '' && h.value === '' && !h.configured);
  if (missing) return `The header ${missing.name} needs its value: secrets cannot be read back, so it has to be typed again.`;
  for (const key of ['timeInterval', 'queryTimeout']) {
    const value = text(draft.json[key]);
    if (value !== '' && !/^(\d+(ms|s|m|h|d|w|y))+$/.test(value)) return `“${value}” is no duration: write 15s, 1m or 1h30m.`;
  }
  return '';
}

export const isPrometheus = (type: string): boolean => type === 'prometheus';
export const flagOf = (draft: SourceDraft, key: string, fallback = false): boolean => flag(draft.json[key], fallback);

export type EditorMode = 'builder' | 'code';
/** The editor that new queries of a source begin with: the builder, unless the source is set to code. */
export const usualEditor = (source: { jsonData?: Record<string, unknown> } | undefined): EditorMode => (source?.jsonData?.['defaultEditor'] === 'code' ? 'code' : 'builder');
