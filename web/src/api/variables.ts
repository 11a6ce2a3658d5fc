/** Options of a query variable. */
import type { VariableOption } from '../model/dashboard/types';
import type { TimeRange } from '../model/time/range';
import { getJson } from './http';
import { asking } from './path';

interface VariableRequest {
  datasource: string;
  query: string;
  regex: string;
  sort: number;
  range: TimeRange;
}

export const queryVariable = (body: VariableRequest, signal?: AbortSignal): Promise<{ options: VariableOption[]; truncated: boolean }> =>
  getJson(asking('/api/ui/variable'), { method: 'POST', body, signal });
