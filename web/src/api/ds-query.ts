/** Queries of sources that are not Prometheus: Grafana's route for all kinds, answered in whole frames. */
import type { Cell, Field, FieldType, Frame } from '../model/frame';
import type { TimeRange } from '../model/time/range';
import { getJson } from './http';
import { asking } from './path';

interface WireField {
  name?: string;
  type?: string;
  labels?: Record<string, string>;
}
interface WireResult {
  status?: number;
  error?: string;
  frames?: { schema?: { name?: string; fields?: WireField[] }; data?: { values?: unknown[][] } }[];
}
export interface DsAnswer {
  refId: string;
  frames: Frame[];
  error: string | undefined;
}

const types: Record<string, FieldType> = { time: 'time', number: 'number', string: 'string', boolean: 'boolean' };
const cell = (v: unknown): Cell => (v === null || v === undefined ? null : typeof v === 'number' || typeof v === 'string' || typeof v === 'boolean' ? v : JSON.stringify(v));

/** Frames of one result; rows beyond `rowsMax` are left out. */
function readFrames(refId: string, result: WireResult, rowsMax: number): Frame[] {
  return (result.frames ?? []).map((f): Frame => {
    const columns = f.data?.values ?? [];
    const fields = (f.schema?.fields ?? []).map((w, i): Field => ({ name: w.name ?? `Column ${i + 1}`, type: types[w.type ?? ''] ?? 'other', values: (columns[i] ?? []).slice(0, rowsMax).map(cell), labels: w.labels }));
    return { refId, name: f.schema?.name, fields, length: fields.reduce((n, x) => Math.max(n, x.values.length), 0), table: true };
  });
}

export async function dsQuery(range: TimeRange, queries: readonly Record<string, unknown>[], rowsMax: number, signal?: AbortSignal): Promise<DsAnswer[]> {
  const body = { from: String(Math.round(range.from)), to: String(Math.round(range.to)), queries };
  const { results } = await getJson<{ results: Record<string, WireResult> }>(asking('/api/ds/query'), { method: 'POST', body, signal });
  return Object.entries(results).map(([refId, result]) => ({ refId, frames: readFrames(refId, result, rowsMax), error: result.error }));
}
