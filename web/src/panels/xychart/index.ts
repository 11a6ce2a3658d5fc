/** The XY chart panel: points and lines of one field against another, with size and colour from further fields. */
import { framesTable } from '../../model/table';
import type { PanelModule } from '../types';
import { xyModel } from './model';
import { XyView } from './view';

const xychart: PanelModule = {
  mount: (host, ctx) => new XyView(host, ctx),
  describe: (frames, options) => {
    const { series, problem } = xyModel(frames, options);
    if (problem !== undefined) return problem;
    const parts = series.slice(0, 6).map((s) => `${s.title} against ${s.x.title ?? s.x.name}, ${s.points.length} points`);
    return `XY chart: ${parts.join('; ')}${series.length > 6 ? '; and more' : ''}.`;
  },
  toTable: (frames) => framesTable(frames),
};
export default xychart;
