/** The audit log: its entries page by page, and as CSV. */
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

/** RFC 4180, times in UTC; what a spreadsheet would run as a formula is quoted with an apostrophe. */
export function csvOf(lines: readonly AuditLine[]): string {
  const cell = (text: string): string => {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  const rows = lines.map((l) => [new Date(l.time).toISOString(), l.user, l.address, l.action, l.kind, l.resource, l.outcome, l.detail].map(cell).join(','));
  return ['time,user,address,action,kind,resource,outcome,detail', ...rows].join('\r\n') + '\r\n';
}

/** Entries in their order, each once: what is written while somebody reads moves the others on to the next page, where they come again. */
export function eachOnce<T extends { id: number }>(entries: readonly T[]): T[] {
  const seen = new Set<number>();
  return entries.filter(({ id }) => !seen.has(id) && seen.add(id));
}
