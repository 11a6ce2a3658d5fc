/** The table panel: a hundred thousand rows that scroll, sorted, filtered and measured by column, with cells of every kind. */
import { framesTable } from '../../model/table';
import type { PanelModule } from '../types';
import { TableView } from './view';

const table: PanelModule = {
  mount: (host) => new TableView(host),
  describe: (frames) => {
    const first = frames[0];
    return first ? `Table with ${first.length} rows and the columns ${first.fields.filter((f) => f.type !== 'nested').map((f) => f.title ?? f.name).join(', ')}.` : 'An empty table.';
  },
  toTable: (frames) => framesTable(frames.map((f) => ({ ...f, fields: f.fields.filter((x) => x.type !== 'nested') }))),
};
export default table;
