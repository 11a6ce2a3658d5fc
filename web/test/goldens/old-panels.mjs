/** Panels of old dashboards, as the server hands them to the page: old-panels.json holds the file and what the server makes of it, which a test of the portal crate compares. */
import { readFileSync } from 'node:fs';

const { view } = JSON.parse(readFileSync(new URL('old-panels.json', import.meta.url), 'utf8'));
/** The pictures' names, in the order of the file, with the data each panel draws. */
const pictures = ['graph-stacked', 'graph-bars', 'singlestat', 'singlestat-gauge'];

/** The golden pictures of old panels; `golden` is the maker of cases.mjs. */
export const oldPanels = (answers, golden) => view.map(({ type, originalType, title, options, fieldConfig }, i) => golden(pictures[i], type, title, [answers[i]], { originalType, options, fieldConfig }));
