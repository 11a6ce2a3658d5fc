/** The status history: for every series a row, in it a box for each sample. */
import { number } from '../../model/json';
import { seriesTable } from '../../model/table';
import { formatTime } from '../../model/time/format';
import type { PanelModule } from '../types';
import { sampleRows } from '../timeline/states';
import { describeRows } from '../timeline/table';
import { TimelineView, type TimelineStyle } from '../timeline/view';
import '../timeline/timeline.css';

const style: TimelineStyle = {
  rows: (input) => sampleRows(input.frames, input.theme, input.range.to - input.range.from).rows,
  boxWidth: (input) => Math.min(1, Math.max(0.05, number(input.options['colWidth']) ?? 0.9)),
  sentence: (row, s, zone) => `${row.title}: ${s.text} at ${formatTime((s.from + s.to) / 2, zone)}`,
  remark: (s, zone) => `sample of ${formatTime((s.from + s.to) / 2, zone)}`,
  lineWidth: 1,
};

const statusHistory: PanelModule = {
  mount: (host, ctx) => new TimelineView(host, ctx, style),
  describe: (frames) => describeRows('Status history', sampleRows(frames, 'light', 0).rows),
  toTable: (frames) => seriesTable(frames),
};
export default statusHistory;
