/** Sends what a dashboard asks when it opens, before the page is drawn, and keeps it for the page to take over. */
import type { DashboardDoc } from '../../api/dashboards';
import type { DataSource } from '../../api/datasources';
import { savedFilters } from '../../model/variables/adhoc';
import { unsavedSources } from '../../model/variables/options';
import { parseDashboardUrl } from '../../model/url';
import { BegunQuery, type Begun } from '../../query/begun';
import { loadVariables } from '../../query/variables';
import { railFolded, railWidth } from '../app/folded';
import { knownVariables, nothingToKnow, type Known } from './known';
import { openingRange, openingRequests, pageTime, user } from './opening';

interface Opening extends Begun {
  uid: string;
  /** The moment that everything asked for is of, Unix ms. */
  now: number;
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
  const opening: Opening = { uid: doc.view.uid, now, query: undefined, whole: false, over: false };
  const ask = (known: Known, partly: boolean): void => {
    const { requests, whole } = openingRequests(doc, url, room, now, known, sources);
    if (opening.over || opening.query || requests.size === 0 || !(whole || partly)) return;
    opening.query = new BegunQuery(requests);
    opening.whole = whole;
  };
  const { variables } = doc.view;
  const asksOptions = sources !== undefined && variables.some((v) => v.type === 'query' || v.type === 'groupby');
  // Panels wait for all variables of the page: where options are still to come, so does the query.
  ask(knownVariables(doc, url.variables, range, sources), !asksOptions);
  settleOpening(undefined);
  begun = opening;
  setTimeout(() => {
    if (begun === opening) settleOpening(undefined);
  }, openingMs);
  if (!asksOptions) return;
  // The page asks for the same options and finds these on their way.
  const loaded = loadVariables({
    view: doc.view, filters: savedFilters(doc.raw), unsaved: unsavedSources(doc.raw, variables), range, fromUrl: url.variables, opened: url.variables, zone, user, signal: new AbortController().signal,
    sources: () => Promise.resolve(sources),
  });
  void loaded.then(({ values, problems }) => {
    if (Object.keys(problems).length === 0) ask({ ...nothingToKnow, values }, true);
  }, () => undefined);
}

/** What was begun for this dashboard, for as long as no page has taken it over. */
export const openingOf = (uid: string): Opening | undefined => (begun?.uid === uid ? begun : undefined);

/** A page has come: what was begun is its own now, or is of no use to anybody. */
export function settleOpening(taken: Opening | undefined): void {
  if (begun && begun !== taken) {
    begun.over = true;
    begun.query?.close();
  }
  begun = undefined;
}
