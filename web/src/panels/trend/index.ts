/** The trend panel: the time series chart along a field of numbers instead of time. */
import { showValue } from '../../model/fieldconfig/display';
import { valueFields } from '../../model/frame';
import { framesTable } from '../../model/table';
import { formatValue, joinValue } from '../../model/units/format';
import { TimeSeriesView, type ChartVariant } from '../timeseries';
import type { PanelModule } from '../types';
import { trendFrames } from './shape';

const variant: ChartVariant = (input) => {
  const { frames, x, problem } = trendFrames(input.frames, input.options);
  const title = x?.title ?? x?.name ?? '';
  return {
    frames, problem, key: JSON.stringify([title, x?.config?.unit, x?.config?.decimals]),
    x: { title, unit: x?.config?.unit, decimals: x?.config?.decimals, show: (v) => (x?.display && x.type === 'number' ? showValue(x.display(v)) : joinValue(formatValue(v, x?.config?.unit, x?.config?.decimals))) },
  };
};

const trend: PanelModule = {
  mount: (host, ctx) => new TimeSeriesView(host, ctx, variant),
  describe: (frames, options) => {
    const t = trendFrames(frames, options);
    if (t.problem !== undefined) return t.problem;
    const names = t.frames.flatMap((f) => valueFields(f).map((v) => v.title ?? v.name));
    return `Trend of ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' and more' : ''} along ${t.x?.title ?? t.x?.name ?? 'x'}, ${t.frames[0]?.length ?? 0} points.`;
  },
  toTable: (frames) => framesTable(frames),
};
export default trend;
