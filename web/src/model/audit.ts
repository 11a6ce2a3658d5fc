/** The audit log: its entries page by page, and as CSV. */
import { csvText } from './csv';

export interface AuditLine {
  time: number;
  user: string;
  address: string;
  action: string;
  kind: string;
  resource: string;
  outcome: string;
  detail: string;
}

/** Times in UTC. */
export const auditCsv = (lines: readonly AuditLine[]): string => csvText([
  ['time', 'user', 'address', 'action', 'kind', 'resource', 'outcome', 'detail'],
  ...lines.map((l) => [new Date(l.time).toISOString(), l.user, l.address, l.action, l.kind, l.resource, l.outcome, l.detail]),
]);

/** Entries in their order, each once: what is written while somebody reads moves the others on to the next page, where they come again. */
export function eachOnce<T extends { id: number }>(entries: readonly T[]): T[] {
  const seen = new Set<number>();
  return entries.filter(({ id }) => !seen.has(id) && seen.add(id));
}
