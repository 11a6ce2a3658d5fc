/** What functions and aggregations of PromQL do, each in a sentence: Prometheus' own list of terms, from which completion takes them too. */
import { aggregateOpTerms, functionIdentifierTerms } from '@prometheus-io/codemirror-promql/dist/esm/complete/promql.terms';
import { integral } from './newer';

if (!functionIdentifierTerms.some((term) => term.label === integral.name)) functionIdentifierTerms.push({ label: integral.name, detail: 'function', info: integral.info, type: 'function' });

const words = new Map<string, string>();
for (const term of [...functionIdentifierTerms, ...aggregateOpTerms]) if (typeof term.info === 'string') words.set(term.label, term.info.replace(/\.$/, ''));

/** Without a full stop; undefined for a name that is neither. */
export const describeFunction = (name: string): string | undefined => words.get(name.toLowerCase());
