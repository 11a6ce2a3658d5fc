/** What the server wrote into a dashboard's page beside `boot`: the answers to what such a page asks first. */
import type { DashboardDoc } from './dashboards';
import type { DataSource } from './datasources';

interface Sent {
  /** As the address names the dashboard. */
  uid: string;
  dashboard: DashboardDoc;
  /** Null for who may not read the list. */
  sources: DataSource[] | null;
}

function read(): Sent | undefined {
  const text = document.getElementById('opening')?.textContent;
  if (!text) return undefined;
  try {
    return JSON.parse(text) as Sent;
  } catch {
    // The page asks for it, then.
    return undefined;
  }
}

/** Undefined on other pages, and where the visitor gets to know why only by asking. */
export const sent: Sent | undefined = read();
