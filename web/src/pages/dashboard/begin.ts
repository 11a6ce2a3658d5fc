/** Sends what a dashboard asks when it opens, before the page is drawn, and keeps it for the page to take over. */
import type { DashboardDoc } from '../../api/dashboards';
import type { DataSource } from '../../api/datasources';
import { savedFilters } from '../../model/variables/adhoc';
import { unsavedSources } from '../../model/variables/options';
import { parseDashboardUrl } from '../../model/url';
import { BegunQuery } from '../../query/begun';
import { loadVariables } from '../../query/variables';
import { railFolded, railWidth } from '../app/folded';
import { knownVariables, nothingToKnow, type Known } from './known';
import { openingRange, openingRequests, pageTime, user } from './opening';

interface Opening {
  uid: string;
  /** The moment that everything asked for is of, Unix ms. */
  now: number;
  /** Undefined as long as what the panels ask is not known. */
  query: BegunQuery | undefined;
}
let begun: Opening | undefined;
/** What nobody took by then tells of a moment that has passed. */
const openingMs = 5000;

/** `sources` is undefined where they are not known yet. */
export function beginOpening(doc: DashboardDoc, sources: readonly DataSource[] | undefined): void {
  const url = parseDashboardUrl(location.search);
  const { delay, zone } = pageTime(doc.view, url);
  const now = Date.now() - delay;
  const range = openingRange(doc, url, now);
  const room = { width: innerWidth, height: innerHeight, rail: url.kiosk ? 0 : railWidth(railFolded()) };
  const ask = (known: Known): BegunQuery | undefined => {
    const requests = openingRequests(doc, url, room, now, known, sources);
    return requests.size > 0 ? new BegunQuery(requests) : undefined;
  };
  const known = knownVariables(doc, url.variables, range, sources);
  const opening: Opening = { uid: doc.view.uid, now, query: ask(known) };
  settleOpening(undefined);
  begun = opening;
  setTimeout(() => {
    if (begun === opening) settleOpening(undefined);
  }, openingMs);
  // The page asks for the same options and finds these on their way.
  const { variables } = doc.view;
  if (!sources || !variables.some((v) => v.type === 'query' || v.type === 'groupby')) return;
  const loaded = loadVariables({
    view: doc.view, filters: savedFilters(doc.raw), unsaved: unsavedSources(doc.raw, variables), range, fromUrl: url.variables, opened: url.variables, zone, user, signal: new AbortController().signal, sources: () => Promise.resolve(sources),
  });
  void loaded.then(({ values, problems }) => {
    // A page that has taken over by now asks by itself.
    if (begun === opening && !opening.query && Object.keys(problems).length === 0) opening.query = ask({ ...nothingToKnow, values });
  }, () => undefined);
}

/** What was begun for this dashboard, for as long as no page has taken it over. */
export const openingOf = (uid: string): Opening | undefined => (begun?.uid === uid ? begun : undefined);

/** A page has come: what was begun is its own now, or is of no use to anybody. */
export function settleOpening(taken: Opening | undefined): void {
  if (begun !== taken) begun?.query?.close();
  begun = undefined;
}
