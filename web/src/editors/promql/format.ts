/** Lays a query out as the server prints it, variables untouched. */
import { formatQuery } from '../../api/prometheus';
import { carryVariables } from './variables';

export async function formatPromQL(source: string, text: string, signal?: AbortSignal): Promise<string> {
  const carried = carryVariables(text);
  return carried.restore(await formatQuery(source, carried.text, signal));
}
