/** The state timeline: for every series a row, in it a bar for as long as a state lasts. */
import { flag } from '../../model/json';
import { formatSpan, formatTime } from '../../model/time/format';
import type { PanelModule } from '../types';
import { stateRows } from '../timeline/states';
import { describeRows, lastMoment, statesTable } from '../timeline/table';
import { spanText, TimelineView, type TimelineStyle } from '../timeline/view';
import '../timeline/timeline.css';

const style: TimelineStyle = {
  rows: (input) => stateRows(input.frames, { merge: flag(input.options['mergeValues'], true), theme: input.theme, end: Math.max(input.range.to, lastMoment(input.frames)) }),
  boxWidth: () => 1,
  sentence: (row, s, zone) => `${row.title}: ${s.text} for ${spanText(s)}, from ${formatTime(s.from, zone)} to ${formatTime(s.to, zone)}`,
  remark: (s, zone) => `${spanText(s)}: ${formatSpan(s.from, s.to, zone)}`,
  lineWidth: 0,
};

const stateTimeline: PanelModule = {
  mount: (host, ctx) => new TimelineView(host, ctx, style),
  describe: (frames, options) => describeRows('State timeline', stateRows(frames, { merge: flag(options['mergeValues'], true), theme: 'light', end: lastMoment(frames) })),
  toTable: (frames, options) => statesTable(stateRows(frames, { merge: flag(options['mergeValues'], true), theme: 'light', end: lastMoment(frames) })),
};
export default stateTimeline;
