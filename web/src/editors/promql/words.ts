/** What functions and aggregations of PromQL do, each in a sentence: Prometheus' own list of terms. */
import { aggregateOpTerms, functionIdentifierTerms } from '@prometheus-io/codemirror-promql/dist/esm/complete/promql.terms';

const words = new Map<string, string>();
for (const term of [...functionIdentifierTerms, ...aggregateOpTerms]) if (typeof term.info === 'string') words.set(term.label, term.info.replace(/\.$/, ''));

/** Without a full stop; undefined for a name that is neither. */
export const describeFunction = (name: string): string | undefined => words.get(name.toLowerCase());
