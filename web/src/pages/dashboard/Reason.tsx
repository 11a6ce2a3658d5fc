/** Why a panel is empty, in words, and what to do about it; asked when the panel is looked at. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { formatTime } from '../../model/time/format';
import type { RawRange } from '../../model/time/range';
import type { Matcher } from '../../model/promql/selectors';
import type { PanelData } from '../../query/runner';
import { explainEmpty, printMatcher, type Reason } from '../../query/why';

/** Ranges are told apart by the minute: a refresh every few seconds does not ask again. */
const minute = 60_000;

interface Told {
  what: string;
  todo: string;
  /** A range in which there is something to see. */
  go?: RawRange;
}

/** The range of the same width that ends just after the moment, or begins just before it. */
function around(at: number, width: number, end: boolean): RawRange {
  const margin = width * 0.1;
  const from = end ? at - width + margin : at - margin;
  return { from: String(Math.round(from)), to: String(Math.round(from + width)) };
}

/** Several values or all of them, where the query compares with one text. */
const isPattern = ({ op, value }: Matcher): boolean => op === '=' && /[*+|]/.test(value);

function tellReason(reason: Reason, range: { from: number; to: number }, zone: string): Told {
  const width = range.to - range.from;
  switch (reason.kind) {
    case 'no-metric': return {
      what: `The metric ${reason.metric} was never recorded here.`,
      todo: reason.similar.length > 0 ? `Names like it are recorded: ${reason.similar.join(', ')}.` : 'Check the name, and that the target that exposes it is scraped or sends it.',
    };
    case 'no-label': return {
      what: `${reason.metric === '' ? 'No series' : `No series of ${reason.metric}`} fits ${printMatcher(reason.matcher)}.`,
      todo: reason.values.length === 0 ? `The label ${reason.matcher.label} does not exist on it.`
        : `Values of ${reason.matcher.label} are: ${reason.values.join(', ')}. Choose one of them${isPattern(reason.matcher) ? '; a pattern for several fits only with =~ in the query' : ''}.`,
    };
    case 'no-combination': return { what: `Each label of ${reason.selector} exists, but no series has all of them.`, todo: 'Choose other values, one variable at a time.' };
    case 'ended': return { what: `${reason.selector} was last seen at ${formatTime(reason.at, zone)}.`, todo: 'Whatever sends it may have stopped.', go: around(reason.at, width, true) };
    case 'begins': return { what: `This range is before the first sample: ${reason.selector} begins at ${formatTime(reason.at, zone)}.`, todo: 'Look at a later time.', go: around(reason.at, width, false) };
    case 'not-then': return { what: `${reason.selector} has no samples in this range, nor near it.`, todo: 'Try another range.' };
    case 'future': return { what: 'This range is in the future.', todo: 'Nothing can have been recorded yet.', go: { from: `now-${Math.max(60, Math.round(width / 1000))}s`, to: 'now' } };
    case 'empty-result': return { what: 'There are samples, but the query leaves none of them.', todo: 'A comparison, a join, an offset or too short a window for a rate may have dropped them: open the query in Explore and take it apart.' };
    case 'unknown': return { what: `Nothing was recorded from ${formatTime(range.from, zone)} to ${formatTime(range.to, zone)}.`, todo: 'Try a longer range.' };
  }
}

export function EmptyReason({ data, zone, enabled, onRange }: { data: PanelData; zone: string; enabled: boolean; onRange: (raw: RawRange) => void }) {
  const query = data.queries[0];
  const { from, to } = data.range;
  const { data: reason, isPending } = useQuery({
    queryKey: ['why', query?.datasource, query?.expr, Math.floor(from / minute), Math.floor(to / minute)],
    queryFn: ({ signal }) => explainEmpty(query?.datasource ?? '', query?.expr ?? '', data.range, Date.now(), signal),
    enabled: enabled && query !== undefined,
    placeholderData: keepPreviousData,
    staleTime: minute, retry: false,
  });
  if (isPending && enabled && query !== undefined) return <p className="quiet">Looking for the reason…</p>;
  const told = tellReason(reason ?? { kind: 'unknown' }, data.range, zone);
  const { go } = told;
  return (
    <>
      <p>{told.what} {told.todo}</p>
      {go && <p><button type="button" className="button" onClick={() => onRange(go)}>Go there</button></p>}
    </>
  );
}
